/** `signalbox start`: asks for sessions to be up. */

import { atLeastOne } from "./arguments.ts";
import type { Verb } from "./verb.ts";
import { reasonFlag, waitFlag, wish } from "./wish.ts";

export const start: Verb = {
  name: "start",
  operands: "<session>...",
  summary: "Ask for sessions to be up",
  about:
    "Writes down that the sessions are wanted up; the screens follow within a second. Also tries a crashed one again.\nA session is named as in `signalbox ps`, or by its id.",
  flags: { reason: reasonFlag, wait: waitFlag("is seen running") },
  examples: ["signalbox start program1_UZ_uzmobile", "signalbox start program1_UZ_uzmobile --wait"],
  async run(call) {
    atLeastOne(start, call.operands);
    return wish(call, "up");
  },
};
