/** `signalbox thaw`: types Ctrl-Q into frozen terminals. */

import { atLeastOne } from "./arguments.ts";
import { EXIT } from "./exit.ts";
import type { Verb } from "./verb.ts";
import { sessionPath } from "./wish.ts";

export const thaw: Verb = {
  name: "thaw",
  operands: "<session>...",
  summary: "Make frozen terminals go on",
  about: "Ends a Ctrl-S and leaves copy mode. Whether it helped is seen a few seconds later: signalbox ps.",
  async run(call) {
    atLeastOne(thaw, call.operands);
    for (const name of call.operands) {
      await call.client().call("POST", `${sessionPath(name)}/thaws`, {});
      if (!call.json) call.terminal.say(`${name} was told to go on.`);
    }
    if (call.json) call.terminal.say(JSON.stringify({ thawed: call.operands }));
    return EXIT.ok;
  },
};
