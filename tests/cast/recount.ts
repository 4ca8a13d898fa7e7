/** History told anew from the journal's deltas, as plainly as it can be said: what every roll-up must equal, exactly. Shares no code with it. */

import type { Delta } from "../../src/results/journal.ts";

export interface Recounted {
  attempts: number;
  sent: number;
  delivered: number;
  undelivered: number;
  failed: number;
  blocked: number;
  pending: number;
  /** Latencies in ms, ascending. */
  latencies: number[];
  /** How many stand at each code now. */
  errors: Record<string, number>;
}

const NOT_SENT = ["attempt", "failed", "blocked"];
const UNDELIVERED = ["undelivered", "rejected", "expired", "unknown"];

/** By begin of the bucket, wall ms; a bucket that nothing was told of is not there. Its length is of UTC, or it is a day of a time zone. */
export function recount(
  deltas: readonly Delta[],
  step: number | DayOf,
  counts: (delta: Delta) => boolean = () => true,
): Map<number, Recounted> {
  const buckets = new Map<number, Recounted>();
  for (const delta of deltas) {
    if (!counts(delta)) continue;
    const { from, to, n } = delta;
    const begin = typeof step === "number" ? delta.submitAt - (delta.submitAt % step) : step(delta.submitAt);
    const bucket = buckets.get(begin) ?? empty();
    buckets.set(begin, bucket);
    if (from === null) bucket.attempts += n;
    if (delta.basis === "attempts" || (!NOT_SENT.includes(to) && (from === null || NOT_SENT.includes(from)))) bucket.sent += n;
    if (from !== null) stand(bucket, from, delta.fromErrorCode, -n);
    stand(bucket, to, delta.errorCode, n);
    if (delta.latencyMs !== null) bucket.latencies.push(delta.latencyMs);
  }
  for (const bucket of buckets.values()) {
    bucket.latencies.sort((a, b) => a - b);
    for (const [code, n] of Object.entries(bucket.errors)) if (n === 0) delete bucket.errors[code];
  }
  return buckets;
}

function stand(bucket: Recounted, state: Delta["to"], code: string | null, n: number): void {
  if (state === "delivered") bucket.delivered += n;
  else if (state === "submitted" || state === "buffered") bucket.pending += n;
  else if (state === "failed") bucket.failed += n;
  else if (state === "blocked") bucket.blocked += n;
  else if (UNDELIVERED.includes(state)) bucket.undelivered += n;
  if (code !== null && state !== "delivered" && state !== "attempt") bucket.errors[code] = (bucket.errors[code] ?? 0) + n;
}

function empty(): Recounted {
  return { attempts: 0, sent: 0, delivered: 0, undelivered: 0, failed: 0, blocked: 0, pending: 0, latencies: [], errors: {} };
}

export type DayOf = (at: number) => number;

/** Begin of the day of a time zone: back by the quarter of an hour as long as the calendar on the wall shows the same date. */
export function daysOf(timeZone: string): DayOf {
  const calendar = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" });
  return (at) => {
    let quarter = at - (at % 900_000);
    const date = calendar.format(at);
    while (calendar.format(quarter - 900_000) === date) quarter -= 900_000;
    return quarter;
  };
}
