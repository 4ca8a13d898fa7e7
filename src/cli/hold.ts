/** `signalbox hold`: no permits for a country, a pair or everything, from now until it ends by itself. */

import { exactly } from "./arguments.ts";
import { EXIT, Failed, usage } from "./exit.ts";
import type { HoldAnswer } from "./holds.ts";
import { untilTime } from "./until.ts";
import type { Verb } from "./verb.ts";

export const hold: Verb = {
  name: "hold",
  operands: "<country|pair|all>",
  summary: "Give out no permits for it, high priority too, until a time",
  about: [
    "For emergencies, by an admin. Programs that wait are answered held; screens go on running.",
    "It ends by itself, at the latest after 24 h, and stands on every page until then: signalbox unhold ends it before.",
    "Asks that what is held be typed again; --yes does that for scripts.",
  ].join("\n"),
  flags: {
    for: { type: "string", short: "f", value: "<how long>", about: "30m, 2h, at most 24h; or a time like 2026-01-31T14:30:00Z" },
    reason: { type: "string", short: "r", value: "<text>", about: "why; on every page and in the audit" },
    yes: { type: "string", value: "<what>", about: "for scripts: what is held, typed again" },
  },
  examples: [
    'signalbox hold UZ --for 30m --reason "wrong template"',
    'signalbox hold all --for 10m --reason "gateway doubles messages" --yes all',
  ],
  async run({ operands, flags, json, terminal, client }) {
    exactly(hold, operands, 1);
    const what = operands[0]!;
    if (typeof flags.for !== "string") throw usage("say for how long: --for 30m");
    if (typeof flags.reason !== "string" || flags.reason.trim() === "") throw usage("say why: --reason <text>");
    const until = untilTime(flags.for, Date.now(), "--for");
    if (flags.yes === undefined && !terminal.asks) throw usage(`nobody is there to confirm: signalbox hold ${what} ... --yes ${what}`);
    const typed = flags.yes ?? (await terminal.ask(`Type ${what} to hold it: `)).trim();
    if (typed !== what) throw new Failed(EXIT.refused, "Not confirmed: nothing was held");
    const held = await client().call<HoldAnswer>("POST", "/api/holds", { what, reason: flags.reason, until });
    terminal.say(json ? JSON.stringify(held) : `${held.what} is held until ${held.until}.`);
    return EXIT.ok;
  },
};
