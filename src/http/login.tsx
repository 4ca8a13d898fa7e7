/** The pages before the board: log in, log out, the first admin's set-up, and the one-time login link. */

import type { Context } from "hono";
import { html } from "hono/html";
import type { Child } from "hono/jsx";
import { z } from "zod";
import { LoginForm, SetupForm } from "../../views/access/login.tsx";
import { type AssetUrls, BareFrame } from "../../views/frame.tsx";
import type { Access } from "../access/access.ts";
import type { LoggedIn } from "../access/logins.ts";
import { password, userName } from "../access/user.ts";
import { AppError } from "../kernel/errors.ts";
import { agentOf, endLogin, isHttps, withCookies } from "./auth.ts";
import { readBody } from "./body.ts";
import { clearedCookies, loginCookies } from "./cookies.ts";
import { PROBLEMS } from "./problem.ts";
import type { Env, Route } from "./route.ts";
import { addressOf, safeNext } from "./security.ts";

export interface LoginPageServices {
  access: Access;
  publicUrl: string | null;
  assets: AssetUrls;
}

const loginForm = z.object({ username: z.string().max(200), password: z.string().max(1000), next: z.string().max(2000).optional() });
const setupForm = z.object({
  token: z.string().max(200),
  name: z.string().max(200),
  password: z.string().max(1000),
  again: z.string().max(1000),
});
const firstAdmin = z.object({ name: userName, password });

export function loginRoutes({ access, publicUrl, assets }: LoginPageServices): Route[] {
  const https = isHttps(publicUrl);

  function show(title: string, form: Child, status = 200, headers: Record<string, string> = {}): Response {
    const frame = (
      <BareFrame title={title} assets={assets}>
        {form}
      </BareFrame>
    );
    const text = String(html`<!DOCTYPE html>${frame}`);
    return new Response(text, { status, headers: { "content-type": "text/html; charset=utf-8", ...headers } });
  }

  function goOn(loggedIn: LoggedIn, to: string): Response {
    return withCookies(new Response(null, { status: 303, headers: { location: to } }), loginCookies(loggedIn.tokens, https));
  }

  async function logIn(context: Context<Env>): Promise<Response> {
    const given = await readBody(context, loginForm);
    const next = safeNext(given.next);
    try {
      return goOn(await access.login(given.username, given.password, addressOf(context), agentOf(context)), next);
    } catch (error) {
      const { message, status, headers } = refusal(error);
      return show("Log in", <LoginForm username={given.username} next={next} error={message} unused={false} />, status, headers);
    }
  }

  async function setUp(context: Context<Env>): Promise<Response> {
    const given = await readBody(context, setupForm);
    const errors = setupErrors(given);
    const again = (message: string | null, status: number) =>
      show("Set up", <SetupForm token={given.token} name={given.name} errors={errors} error={message} />, status);
    if (Object.keys(errors).length > 0) return again(null, 400);
    try {
      const name = userName.parse(given.name);
      return goOn(await access.setUp(given.token, name, given.password, addressOf(context), agentOf(context)), "/");
    } catch (error) {
      const { message, status } = refusal(error);
      return again(message, status);
    }
  }

  return [
    {
      method: "GET",
      path: "/login",
      least: "public",
      summary: "The login page",
      page: true,
      handle(context) {
        const next = safeNext(context.req.query("next"));
        if (context.get("principal")) return context.redirect(next, 303);
        const unused = access.users.list().length === 0;
        return show("Log in", <LoginForm username="" next={next} error={null} unused={unused} />);
      },
    },
    { method: "POST", path: "/login", least: "public", summary: "Log in by form", page: true, handle: logIn },
    {
      method: "POST",
      path: "/logout",
      least: "public",
      summary: "Log out by form",
      page: true,
      async handle(context) {
        await endLogin(context, access);
        return withCookies(new Response(null, { status: 303, headers: { location: "/login" } }), clearedCookies(https));
      },
    },
    {
      method: "GET",
      path: "/login/link",
      least: "public",
      summary: "Log in by a one-time link",
      page: true,
      async handle(context) {
        try {
          return goOn(await access.loginByLink(context.req.query("token") ?? "", addressOf(context), agentOf(context)), "/");
        } catch (error) {
          // Opened a second time where it has done its work already: no reason to say "not logged in".
          if (error instanceof AppError && context.get("principal")) return context.redirect("/", 303);
          throw error;
        }
      },
    },
    {
      method: "GET",
      path: "/setup",
      least: "public",
      summary: "Make the first admin",
      page: true,
      async handle(context) {
        const token = context.req.query("token") ?? "";
        if (!(await access.setupWorks(token)))
          throw new AppError(
            "not_found",
            "This set-up link was used, or its hour is over. Log in; or, while there is no user, restart Signalbox for a new link or run: signalbox user add NAME --role admin",
          );
        return show("Set up", <SetupForm token={token} name="" errors={{}} error={null} />);
      },
    },
    { method: "POST", path: "/setup", least: "public", summary: "Make the first admin by form", page: true, handle: setUp },
  ];
}

function setupErrors(given: z.infer<typeof setupForm>): Record<string, string> {
  const errors: Record<string, string> = {};
  const result = firstAdmin.safeParse(given);
  for (const issue of result.error?.issues ?? []) errors[String(issue.path[0])] ??= issue.message;
  if (given.password !== given.again) errors.again ??= "is not the same";
  return errors;
}

/** What a form says about a refusal; anything else is a bug and goes on to the error page. */
function refusal(error: unknown): { message: string; status: number; headers: Record<string, string> } {
  if (!(error instanceof AppError)) throw error;
  const { retryAfterMs } = error.details;
  return {
    message: error.message,
    status: PROBLEMS[error.code].status,
    headers: retryAfterMs === undefined ? {} : { "retry-after": String(Math.ceil(retryAfterMs / 1000)) },
  };
}
