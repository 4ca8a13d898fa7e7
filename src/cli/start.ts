/** `signalbox start`: asks for sessions to be up. */

import { atLeastOne } from "./arguments.ts";
import { actOnMany, manyFlags, selectsMany } from "./many.ts";
import { untilFlag } from "./until.ts";
import type { Verb } from "./verb.ts";
import { reasonFlag, waitFlag, wish } from "./wish.ts";

export const start: Verb = {
  name: "start",
  operands: "<session>... | <selection>",
  summary: "Ask for sessions to be up",
  about:
    "Writes down that the sessions are wanted up; the screens follow within a second. Also tries a crashed one again.\nA session is named as in `signalbox ps`, or by its id.",
  flags: { reason: reasonFlag, until: untilFlag, wait: waitFlag("is seen running"), ...manyFlags },
  examples: ["signalbox start --state crashed", "signalbox start program1_UZ_uzmobile", "signalbox start program1_UZ_uzmobile --wait"],
  async run(call) {
    if (selectsMany(call)) return actOnMany(start, call, "start");
    atLeastOne(start, call.operands);
    return wish(call, "up");
  },
};
