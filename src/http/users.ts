/** The people who may log in, for admins. Hashes never leave the house. */

import { z } from "zod";
import type { Access } from "../access/access.ts";
import { newUser, type User, userChange } from "../access/user.ts";
import { iso } from "../kernel/clock.ts";
import { notFound } from "../kernel/errors.ts";
import { readBody } from "./body.ts";
import { actor, principal } from "./caller.ts";
import { created, etag, ifMatch, parameter } from "./given.ts";
import type { Route } from "./route.ts";

export interface UserServices {
  access: Access;
}

const userAnswer = z.object({
  name: z.string(),
  role: z.string(),
  password_changed_at: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  version: z.number(),
});

export function userRoutes({ access }: UserServices): Route[] {
  return [
    {
      method: "GET",
      path: "/api/users",
      least: "admin",
      summary: "Everybody who may log in",
      answer: z.object({ users: z.array(userAnswer) }),
      handle: (context) => context.json({ users: access.users.list().map(shape) }),
    },
    {
      method: "POST",
      path: "/api/users",
      least: "admin",
      summary: "Add a user",
      body: newUser,
      answer: userAnswer,
      async handle(context) {
        const user = await access.addUser(await readBody(context, newUser), actor(context));
        return context.json(shape(user), 201, created(`/api/users/${encodeURIComponent(user.name)}`, user.version));
      },
    },
    {
      method: "GET",
      path: "/api/users/:name",
      least: "admin",
      summary: "One user",
      answer: userAnswer,
      handle(context) {
        const name = parameter(context, "name");
        const user = access.users.find(name);
        if (!user) throw notFound(`User ${name}`);
        return context.json(shape(user), 200, etag(user.version));
      },
    },
    {
      method: "PATCH",
      path: "/api/users/:name",
      least: "admin",
      summary: "Change a user's role or password; a new password ends the user's logins, any change lifts a lock",
      body: userChange,
      answer: userAnswer,
      async handle(context) {
        const change = await readBody(context, userChange);
        const name = parameter(context, "name");
        const who = principal(context);
        // One's own login stays, whoever's password it was.
        const except = who.kind === "user" && who.name === name ? who.login : undefined;
        const user = await access.changeUser(name, change, actor(context), { version: ifMatch(context), except });
        return context.json(shape(user), 200, etag(user.version));
      },
    },
    {
      method: "DELETE",
      path: "/api/users/:name",
      least: "admin",
      summary: "Remove a user and end the user's logins",
      async handle(context) {
        await access.removeUser(parameter(context, "name"), actor(context));
        return new Response(null, { status: 204 });
      },
    },
  ];
}

function shape(user: User): z.infer<typeof userAnswer> {
  return {
    name: user.name,
    role: user.role,
    password_changed_at: iso(user.passwordChangedAt),
    created_at: iso(user.createdAt),
    updated_at: iso(user.updatedAt),
    version: user.version,
  };
}
