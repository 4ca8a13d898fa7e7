/** `signalbox token list`: the lasting tokens, without their secrets. */

import { EXIT } from "./exit.ts";
import { onlineOr } from "./offline.ts";
import { table } from "./terminal.ts";
import type { Call, Verb } from "./verb.ts";

export interface TokenAnswer {
  id: string;
  name: string;
  program: string | null;
  scopes: string[];
  expires_at: string | null;
  last_used_at: string | null;
}

export const tokenList: Verb = {
  name: "token list",
  operands: "",
  summary: "List the lasting tokens",
  async run(call) {
    const tokens = await tokensOf(call);
    if (call.json) call.terminal.say(JSON.stringify(tokens));
    else if (tokens.length === 0) call.terminal.note("There are no tokens yet.");
    else for (const line of table(["NAME", "PROGRAM", "SCOPES", "EXPIRES", "LAST USED", "ID"], tokens.map(row))) call.terminal.say(line);
    return EXIT.ok;
  },
};

export function tokensOf(call: Call): Promise<TokenAnswer[]> {
  return onlineOr(
    call,
    async (client) => (await client.call<{ tokens: TokenAnswer[] }>("GET", "/api/tokens")).tokens,
    async ({ access }) =>
      access.tokens.list().map(({ id, name, program, scopes, expiresAt, lastUsedAt }) => ({
        id,
        name,
        program,
        scopes,
        expires_at: time(expiresAt),
        last_used_at: time(lastUsedAt),
      })),
  );
}

function row({ name, program, scopes, expires_at, last_used_at, id }: TokenAnswer): string[] {
  return [name, program ?? "-", scopes.join(","), expires_at ?? "never", last_used_at ?? "never", id];
}

const time = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
