/** The latencies of the last 500 receipts, and their percentiles over those that are at most a day old. */

import type { Latency } from "./numbers.ts";

const MOST = 500;
const DAY_MS = 24 * 3_600_000;
/** ms, at, seq. */
const WIDTH = 3;

export interface Latencies {
  push(ms: number, at: number, seq: number): void;
  percentiles(now: number): Latency | null;
  /** [ms, at, seq, ...], oldest first: what the store keeps, and what `openLatencies` takes back. */
  entries(): Float64Array;
}

export function openLatencies(entries: Float64Array = new Float64Array()): Latencies {
  // Grows as receipts come: most sessions never fill it.
  let ring = new Float64Array(Math.min(MOST, Math.max(16, entries.length / WIDTH)) * WIDTH);
  let next = 0;
  let filled = 0;
  for (let place = 0; place < entries.length; place += WIDTH) push(entries[place]!, entries[place + 1]!, entries[place + 2]!);

  function push(ms: number, at: number, seq: number): void {
    if (next === ring.length / WIDTH && next < MOST) {
      const wider = new Float64Array(Math.min(MOST, next * 2) * WIDTH);
      wider.set(ring);
      ring = wider;
    }
    const slot = next % MOST;
    ring[slot * WIDTH] = ms;
    ring[slot * WIDTH + 1] = at;
    ring[slot * WIDTH + 2] = seq;
    next = slot + 1;
    filled = Math.max(filled, next);
  }

  return {
    push,
    percentiles(now) {
      const kept: number[] = [];
      for (let slot = 0; slot < filled; slot++) if (ring[slot * WIDTH + 1]! >= now - DAY_MS) kept.push(ring[slot * WIDTH]!);
      if (kept.length === 0) return null;
      const sorted = Float64Array.from(kept).sort();
      return { p50Ms: percentile(sorted, 0.5), p90Ms: percentile(sorted, 0.9), p99Ms: percentile(sorted, 0.99), n: sorted.length };
    },
    entries() {
      const out = new Float64Array(filled * WIDTH);
      const oldest = filled === MOST ? next % MOST : 0;
      out.set(ring.subarray(oldest * WIDTH, filled * WIDTH));
      out.set(ring.subarray(0, oldest * WIDTH), (filled - oldest) * WIDTH);
      return out;
    },
  };
}

/** The last 500 of several, in the order they came. */
export function mergeLatencies(parts: readonly Float64Array[]): Float64Array {
  const all: [number, number, number][] = [];
  for (const part of parts)
    for (let place = 0; place < part.length; place += WIDTH) all.push([part[place]!, part[place + 1]!, part[place + 2]!]);
  all.sort((a, b) => a[2] - b[2]);
  return Float64Array.from(all.slice(-MOST).flat());
}

/** Nearest rank: the smallest value that at least this share does not exceed. */
function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]!;
}
