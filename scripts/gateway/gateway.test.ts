import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fakeClock } from "../../src/kernel/clock.ts";
import { openGateway } from "./gateway.ts";
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
    return gateway.truth().flatMap((entry) => (entry.pair === "UZ_uzmobile" ? [entry.outcome] : []));
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

test("refuses a message without number or text, and a profile that makes no sense", async () => {
  const gateway = open();
  expect((await fetch(`${gateway.url}/send`, { method: "POST", body: new URLSearchParams({ to: "+998" }) })).status).toBe(400);
  expect((await fetch(`${gateway.url}/profiles/default`, { method: "PUT", body: "{" })).status).toBe(400);
});

test("prints its address when it is ready and ends at a TERM", async () => {
  const gateway = Bun.spawn(["bun", join(import.meta.dir, "gateway.ts"), "--seed", "5"], { stdout: "pipe" });
  const { value } = await gateway.stdout.getReader().read();
  const ready: { url: string; seed: number } = JSON.parse(new TextDecoder().decode(value));
  expect(ready.seed).toBe(5);
  expect((await fetch(`${ready.url}/profiles/default`)).status).toBe(200);
  gateway.kill("SIGTERM");
  expect(await gateway.exited).toBe(0);
});
