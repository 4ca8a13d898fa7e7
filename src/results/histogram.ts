/**
 * Latencies as counts by class, so that hours add up to days without losing their percentiles. Four classes to each doubling, from 100 ms
 * to a day: a percentile read from them is at most a fifth off; what was quicker reads as 100 ms, what took longer than a day as a day. Pure.
 */

import type { Latency } from "./numbers.ts";

/** By class, how many. */
export type Histogram = Map<number, number>;

const LEAST_MS = 100;
const STEPS = 80;
const BOUNDS = Float64Array.from({ length: STEPS }, (_, step) => Math.round(LEAST_MS * 2 ** (step / 4)));

/** The class whose upper bound is the first that the latency does not exceed; the last has none. */
export function classOf(ms: number): number {
  let low = 0;
  let high = STEPS;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ms <= BOUNDS[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Classes side by side, as many reads add up in; `offset`: where one histogram of several begins. */
export const CLASSES = STEPS + 1;

/** The three that people look at; null when there is nothing to say. */
export function percentilesOf(counts: Float64Array, offset = 0): Latency | null {
  let total = 0;
  for (let step = 0; step < CLASSES; step++) total += counts[offset + step]!;
  if (total === 0) return null;
  const read = (share: number) => at(counts, offset, total * share);
  return { p50Ms: read(0.5), p90Ms: read(0.9), p99Ms: read(0.99), n: total };
}

/** Where this many lie below, evenly spread within a class. */
function at(counts: Float64Array, offset: number, place: number): number {
  let before = 0;
  for (let step = 0; step < CLASSES; step++) {
    const n = counts[offset + step]!;
    if (before + n < place) {
      before += n;
      continue;
    }
    const lower = BOUNDS[step - 1] ?? LEAST_MS;
    const upper = BOUNDS[step] ?? lower;
    return Math.ceil(lower + (upper - lower) * ((place - before) / n));
  }
  return BOUNDS[STEPS - 1]!;
}
