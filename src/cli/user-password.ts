/** `signalbox user password`: sets a user's password anew; ends the user's logins. Works while Signalbox is down. */

import { exactly } from "./arguments.ts";
import { checked } from "./checked.ts";
import { EXIT } from "./exit.ts";
import { onlineOr } from "./offline.ts";
import { newPassword } from "./password.ts";
import type { Verb } from "./verb.ts";

export const userPassword: Verb = {
  name: "user password",
  operands: "<name>",
  summary: "Set a user's password",
  about: "Asks for the new password; from a pipe its first line is taken. Whoever is logged in as this user is logged out.",
  async run(call) {
    exactly(userPassword, call.operands, 1);
    const { password, userName } = await import("../access/user.ts");
    const name = checked(userName, call.operands[0]);
    const change = { password: checked(password, await newPassword(call.terminal, name)) };
    await onlineOr(
      call,
      (client) => client.call<unknown>("PATCH", `/api/users/${encodeURIComponent(name)}`, change),
      ({ access, actor }) => access.changeUser(name, change, actor),
    );
    call.terminal.say(call.json ? JSON.stringify({ name }) : `${name} has a new password.`);
    return EXIT.ok;
  },
};
