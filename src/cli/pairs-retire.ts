/** `signalbox pairs retire`: the traffic of a pair ends, its numbers stay. */

import { exactly } from "./arguments.ts";
import { EXIT } from "./exit.ts";
import type { Verb } from "./verb.ts";

export const pairsRetire: Verb = {
  name: "pairs retire",
  operands: "<pair>",
  summary: "Retire a pair: its traffic ends, its numbers stay",
  flags: { reason: { type: "string", short: "r", value: "<text>", about: "for the audit" } },
  examples: ["signalbox pairs retire IN_docomo --reason 'network switched off'"],
  async run({ operands, flags, terminal, client }) {
    exactly(pairsRetire, operands, 1);
    await client().call("DELETE", `/api/pairs/${encodeURIComponent(operands[0]!)}`, { reason: flags.reason });
    terminal.note(`${operands[0]} is retired.`);
    return EXIT.ok;
  },
};
