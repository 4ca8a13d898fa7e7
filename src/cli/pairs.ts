/** `signalbox pairs`: the pairs with their budget, priority and rate. */

import { EXIT } from "./exit.ts";
import { table } from "./terminal.ts";
import type { Verb } from "./verb.ts";

interface PairAnswer {
  id: string;
  operator_name: string;
  active: boolean;
  priority: boolean;
  weight: number;
  limit: number | null;
  tags: string[];
}

export const pairs: Verb = {
  name: "pairs",
  operands: "[word]",
  summary: "List the country-operator pairs",
  about: "With a word: only the pairs whose id, operator or tags hold it.",
  examples: ["signalbox pairs", "signalbox pairs IN_"],
  async run({ operands, json, terminal, client }) {
    const answer = await client().call<{ pairs: PairAnswer[] }>("GET", "/api/pairs");
    const word = operands.join(" ").toLowerCase();
    const shown = answer.pairs.filter((pair) => `${pair.id} ${pair.operator_name} ${pair.tags.join(" ")}`.toLowerCase().includes(word));
    if (json) terminal.say(JSON.stringify(shown));
    else if (shown.length === 0) terminal.note(word ? `No pair matches "${word}".` : "There are no pairs yet.");
    else
      for (const line of table(["PAIR", "OPERATOR", "ACTIVE", "PRIORITY", "WEIGHT", "LIMIT", "TAGS"], shown.map(row))) terminal.say(line);
    return EXIT.ok;
  },
};

function row(pair: PairAnswer): string[] {
  return [
    pair.id,
    pair.operator_name,
    pair.active ? "yes" : "no",
    pair.priority ? "high" : "",
    String(pair.weight),
    pair.limit === null ? "country's" : String(pair.limit),
    pair.tags.join(","),
  ];
}
