/** `signalbox user list`: who may log in. */

import { EXIT } from "./exit.ts";
import { onlineOr } from "./offline.ts";
import { table } from "./terminal.ts";
import type { Verb } from "./verb.ts";

interface UserAnswer {
  name: string;
  role: string;
}

export const userList: Verb = {
  name: "user list",
  operands: "",
  summary: "List the users and their roles",
  async run(call) {
    const users = await onlineOr(
      call,
      async (client) => (await client.call<{ users: UserAnswer[] }>("GET", "/api/users")).users,
      async ({ access }) => access.users.list().map(({ name, role }) => ({ name, role })),
    );
    if (call.json) call.terminal.say(JSON.stringify(users));
    else if (users.length === 0) call.terminal.note("There are no users yet: signalbox user add <name> --role admin");
    else
      for (const line of table(
        ["USER", "ROLE"],
        users.map(({ name, role }) => [name, role]),
      ))
        call.terminal.say(line);
    return EXIT.ok;
  },
};
