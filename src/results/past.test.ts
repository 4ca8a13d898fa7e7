import { expect, test } from "bun:test";
import { refusal } from "../../tests/cast/refusal.ts";
import { fakeClock } from "../kernel/clock.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SUMS, type TrendOrder, type Trends } from "./history.ts";
import { chooseInterval, keptOf, openPast, type PastAsked } from "./past.ts";
import { USUAL_DAYS } from "./retention.ts";
import { DELIVERED, OPEN, SENT } from "./tally.ts";

const NOON = Date.UTC(2026, 0, 5, 12);
const kept = keptOf(USUAL_DAYS);

test.each([
  ["15 minutes", 15 * MINUTE_MS, 0, "1m"],
  ["6 hours", 6 * HOUR_MS, 0, "1m"],
  ["a day", DAY_MS, 0, "5m"],
  ["a week", 7 * DAY_MS, 0, "15m"],
  ["30 days", 30 * DAY_MS, 0, "1h"],
  ["180 days", 180 * DAY_MS, 0, "6h"],
  ["a year", 365 * DAY_MS, 0, "1d"],
  ["an hour, three weeks ago: minutes are gone", HOUR_MS, 21 * DAY_MS, "15m"],
  ["a day, half a year ago: quarters are gone", DAY_MS, 180 * DAY_MS, "1h"],
  ["a day, five years ago", DAY_MS, 1_825 * DAY_MS, "1d"],
  ["20 years: more than anything has", 7_300 * DAY_MS, 0, "1d"],
] as const)("auto: %s", (_, spanMs, agoMs, interval) => {
  expect(chooseInterval(NOON - agoMs - spanMs, NOON - agoMs, NOON, kept)).toBe(interval);
});

/** A pair that sends one a minute, for ever, and hears of each after four minutes: those of the last four are open. */
const steady: Trends = {
  async read({ from, to, stepMs }: TrendOrder) {
    const steps = Math.ceil((to - from) / stepMs);
    const sums = new Float64Array(steps * SUMS);
    for (let at = from; at < Math.min(to, NOON); at += MINUTE_MS) {
      const offset = Math.floor((at - from) / stepMs) * SUMS;
      sums[offset + SENT]! += 1;
      sums[offset + (at < NOON - 4 * MINUTE_MS ? DELIVERED : OPEN)]! += 1;
    }
    return { sums, latencies: new Float64Array(steps * 4), latency: [0, 0, 0, 0], errors: [] };
  },
};
const latency = { p50Ms: 240_000, p90Ms: 240_000, p99Ms: 240_000, n: 100 };
const counters = { seen: () => ({ pairs: ["UZ_uzmobile"], countries: [], programs: [] }), pair: () => ({ latency }) as never };
const past = openPast({ trends: steady, counters, clock: fakeClock(NOON + 20_000), kept: () => kept, fresh: async () => NOON + 10_000 });
const read = (more: Partial<PastAsked>) => past.read({ where: {}, from: NOON - HOUR_MS, to: NOON + HOUR_MS, interval: "auto", ...more });

test("counts nothing against a route that is too young to have an answer, and marks where that begins", async () => {
  const { points, matureUntil, total } = await read({ interval: "1m" });
  expect(matureUntil).toBe(NOON + 10_000 - 240_000);
  expect(points.at(-1)).toMatchObject({ at: NOON, gap: true, mature: false });
  const young = points.filter(({ mature }) => !mature);
  expect(young.map(({ at, rate }) => [(at - NOON) / MINUTE_MS, rate])).toEqual([-4, -3, -2, -1, 0].map((minute) => [minute, null]));
  expect(points.filter(({ mature }) => mature).every(({ rate }) => rate?.value === 1 && rate.n === 1)).toBe(true);
  expect(total.sent).toBe(60);
  expect(total.rate).toMatchObject({ value: 1, n: 56 });
});

test("the hour that is not over has the rate of its mature minutes", async () => {
  const { points } = await read({ from: NOON - 3 * HOUR_MS, interval: "1h" });
  expect(points.map(({ rate, mature, sent }) => [rate?.n, rate?.value, mature, sent])).toEqual([
    [60, 1, true, 60],
    [60, 1, true, 60],
    [56, 1, false, 60],
    [undefined, undefined, false, 0],
  ]);
});

test("tells the same of the range before", async () => {
  const { total, before, from, to } = await read({ from: NOON - HOUR_MS, to: NOON, interval: "5m" });
  expect([from, to]).toEqual([NOON - HOUR_MS, NOON]);
  expect([total.sent, before.sent, total.sentPerMinute, before.sentPerMinute]).toEqual([60, 60, 1, 1]);
});

test("never gives more than a thousand points, nor a range that ends before it begins", async () => {
  expect(await refusal(read({ from: NOON - 2 * DAY_MS, interval: "1m" }))).toMatchObject({ code: "invalid" });
  expect(await refusal(read({ from: NOON, to: NOON - 1 }))).toMatchObject({ code: "invalid" });
  expect((await read({ from: NOON - 1_000 * MINUTE_MS, to: NOON, interval: "1m" })).points).toHaveLength(1_000);
  expect((await read({ from: NOON + HOUR_MS, to: NOON + 2 * HOUR_MS, interval: "1h" })).points).toHaveLength(1);
});
