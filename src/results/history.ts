/**
 * Port: sums over time, by minute of submit, in four tiers that hold the same (UTC buckets). Kept by every roll (rollups.ts), so they say
 * exactly what the journal says up to the mark. Lives where the rolled sums live.
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
  /** Wall ms, multiples of `stepMs`; `to` is not included. */
  from: number;
  to: number;
  /** A multiple of the tier's. */
  stepMs: number;
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

export interface Trends {
  read(order: TrendOrder): Promise<Trend>;
}
