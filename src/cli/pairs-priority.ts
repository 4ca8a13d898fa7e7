/** `signalbox pairs priority`: gives a pair high priority, or takes it away; never together with anything else. */

import { exactly } from "./arguments.ts";
import { EXIT, usage } from "./exit.ts";
import type { Verb } from "./verb.ts";

export const pairsPriority: Verb = {
  name: "pairs priority",
  operands: "<pair> <on|off>",
  summary: "Make a pair high priority, or take that away",
  about: "While it is, no path stops, pauses or retires it.",
  flags: { reason: { type: "string", short: "r", value: "<text>", about: "for the audit" } },
  examples: ["signalbox pairs priority UZ_uzmobile on"],
  async run({ operands, flags, terminal, client }) {
    exactly(pairsPriority, operands, 2);
    const [id, wish] = operands;
    if (wish !== "on" && wish !== "off") throw usage(`usage: signalbox ${pairsPriority.name} ${pairsPriority.operands}`);
    await client().call(wish === "on" ? "PUT" : "DELETE", `/api/pairs/${encodeURIComponent(id!)}/priority`, { reason: flags.reason });
    terminal.note(wish === "on" ? `${id} is high priority.` : `${id} is no longer high priority.`);
    return EXIT.ok;
  },
};
