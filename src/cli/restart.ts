/** `signalbox restart`: stop, exit, start. Allowed for high-priority pairs too: they come back at once. */

import { atLeastOne } from "./arguments.ts";
import { EXIT } from "./exit.ts";
import { actOnMany, manyFlags, rollingFlags, selectsMany } from "./many.ts";
import { lampWord } from "./sessions.ts";
import type { Verb } from "./verb.ts";
import { arrival, reasonFlag, sessionPath, sessionsOf, waitFlag } from "./wish.ts";

export const restart: Verb = {
  name: "restart",
  operands: "<session>... | <selection>",
  summary: "End sessions and start them again",
  about: "Each program gets its stop signal, then a new run begins. What is wanted stays up.",
  flags: { reason: reasonFlag, wait: waitFlag("is seen running again"), ...manyFlags, ...rollingFlags },
  examples: ["signalbox restart program1_UZ_uzmobile --wait", "signalbox restart --program program2 --pending --rolling"],
  async run(call) {
    if (selectsMany(call)) return actOnMany(restart, call, "restart");
    atLeastOne(restart, call.operands);
    const { reason, wait } = call.flags;
    const before = await sessionsOf(call);
    for (const name of call.operands) {
      await call.client().call("POST", `${sessionPath(name)}/restarts`, reason ? { reason } : {});
      if (!call.json && !wait) call.terminal.say(`${name} restarts.`);
    }
    for (const [i, name] of wait ? call.operands.entries() : []) {
      const session = await arrival(call, name, "up", before[i]?.run);
      if (!call.json) call.terminal.say(`${name} is ${lampWord(session)}.`);
    }
    if (call.json) call.terminal.say(JSON.stringify({ restarted: call.operands }));
    return EXIT.ok;
  },
};
