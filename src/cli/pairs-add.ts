/** `signalbox pairs add`: one pair, perhaps with a session of some programs for it. */

import { exactly } from "./arguments.ts";
import { EXIT } from "./exit.ts";
import { numberOr, wordsOf } from "./pair-flags.ts";
import type { Verb } from "./verb.ts";

export const pairsAdd: Verb = {
  name: "pairs add",
  operands: "<country> <operator>",
  summary: "Add a country-operator pair",
  flags: {
    name: { type: "string", value: "<name>", about: "the operator as people write it" },
    mccmnc: { type: "string", value: "<numbers>", about: "its networks, with commas: 43403,43408" },
    weight: { type: "string", value: "<n>", about: "share of the country's budget; default 100" },
    threshold: { type: "string", value: "<0-1>", about: "success rate below which it is degraded" },
    limit: { type: "string", value: "<n>", about: "own limit inside the country's" },
    window: { type: "string", value: "<seconds>", about: "window of the own limit" },
    gateway: { type: "string", value: "<id>", about: "the gateway its messages go through, for that one's limit" },
    tags: { type: "string", value: "<tags>", about: "with commas" },
    programs: { type: "string", value: "<programs>", about: "start a session of each of these for it" },
  },
  examples: ["signalbox pairs add UZ uzmobile --name UzMobile --mccmnc 43403,43408 --programs program1"],
  async run({ operands, flags, json, terminal, client }) {
    exactly(pairsAdd, operands, 2);
    const pair = await client().call<{ id: string; warnings?: { message: string }[] }>("POST", "/api/pairs", {
      country: operands[0],
      operator: operands[1],
      operator_name: flags.name,
      mccmnc: wordsOf(flags.mccmnc),
      weight: numberOr(flags, "weight"),
      threshold: numberOr(flags, "threshold"),
      limit: numberOr(flags, "limit"),
      window_seconds: numberOr(flags, "window"),
      gateway: flags.gateway,
      tags: wordsOf(flags.tags),
      programs: wordsOf(flags.programs),
    });
    for (const { message } of pair.warnings ?? []) terminal.note(`warning: ${message}`);
    terminal.say(json ? JSON.stringify(pair) : `${pair.id} is added.`);
    return EXIT.ok;
  },
};
