/**
 * Port: sums over time, by minute of submit, in four tiers that hold the same: minutes, quarters and hours of UTC, and the days of a time
 * zone. Kept by every roll (rollups.ts), so they say exactly what the journal says up to the mark. Lives where the rolled sums live.
 */

import { FIELDS } from "./tally.ts";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Finest first. */
export const TIERS = ["1m", "15m", "1h", "1d"] as const;
export type Tier = (typeof TIERS)[number];
export const TIER_MS: Record<Tier, number> = { "1m": MINUTE_MS, "15m": 15 * MINUTE_MS, "1h": HOUR_MS, "1d": DAY_MS };

/** All of what is named together; nothing named is the fleet. `operator` is a slug, in every country that has it. */
export interface Where {
  pair?: string;
  country?: string;
  operator?: string;
  program?: string;
}

export interface TrendOrder {
  where: Where;
  tier: Tier;
  /**
   * Begins of the steps and the end of the last, wall ms, ascending, where buckets of the tier begin. Days that were counted in another time
   * zone lie in the step that holds their noon.
   */
  bounds: readonly number[];
}

/** Bounds of steps of one length. */
export function evenly(from: number, to: number, stepMs: number): number[] {
  return Array.from({ length: Math.ceil((to - from) / stepMs) + 1 }, (_, step) => from + step * stepMs);
}

/** Places of a point's sums: those of tally.ts, latencies counted, their total in ms. */
export const LATENCY_N = FIELDS;
export const LATENCY_MS = FIELDS + 1;
export const SUMS = FIELDS + 2;
/** p50, p90, p99 in ms and how many. */
export const LATENCY_WIDTH = 4;

export interface Trend {
  /** SUMS for each step, side by side. */
  sums: Float64Array;
  /** LATENCY_WIDTH for each step; 0 of n: nothing to say. */
  latencies: Float64Array;
  /** Over the whole, in the same order. */
  latency: number[];
  /** `steps`: a step and how many stand at the code there now, in turn. */
  errors: { code: string; steps: Float64Array }[];
}

/** Of whom each group speaks. */
export const BY = ["country", "operator", "pair", "program"] as const;
export type By = (typeof BY)[number];

/** Buckets of a tier; wall ms, `to` is not included. */
export interface Part {
  tier: Tier;
  from: number;
  to: number;
}

export interface GroupsOrder {
  where: Where;
  by: By;
  /** Together they are the range. */
  parts: readonly Part[];
}

/** SUMS, and LATENCY_WIDTH of the whole. */
export interface TrendGroup {
  key: string;
  sums: Float64Array;
  latency: number[];
}

export interface Trends {
  read(order: TrendOrder): Promise<Trend>;
  /** The sums of a range side by side, of each that has some, in any order. */
  groups(order: GroupsOrder): Promise<TrendGroup[]>;
  /**
   * Makes days those of a time zone, a step at a time, from the finer sums; what is counted from then on lies in its days. Days older than
   * finer sums are kept stay as they were counted. No sum is changed by it. `more`: the next step finds some too.
   */
  rezone(order: RezoneOrder): Promise<{ more: boolean }>;
}

export interface RezoneOrder {
  timeZone: string;
  /** Wall ms from which on all sums of these tiers are there. */
  whole: Record<"15m" | "1h", number>;
}
