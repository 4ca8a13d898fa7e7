import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fakeClock } from "../../src/kernel/clock.ts";
import { until } from "../../tests/cast/until.ts";
import { openGateway } from "./gateway.ts";
import type { ListedReceipt } from "./inbox.ts";
import type { Entry } from "./log.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function open(seed = 7) {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-gateway-"));
  const clock = fakeClock();
  const logPath = join(folder, "gateway.ndjson");
  const gateway = openGateway({ clock, seed, logPath });
  closers.push(() => rmSync(folder, { recursive: true }), gateway.close);
  const text = async (path: string, init?: RequestInit) => (await fetch(gateway.url + path, init)).text();
  return {
    clock,
    url: gateway.url,
    send: (pair = "UZ_uzmobile", init: RequestInit = {}) =>
      text("/send", { method: "POST", body: new URLSearchParams({ to: "+998000000001", text: "hello", pair }), ...init }),
    status: (id: string) => text(`/status?id=${id}`),
    profile: (pair: string, change: object) => text(`/profiles/${pair}`, { method: "PUT", body: JSON.stringify(change) }),
    json: async (path: string, init?: RequestInit): Promise<unknown> => (await fetch(gateway.url + path, init)).json(),
    receipts: async (query = ""): Promise<{ receipts: ListedReceipt[]; next: number }> =>
      (await fetch(`${gateway.url}/receipts?${query}`)).json() as Promise<{ receipts: ListedReceipt[]; next: number }>,
    truth: () =>
      readFileSync(logPath, "utf8")
        .trim()
        .split("\n")
        .map((line): Entry => JSON.parse(line)),
  };
}

const AT_ONCE = { answer: { median_ms: 0, p90_ms: 0 } };

test("speaks the words the programs know", async () => {
  const gateway = open();
  await gateway.profile("default", { ...AT_ONCE, success_rate: 1 });
  const answer = await gateway.send();
  expect(answer).toMatch(/^OTP sent successfully id=[0-9a-f]{6,}$/);
  const id = answer.split("id=")[1]!;
  expect(await gateway.status(id)).toBe("pending");
  gateway.clock.advance(120_000);
  expect(await gateway.status(id)).toBe("delivered, submitted successfully");

  await gateway.profile("UZ_uzmobile", {
    ...AT_ONCE,
    success_rate: 0,
    errors: [{ code: "30003", words: "absent subscriber", weight: 1, when: "send" }],
  });
  expect(await gateway.send()).toBe("error 30003 absent subscriber");
  await gateway.profile("UZ_uzmobile", {
    ...AT_ONCE,
    success_rate: 0,
    errors: [{ code: "30008", words: "unknown error", weight: 1, when: "receipt" }],
  });
  const later = (await gateway.send()).split("id=")[1]!;
  gateway.clock.advance(120_000);
  expect(await gateway.status(later)).toBe("failed, error 30008 unknown error");
  expect(await gateway.status("ffff")).toBe("error 404 unknown id");
});

test("logs each message once at its arrival, and its receipt when the sender first hears of it", async () => {
  const gateway = open();
  await gateway.profile("default", { ...AT_ONCE, success_rate: 1 });
  const id = (await gateway.send()).split("id=")[1]!;
  gateway.clock.advance(120_000);
  await gateway.status(id);
  await gateway.status(id);
  const [message, receipt, ...more] = gateway.truth();
  expect(message).toEqual({
    kind: "message",
    id,
    pair: "UZ_uzmobile",
    uptime_ms: 1_000_000,
    wall_ms: Date.UTC(2026, 0, 5, 12),
    answer: "accepted",
    outcome: "delivered",
    error_code: null,
  });
  expect(receipt).toMatchObject({ kind: "receipt", id, uptime_ms: 1_120_000, outcome: "delivered" });
  expect(more).toEqual([]);
});

test("gives two senders the same fates for the same seed, whatever else is sent in between", async () => {
  const outcomes = async (disturb: boolean) => {
    const gateway = open(42);
    await gateway.profile("default", { ...AT_ONCE, success_rate: 0.5 });
    for (let n = 0; n < 20; n++) {
      await gateway.send("UZ_uzmobile");
      if (disturb) await gateway.send("IN_vi");
    }
    return gateway.truth().flatMap((entry) => (entry.kind === "message" && entry.pair === "UZ_uzmobile" ? [entry.outcome] : []));
  };
  expect(await outcomes(true)).toEqual(await outcomes(false));
});

test("speaks JSON to those who ask for it", async () => {
  const gateway = open();
  await gateway.profile("default", { ...AT_ONCE, success_rate: 1 });
  const answer = JSON.parse(await gateway.send("UZ_uzmobile", { headers: { Accept: "application/json" } }));
  expect(answer).toEqual({ id: expect.any(String), status: "accepted" });
});

test("is busy or hangs in an outage, and the log says so", async () => {
  const gateway = open();
  const outage = (kind: string) => gateway.profile("default", { ...AT_ONCE, outage: { kind, every_s: 0, for_s: 0 } });
  await outage("busy");
  expect(await gateway.send()).toBe("error 503 service unavailable");
  await outage("hang");
  const patience = new AbortController();
  const answer = gateway.send("UZ_uzmobile", { signal: patience.signal });
  while (gateway.truth().length < 2) await Bun.sleep(1);
  patience.abort();
  await expect(answer).rejects.toThrow();
  expect(gateway.truth().map((entry) => entry.kind === "message" && entry.answer)).toEqual(["busy", "hang"]);
});

const DISORDER = { never: 0.1, late: 0.2, late_by_ms: 30_000, buffered: 0.3, disordered: 0.5, twice: 0.2, contradicted: 0.2 };

/** The same requests in the same order: messages of two pairs, receipts asked for now and then, a throttle, an outage and a script. */
async function story(seed: number): Promise<object[]> {
  const gateway = open(seed);
  await gateway.profile("default", { ...AT_ONCE, success_rate: 0.6, receipts: DISORDER });
  await gateway.profile("IN_vi", { ...AT_ONCE, throttle: { per_minute: 5 }, outage: { kind: "busy", every_s: 60, for_s: 7 } });
  await gateway.json("/script", {
    method: "PUT",
    body: JSON.stringify([{ after_s: 90, pair: "UZ_uzmobile", profile: { success_rate: 0 } }]),
  });
  let after = 0;
  for (let n = 0; n < 60; n++) {
    await gateway.send(n % 3 ? "UZ_uzmobile" : "IN_vi");
    gateway.clock.advance(3_000);
    if (n % 5 === 0) after = (await gateway.receipts(`after=${after}`)).next;
  }
  gateway.clock.advance(200_000);
  await gateway.receipts(`after=${after}&limit=1000`);
  const order = new Map<string, number>();
  return gateway.truth().map(({ id, ...entry }) => ({ ...entry, nth: order.get(id) ?? order.set(id, order.size).size - 1 }));
}

test("the same requests in the same order have the same answers, receipts and log for the same seed, and others for another", async () => {
  const [first, again, other] = [await story(3), await story(3), await story(4)];
  expect(first.length).toBeGreaterThan(80);
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});

test("receipts are listed as they fall due: buffered, twice, contradicted; each is in the log once, however often it is asked for", async () => {
  const gateway = open();
  const all = { never: 0, late: 0, buffered: 1, disordered: 0, twice: 1, contradicted: 1 };
  await gateway.profile("default", { ...AT_ONCE, success_rate: 1, receipt: { median_ms: 4_000, p90_ms: 4_000 }, receipts: all });
  const id = (await gateway.send()).split("id=")[1]!;
  expect(await gateway.receipts()).toEqual({ receipts: [], next: 0 });
  gateway.clock.advance(60_000);
  const { receipts, next } = await gateway.receipts("pair=UZ_uzmobile");
  expect(receipts.map((receipt) => [receipt.id, receipt.status])).toEqual([
    [id, "buffered"],
    [id, "delivered"],
    [id, "delivered"],
    [id, "failed"],
  ]);
  expect(next).toBe(4);
  expect((await gateway.receipts("after=2")).receipts).toEqual(receipts.slice(2));
  expect((await gateway.receipts("pair=IN_vi")).receipts).toEqual([]);
  expect(gateway.truth().map((entry) => entry.kind)).toEqual(["message", "buffered", "receipt", "receipt", "receipt"]);
});

test("receipts are posted in their order to whoever asked for them, and again until they are taken", async () => {
  const seen: { gateway_message_id: string; state: string; error_code?: string }[] = [];
  const answers = [503, 202];
  const bearers = new Set<string | null>();
  const taker = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request) => {
      bearers.add(request.headers.get("authorization"));
      const status = answers.shift() ?? 202;
      const told = (await request.json()) as typeof seen;
      if (status === 202) seen.push(...told);
      return new Response(null, { status });
    },
  });
  closers.push(() => taker.stop(true));
  const gateway = open();
  await gateway.profile("default", { ...AT_ONCE, success_rate: 1, receipts: { buffered: 1, twice: 1 } });
  const id = (await gateway.send()).split("id=")[1]!;
  gateway.clock.advance(600_000);
  await gateway.json("/callback", { method: "PUT", body: JSON.stringify({ url: taker.url.href, token: "secret" }) });
  await until("all are taken", () => seen.length === 3);
  expect(seen.map(({ gateway_message_id, state }) => [gateway_message_id, state])).toEqual([
    [id, "buffered"],
    [id, "delivered"],
    [id, "delivered"],
  ]);
  expect([...bearers]).toEqual(["Bearer secret"]);
  await until("it has read the answer", async () => ((await gateway.json("/callback")) as { posted: number }).posted === 3);
  expect(await gateway.json("/callback")).toEqual({ url: taker.url.href, posted: 3, failed_posts: 1 });
});

test("a late receipt comes late, and one that never comes leaves its message pending", async () => {
  const gateway = open();
  const receipts = { late: 1, late_by_ms: 3_600_000 };
  await gateway.profile("UZ_uzmobile", { ...AT_ONCE, success_rate: 1, receipts });
  await gateway.profile("IN_vi", { ...AT_ONCE, success_rate: 1, receipts: { never: 1 } });
  const [late, never] = [(await gateway.send()).split("id=")[1]!, (await gateway.send("IN_vi")).split("id=")[1]!];
  gateway.clock.advance(3_500_000);
  expect([await gateway.status(late), await gateway.status(never)]).toEqual(["pending", "pending"]);
  gateway.clock.advance(200_000);
  expect([await gateway.status(late), await gateway.status(never)]).toEqual(["delivered, submitted successfully", "pending"]);
});

test("a throttle takes no more than its number in any minute", async () => {
  const gateway = open();
  await gateway.profile("UZ_uzmobile", { ...AT_ONCE, success_rate: 1, throttle: { per_minute: 2 } });
  const answers = async () => [await gateway.send(), await gateway.send(), await gateway.send()].map((answer) => answer.split(" id=")[0]!);
  expect(await answers()).toEqual(["OTP sent successfully", "OTP sent successfully", "error 429 too many requests"]);
  gateway.clock.advance(60_000);
  expect((await answers())[1]).toBe("OTP sent successfully");
  expect(await gateway.json("/numbers")).toEqual({ UZ_uzmobile: { messages: 6, accepted: 4, refused: 0, busy: 0, hang: 0, throttled: 2 } });
});

test("profiles are taken back, and a script changes them at their time", async () => {
  const gateway = open();
  await gateway.profile("UZ_uzmobile", { success_rate: 0.5 });
  expect(await gateway.json("/profiles")).toEqual({ UZ_uzmobile: { success_rate: 0.5 } });
  const steps = [
    { after_s: 20, pair: "UZ_uzmobile", profile: null },
    { after_s: 10, pair: "UZ_uzmobile", profile: { success_rate: 0.1 } },
  ];
  await gateway.json("/script", { method: "PUT", body: JSON.stringify(steps) });
  const rate = async () => (await gateway.json("/profiles/UZ_uzmobile")) as { success_rate: number };
  expect((await rate()).success_rate).toBe(0.5);
  gateway.clock.advance(10_000);
  expect((await rate()).success_rate).toBe(0.1);
  expect(await gateway.json("/script")).toEqual([{ after_s: 10, pair: "UZ_uzmobile", profile: null }]);
  gateway.clock.advance(10_000);
  expect((await rate()).success_rate).toBe(0.9);
  await gateway.profile("IN_vi", { success_rate: 0.2 });
  await gateway.json("/profiles/IN_vi", { method: "DELETE" });
  expect(await gateway.json("/profiles")).toEqual({});
});

test("refuses a message without number or text, and a profile that makes no sense", async () => {
  const gateway = open();
  expect((await fetch(`${gateway.url}/send`, { method: "POST", body: new URLSearchParams({ to: "+998" }) })).status).toBe(400);
  expect((await fetch(`${gateway.url}/profiles/default`, { method: "PUT", body: "{" })).status).toBe(400);
  expect((await fetch(`${gateway.url}/script`, { method: "PUT", body: '[{"after_s": -1}]' })).status).toBe(400);
});

test("prints its address when it is ready and ends at a TERM", async () => {
  const gateway = Bun.spawn([process.execPath, join(import.meta.dir, "gateway.ts"), "--seed", "5"], { stdout: "pipe" });
  const { value } = await gateway.stdout.getReader().read();
  const ready: { url: string; seed: number } = JSON.parse(new TextDecoder().decode(value));
  expect(ready.seed).toBe(5);
  expect((await fetch(`${ready.url}/profiles/default`)).status).toBe(200);
  gateway.kill("SIGTERM");
  expect(await gateway.exited).toBe(0);
});
