import { afterAll, expect, test } from "bun:test";
import { connect } from "node:net";
import { aCountry, aPair, aSession, directoryOf } from "../../tests/cast/directory.ts";
import { memoryGrants } from "../../tests/cast/grants.ts";
import { until } from "../../tests/cast/until.ts";
import type { Principal } from "../access/principal.ts";
import { systemClock } from "../adapters/linux/libc.ts";
import { unavailable } from "../kernel/errors.ts";
import { quiet } from "../kernel/log.ts";
import { openPermits } from "../permits/permits.ts";
import { buildApp } from "./app.ts";
import { permitRoutes } from "./permits.ts";
import { listen } from "./server.ts";

const directory = await directoryOf(
  aCountry("UZ", 2),
  aCountry("IN", 1, 1),
  aCountry("PL", 1),
  aCountry("DE", 1, 6),
  aPair("UZ_uzmobile"),
  aPair("UZ_beeline"),
  aPair("IN_airtel"),
  aPair("PL_play", { active: false }),
  aPair("PL_orange"),
  aPair("DE_one"),
  aCountry("IT", 10),
  { kind: "gateway", value: { id: "smpp1", name: "smpp1", limit: 4, windowSeconds: 30, version: 0 } },
  aPair("IT_own", { limit: 1, windowSeconds: 10 }),
  aPair("IT_tim", { gateway: "smpp1" }),
  aPair("IT_free", { gateway: "smpp1", limit: 3 }),
  aSession("s_1", "program1_UZ_uzmobile", "program1", ["UZ_uzmobile", "IN_airtel", "PL_play", "PL_orange", "DE_one"]),
);

const run: Principal = { kind: "run", program: "program1", session: "s_1", run: "r_1", scopes: ["permits"] };
const token: Principal = { kind: "token", id: "t_1", name: "billing", program: "billing", scopes: ["permits"] };

async function site(
  who: Principal = run,
  muted: "held" | "paused" | null = null,
  house: { limit: number; windowMs: number } | null = null,
) {
  const grants = memoryGrants();
  const permits = await openPermits({ directory, grants, clock: systemClock(), log: quiet, leaseMs: 200, muted: () => muted, house });
  const app = buildApp(permitRoutes({ permits, directory }), {
    log: quiet,
    gate: { callerOf: (token) => (token === "let-me-in" ? { principal: who, expiresAt: null } : null), renew: async () => null },
    publicUrl: null,
    trustedProxies: [],
    metricsFromLoopback: false,
    assets: null,
  });
  // Shorter than the waits below, as the real one is shorter than a minute (Bun looks every 4 s).
  const server = listen(app, { host: "127.0.0.1", port: 0, idleTimeoutSeconds: 1 });
  afterAll(async () => {
    permits.close();
    await server.stop(true);
  });
  const headers = { "content-type": "application/json", authorization: "Bearer let-me-in" };
  const ask = (body: unknown, signal?: AbortSignal) =>
    fetch(new URL("/api/permits", server.url), { method: "POST", body: JSON.stringify(body), headers, signal });
  const look = (country: string) => fetch(new URL(`/api/permits/${country}`, server.url), { headers });
  return { url: new URL(server.url), permits, grants, ask, look };
}

test("a permit is a 201 with its lease and the clock it counts by", async () => {
  const { ask } = await site();
  const response = await ask({ country: "uz", operator: "UzMobile" });
  expect(response.status).toBe(201);
  const body = (await response.json()) as Record<string, unknown>;
  expect(Object.keys(body).sort()).toEqual(["boot_id", "granted_uptime_ms", "lease_ms", "pair", "permit_id", "remaining"]);
  expect(body).toMatchObject({ pair: "UZ_uzmobile", remaining: 1, boot_id: systemClock().bootId });
});

test("no slot is a 429 with its reason, in ms and in the header's whole seconds", async () => {
  const { ask } = await site();
  for (const _ of [1, 2]) await ask({ pairs: ["UZ_uzmobile"] });
  const response = await ask({ pairs: ["UZ_uzmobile"] });
  expect(response.status).toBe(429);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(response.headers.get("retry-after")).toBe("61");
  const problem = (await response.json()) as { retry_after_ms: number };
  expect(problem).toMatchObject({ code: "rate_limited", reason: "rate" });
  expect(problem.retry_after_ms).toBeGreaterThan(59_000);
  expect(problem.retry_after_ms).toBeLessThanOrEqual(60_200);
});

const refusals: { what: string; body: unknown; muted?: "held" | "paused"; status: number; reason?: string }[] = [
  { what: "a pair switched off", body: { country: "PL", operator: "play" }, status: 409, reason: "inactive" },
  { what: "a paused pair", body: { country: "UZ", operator: "uzmobile" }, muted: "paused", status: 409, reason: "paused" },
  { what: "a held pair", body: { country: "UZ", operator: "uzmobile" }, muted: "held", status: 409, reason: "held" },
  { what: "a wait that is too long", body: { country: "UZ", operator: "uzmobile", wait_ms: 60_001 }, status: 400 },
  { what: "a country that does not exist", body: { country: "QQ", operator: "uzmobile" }, status: 400 },
  { what: "a name with a command in it", body: { country: "UZ", operator: "a; rm -rf /" }, status: 400 },
  { what: "neither a country nor pairs", body: {}, status: 400 },
  { what: "no pairs", body: { pairs: [] }, status: 400 },
  { what: "a field nobody knows", body: { pairs: ["UZ_uzmobile"], hurry: true }, status: 400 },
];
for (const { what, body, muted, status, reason } of refusals) {
  test(`refuses ${what} with ${status}`, async () => {
    const { ask, grants } = await site(run, muted);
    const response = await ask(body);
    expect(response.status).toBe(status);
    const problem = (await response.json()) as { reason?: string };
    expect(problem.reason).toBe(reason);
    expect(grants.rows.size).toBe(0);
  });
}

test("a pair nobody created is a 404", async () => {
  const { ask } = await site(token);
  const response = await ask({ country: "UZ", operator: "nobody" });
  expect([response.status, ((await response.json()) as { reason: string }).reason]).toEqual([404, "unknown_pair"]);
});

test("a store that is away is a 503, and nothing is given out", async () => {
  const { ask, grants } = await site();
  grants.disk = () => {
    throw unavailable("Nothing was stored: the disk is full", 2000);
  };
  const response = await ask({ pairs: ["UZ_uzmobile"] });
  expect([response.status, response.headers.get("retry-after")]).toEqual([503, "2"]);
  expect(await response.json()).toMatchObject({ code: "unavailable", reason: "limiter_down" });
});

test("a run's token asks for the pairs of its session and speaks for no other session", async () => {
  const { ask, grants } = await site();
  expect((await ask({ pairs: ["UZ_uzmobile", "UZ_beeline"] })).status).toBe(403);
  expect((await ask({ pairs: ["UZ_uzmobile"], session: "s_2" })).status).toBe(403);
  expect((await ask({ pairs: ["UZ_uzmobile"], session: "program1_UZ_uzmobile" })).status).toBe(201);
  expect([...grants.rows.values()].map((row) => [row.program, row.session])).toEqual([["program1", "s_1"]]);
});

test("a token of a program asks for any pair, in its program's name", async () => {
  const { ask, grants } = await site(token);
  expect((await ask({ pairs: ["UZ_beeline"] })).status).toBe(201);
  expect([...grants.rows.values()].map((row) => [row.program, row.session])).toEqual([["billing", null]]);
});

test("one who may wait is answered when a slot comes free", async () => {
  const { ask } = await site();
  expect((await ask({ pairs: ["IN_airtel"] })).status).toBe(201);
  const began = performance.now();
  const response = await ask({ pairs: ["IN_airtel"], wait_ms: 5_000 });
  expect(response.status).toBe(201);
  expect(performance.now() - began).toBeGreaterThan(1_000);
});

test("a wait longer than the idle timeout is not cut off by the server", async () => {
  const { ask } = await site();
  expect((await ask({ pairs: ["DE_one"] })).status).toBe(201);
  expect((await ask({ pairs: ["DE_one"], wait_ms: 10_000 })).status).toBe(201);
}, 20_000);

test("a caller that goes away while it waits frees its place", async () => {
  const { ask, permits } = await site();
  for (const _ of [1, 2]) await ask({ pairs: ["UZ_uzmobile"] });
  const controller = new AbortController();
  const gone = ask({ pairs: ["UZ_uzmobile"], wait_ms: 30_000 }, controller.signal).catch(() => "gone");
  await until("it waits", () => permits.proof("UZ").waiting === 1);
  controller.abort();
  expect(await gone).toBe("gone");
  await until("its place is free", () => permits.proof("UZ").waiting === 0);
});

test("a caller that went away while its grant was stored has an abandoned permit, though it would not wait", async () => {
  const { url, grants, permits } = await site();
  const disk = Promise.withResolvers<void>();
  grants.disk = () => disk.promise;
  const caller = connect({ host: url.hostname, port: Number(url.port), allowHalfOpen: true });
  const body = '{"pairs":["UZ_uzmobile"]}';
  caller.write(`POST /api/permits HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer let-me-in\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  await until("its slot is taken", () => permits.proof("UZ").used === 1);
  const askedBefore = performance.now();
  // Its end is answered by an end when it has been seen.
  const seen = new Promise((done) => caller.on("end", done).resume());
  caller.end();
  await seen;
  await until("nobody goes away sooner", () => performance.now() - askedBefore > 20);
  disk.resolve();
  await until("it is abandoned", () => [...grants.rows.values()].some(({ abandoned }) => abandoned));
});

test("the proof view says what the window holds", async () => {
  const { ask, look } = await site({ kind: "user", name: "olga", role: "operator", login: "l_1" });
  await ask({ pairs: ["UZ_uzmobile"] });
  const proof = (await (await look("uz")).json()) as { grants: { age_ms: number }[] };
  expect(proof).toMatchObject({
    country: "UZ",
    limit: 2,
    window_ms: 60_000,
    used: 1,
    next_free_ms: 0,
    waiting: 0,
    uncontrolled: 0,
    refused: {},
  });
  expect(proof.grants).toMatchObject([{ pair: "UZ_uzmobile", reported: false }]);
  expect((await look("FR")).status).toBe(404);
});

test("the standard fields name the policy and what is left, on a 201 and on a 429", async () => {
  const { ask } = await site();
  const fields = ({ status, headers }: Response) => [
    status,
    headers.get("ratelimit-policy"),
    headers.get("ratelimit"),
    headers.get("retry-after"),
  ];
  const uz = { country: "UZ", operator: "uzmobile" };
  expect(fields(await ask(uz))).toEqual([201, '"country";q=2;w=60', '"country";r=1', null]);
  expect(fields(await ask(uz))).toEqual([201, '"country";q=2;w=60', '"country";r=0', null]);
  expect(fields(await ask(uz))).toEqual([429, '"country";q=2;w=60', '"country";r=0;t=61', "61"]);
  // What was copied is not what the next one gets.
  expect(fields(await ask({ country: "DE", operator: "one" }))).toEqual([201, '"country";q=1;w=6', '"country";r=0', null]);
  expect(fields(await ask({ country: "PL", operator: "play" }))).toEqual([409, null, null, null]);
});

test("the standard fields name every policy a pair lies in, and what is left of the tightest", async () => {
  const fields = ({ status, headers }: Response) => [status, headers.get("ratelimit-policy"), headers.get("ratelimit")];
  const italian = (operator: string) => ({ country: "IT", operator });
  const { ask } = await site(token);
  const [own, tim, free] = [
    '"country";q=10;w=60, "pair";q=1;w=10',
    '"country";q=10;w=60, "gateway";q=4;w=30',
    '"country";q=10;w=60, "pair";q=3;w=60, "gateway";q=4;w=30',
  ];
  expect(fields(await ask(italian("own")))).toEqual([201, own, '"pair";r=0;t=11']);
  expect(fields(await ask(italian("own")))).toEqual([429, own, '"pair";r=0;t=11']);
  expect(fields(await ask(italian("tim")))).toEqual([201, tim, '"gateway";r=3']);
  expect(fields(await ask(italian("tim")))).toEqual([201, tim, '"gateway";r=2']);
  expect(fields(await ask(italian("free")))).toEqual([201, free, '"gateway";r=1']);
  expect(fields(await ask(italian("free")))).toEqual([201, free, '"gateway";r=0;t=31']);
  expect(fields(await ask(italian("free")))).toEqual([429, free, '"gateway";r=0;t=31']);
  const small = await site(token, null, { limit: 1, windowMs: 20_000 });
  expect(fields(await small.ask({ country: "UZ", operator: "uzmobile" }))).toEqual([
    ...[201, '"country";q=2;w=60, "house";q=1;w=20'],
    '"house";r=0;t=21',
  ]);
});
