import { expect, test } from "bun:test";
import { Hono } from "hono";
import { ownMetering } from "../../tests/cast/metering.ts";
import { ownStore } from "../../tests/cast/store.ts";
import type { Principal } from "../access/principal.ts";
import { fakeClock } from "../kernel/clock.ts";
import { quiet } from "../kernel/log.ts";
import { classify } from "../results/errors.ts";
import { metricsRoutes } from "./metrics.ts";
import { onError } from "./problem.ts";
import { resultRoutes } from "./results.ts";
import type { Env } from "./route.ts";

const store = await ownStore("http-results");
const clock = fakeClock();
const metering = await ownMetering(store, clock);
const directory = { pair: () => undefined, pairs: () => [], countries: () => [], programs: () => [], sessions: () => [] };

const run: Principal = { kind: "run", program: "program1", session: "s_1", run: "r_1", scopes: ["results"] };
const billing: Principal = { kind: "token", id: "t_1", name: "billing", program: null, scopes: ["results"] };
const anna: Principal = { kind: "user", name: "anna", role: "operator", login: "l_1" };

/** What the answers hold, as far as these tests read it field by field. */
interface Answer {
  accepted?: number;
  duplicate?: number;
  rejected?: { index: number; field: string; message: string }[];
  detail?: string;
  pairs?: { pair: string; success_rate: { lower: number } }[];
  countries?: { country: string }[];
}

async function post(body: string, type: string | null = "application/json", principal: Principal = run) {
  const app = new Hono<Env>();
  app.onError(onError(quiet, null));
  app.use(async (context, next) => {
    context.set("principal", principal);
    await next();
  });
  for (const route of [
    ...resultRoutes(metering),
    ...metricsRoutes({
      counters: metering.counters,
      errorClasses: { classify, nameOf: (code) => classify(code)?.name ?? "unclassified" },
      directory,
      clock,
    }),
  ])
    app.on(route.method, route.path, route.handle);
  const headers: Record<string, string> = type === null ? {} : { "content-type": type };
  const response =
    body === "" ? await app.request("/api/metrics/realtime") : await app.request("/api/results", { method: "POST", body, headers });
  return { status: response.status, body: (await response.json()) as Answer };
}

const one = (id: string, more = {}) => ({ country: "UZ", operator: "uzmobile", message_id: id, state: "submitted", ...more });

test("takes one object, an array, and lines", async () => {
  expect(await post(JSON.stringify(one("a")))).toEqual({ status: 202, body: { accepted: 1, duplicate: 0, rejected: [] } });
  expect(await post(JSON.stringify([one("b"), one("a")]))).toMatchObject({ status: 202, body: { accepted: 1, duplicate: 1 } });
  const lines = `${JSON.stringify(one("c"))}\n\n{"broken\n${JSON.stringify(one("d"))}\n`;
  expect(await post(lines, "application/x-ndjson; charset=utf-8")).toEqual({
    status: 202,
    body: { accepted: 2, duplicate: 0, rejected: [{ index: 1, field: "(line)", message: "is not valid JSON" }] },
  });
});

test("takes what plain curl -d sends", async () => {
  expect(await post(JSON.stringify(one("curl")), "application/x-www-form-urlencoded")).toMatchObject({ status: 202 });
});

test("rejects a bad item alone, with its place, field and reason", async () => {
  const { status, body } = await post(JSON.stringify([one("e"), one("f", { state: "gone" }), 7]));
  expect(status).toBe(202);
  expect(body).toMatchObject({
    accepted: 1,
    rejected: [
      { index: 1, field: "state" },
      { index: 2, field: "(item)" },
    ],
  });
});

test("takes a repetition of all as a success", async () => {
  await post(JSON.stringify(one("again")));
  expect(await post(JSON.stringify(one("again")))).toEqual({ status: 202, body: { accepted: 0, duplicate: 1, rejected: [] } });
});

// What is sent, as what type, and what is answered.
const BAD: [string, string, string | null, number, string][] = [
  ["nothing acceptable", JSON.stringify([one("x", { state: "gone" })]), "application/json", 400, "[0].state"],
  ["one bad object", JSON.stringify(one("x", { country: undefined })), "application/json", 400, "country: is required"],
  ["an empty list", "[]", "application/json", 400, "no result"],
  ["broken JSON", '{"country": "UZ"', "application/json", 400, "not valid JSON"],
  ["a blank body", " ", "application/json", 400, "empty"],
  ["another type", "<xml/>", "application/xml", 415, "application/x-ndjson"],
  ["a form", "country=UZ", "application/x-www-form-urlencoded", 415, "application/json"],
  ["too many", JSON.stringify(Array.from({ length: 1001 }, (_, i) => one(`n${i}`))), "application/json", 413, "1000"],
  ["too much", `${JSON.stringify(one("y"))}${" ".repeat(1_000_000)}`, "application/json", 413, "1000000 bytes"],
];
for (const [what, body, type, status, said] of BAD)
  test(`answers ${what} with ${status}, and changes nothing`, async () => {
    const before = metering.counters.fleet().total;
    const answer = await post(body, type);
    expect(answer.status).toBe(status);
    expect(answer.body.detail).toContain(said);
    expect(metering.counters.fleet().total).toEqual(before);
  });

test("counts by the token's program and session, whatever the body says", async () => {
  const { fleet } = metering.counters;
  const before = fleet().total.sent;
  await post(JSON.stringify(one("t1", { program: "other", session: "other" })));
  await post(JSON.stringify(one("t1", { session: "s_9" })), "application/json", billing);
  await post(JSON.stringify(one("t1")), "application/json", anna);
  expect(fleet().total.sent - before).toBe(3);
  expect(metering.counters.program("token:billing").total.sent).toBe(1);
  expect(metering.counters.program("manual").total.sent).toBe(1);
  expect(metering.counters.session("s_9").total.sent).toBe(1);
  expect(metering.counters.session("other").total.sent).toBe(0);
});

test("shows the numbers of a counts report with its basis and interval", async () => {
  const report = {
    country: "KZ",
    operator: "kcell",
    messages_sent: 100,
    success_rate: 0.9,
    errors: ["timeout", "6"],
    session_id: "x",
    timestamp: clock.now() / 1000,
  };
  await post(JSON.stringify(report), "application/json", billing);
  clock.advance(5 * 60_000);
  const { body } = await post("");
  const pair = body.pairs?.find(({ pair }) => pair === "KZ_kcell");
  expect(pair).toMatchObject({
    country: "KZ",
    operator: "kcell",
    total: { attempts: 100, sent: 100, delivered: 90, failed: 10 },
    // One failure blames the recipient and is left out on both sides.
    success_rate: { value: 90 / 99, n: 99, basis: "attempts", window_seconds: 900, maturity_seconds: 120 },
    errors: [
      { code: "6", n: 1, class: "absent" },
      { code: "timeout", n: 1, class: "unclassified" },
    ],
  });
  expect(pair?.success_rate.lower).toBeCloseTo(0.836, 3);
  expect(body.countries?.map(({ country }) => country)).toEqual(["KZ", "UZ"]);
});
