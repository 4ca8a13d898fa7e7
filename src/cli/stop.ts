/** `signalbox stop`: asks for sessions to be down. A high-priority pair refuses. */

import { atLeastOne } from "./arguments.ts";
import { actOnMany, manyFlags, selectsMany } from "./many.ts";
import { untilFlag } from "./until.ts";
import type { Verb } from "./verb.ts";
import { reasonFlag, waitFlag, wish } from "./wish.ts";

export const stop: Verb = {
  name: "stop",
  operands: "<session>... | <selection>",
  summary: "Ask for sessions to be down",
  about:
    "Writes down that the sessions are wanted down; each program gets its stop signal, and KILL at its deadline.\nA session of a high-priority pair refuses with exit status 4: its priority must be taken away first.",
  flags: { reason: reasonFlag, until: untilFlag, wait: waitFlag("is seen stopped"), ...manyFlags },
  examples: [
    "signalbox stop --country UZ --program program2 --until 2h",
    'signalbox stop program1_UZ_uzmobile --reason "gateway maintenance"',
  ],
  async run(call) {
    if (selectsMany(call)) return actOnMany(stop, call, "stop");
    atLeastOne(stop, call.operands);
    return wish(call, "down");
  },
};
