import { expect, test } from "bun:test";
import { refusal } from "../../tests/cast/refusal.ts";
import { fakeClock } from "../kernel/clock.ts";
import { openZone } from "../kernel/zone.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SUMS, type TrendOrder, type Trends } from "./history.ts";
import { openPast, type PastAsked } from "./past.ts";
import { USUAL_DAYS } from "./retention.ts";
import { chooseInterval, keptOf } from "./steps.ts";
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
  expect(chooseInterval(NOON - agoMs - spanMs, NOON - agoMs, NOON, kept, openZone("UTC"))).toBe(interval);
});

/** A pair that sends one a minute, for ever, and hears of each after four minutes: those of the last four are open. */
const steady: Pick<Trends, "read" | "groups"> = {
  async read({ bounds }: TrendOrder) {
    const steps = bounds.length - 1;
    const sums = new Float64Array(steps * SUMS);
    for (let at = bounds[0]!; at < Math.min(bounds[steps]!, NOON); at += MINUTE_MS) {
      const offset = bounds.findLastIndex((bound) => bound <= at) * SUMS;
      sums[offset + SENT]! += 1;
      sums[offset + (at < NOON - 4 * MINUTE_MS ? DELIVERED : OPEN)]! += 1;
    }
    return { sums, latencies: new Float64Array(steps * 4), latency: [0, 0, 0, 0], errors: [] };
  },
  async groups({ where, parts }) {
    const sums = new Float64Array(SUMS);
    for (const { tier, from, to } of parts)
      for (const [place, n] of (await steady.read({ where, tier, bounds: [from, to] })).sums.entries()) sums[place]! += n;
    return [
      { key: "UZ", sums, latency: [0, 0, 0, 0] },
      { key: "KZ", sums: sums.map((n) => n * 2), latency: [0, 0, 0, 0] },
      { key: "IN", sums: new Float64Array(SUMS), latency: [0, 0, 0, 0] },
    ];
  },
};
const latency = { p50Ms: 240_000, p90Ms: 240_000, p99Ms: 240_000, n: 100 };
const counters = {
  seen: () => ({ pairs: ["UZ_uzmobile"], countries: [], operators: [], programs: [] }),
  pair: () => ({ latency }) as never,
};
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

test("the summary of a range is its total, country by country, the busiest first", async () => {
  for (const [from, interval] of [
    [NOON - HOUR_MS, "1m"],
    [NOON - 30 * HOUR_MS, "15m"],
    [NOON - 3 * DAY_MS, "auto"],
    [NOON - 8 * DAY_MS, "1d"],
  ] as const) {
    const asked = { where: {}, from, to: NOON + HOUR_MS, interval };
    const [{ total }, { rows }] = await Promise.all([past.read(asked), past.summary({ ...asked, by: "country" })]);
    expect(rows.map(({ key, sent, rate }) => [key, sent, rate?.n, rate?.value])).toEqual([
      ["KZ", total.sent * 2, total.rate!.n * 2, 1],
      ["UZ", total.sent, total.rate!.n, 1],
    ]);
    expect(rows[1]!.sentPerMinute).toBe(total.sentPerMinute);
  }
});

test("never gives more than a thousand points, nor a range that ends before it begins", async () => {
  expect(await refusal(read({ from: NOON - 2 * DAY_MS, interval: "1m" }))).toMatchObject({ code: "invalid" });
  expect(await refusal(read({ from: NOON, to: NOON - 1 }))).toMatchObject({ code: "invalid" });
  expect((await read({ from: NOON - 1_000 * MINUTE_MS, to: NOON, interval: "1m" })).points).toHaveLength(1_000);
  expect((await read({ from: NOON + HOUR_MS, to: NOON + 2 * HOUR_MS, interval: "1h" })).points).toHaveLength(1);
});

test.each([
  ["1d", "UTC", ["01-04T00:00", "01-05T00:00"], "1d"],
  ["1d", "Asia/Tashkent", ["01-03T19:00", "01-04T19:00"], "1d"],
  ["1d", "Asia/Kolkata", ["01-03T18:30", "01-04T18:30"], "1d"],
  ["6h", "Asia/Tashkent", ["01-04T13:00", "01-04T19:00", "01-05T01:00", "01-05T07:00"], "1h"],
  ["6h", "Asia/Kolkata", ["01-04T12:30", "01-04T18:30", "01-05T00:30", "01-05T06:30"], "15m"],
  ["1h", "Asia/Kolkata", ["01-05T10:00", "01-05T11:00", "01-05T12:00"], "1h"],
] as const)("steps of %s in %s begin at %p and are read from %s", async (interval, timeZone, begins, tier) => {
  const asked: string[] = [];
  const trends = {
    groups: steady.groups,
    read(order: TrendOrder) {
      asked.push(order.tier);
      return steady.read(order);
    },
  };
  const local = openPast({ trends, counters, clock: fakeClock(NOON), kept: () => kept, zone: openZone(timeZone), fresh: async () => NOON });
  const back = { "1h": 2 * HOUR_MS, "6h": 18 * HOUR_MS, "1d": DAY_MS }[interval];
  const { points } = await local.read({ where: {}, from: NOON - back, to: NOON + 1, interval });
  expect(points.map(({ at }) => new Date(at).toISOString().slice(5, 16))).toEqual([...begins]);
  expect(points.map(({ to }) => to).slice(0, -1)).toEqual(points.map(({ at }) => at).slice(1));
  expect(asked[0]).toBe(tier);
});

test("a year by the day knows the days on which clocks change, and the range before is as many days long", async () => {
  const zone = openZone("Europe/Kyiv");
  const now = Date.parse("2026-11-20T12:00Z");
  const ends: number[][] = [];
  const trends = {
    groups: steady.groups,
    read(order: TrendOrder) {
      ends.push([order.bounds[0]!, order.bounds.at(-1)!]);
      return steady.read({ ...order, bounds: order.bounds.slice(0, 2) });
    },
  };
  const local = openPast({ trends, counters, clock: fakeClock(now), kept: () => kept, zone, fresh: async () => now });
  const { points } = await local.read({ where: {}, from: now - 365 * DAY_MS, to: now, interval: "1d" });
  expect(points).toHaveLength(366);
  const hours = points.map(({ at, to }) => (to - at) / HOUR_MS);
  expect([hours.filter((n) => n === 23).length, hours.filter((n) => n === 25).length, hours.filter((n) => n === 24).length]).toEqual([
    1, 1, 364,
  ]);
  expect(ends.at(-1)![1]).toBe(points[0]!.at);
});
