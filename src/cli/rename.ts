/** `signalbox rename`: another name for a session whose program runs on. */

import { exactly } from "./arguments.ts";
import { EXIT } from "./exit.ts";
import type { SessionAnswer } from "./sessions.ts";
import type { Verb } from "./verb.ts";
import { sessionPath } from "./wish.ts";

export const rename: Verb = {
  name: "rename",
  operands: "<session> <name>",
  summary: "Rename a session; its program runs on",
  about:
    "Wish, history and numbers stay with it, and the old name still leads to it. Its program keeps the old name in its environment until its\n" +
    "next start; what it reports and asks under that name counts for the session all the same.",
  examples: ["signalbox rename program1_UZ_uzmobile program1_UZ_mobiuz"],
  async run({ operands, json, terminal, client }) {
    exactly(rename, operands, 2);
    const [session, name] = operands as [string, string];
    const answer = await client().call<SessionAnswer & { shown: boolean }>("PUT", `${sessionPath(session)}/name`, { name });
    if (json) terminal.say(JSON.stringify(answer));
    else terminal.say(`${session} is ${answer.name} now.${answer.shown ? "" : " screen -ls shows the new name from its next start on."}`);
    return EXIT.ok;
  },
};
