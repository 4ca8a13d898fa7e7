/** Mounts the contents page. Who may use a route is decided here and nowhere else; so are the headers, the same-origin check and the last errors. */

import { Hono } from "hono";
import { TrieRouter } from "hono/router/trie-router";
import type { AssetUrls } from "../../views/frame.tsx";
import { actorOf, may, type Principal } from "../access/principal.ts";
import type { Log } from "../kernel/log.ts";
import { ACCESS_COOKIE, type CookieTokens, cookieIn, loginCookies, REFRESH_COOKIE } from "./cookies.ts";
import { plainFirst } from "./plain.ts";
import { answer, onError, type Problem } from "./problem.ts";
import type { Asking, Env, Route } from "./route.ts";
import { staticFirst } from "./router.ts";
import { addressOf, isThisMachine, sameOrigin, stamper } from "./security.ts";

/** Somebody known, and until when. */
export interface Caller {
  principal: Principal;
  /** Wall ms when what it showed ends; null: it does not. */
  expiresAt: number | null;
}

/** What the access feature gives the door. */
export interface Gate {
  /** Who holds this token, or null. Synchronous for a token seen before. */
  callerOf(token: string): Caller | null | Promise<Caller | null>;
  /** New tokens for a refresh token that is good, or null. */
  renew(refreshToken: string, address: string): Promise<(Caller & { tokens: CookieTokens }) | null>;
}

export interface AppServices {
  log: Log;
  gate: Gate;
  /** Where people reach us, when it is not the listening address: `https://sms.example.com`. */
  publicUrl: string | null;
  /** Proxies whose X-Forwarded-For is believed. */
  trustedProxies: readonly string[];
  /** `/metrics` answers this machine without a token. */
  metricsFromLoopback: boolean;
  /** Styles of the error page; null: it goes without. */
  assets: AssetUrls | null;
}

const MOST_OF_AN_ADDRESS = 16_000;
const READS = new Set(["GET", "HEAD", "OPTIONS"]);

export function buildApp(routes: readonly Route[], services: AppServices): Hono<Env> {
  const { assets } = services;
  const https = services.publicUrl?.startsWith("https:") ?? false;
  const { stamp, whole } = stamper(https);
  const trusted = new Set(services.trustedProxies);
  const failed = onError(services.log, assets);
  const app = new Hono<Env>({ router: staticFirst(new TrieRouter()) });

  /** Sets who and where from; gives the cookies of a renewal. A promise only when somebody new must be looked up: most are known. */
  function identify(context: Asking, bearer: string | null, renewable: boolean): null | Promise<string[] | null> {
    const local = context.env?.local;
    if (local) return known(context, { principal: { kind: "local", name: local.name, role: local.role }, expiresAt: null });
    const header = bearer === null ? context.req.header("cookie") : undefined;
    const access = bearer ?? (header === undefined ? null : cookieIn(header, ACCESS_COOKIE));
    const found = access === null ? null : services.gate.callerOf(access);
    if (found instanceof Promise) return found.then((caller) => renewed(context, caller, renewable ? header : undefined));
    return found ? known(context, found) : renewed(context, null, renewable ? header : undefined);
  }

  function renewed(context: Asking, caller: Caller | null, header: string | undefined): null | Promise<string[] | null> {
    const refresh = caller || header === undefined ? null : cookieIn(header, REFRESH_COOKIE);
    if (refresh === null) return known(context, caller);
    return services.gate.renew(refresh, addressOf(context)).then((renewal) => {
      known(context, renewal);
      return renewal && loginCookies(renewal.tokens, https);
    });
  }

  function guard(route: Route): (context: Asking) => Promise<Response> {
    const { least } = route;
    // A route that is not plain gets what it asks for: only hono comes to it.
    const handle = route.handle as (context: Asking) => Response | Promise<Response>;
    const page = route.page === true;
    const openToLoopback = typeof least === "object" && least.scope === "metrics" && services.metricsFromLoopback;
    return async (context) => {
      begin(context);
      let cookies: string[] | null = null;
      let response: Response;
      try {
        // Before anything else is looked at: a foreign page's write shall not even renew a login.
        const bearer = bearerOf(context);
        const refusal = tooLong(context) ?? originProblem(context, bearer);
        const asked = refusal === null ? identify(context, bearer, least !== "public") : null;
        if (asked) cookies = await asked;
        const principal = context.get("principal");
        if (refusal !== null) response = await answer(context, refusal, assets);
        else if (may(principal, least) || (openToLoopback && isThisMachine(context))) response = await handle(context);
        else response = principal ? await tooLittle(context, route) : await nobody(context, page, assets);
      } catch (error) {
        response = await failed(error, context);
      }
      if (response !== context.get("whole")) stamp(response, page, context.get("requestId"));
      if (cookies && !response.headers.has("set-cookie")) for (const cookie of cookies) response.headers.append("set-cookie", cookie);
      return context.req.raw.method === "HEAD" ? headOf(response) : response;
    };
  }

  function begin(context: Asking): void {
    context.set("requestId", nextRequestId());
    context.set("trusted", trusted);
    context.set("principal", null);
    context.set("makeWhole", whole);
  }

  /** What is longer than this and the headers may be together, 64 KB, Bun answers itself: 431 without a word (scripts/build). */
  function tooLong({ req }: Asking): Problem | null {
    const { length } = req.url;
    if (length <= MOST_OF_AN_ADDRESS) return null;
    return { code: "too_large", detail: `The address has ${length} characters, ${MOST_OF_AN_ADDRESS} are the most: ask for less at once` };
  }

  /** Bearer and the control socket carry no ambient authority; everything else that writes may be a browser. */
  function originProblem(context: Asking, bearer: string | null): Problem | null {
    if (READS.has(context.req.method) || context.env?.local || bearer !== null) return null;
    if (sameOrigin(context, services.publicUrl)) return null;
    return { code: "forbidden", detail: "This write came from another site's page, so it was refused", reason: "cross_site" };
  }

  function tooLittle(context: Asking, { least }: Route): Response | Promise<Response> {
    const needed = typeof least === "object" ? `a token with scope ${least.scope}, or the role operator` : `the role ${least}`;
    const { name } = actorOf(context.get("principal")!, "");
    return answer(context, { code: "forbidden", detail: `This needs ${needed}; ${name} has less`, reason: "role" }, assets);
  }

  for (const route of routes) app.on(route.method, route.path, guard(route));
  app.fetch = plainFirst(routes, guard, app.fetch);
  const paths = routes.filter((route) => route.page !== true).map(({ method, path }) => ({ method, matches: matcher(path) }));

  app.notFound(async (context) => {
    begin(context);
    const { path, method } = context.req;
    const others = paths.filter((route) => route.matches(path)).map((route) => route.method);
    const detail = others.length ? `${path} takes ${others.join(", ")}, not ${method}` : `There is nothing at ${path}`;
    const response = await answer(
      context,
      { code: "not_found", detail, headers: others.length ? { allow: others.join(", ") } : {} },
      assets,
    );
    return stamp(response, !path.startsWith("/api/"), context.get("requestId"));
  });
  app.onError(async (error, context) => stamp(await failed(error, context), false, context.get("requestId") ?? ""));
  return app;
}

/** Programs get 401; people get the login page, and come back to where they wanted. */
function nobody(context: Asking, page: boolean, assets: AssetUrls | null): Response | Promise<Response> {
  const headers: Record<string, string> = { "www-authenticate": bearerOf(context) === null ? "Bearer" : 'Bearer error="invalid_token"' };
  const accepted = context.req.header("accept") ?? "*/*";
  if (page && !accepted.includes("text/event-stream")) {
    const url = new URL(context.req.url);
    const login =
      READS.has(context.req.method) && url.pathname !== "/" ? `/login?next=${encodeURIComponent(url.pathname + url.search)}` : "/login";
    if (context.req.header("hx-request-type") !== "partial") return new Response(null, { status: 303, headers: { location: login } });
    headers["hx-redirect"] = "/login";
  }
  const detail =
    bearerOf(context) === null
      ? "Log in, or send a token as Authorization: Bearer …"
      : "The token is unknown, ended or revoked: get a new one";
  return answer(context, { code: "unauthorized", detail, headers }, assets);
}

/** HEAD runs as GET; its body must be let go (a stream would stay open for ever) and its length kept (Bun would say 0). */
async function headOf(response: Response): Promise<Response> {
  const { status, headers, body } = response;
  const streams = headers.get("content-type")?.startsWith("text/event-stream") ?? false;
  if (streams) await body?.cancel();
  else if (body && !headers.has("content-length")) headers.set("content-length", String((await response.arrayBuffer()).byteLength));
  return new Response(null, { status, headers });
}

function known(context: Asking, caller: Caller | null): null {
  context.set("principal", caller?.principal ?? null);
  context.set("expiresAt", caller?.expiresAt ?? null);
  return null;
}

function bearerOf(context: Asking): string | null {
  const header = context.req.header("authorization");
  if (header === undefined) return null;
  return header.startsWith("Bearer ") || /^bearer /i.test(header) ? header.slice(7).trim() : null;
}

/** A path with `:name` and `*` as a test, for telling a wrong method from a wrong path. */
function matcher(path: string): (asked: string) => boolean {
  const pattern = path
    .replace(/[.+?^${}()|[\]\\]/g, "\\$&")
    .replace(/:[a-zA-Z_]+(\\\{.*?\\\})?/g, "[^/]+")
    .replaceAll("*", ".*");
  const test = new RegExp(`^${pattern}$`);
  return (asked) => test.test(asked);
}

// Unique within the house and cheap: the start in base 36, then a count (in base 10, which is made six times as fast).
const birth = Math.floor(performance.timeOrigin).toString(36);
let requests = 0;

function nextRequestId(): string {
  requests += 1;
  return `${birth}-${requests}`;
}
