/** What every store of sums over time must do: say in each tier, for every scope, exactly what a recount of the journal says. */

import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Clock } from "../../src/kernel/clock.ts";
import { classOf } from "../../src/results/histogram.ts";
import {
  BY,
  evenly,
  LATENCY_WIDTH,
  type Part,
  SUMS,
  TIER_MS,
  TIERS,
  type Trend,
  type Trends,
  type Where,
} from "../../src/results/history.ts";
import type { Delta, Item, Journal } from "../../src/results/journal.ts";
import type { MessageState } from "../../src/results/message.ts";
import type { Rollups } from "../../src/results/rollups.ts";
import { openRoller, readSources } from "../../src/results/trends.ts";
import { type DayOf, daysOf, recount } from "../cast/recount.ts";
import { counts, message, NOON } from "../cast/results.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const FROM = NOON - (NOON % DAY_MS) - DAY_MS;
const TO = FROM + 4 * DAY_MS;

const PAIRS = ["UZ_uzmobile", "UZ_beeline", "KZ_beeline"] as const;
const PROGRAMS = ["program1", "program2"] as const;
const STATES: MessageState[] = ["attempt", "submitted", "buffered", "delivered", "undelivered", "expired", "rejected", "failed", "blocked"];

/** A few ids, so that reports meet, come late and contradict each other. */
const report: fc.Arbitrary<Item> = fc
  .record({
    id: fc.nat({ max: 30 }),
    state: fc.constantFrom(...STATES),
    code: fc.constantFrom(null, "27", "8", "x y"),
    afterMs: fc.nat({ max: 2 * DAY_MS }),
    program: fc.constantFrom(...PROGRAMS),
    session: fc.constantFrom("s_1", "s_2", null),
  })
  .map(({ id, state, code, afterMs, program, session }) => {
    const pair = PAIRS[id % PAIRS.length]!;
    return message(`m${id}`, state, { pair, country: pair.slice(0, 2), program, session, errorCode: code, at: FROM + afterMs });
  });
const sums: fc.Arbitrary<Item> = fc
  .record({ sent: fc.integer({ min: 1, max: 50 }), share: fc.nat({ max: 100 }), afterMs: fc.nat({ max: 2 * DAY_MS }) })
  .map(({ sent, share, afterMs }) => {
    const delivered = Math.floor((sent * share) / 100);
    return counts(sent, delivered, { at: FROM + afterMs, errors: { "27": Math.min(2, sent - delivered) } });
  });
const traffic = fc.array(fc.array(fc.oneof({ weight: 5, arbitrary: report }, { weight: 1, arbitrary: sums }), { maxLength: 25 }), {
  minLength: 1,
  maxLength: 8,
});

const SCOPES: [Where, (delta: Delta) => boolean][] = [
  [{}, () => true],
  [{ program: "program1" }, ({ program }) => program === "program1"],
  [{ pair: "UZ_beeline" }, ({ pair }) => pair === "UZ_beeline"],
  [{ country: "UZ" }, ({ country }) => country === "UZ"],
  [{ operator: "beeline" }, ({ pair }) => pair.endsWith("_beeline")],
  [{ country: "UZ", program: "program2" }, ({ country, program }) => country === "UZ" && program === "program2"],
];

export function trendsContract(
  name: string,
  open: () => Promise<{ journal: Journal; rollups: Rollups; trends: Trends }>,
  clock: Clock,
): void {
  test(`${name}: every tier and scope equals a recount of the journal, rolled in any parts and across restarts`, async () => {
    await fc.assert(
      fc.asyncProperty(traffic, fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), async (batches, killed) => {
        const { journal, rollups, trends } = await open();
        let { sources, mark } = await readSources(journal, rollups, clock);
        let roller = openRoller(rollups, clock, mark);
        for (const [place, batch] of batches.entries()) {
          for (const outcome of await journal.append(batch, clock.now()))
            if (outcome.kind === "new") for (const delta of outcome.deltas) sources.apply(delta, clock.now());
          // Killed: what was not rolled is read from the journal again.
          if (!killed[place]) await roller.roll(sources);
          else {
            ({ sources, mark } = await readSources(journal, rollups, clock));
            roller = openRoller(rollups, clock, mark);
          }
        }
        await roller.roll(sources);
        const deltas = await journal.since(0, 100_000);
        for (const tier of TIERS)
          for (const [where, of] of SCOPES) {
            const bounds = evenly(FROM, TO, TIER_MS[tier]);
            const trend = await trends.read({ where, tier, bounds });
            expect(told(trend, bounds)).toEqual(expected(deltas.filter(of), TIER_MS[tier]));
          }
        for (const by of BY) {
          const groups = await trends.groups({ where: {}, by, parts: PARTS });
          expect(Object.fromEntries(groups.map(({ key, sums, latency }) => [key, [...sums, latency[3]]]))).toEqual(
            Object.fromEntries(await Promise.all(groups.map(async ({ key }) => [key, await wholeOf(trends, { [by]: key })]))),
          );
          const keys = { country: "UZ KZ", operator: "uzmobile beeline", pair: PAIRS.join(" "), program: PROGRAMS.join(" ") }[by];
          expect(groups.every(({ key }) => keys.split(" ").includes(key))).toBe(true);
          expect(groups.reduce((sum, { sums }) => sum + sums[0]!, 0)).toBe((await wholeOf(trends, {}))[0]!);
        }
        const [of] = await trends.groups({ where: { country: "KZ" }, by: "program", parts: PARTS });
        if (of) expect([...of.sums]).toEqual((await wholeOf(trends, { country: "KZ", program: of.key })).slice(0, -1));
      }),
      { numRuns: 20, endOnFailure: true },
    );
  });

  test(`${name}: days are those of the time zone, also when it was another while they were counted`, async () => {
    const zones = fc.array(fc.constantFrom(...ZONES), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(traffic, zones, fc.constantFrom(...CLOCKS_CHANGE), async (batches, changes, first) => {
        const { journal, rollups, trends } = await open();
        const { sources, mark } = await readSources(journal, rollups, clock);
        const roller = openRoller(rollups, clock, mark);
        const whole = { "15m": 0, "1h": 0 };
        const shift = Date.parse(first) - FROM;
        for (const [place, batch] of batches.entries()) {
          const items = batch.map((item) => ({ ...item, at: item.at + shift }));
          for (const outcome of await journal.append(items, clock.now()))
            if (outcome.kind === "new") for (const delta of outcome.deltas) sources.apply(delta, clock.now());
          await roller.roll(sources);
          // A step or two: some scopes are in the new days, some in the old ones when the next are counted.
          const timeZone = changes[place % changes.length]!;
          for (let step = 0; step < place % 3; step++) await trends.rezone({ timeZone, whole });
        }
        const timeZone = changes[0]!;
        for (let more = true; more; ) ({ more } = await trends.rezone({ timeZone, whole }));
        const deltas = await journal.since(0, 100_000);
        const dayOf = daysOf(timeZone);
        const bounds = [...new Set(evenly(FROM + shift, TO + shift, HOUR_MS / 4).map(dayOf))];
        for (const [where, of] of SCOPES) {
          const trend = await trends.read({ where, tier: "1d", bounds });
          expect(told(trend, bounds)).toEqual(expected(deltas.filter(of), dayOf));
        }
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });
}

const ZONES = [
  "UTC",
  "Asia/Tashkent",
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "Europe/Kyiv",
  "America/Havana",
  "Pacific/Chatham",
  "Australia/Lord_Howe",
];
/** A day before clocks change in one of them, or in none. */
const CLOCKS_CHANGE = [
  "2026-01-04T00:00Z",
  "2026-03-28T00:00Z",
  "2026-10-24T00:00Z",
  "2026-10-31T00:00Z",
  "2026-04-03T00:00Z",
  "2026-09-25T00:00Z",
];

/** The same range in parts of every tier. */
const PARTS: Part[] = [
  { tier: "1m", from: FROM, to: FROM + 45 * 60_000 },
  { tier: "15m", from: FROM + 45 * 60_000, to: FROM + HOUR_MS },
  { tier: "1h", from: FROM + HOUR_MS, to: FROM + DAY_MS },
  { tier: "1d", from: FROM + DAY_MS, to: TO },
];

async function wholeOf(trends: Trends, where: Where): Promise<number[]> {
  const { sums, latency } = await trends.read({ where, tier: "1h", bounds: [FROM, TO] });
  return [...sums, latency[3]!];
}

/** What is not zero, by begin of the bucket. */
function told(trend: Trend, bounds: readonly number[]) {
  const buckets: Record<number, unknown> = {};
  const errors = new Map<number, Record<string, number>>();
  for (const { code, steps } of trend.errors)
    for (let place = 0; place < steps.length; place += 2)
      errors.set(steps[place]!, { ...errors.get(steps[place]!), [code]: steps[place + 1]! });
  for (let step = 0; step * SUMS < trend.sums.length; step++) {
    const all = [...trend.sums.subarray(step * SUMS, (step + 1) * SUMS)];
    if (all.every((sum) => sum === 0) && !errors.has(step)) continue;
    const [attempts, sent, delivered, undelivered, failed, blocked, , pending, , latencyN, latencyMs] = all;
    const [p50, p90, p99, n] = trend.latencies.subarray(step * LATENCY_WIDTH, (step + 1) * LATENCY_WIDTH);
    expect(n).toBe(latencyN!);
    buckets[bounds[step]!] = {
      ...{ attempts, sent, delivered, undelivered, failed, blocked, pending, latencyN, latencyMs },
      classes: n === 0 ? [] : [p50!, p90!, p99!].map(classOf),
      errors: errors.get(step) ?? {},
    };
  }
  return buckets;
}

function expected(deltas: readonly Delta[], step: number | DayOf) {
  const buckets: Record<number, unknown> = {};
  for (const [begin, { latencies, ...rest }] of recount(deltas, step)) {
    const bucket = {
      ...rest,
      latencyN: latencies.length,
      latencyMs: latencies.reduce((sum, ms) => sum + ms, 0),
      classes:
        latencies.length === 0
          ? []
          : [0.5, 0.9, 0.99].map((share) => classOf(Math.min(DAY_MS, latencies[Math.ceil(latencies.length * share) - 1]!))),
    };
    if (Object.values(rest).some((value) => typeof value === "number" && value !== 0)) buckets[begin] = bucket;
  }
  return buckets;
}
