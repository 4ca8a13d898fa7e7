/** `signalbox holds`: what is held now. */

import { EXIT } from "./exit.ts";
import { table } from "./terminal.ts";
import type { Verb } from "./verb.ts";

export interface HoldAnswer {
  id: string;
  what: string;
  reason: string;
  by: string;
  until: string;
}

export const holds: Verb = {
  name: "holds",
  operands: "",
  summary: "List what is held, why and until when",
  async run({ json, terminal, client }) {
    const answer = await client().call<{ holds: HoldAnswer[] }>("GET", "/api/holds");
    if (json) terminal.say(JSON.stringify(answer.holds));
    else if (answer.holds.length === 0) terminal.note("Nothing is held.");
    else
      for (const line of table(
        ["HELD", "UNTIL", "BY", "WHY"],
        answer.holds.map(({ what, until, by, reason }) => [what, until, by, reason]),
      ))
        terminal.say(line);
    return EXIT.ok;
  },
};
