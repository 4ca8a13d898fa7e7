/** Steps of a range of time: how long, where they begin, and which sums they are read from. Days and quarters of days are a time zone's. Pure. */

import { invalid } from "../kernel/errors.ts";
import type { Zone } from "../kernel/zone.ts";
import { DAY_MS, evenly, HOUR_MS, MINUTE_MS, TIERS, type Tier } from "./history.ts";

export const INTERVALS = ["1m", "5m", "15m", "1h", "6h", "1d"] as const;
export type Interval = (typeof INTERVALS)[number];
export const STEP_MS: Record<Interval, number> = {
  "1m": MINUTE_MS,
  "5m": 5 * MINUTE_MS,
  "15m": 15 * MINUTE_MS,
  "1h": HOUR_MS,
  "6h": 6 * HOUR_MS,
  "1d": DAY_MS,
};
const TIER_OF: Record<Interval, Tier> = { "1m": "1m", "5m": "1m", "15m": "15m", "1h": "1h", "6h": "1h", "1d": "1d" };
/** These are parts of a day of the time zone; shorter ones are the same everywhere. */
const LOCAL: readonly Interval[] = ["6h", "1d"];
export const MOST_POINTS = 1_000;

/** How long each tier is kept, ms. */
export type Kept = Record<Tier, number>;

/** The finest that has at most 1,000 points and is kept as long as is asked for. */
export function chooseInterval(from: number, to: number, now: number, kept: Kept, zone: Zone): Interval {
  const fits = (interval: Interval) => {
    const ends = endsOf(from, to, now, interval, zone);
    return pointsOf(ends, interval) <= MOST_POINTS;
  };
  const tier = (interval: Interval) => tierOf(interval, endsOf(from, to, now, interval, zone));
  const first = INTERVALS.find((interval) => fits(interval) && now - from <= kept[tier(interval)]);
  // Older than anything is kept: the tier that is kept longest.
  return first ?? INTERVALS.filter(fits).at(-1) ?? "1d";
}

export function boundsOf(askedFrom: number, askedTo: number, now: number, interval: Interval, zone: Zone): number[] {
  const ends = endsOf(askedFrom, askedTo, now, interval, zone);
  const points = pointsOf(ends, interval);
  if (points > MOST_POINTS) {
    const words = `${points} points at ${interval}, ${MOST_POINTS} at most: ask for a shorter range, or a longer interval (auto finds it)`;
    throw invalid(words, [{ field: "interval", message: words }]);
  }
  const stepMs = STEP_MS[interval];
  const [from, to] = ends;
  if (!LOCAL.includes(interval)) return evenly(from, to, stepMs);
  const bounds = [from];
  while (bounds.at(-1)! < to) bounds.push(zone.next(bounds.at(-1)!, stepMs));
  return bounds;
}

/** Begin of the first step and end of the last: never beyond the step that holds now. */
function endsOf(askedFrom: number, askedTo: number, now: number, interval: Interval, zone: Zone): [number, number] {
  const stepMs = STEP_MS[interval];
  if (!(askedFrom < askedTo)) throw invalid("from must lie before to", [{ field: "from", message: "must lie before to" }]);
  const local = LOCAL.includes(interval);
  const begin = (at: number) => (local ? zone.begin(at, stepMs) : floor(at, stepMs));
  const next = (at: number) => (local ? zone.next(at, stepMs) : at + stepMs);
  const last = begin(Math.min(askedTo - 1, now));
  return [Math.max(0, Math.min(begin(askedFrom), last)), next(last)];
}

/** Exact to the hour or two by which days differ. */
function pointsOf([from, to]: [number, number], interval: Interval): number {
  return Math.round((to - from) / STEP_MS[interval]);
}

/** Where steps begin between full hours, six of them are made of quarters. */
export function tierOf(interval: Interval, bounds: readonly number[]): Tier {
  return interval === "6h" && bounds.some((at) => at % HOUR_MS !== 0) ? "15m" : TIER_OF[interval];
}

export function keptOf(days: Record<Tier, number>): Kept {
  return Object.fromEntries(TIERS.map((tier) => [tier, days[tier] * DAY_MS])) as Kept;
}

export function floor(ms: number, stepMs: number): number {
  return Math.floor(ms / stepMs) * stepMs;
}
