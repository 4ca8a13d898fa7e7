/** `signalbox user add`: a new user with a password asked for here. Works while Signalbox is down. */

import { exactly } from "./arguments.ts";
import { checked } from "./checked.ts";
import { EXIT } from "./exit.ts";
import { onlineOr } from "./offline.ts";
import { newPassword } from "./password.ts";
import type { Verb } from "./verb.ts";

export const userAdd: Verb = {
  name: "user add",
  operands: "<name>",
  summary: "Add a user",
  about:
    "Asks for the password; from a pipe its first line is taken. A viewer reads, an operator also starts, stops and edits pairs,\n" +
    "an admin also defines programs and users.",
  flags: { role: { type: "string", value: "<role>", about: "viewer, operator or admin; viewer unless told" } },
  examples: ["signalbox user add anna --role operator", "pass sms/anna | signalbox user add anna --role operator"],
  async run(call) {
    exactly(userAdd, call.operands, 1);
    const { newUser } = await import("../access/user.ts");
    // Name and role before the password: nobody shall type that for nothing.
    const { name, role } = checked(newUser.omit({ password: true }), { name: call.operands[0], role: call.flags.role ?? "viewer" });
    const input = checked(newUser, { name, role, password: await newPassword(call.terminal, name) });
    await onlineOr(
      call,
      (client) => client.call<unknown>("POST", "/api/users", input),
      ({ access, actor }) => access.addUser(input, actor),
      true,
    );
    call.terminal.say(call.json ? JSON.stringify({ name, role }) : `${name} may log in now, as ${role}.`);
    return EXIT.ok;
  },
};
