/** Logging in and out over the API, and one's own logins. The refresh token travels in its cookie only. */

import type { Context } from "hono";
import { z } from "zod";
import type { Access } from "../access/access.ts";
import type { LoggedIn } from "../access/logins.ts";
import { password } from "../access/user.ts";
import { iso } from "../kernel/clock.ts";
import { AppError, forbidden, notFound } from "../kernel/errors.ts";
import { readBody } from "./body.ts";
import { actor, principal } from "./caller.ts";
import { clearedCookies, cookieIn, loginCookies, REFRESH_COOKIE } from "./cookies.ts";
import { parameter } from "./given.ts";
import type { Env, Route } from "./route.ts";
import { addressOf } from "./security.ts";

export interface AuthServices {
  access: Access;
  /** Decides whether cookies are for https only. */
  publicUrl: string | null;
}

const credentials = z.strictObject({ username: z.string().min(1, "is required").max(200), password: z.string().max(1000) });
const passwords = z.strictObject({ current: z.string().max(1000), password });

const whoAnswer = z.object({ name: z.string(), kind: z.string(), role: z.string().nullable(), scopes: z.array(z.string()) });
const tokenAnswer = z.object({
  access_token: z.string(),
  token_type: z.literal("Bearer"),
  expires_in_seconds: z.number(),
  user: z.object({ name: z.string(), role: z.string() }),
});
const loginAnswer = z.object({
  id: z.string(),
  current: z.boolean(),
  created_at: z.string(),
  renewed_at: z.string(),
  expires_at: z.string(),
  from: z.string(),
  agent: z.string(),
});

export function authRoutes({ access, publicUrl }: AuthServices): Route[] {
  const https = isHttps(publicUrl);

  return [
    {
      method: "POST",
      path: "/api/auth/login",
      least: "public",
      summary: "Log in: an access token, and the refresh token in a cookie",
      body: credentials,
      answer: tokenAnswer,
      async handle(context) {
        const given = await readBody(context, credentials);
        return told(await access.login(given.username, given.password, addressOf(context), agentOf(context)), https);
      },
    },
    {
      method: "POST",
      path: "/api/auth/refresh",
      least: "public",
      summary: "A new access token for the refresh cookie",
      answer: tokenAnswer,
      async handle(context) {
        const refresh = cookieIn(context.req.header("cookie"), REFRESH_COOKIE);
        const renewed = refresh === null ? null : await access.renew(refresh, addressOf(context));
        if (!renewed) throw new AppError("unauthorized", "The login has ended: log in again");
        return told(renewed, https);
      },
    },
    {
      method: "POST",
      path: "/api/auth/logout",
      least: "public",
      summary: "End this login; its tokens stop at once",
      async handle(context) {
        await endLogin(context, access);
        return withCookies(new Response(null, { status: 204 }), clearedCookies(https));
      },
    },
    {
      method: "GET",
      path: "/api/auth/me",
      least: "viewer",
      summary: "Who I am",
      answer: whoAnswer,
      handle(context) {
        const who = principal(context);
        if (who.kind === "user" || who.kind === "local")
          return context.json({ name: who.name, kind: who.kind, role: who.role, scopes: [] });
        throw forbidden("This is for people");
      },
    },
    {
      method: "PUT",
      path: "/api/auth/password",
      least: "viewer",
      summary: "Change one's own password; ends one's other logins",
      body: passwords,
      async handle(context) {
        const { name, login } = userOf(context);
        const given = await readBody(context, passwords);
        await access.changePassword(name, given.current, given.password, addressOf(context), login);
        return new Response(null, { status: 204 });
      },
    },
    {
      method: "GET",
      path: "/api/auth/logins",
      least: "viewer",
      summary: "Where I am logged in",
      answer: z.object({ logins: z.array(loginAnswer) }),
      async handle(context) {
        const { name, login: current } = userOf(context);
        const logins = await access.logins.list(name);
        return context.json({
          logins: logins.map((login) => ({
            id: login.id,
            current: login.id === current,
            created_at: iso(login.createdAt),
            renewed_at: iso(login.renewedAt),
            expires_at: iso(login.expiresAt),
            from: login.from,
            agent: login.agent,
          })),
        });
      },
    },
    {
      method: "DELETE",
      path: "/api/auth/logins",
      least: "viewer",
      summary: "End all my logins but this one",
      async handle(context) {
        const { name, login } = userOf(context);
        await access.logins.revoke({ user: name, except: login }, actor(context), "ended by its user");
        return new Response(null, { status: 204 });
      },
    },
    {
      method: "DELETE",
      path: "/api/auth/logins/:id",
      least: "viewer",
      summary: "End one of my logins",
      async handle(context) {
        const { name } = userOf(context);
        const id = parameter(context, "id");
        const ended = await access.logins.revoke({ id, user: name }, actor(context), "ended by its user");
        if (ended === 0) throw notFound(`Login ${id}`);
        return new Response(null, { status: 204 });
      },
    },
  ];
}

export function isHttps(publicUrl: string | null): boolean {
  return publicUrl?.startsWith("https:") ?? false;
}

export function agentOf(context: Context<Env>): string {
  return context.req.header("user-agent") ?? "";
}

/** Ends the login of the cookie or of the token, if there is one. */
export async function endLogin(context: Context<Env>, access: Access): Promise<void> {
  const who = context.get("principal");
  const refresh = cookieIn(context.req.header("cookie"), REFRESH_COOKIE);
  const id = who?.kind === "user" ? who.login : refresh && access.logins.loginOf(refresh);
  if (!id) return;
  const name = who?.kind === "user" ? who.name : "unknown";
  await access.logins.revoke({ id }, { name, from: addressOf(context) }, "logged out");
}

export function withCookies(response: Response, cookies: readonly string[]): Response {
  for (const cookie of cookies) response.headers.append("set-cookie", cookie);
  return response;
}

function told({ tokens, user }: LoggedIn, https: boolean): Response {
  const body = {
    access_token: tokens.accessToken,
    token_type: "Bearer",
    expires_in_seconds: tokens.accessSeconds,
    user: { name: user.name, role: user.role },
  };
  return withCookies(Response.json(body), loginCookies(tokens, https));
}

/** Somebody with a login of their own. */
function userOf(context: Context<Env>): { name: string; login: string } {
  const who = principal(context);
  if (who.kind !== "user") throw forbidden("Only somebody who logged in has logins and a password here");
  return who;
}
