/** Lasting tokens, for admins. A token itself is in the answer that made it and nowhere else. */

import { z } from "zod";
import type { Access } from "../access/access.ts";
import type { LastingToken } from "../access/keyring.ts";
import { newToken } from "../access/new-token.ts";
import { iso } from "../kernel/clock.ts";
import { invalid } from "../kernel/errors.ts";
import type { Directory } from "../pairs/directory.ts";
import { readBody } from "./body.ts";
import { actor } from "./caller.ts";
import { created, parameter } from "./given.ts";
import type { Route } from "./route.ts";

export interface TokenServices {
  access: Access;
  directory: Directory;
}

const tokenAnswer = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  program: z.string().nullable(),
  created_at: z.string(),
  created_by: z.string(),
  expires_at: z.string().nullable(),
  last_used_at: z.string().nullable(),
});

export function tokenRoutes({ access, directory }: TokenServices): Route[] {
  return [
    {
      method: "GET",
      path: "/api/tokens",
      least: "admin",
      summary: "Lasting tokens: scopes, end, last use",
      answer: z.object({ tokens: z.array(tokenAnswer) }),
      handle: (context) => context.json({ tokens: access.tokens.list().map(shape) }),
    },
    {
      method: "POST",
      path: "/api/tokens",
      least: "admin",
      summary: "Make a token for a program, a gateway or a scraper; shown this once",
      body: newToken,
      answer: tokenAnswer.extend({ token: z.string().describe("Shown this once") }),
      async handle(context) {
        const input = await readBody(context, newToken);
        const program = input.program === null ? undefined : directory.program(input.program);
        if (input.program !== null && (!program || program.retiredAt !== null))
          throw invalid(`There is no program ${input.program}`, [{ field: "program", message: "is not a program here" }]);
        const { token, secret } = await access.tokens.add(input, actor(context));
        return context.json({ ...shape(token), token: secret }, 201, created(`/api/tokens/${token.id}`));
      },
    },
    {
      method: "DELETE",
      path: "/api/tokens/:id",
      least: "admin",
      summary: "End a token at once",
      async handle(context) {
        await access.tokens.remove(parameter(context, "id"), actor(context));
        return new Response(null, { status: 204 });
      },
    },
  ];
}

function shape(token: LastingToken): z.infer<typeof tokenAnswer> {
  return {
    id: token.id,
    name: token.name,
    scopes: token.scopes,
    program: token.program,
    created_at: iso(token.createdAt),
    created_by: token.createdBy,
    expires_at: token.expiresAt === null ? null : iso(token.expiresAt),
    last_used_at: token.lastUsedAt === null ? null : iso(token.lastUsedAt),
  };
}
