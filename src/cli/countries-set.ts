/** `signalbox countries set`: what may be sent to a country in any window. */

import { exactly } from "./arguments.ts";
import type { CountryAnswer } from "./countries.ts";
import { EXIT, usage } from "./exit.ts";
import { numberOr } from "./pair-flags.ts";
import type { Verb } from "./verb.ts";

export const countriesSet: Verb = {
  name: "countries set",
  operands: "<country>",
  summary: "Change the budget of a country",
  about: "It takes effect at once; nothing that is granted is taken back.",
  flags: {
    limit: { type: "string", value: "<n>", about: "at most this many SMS in any window" },
    window: { type: "string", value: "<seconds>", about: "the window" },
  },
  examples: ["signalbox countries set UZ --limit 20"],
  async run({ operands, flags, json, terminal, client }) {
    exactly(countriesSet, operands, 1);
    const change = { limit: numberOr(flags, "limit"), window_seconds: numberOr(flags, "window") };
    if (change.limit === undefined && change.window_seconds === undefined) throw usage("say what shall change: --limit, --window");
    const set = await client().call<CountryAnswer>("PATCH", `/api/countries/${encodeURIComponent(operands[0]!)}`, change);
    terminal.say(json ? JSON.stringify(set) : `${set.name}: ${set.limit} in ${set.window_seconds} s.`);
    return EXIT.ok;
  },
};
