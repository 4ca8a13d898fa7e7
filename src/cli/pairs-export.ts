/** `signalbox pairs export`: all pairs as CSV or JSON; imported again they change nothing. */

import { EXIT, usage } from "./exit.ts";
import type { Verb } from "./verb.ts";

export const pairsExport: Verb = {
  name: "pairs export",
  operands: "[word]...",
  summary: "Write the pairs as CSV or JSON",
  about: "With words: only the pairs they match, as in the filter of the page. What comes out can be imported again.",
  flags: { format: { type: "string", value: "<csv|json>", about: "default csv" } },
  examples: ["signalbox pairs export > pairs.csv", "signalbox pairs export IN --format json"],
  async run({ operands, flags, json, terminal, client }) {
    const format = flags.format ?? (json ? "json" : "csv");
    if (format !== "csv" && format !== "json") throw usage("--format takes csv or json");
    const { text } = await client().probe(`/api/pairs/export?${new URLSearchParams({ format, q: operands.join(" ") })}`);
    terminal.say(text.trimEnd());
    return EXIT.ok;
  },
};
