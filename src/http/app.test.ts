import { expect, test } from "bun:test";
import { z } from "zod";
import { ASSETS, type Init, send } from "../../tests/cast/door.ts";
import type { Principal } from "../access/principal.ts";
import { conflict } from "../kernel/errors.ts";
import { openLog } from "../kernel/log.ts";
import { type AppServices, buildApp } from "./app.ts";
import { readBody } from "./body.ts";
import { actor, person } from "./caller.ts";
import { problemResponse } from "./problem.ts";
import type { Asking, Handle, LocalPeer, Route } from "./route.ts";
import { wholeOf } from "./security.ts";

const TOKENS: Record<string, Principal> = {
  viewer: { kind: "user", name: "vera", role: "viewer", login: "l_1" },
  operator: { kind: "user", name: "olga", role: "operator", login: "l_2" },
  admin: { kind: "user", name: "anna", role: "admin", login: "l_3" },
  results: { kind: "token", id: "t_1", name: "billing", program: "program1", scopes: ["results"] },
  metrics: { kind: "token", id: "t_2", name: "prometheus", program: null, scopes: ["metrics"] },
};

const done: Handle = (context) => context.json({ ok: true });
const ROUTES: Route[] = [
  { method: "GET", path: "/api/public", least: "public", summary: "", handle: done },
  { method: "GET", path: "/api/viewer", least: "viewer", summary: "", handle: done },
  { method: "POST", path: "/api/operator/:id", least: "operator", summary: "", handle: done },
  { method: "DELETE", path: "/api/admin", least: "admin", summary: "", handle: done },
  { method: "POST", path: "/api/results", least: { scope: "results" }, summary: "", handle: done },
  { method: "GET", path: "/metrics", least: { scope: "metrics" }, summary: "", handle: done },
  { method: "GET", path: "/", least: "viewer", summary: "", page: true, handle: (context) => context.html("<p>board</p>") },
  { method: "POST", path: "/pairs", least: "operator", summary: "", page: true, handle: (context) => context.redirect("/pairs", 303) },
  {
    method: "POST",
    path: "/api/body",
    least: "public",
    summary: "",
    handle: async (context) => context.json(await readBody(context, z.unknown())),
  },
  {
    method: "GET",
    path: "/api/bug",
    least: "public",
    summary: "",
    handle() {
      throw new Error("password=hunter2");
    },
  },
  {
    method: "GET",
    path: "/conflict",
    least: "public",
    page: true,
    summary: "",
    handle() {
      throw conflict("UZ_uzmobile is <high> priority", "high_priority");
    },
  },
  {
    method: "GET",
    path: "/api/wait",
    least: "public",
    summary: "",
    handle: (context) =>
      problemResponse(context, { code: "rate_limited", detail: "slow down", retryAfterMs: 1200, more: { pair: "UZ_uzmobile" } }),
  },
  { method: "GET", path: "/api/who", least: "public", summary: "", handle: (context) => context.json(actor(context)) },
  { method: "GET", path: "/api/person", least: { scope: "results" }, summary: "", handle: (context) => context.json(person(context)) },
];

const lines: string[] = [];
const log = openLog({ level: "debug", now: () => 0, write: (line) => lines.push(line) });

function open(more: Partial<AppServices> = {}, routes: Route[] = ROUTES) {
  const gate: AppServices["gate"] = {
    callerOf: (token) => (TOKENS[token] ? { principal: TOKENS[token], expiresAt: null } : null),
    renew: async () => null,
  };
  const app = buildApp(routes, { log, gate, publicUrl: null, trustedProxies: [], metricsFromLoopback: false, assets: ASSETS, ...more });
  return { app, call: (path: string, init?: Init) => send(app, path, init) };
}

const { app, call } = open();
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

test.each([
  // path, method, nobody, viewer, operator, admin, results token, metrics token
  ["/api/public", "GET", [200, 200, 200, 200, 200, 200]],
  ["/api/viewer", "GET", [401, 200, 200, 200, 403, 403]],
  ["/api/operator/7", "POST", [401, 403, 200, 200, 403, 403]],
  ["/api/admin", "DELETE", [401, 403, 403, 200, 403, 403]],
  ["/api/results", "POST", [401, 403, 200, 200, 200, 403]],
  ["/metrics", "GET", [401, 200, 200, 200, 403, 200]],
])("%s %s: each gets what its role allows", async (path, method, expected) => {
  const statuses: number[] = [(await call(path, { method })).status];
  for (const token of ["viewer", "operator", "admin", "results", "metrics"])
    statuses.push((await call(path, { method, ...bearer(token) })).status);
  expect(statuses).toEqual(expected);
});

test("nobody known gets 401 with how to prove oneself, an unknown token what is wrong with it", async () => {
  const nobody = await call("/api/viewer");
  expect(nobody.headers.get("www-authenticate")).toBe("Bearer");
  expect(nobody.headers.get("content-type")).toBe("application/problem+json");
  expect(await nobody.json()).toMatchObject({ status: 401, code: "unauthorized", title: "Not logged in" });
  expect((await call("/api/viewer", bearer("rubbish"))).headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
});

test("too little names what is needed and who has less", async () => {
  const response = await call("/api/admin", { method: "DELETE", ...bearer("viewer") });
  expect(await response.json()).toMatchObject({ code: "forbidden", reason: "role", detail: "This needs the role admin; vera has less" });
});

test("a page sends nobody to the login, and back to where they wanted", async () => {
  const response = await call("/?sort=rate");
  expect([response.status, response.headers.get("location")]).toEqual([303, "/login"]);
  const { call: at } = open({}, [{ ...ROUTES[6]!, path: "/pairs/:id" }]);
  expect((await at("/pairs/UZ_a?x=1")).headers.get("location")).toBe("/login?next=%2Fpairs%2FUZ_a%3Fx%3D1");
  expect((await call("/pairs", { form: { a: "1" } })).headers.get("location")).toBe("/login");
});

test("a fragment or a stream that ends at the login gets 401, not the login page in its place", async () => {
  const fragment = await call("/", { headers: { "hx-request-type": "partial", accept: "text/html" } });
  expect([fragment.status, fragment.headers.get("hx-redirect")]).toEqual([401, "/login"]);
  expect((await call("/", { headers: { accept: "text/event-stream" } })).status).toBe(401);
});

test("a write from another site's page is refused whoever's cookie it carries, and does nothing", async () => {
  const foreign: Record<string, string>[] = [{ "sec-fetch-site": "cross-site" }, { origin: "https://evil.example" }];
  for (const headers of foreign) {
    const response = await call("/pairs", { form: { a: "1" }, cookie: "signalbox=operator", headers });
    expect(response.status).toBe(403);
    expect((await call("/api/operator/7", { method: "POST", cookie: "signalbox=operator", headers })).status).toBe(403);
  }
  expect(
    (await call("/pairs", { form: { a: "1" }, cookie: "signalbox=operator", headers: { "sec-fetch-site": "same-origin" } })).status,
  ).toBe(303);
});

test("a token in the header is nobody's ambient right, so where it comes from does not matter", async () => {
  const response = await call("/api/operator/7", {
    method: "POST",
    headers: { authorization: "Bearer operator", origin: "https://tool.example", "sec-fetch-site": "cross-site" },
  });
  expect(response.status).toBe(200);
});

test("the control socket's word counts, and no request can claim it", async () => {
  const local: LocalPeer = { name: "local:root", role: "admin" };
  const response = await app.request("/api/admin", { method: "DELETE", headers: { origin: "https://x" } }, { local });
  expect(response.status).toBe(200);
  expect(await (await app.request("/api/who", {}, { local })).json()).toEqual({ name: "local:root", from: "socket" });
  expect((await call("/api/admin", { method: "DELETE", headers: { local: "root", "x-local": "root" } })).status).toBe(401);
});

test("a token is not a person", async () => {
  expect((await call("/api/person", bearer("results"))).status).toBe(403);
  expect((await call("/api/person", bearer("operator"))).status).toBe(200);
});

test("metrics open to this machine alone, when told so", async () => {
  const { app: loose } = open({ metricsFromLoopback: true });
  const from = (address: string) => ({ server: { requestIP: () => ({ address }) } }) as never;
  expect((await loose.request("/metrics", {}, from("127.0.0.1"))).status).toBe(200);
  expect((await loose.request("/metrics", {}, from("10.0.0.7"))).status).toBe(401);
  expect((await loose.request("/metrics", { headers: { "x-forwarded-for": "1.2.3.4" } }, from("127.0.0.1"))).status).toBe(401);
  expect((await loose.request("/api/viewer", {}, from("127.0.0.1"))).status).toBe(401);
});

test("every answer says how it may be used: no scripts from elsewhere, no sniffing, no keeping", async () => {
  const page = await call("/", { cookie: "signalbox=viewer" });
  const policy = page.headers.get("content-security-policy");
  expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
  expect(policy).not.toContain("unsafe");
  expect(policy).toContain("frame-ancestors 'none'");
  for (const response of [page, await call("/api/viewer", bearer("viewer")), await call("/nowhere"), await call("/api/bug")]) {
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("referrer-policy")).toBe("same-origin");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(response.headers.get("x-request-id")).toMatch(/^[a-z0-9]+-[a-z0-9]+$/);
    expect(response.headers.get("strict-transport-security")).toBeNull();
  }
  const { call: https } = open({ publicUrl: "https://sms.example" });
  expect((await https("/api/public")).headers.get("strict-transport-security")).toBe("max-age=31536000");
});

test("an unknown address is a problem for programs and a page for people", async () => {
  const program = await call("/api/nowhere");
  expect(program.status).toBe(404);
  expect(await program.json()).toMatchObject({
    type: "urn:signalbox:problem:not_found",
    status: 404,
    detail: "There is nothing at /api/nowhere",
  });
  const person = await call("/nowhere", { headers: { accept: "text/html" } });
  expect([person.status, person.headers.get("content-type")]).toEqual([404, "text/html; charset=utf-8"]);
  expect(await person.text()).toStartWith("<!DOCTYPE html>");
});

test("a known address with the wrong method says which it takes", async () => {
  const response = await call("/api/operator/7", { method: "PUT" });
  expect([response.status, response.headers.get("allow")]).toEqual([404, "POST"]);
  expect(await response.json()).toMatchObject({ detail: "/api/operator/7 takes POST, not PUT" });
});

test("an error page escapes what it tells, and comes bare into a page that stands", async () => {
  const whole = await (await call("/conflict", { headers: { accept: "text/html" } })).text();
  expect(whole).toContain("UZ_uzmobile is &lt;high&gt; priority");
  const part = await call("/conflict", { headers: { accept: "text/html", "hx-request-type": "partial" } });
  expect(part.status).toBe(409);
  expect(await part.text()).toStartWith('<section class="problem"');
});

test("a bug is logged whole under its request and told without detail", async () => {
  lines.length = 0;
  const response = await call("/api/bug");
  const body = await response.json();
  expect(response.status).toBe(500);
  expect(JSON.stringify(body)).not.toContain("hunter2");
  const line = lines.find((each) => each.includes("hunter2")) ?? "";
  expect(line).toContain(response.headers.get("x-request-id") ?? "missing");
});

test("when to come back is in whole seconds in the header and in ms in the body", async () => {
  const response = await call("/api/wait");
  expect(response.headers.get("retry-after")).toBe("2");
  expect(await response.json()).toMatchObject({ status: 429, retry_after_ms: 1200, pair: "UZ_uzmobile" });
});

test("malformed JSON and 10 MB are refused at the edge", async () => {
  expect((await call("/api/body", { body: '{"a":' })).status).toBe(400);
  expect((await call("/api/body", { json: "x".repeat(10_000_000) })).status).toBe(413);
});

test("HEAD says the length GET would have, and lets go of a stream at once", async () => {
  let cancelled = false;
  const stream: Route = {
    method: "GET",
    path: "/events",
    least: "public",
    summary: "",
    handle: () =>
      new Response(
        new ReadableStream({
          cancel() {
            cancelled = true;
          },
        }),
        { headers: { "content-type": "text/event-stream" } },
      ),
  };
  const { call: at } = open({}, [...ROUTES, stream]);
  const head = await at("/api/public", { method: "HEAD" });
  expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, '{"ok":true}'.length.toString(), ""]);
  expect((await at("/events", { method: "HEAD" })).status).toBe(200);
  expect(cancelled).toBe(true);
});

test("a plain route answers as it does by way of hono, to whomever and however it is asked", async () => {
  const handle = async (asking: Asking) => {
    const { status = 200 } = (await readBody(asking, z.strictObject({ status: z.int().optional() }))) as { status?: number };
    if (status === 409) throw conflict("that is how it is", "high_priority");
    if (status === 500) throw new Error("password=hunter2");
    if (status === 429) return problemResponse(asking, { code: "rate_limited", detail: "slow down", retryAfterMs: 1200 });
    return wholeOf(asking)(asking, "json", status, JSON.stringify({ who: actor(asking).name, from: actor(asking).from }), {
      ratelimit: "r",
    });
  };
  const described = { method: "POST", path: "/api/plain", least: { scope: "results" }, summary: "" } as const;
  const plain = open({}, [{ ...described, plain: true, handle }]);
  const usual = open({}, [{ ...described, handle }]);
  const json = { "content-type": "application/json" };
  const asks: [string, Init][] = [
    ...["results", "viewer", "operator", "rubbish"].map((token): [string, Init] => ["/api/plain", { method: "POST", ...bearer(token) }]),
    ...["{}", '{"status": 409}', '{"status": 500}', '{"status": 429}', '{"status": 201}', '{"else": 1}', "{", ""].map(
      (body): [string, Init] => ["/api/plain", { method: "POST", body, headers: { ...json, authorization: "bearer  results " } }],
    ),
    ["/api/plain", { method: "POST", body: "status=409", headers: { authorization: "Bearer results" } }],
    ["/api/plain", { method: "POST", body: "<status/>", headers: { "content-type": "text/xml", authorization: "Bearer results" } }],
    ["/api/plain", { method: "POST", headers: { "sec-fetch-site": "cross-site" } }],
    ["/api/plain", { method: "POST" }],
    ["/api/plain", { method: "GET", ...bearer("results") }],
    ["/api/plain", { method: "HEAD", ...bearer("results") }],
    ["/api/plain?a=b", { method: "POST", ...bearer("results") }],
    ["/api/%70lain", { method: "POST", ...bearer("results") }],
    [`/api/plain?${"a".repeat(20_000)}`, { method: "POST", ...bearer("results") }],
  ];
  const told = async (response: Response) => ({
    status: response.status,
    headers: [...response.headers].filter(([name]) => name !== "x-request-id").sort(),
    named: response.headers.has("x-request-id"),
    text: (await response.text()).replaceAll(/[0-9a-z]+-\d+/g, "(request)"),
  });
  for (const [path, init] of asks) expect(await told(await plain.call(path, init))).toEqual(await told(await usual.call(path, init)));
});

test("what one answer carried is not on the next", async () => {
  const handle = async (asking: Asking) => {
    const own = await readBody(asking, z.record(z.string(), z.string()));
    return wholeOf(asking)(asking, "json", 200, "{}", own);
  };
  const { call } = open({}, [{ method: "POST", path: "/api/plain", plain: true, least: "public", summary: "", handle }]);
  const headers = { "content-type": "application/json" };
  for (const own of [{ ratelimit: "r=1" }, { "retry-after": "1", ratelimit: "r=0" }, {}, { ratelimit: "r=2" }, { ratelimit: "r=2" }]) {
    const response = await call("/api/plain", { method: "POST", headers, body: JSON.stringify(own) });
    const carried = Object.fromEntries(
      [...response.headers].filter(([name]) => ["retry-after", "ratelimit", "ratelimit-policy"].includes(name)),
    );
    expect(carried).toEqual(own as Record<string, string>);
  }
});
