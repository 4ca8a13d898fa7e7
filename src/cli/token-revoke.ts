/** `signalbox token revoke`: a lasting token works no more, from now on. */

import { exactly } from "./arguments.ts";
import { EXIT, Failed } from "./exit.ts";
import { onlineOr } from "./offline.ts";
import { tokensOf } from "./token-list.ts";
import type { Verb } from "./verb.ts";

export const tokenRevoke: Verb = {
  name: "token revoke",
  operands: "<name or id>",
  summary: "End a lasting token",
  async run(call) {
    exactly(tokenRevoke, call.operands, 1);
    const asked = call.operands[0];
    const token = (await tokensOf(call)).find(({ id, name }) => id === asked || name === asked);
    if (!token) throw new Failed(EXIT.notFound, `There is no token ${asked}: "signalbox token list" lists them`);
    await onlineOr(
      call,
      (client) => client.call<unknown>("DELETE", `/api/tokens/${encodeURIComponent(token.id)}`),
      ({ access, actor }) => access.tokens.remove(token.id, actor),
    );
    call.terminal.say(call.json ? JSON.stringify(token) : `Token ${token.name} works no more.`);
    return EXIT.ok;
  },
};
