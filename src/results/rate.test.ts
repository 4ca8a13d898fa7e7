import { expect, test } from "bun:test";
import { counts, message, NOON } from "../../tests/cast/results.ts";
import { blamesRecipient } from "./errors.ts";
import { type Delta, EXCUSED_TO } from "./journal.ts";
import type { MessageState } from "./message.ts";
import { maturityMs, rateOf } from "./rate.ts";
import { addToWindow, openWindow, type Window } from "./window.ts";

const latency = (p90Ms: number, n = 50) => ({ p50Ms: 1, p90Ms, p99Ms: p90Ms, n });

test("waits for the p90 of the pair's latency, between 30 s and 10 min, and 120 s until 50 are known", () => {
  expect(maturityMs(null)).toBe(120_000);
  expect(maturityMs(latency(45_000, 49))).toBe(120_000);
  expect(maturityMs(latency(45_000))).toBe(45_000);
  expect(maturityMs(latency(3_000))).toBe(30_000);
  expect(maturityMs(latency(3_600_000))).toBe(600_000);
});

const NOW = NOON + 6 * 3_600_000;

/** `n` messages submitted so long ago that stand at `to`. */
function put(
  window: Window,
  agoMs: number,
  to: MessageState,
  n: number,
  errorCode: string | null = null,
  basis: Delta["basis"] = "receipts",
): void {
  const { program, session, pair, country, permitId } = message("m", to);
  const at = NOW - agoMs;
  const delta = {
    program,
    session,
    pair,
    country,
    permitId,
    seq: 1,
    submitAt: at,
    from: null,
    to,
    n,
    basis,
    latencyMs: null,
    errorCode,
    fromErrorCode: null,
    excused: errorCode !== null && blamesRecipient(errorCode) ? EXCUSED_TO : 0,
    at,
    receivedAt: at,
  };
  addToWindow(window, delta, NOW);
}
const rate = (window: Window, maturity = 120_000) => rateOf([{ window, maturityMs: maturity }], NOW);
const MINUTE = 60_000;

test("counts delivered against all that ended badly or is overdue", () => {
  const window = openWindow();
  put(window, 5 * MINUTE, "delivered", 24);
  put(window, 5 * MINUTE, "rejected", 2);
  put(window, 6 * MINUTE, "expired", 1);
  put(window, 7 * MINUTE, "undelivered", 1, "31");
  put(window, 8 * MINUTE, "submitted", 1);
  put(window, 8 * MINUTE, "unknown", 1);
  expect(rate(window)).toMatchObject({ kind: "rate", value: 0.8, n: 30, windowMs: 15 * MINUTE, maturityMs: 120_000, basis: "receipts" });
  expect((rate(window) as { lower: number }).lower).toBeCloseTo(0.6269, 4);
});

test("leaves out what blames the recipient, what never reached the gateway, and attempts", () => {
  const window = openWindow();
  put(window, 5 * MINUTE, "delivered", 30);
  put(window, 5 * MINUTE, "undelivered", 5, "absent_subscriber");
  put(window, 5 * MINUTE, "failed", 9);
  put(window, 5 * MINUTE, "blocked", 9);
  put(window, 5 * MINUTE, "attempt", 9);
  expect(rate(window)).toMatchObject({ value: 1, n: 30 });
});

test("looks at nothing that is not mature yet", () => {
  const window = openWindow();
  put(window, 5 * MINUTE, "delivered", 30);
  put(window, MINUTE, "submitted", 30);
  expect(rate(window)).toMatchObject({ value: 1, n: 30 });
  // The same messages are overdue for a pair whose receipts come within 30 s.
  expect(rate(window, 30_000)).toMatchObject({ value: 0.5, n: 60 });
});

test("extends the window only as far as it must, at most 6 h", () => {
  const window = openWindow();
  put(window, 10 * MINUTE, "delivered", 20);
  expect(rate(window)).toEqual({ kind: "insufficient", n: 20, needed: 30 });
  put(window, 62 * MINUTE, "delivered", 10);
  put(window, 90 * MINUTE, "rejected", 50);
  expect(rate(window)).toMatchObject({ value: 1, n: 30, windowMs: 60 * MINUTE });
  const old = openWindow();
  put(old, 6 * 60 * MINUTE + MINUTE, "delivered", 30);
  expect(rate(old)).toMatchObject({ kind: "rate" });
  const older = openWindow();
  put(older, 6 * 60 * MINUTE + 3 * MINUTE, "delivered", 30);
  expect(rate(older)).toMatchObject({ kind: "insufficient", n: 0 });
});

test("measures a program of counts on its two words, and says so", () => {
  const window = openWindow();
  const { delivered, failed } = counts(50, 40);
  put(window, 5 * MINUTE, "delivered", delivered, null, "attempts");
  put(window, 5 * MINUTE, "failed", failed, null, "attempts");
  expect(rate(window)).toMatchObject({ value: 0.8, n: 50, basis: "attempts" });
});

test("adds up several sources, each from its own edge of maturity", () => {
  const [fast, slow] = [openWindow(), openWindow()];
  put(fast, MINUTE, "delivered", 20);
  put(slow, MINUTE, "submitted", 20);
  put(slow, 12 * MINUTE, "delivered", 20);
  const parts = [
    { window: fast, maturityMs: 30_000 },
    { window: slow, maturityMs: 600_000 },
  ];
  expect(rateOf(parts, NOW)).toMatchObject({ value: 1, n: 40, maturityMs: 600_000 });
});
