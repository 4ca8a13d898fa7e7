/** `signalbox give-up`: no more retries of sessions that keep ending. */

import { atLeastOne } from "./arguments.ts";
import { EXIT } from "./exit.ts";
import type { Verb } from "./verb.ts";
import { reasonFlag, sessionPath } from "./wish.ts";

export const giveUp: Verb = {
  name: "give-up",
  operands: "<session>...",
  summary: "Stop retrying sessions that keep ending",
  about: "They rest as crashed until somebody starts them. High priority is never given up.",
  flags: { reason: reasonFlag },
  async run(call) {
    atLeastOne(giveUp, call.operands);
    const { reason } = call.flags;
    for (const name of call.operands) {
      await call.client().call("POST", `${sessionPath(name)}/surrenders`, reason ? { reason } : {});
      if (!call.json) call.terminal.say(`${name} is given up.`);
    }
    if (call.json) call.terminal.say(JSON.stringify({ givenUp: call.operands }));
    return EXIT.ok;
  },
};
