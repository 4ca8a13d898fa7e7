/** `signalbox release`: undoes an adoption; the program goes on by itself. */

import { atLeastOne } from "./arguments.ts";
import { EXIT } from "./exit.ts";
import type { Verb } from "./verb.ts";
import { sessionPath } from "./wish.ts";

export const release: Verb = {
  name: "release",
  operands: "<session>...",
  summary: "Undo an adoption: the program goes on by itself",
  about:
    "The session is deleted and what was adopted is a stranger again; nothing is signalled. Only what was started by hand can be released:\n" +
    "once Signalbox has restarted a session, its program runs under Signalbox and ends with the session. High priority does not refuse it, since\n" +
    "nothing is stopped; but nobody starts the program again when it ends.",
  examples: ["signalbox release program1_IN_vi"],
  async run(call) {
    atLeastOne(release, call.operands);
    for (const name of call.operands) {
      await call.client().call("DELETE", `${sessionPath(name)}/adoption`);
      if (!call.json) call.terminal.say(`${name} is released.`);
    }
    if (call.json) call.terminal.say(JSON.stringify({ released: call.operands }));
    return EXIT.ok;
  },
};
