/** `signalbox token create`: a lasting token, shown once. Works while Signalbox is down. */

import { exactly } from "./arguments.ts";
import { checked } from "./checked.ts";
import { EXIT } from "./exit.ts";
import { onlineOr } from "./offline.ts";
import type { Verb } from "./verb.ts";

export const tokenCreate: Verb = {
  name: "token create",
  operands: "<name>",
  summary: "Make a token for a program started by hand, or for Prometheus",
  about: "The token is printed once and kept as a hash. Programs that Signalbox starts need none: each run gets its own.",
  flags: {
    program: { type: "string", value: "<program>", about: "whose permits and results it is for" },
    scope: {
      type: "string",
      value: "<scopes>",
      about: "permits,results or metrics; by default permits,results with --program, else metrics",
    },
    expires: { type: "string", value: "<time>", about: "RFC 3339; never unless told" },
  },
  examples: ["signalbox token create by-hand --program program1", "signalbox token create prometheus --scope metrics"],
  async run(call) {
    exactly(tokenCreate, call.operands, 1);
    const { newToken } = await import("../access/new-token.ts");
    const { program = null, scope, expires = null } = call.flags;
    const scopes = typeof scope === "string" ? scope.split(",") : program ? ["permits", "results"] : ["metrics"];
    const input = checked(newToken, { name: call.operands[0], program, scopes, expires_at: expires });
    const token = await onlineOr(
      call,
      async (client) => (await client.call<{ token: string }>("POST", "/api/tokens", input)).token,
      async ({ access, actor }) => (await access.tokens.add(input, actor)).secret,
      true,
    );
    call.terminal.say(call.json ? JSON.stringify({ name: input.name, token }) : token);
    if (!call.json) call.terminal.note("This is the only time it is shown.");
    return EXIT.ok;
  },
};
