/**
 * The success rate of a pair, or of several together. Pure. Formula: docs/architecture.md, "Success rate".
 *
 * By submit time in 10-second buckets; a bucket counts once all of it is older than M. Looks back 15 minutes from there, further until
 * 30 messages are counted, at most 6 hours.
 */

import { wilson } from "../kernel/wilson.ts";
import type { Latency, Rate } from "./numbers.ts";
import { AGAINST, DELIVERED, FIELDS, OPEN, WORDS } from "./tally.ts";
import { BUCKET_MS, sumBuckets, type Window } from "./window.ts";

export const NEEDED = 30;
const USUAL_BUCKETS = (15 * 60_000) / BUCKET_MS;
const MOST_BUCKETS = (6 * 3_600_000) / BUCKET_MS;

const UNKNOWN_MATURITY_MS = 120_000;
const LEAST_MATURITY_MS = 30_000;
const MOST_MATURITY_MS = 600_000;
const NEEDED_LATENCIES = 50;

/** M: how old a message must be before no receipt counts against its route. */
export function maturityMs(latency: Latency | null): number {
  if (latency === null || latency.n < NEEDED_LATENCIES) return UNKNOWN_MATURITY_MS;
  return Math.min(MOST_MATURITY_MS, Math.max(LEAST_MATURITY_MS, latency.p90Ms));
}

/** One source of a rate: its buckets, and the M of its pair. */
export interface Part {
  window: Window;
  maturityMs: number;
}

export function rateOf(parts: readonly Part[], now: number): Rate {
  const sums = new Float64Array(FIELDS);
  const add = (first: number, last: number) => {
    // Counted back from each part's own edge of maturity: bucket 1 is the newest that is mature.
    for (const part of parts) {
      const edge = Math.floor((now - part.maturityMs) / BUCKET_MS);
      sumBuckets(part.window, edge - last, edge - first, sums);
    }
  };
  add(1, USUAL_BUCKETS);
  let buckets = USUAL_BUCKETS;
  if (counted(sums) < NEEDED) {
    const usual = sums.slice();
    add(USUAL_BUCKETS + 1, MOST_BUCKETS);
    if (counted(sums) < NEEDED) return { kind: "insufficient", n: counted(sums), needed: NEEDED };
    sums.set(usual);
    while (counted(sums) < NEEDED) add(++buckets, buckets);
  }
  const n = counted(sums);
  const delivered = sums[DELIVERED]!;
  return {
    kind: "rate",
    value: delivered / n,
    ...wilson(delivered, n),
    n,
    windowMs: buckets * BUCKET_MS,
    maturityMs: Math.max(...parts.map((part) => part.maturityMs)),
    basis: sums[WORDS]! * 2 > n ? "attempts" : "receipts",
  };
}

/** delivered + negative finals + overdue. */
function counted(sums: Float64Array): number {
  return sums[DELIVERED]! + sums[AGAINST]! + sums[OPEN]!;
}
