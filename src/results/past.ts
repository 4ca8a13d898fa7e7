/**
 * What was: numbers over any range of time by pair, operator, country, program or fleet, as points that a chart or a table can show. Read from
 * the rolled sums, so a late receipt has corrected the point its message was sent in; a rate counts only minutes that are mature.
 */

import type { Clock } from "../kernel/clock.ts";
import { wilson } from "../kernel/wilson.ts";
import { openZone, type Zone } from "../kernel/zone.ts";
import { cover } from "./cover.ts";
import { type By, evenly, LATENCY_WIDTH, MINUTE_MS, SUMS, type Tier, type Trend, type Trends, type Where } from "./history.ts";
import type { Counters, Latency, Tally } from "./numbers.ts";
import { maturityMs } from "./rate.ts";
import { boundsOf, chooseInterval, floor, type Interval, type Kept, STEP_MS, tierOf } from "./steps.ts";
import { AGAINST, DELIVERED, OPEN, SENT, tallyOf, WORDS } from "./tally.ts";

export interface PastRate {
  /** delivered / counted, 0-1, and its Wilson 95% interval. */
  value: number;
  lower: number;
  upper: number;
  n: number;
  basis: "receipts" | "attempts";
}

export interface PastNumbers extends Tally {
  sentPerMinute: number;
  /** null: no mature message that counts. */
  rate: PastRate | null;
  latency: Latency | null;
}

export interface PastPoint extends PastNumbers {
  /** Begin and end of the step, wall ms; days are 23 and 25 hours long when clocks change. */
  at: number;
  to: number;
  /** All of it is old enough that a missing receipt counts against the route. */
  mature: boolean;
  /** Nothing was counted in it. */
  gap: boolean;
}

export interface PastAsked {
  where: Where;
  /** Wall ms; widened to whole steps, and never beyond the step that holds now. */
  from: number;
  to: number;
  interval: Interval | "auto";
}

export interface Past {
  interval: Interval;
  /** As most of them are. */
  stepMs: number;
  from: number;
  to: number;
  /** The journal is contained up to here. */
  asOf: number;
  matureUntil: number;
  points: PastPoint[];
  /** Of the whole range. */
  total: PastNumbers;
  /** The same of the range of that length before it. */
  before: PastNumbers;
  /** Codes that messages of the range stand at, most frequent first; `steps`: place of the point and how many. */
  errors: { code: string; n: number; steps: [number, number][] }[];
}

export interface PastOptions {
  trends: Pick<Trends, "read" | "groups">;
  counters: Pick<Counters, "pair" | "seen">;
  clock: Clock;
  kept: () => Kept;
  /** Whose days: UTC when left out. */
  zone?: Zone;
  /** Brings the sums up to the journal, if that was not done a moment ago; when they contained it last. */
  fresh: () => Promise<number>;
}

export interface Summary extends Pick<Past, "interval" | "from" | "to" | "asOf" | "matureUntil"> {
  /** Of the whole range, most sent first. */
  rows: (PastNumbers & { key: string })[];
}

export interface PastReader {
  zone: Zone;
  /** The numbers of each country, operator, pair or program that has some, side by side. */
  summary(asked: PastAsked & { by: By }): Promise<Summary>;
  /** Throws `invalid` when the range has more than 1,000 points at that interval. */
  read(asked: PastAsked): Promise<Past>;
}

export function openPast({ trends, counters, clock, kept, zone = openZone("UTC"), fresh }: PastOptions): PastReader {
  /** The range as it will be read. */
  async function look({ where, from: askedFrom, to: askedTo, interval: askedInterval }: PastAsked): Promise<Look> {
    const asOf = await fresh();
    const now = clock.now();
    const interval = askedInterval === "auto" ? chooseInterval(askedFrom, askedTo, now, kept(), zone) : askedInterval;
    const bounds = boundsOf(askedFrom, askedTo, now, interval, zone);
    const [from, to] = [bounds[0]!, bounds.at(-1)!];
    const matureUntil = asOf - maturityOf(counters, where);
    return {
      ...{ now, asOf, interval, bounds, from, to, matureUntil, tier: tierOf(interval, bounds) },
      edge: bounds.findLast((at) => at <= matureUntil) ?? from,
      until: Math.min(to, floor(matureUntil, MINUTE_MS)),
      minutes: Math.max(1, (Math.min(to, now) - from) / MINUTE_MS),
    };
  }

  return {
    zone,
    async summary({ by, ...asked }) {
      const { asOf, interval, from, to, matureUntil, tier, edge, until, minutes } = await look(asked);
      const { where } = asked;
      const grownUp = [...cover(from, edge, tier, zone), ...cover(edge, until, "1m", zone)];
      const [all, mature] = await Promise.all([
        trends.groups({ where, by, parts: cover(from, to, tier, zone) }),
        trends.groups({ where, by, parts: grownUp }),
      ]);
      const matureOf = new Map(mature.map(({ key, sums }) => [key, sums]));
      const rows = all
        .filter(({ sums }) => sums.some((sum) => sum !== 0))
        .map(({ key, sums, latency }) => {
          return { key, ...numbersOf(sums, matureOf.get(key) ?? new Float64Array(SUMS), latencyAt(latency, 0), minutes) };
        })
        .sort((a, b) => b.sent - a.sent || b.attempts - a.attempts || a.key.localeCompare(b.key));
      return { interval, from, to, asOf, matureUntil, rows };
    },
    async read(asked) {
      const { now, asOf, interval, bounds, from, to, matureUntil, tier, edge, until, minutes } = await look(asked);
      const { where } = asked;
      const span = to - from;
      const [trend, young, before] = await Promise.all([
        trends.read({ where, tier, bounds }),
        // Of the steps that are not mature yet, the minutes that are.
        edge < until ? trends.read({ where, tier: "1m", bounds: evenly(edge, until, MINUTE_MS) }) : null,
        trends.read({ where, tier, bounds: [from - span, from] }),
      ]);
      const mature = matureSums(trend.sums, young?.sums ?? null, bounds, edge);
      const points = Array.from({ length: bounds.length - 1 }, (_, step): PastPoint => {
        const [at, end] = [bounds[step]!, bounds[step + 1]!];
        const sums = slice(trend.sums, step);
        const minutes = Math.max(1, (Math.min(end, now) - at) / MINUTE_MS);
        return {
          at,
          to: end,
          ...numbersOf(sums, slice(mature, step), latencyAt(trend.latencies, step), minutes),
          mature: end <= matureUntil,
          gap: sums.every((sum) => sum === 0),
        };
      });
      return {
        ...{ interval, stepMs: STEP_MS[interval], from, to, asOf, matureUntil, points },
        total: numbersOf(summed(trend.sums), summed(mature), latencyAt(trend.latency, 0), minutes),
        before: numbersOf(before.sums, before.sums, latencyAt(before.latency, 0), span / MINUTE_MS),
        errors: errorsOf(trend.errors),
      };
    },
  };
}

interface Look extends Pick<Past, "asOf" | "interval" | "from" | "to" | "matureUntil"> {
  now: number;
  bounds: number[];
  tier: Tier;
  /** Begin of the first step that is not mature as a whole, and the end of its mature minutes. */
  edge: number;
  until: number;
  /** Of the range, up to now. */
  minutes: number;
}

/** M is the pair's; of several together the longest, so that nothing counts against a route too early. */
function maturityOf(counters: PastOptions["counters"], { pair, country, operator }: Where): number {
  const pairs = counters
    .seen()
    .pairs.filter(
      (id) => (pair ?? id) === id && (country ?? id.slice(0, 2)) === id.slice(0, 2) && (operator ?? id.slice(3)) === id.slice(3),
    );
  return pairs.length === 0 ? maturityMs(null) : Math.max(...pairs.map((id) => maturityMs(counters.pair(id).latency)));
}

/** Sums that the rate may count: whole steps before the edge, mature minutes after it. */
function matureSums(sums: Float64Array, minutes: Float64Array | null, bounds: readonly number[], edge: number): Float64Array {
  const mature = sums.slice();
  let step = bounds.indexOf(edge);
  mature.fill(0, step * SUMS);
  if (minutes === null) return mature;
  for (let minute = 0; minute * SUMS < minutes.length; minute++) {
    while (edge + minute * MINUTE_MS >= bounds[step + 1]!) step++;
    for (let place = 0; place < SUMS; place++) mature[step * SUMS + place]! += minutes[minute * SUMS + place]!;
  }
  return mature;
}

function numbersOf(sums: Float64Array, mature: Float64Array, latency: Latency | null, minutes: number): PastNumbers {
  return { ...tallyOf(sums), sentPerMinute: sums[SENT]! / minutes, rate: rateOf(mature), latency };
}

function rateOf(sums: Float64Array): PastRate | null {
  const delivered = sums[DELIVERED]!;
  const n = delivered + sums[AGAINST]! + sums[OPEN]!;
  if (n <= 0) return null;
  return { value: delivered / n, ...wilson(delivered, n), n, basis: sums[WORDS]! * 2 > n ? "attempts" : "receipts" };
}

function latencyAt(latencies: ArrayLike<number>, step: number): Latency | null {
  const [p50Ms, p90Ms, p99Ms, n] = Array.from({ length: LATENCY_WIDTH }, (_, place) => latencies[step * LATENCY_WIDTH + place]!);
  return n ? { p50Ms: p50Ms!, p90Ms: p90Ms!, p99Ms: p99Ms!, n } : null;
}

function errorsOf(told: Trend["errors"]): Past["errors"] {
  const codes = told.map(({ code, steps: flat }) => {
    const steps = Array.from({ length: flat.length / 2 }, (_, place): [number, number] => [flat[place * 2]!, flat[place * 2 + 1]!]);
    return { code, n: steps.reduce((sum, [, n]) => sum + n, 0), steps };
  });
  return codes.filter(({ n }) => n > 0).sort((a, b) => b.n - a.n || a.code.localeCompare(b.code));
}

function slice(sums: Float64Array, step: number): Float64Array {
  return sums.subarray(step * SUMS, (step + 1) * SUMS);
}

function summed(sums: Float64Array): Float64Array {
  const total = new Float64Array(SUMS);
  for (let place = 0; place < sums.length; place++) total[place % SUMS]! += sums[place]!;
  return total;
}
