/**
 * What flowed since this process began: events, error codes and latencies, counted as results arrive.
 *
 * Counters begin at 0 with each process, as Prometheus expects of them: a counter that came back with an older value would read as a
 * reset and add itself to `increase()`. The numbers on the pages, which are folded from the journal, do survive a restart.
 */

import type { Delta } from "../../results/journal.ts";
import { type Family, labelled, sample } from "./exposition.ts";

export interface Flow {
  /** New deltas, as the journal gave them. */
  observe(deltas: readonly Delta[]): void;
  families(): Family[];
}

/** Seconds: receipts come within seconds on good routes; the last one is the longest maturity and more. */
const BUCKETS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600];

/** Codes are the programs' own words: a program that invents one per message must not fill Prometheus. */
const MAX_CODES_PER_PAIR = 50;

interface Histogram {
  counts: Float64Array;
  sum: number;
  n: number;
}

interface Count {
  labels: string;
  n: number;
}

export function openFlow(): Flow {
  const events = new Map<string, Count>();
  const errors = new Map<string, Count>();
  const latencies = new Map<string, Histogram>();
  const codesOf = new Map<string, Set<string>>();

  function observe(deltas: readonly Delta[]): void {
    for (const delta of deltas) {
      count(events, `${delta.pair}\0${delta.program}\0${delta.to}`, delta.n, () => ({ ...labelsOf(delta), state: delta.to }));
      if (delta.errorCode !== null) countError(delta, delta.errorCode);
      if (delta.latencyMs !== null) time(delta.country, delta.latencyMs / 1000, delta.n);
    }
  }

  function countError(delta: Delta, found: string): void {
    const codes = codesOf.get(delta.pair) ?? new Set<string>();
    codesOf.set(delta.pair, codes);
    if (codes.size < MAX_CODES_PER_PAIR) codes.add(found);
    const code = codes.has(found) ? found : "other";
    count(errors, `${delta.pair}\0${delta.program}\0${code}`, delta.n, () => ({ ...labelsOf(delta), code }));
  }

  function time(country: string, seconds: number, n: number): void {
    let histogram = latencies.get(country);
    if (!histogram) {
      histogram = { counts: new Float64Array(BUCKETS.length), sum: 0, n: 0 };
      latencies.set(country, histogram);
    }
    histogram.n += n;
    histogram.sum += seconds * n;
    const bucket = BUCKETS.findIndex((most) => seconds <= most);
    if (bucket >= 0) histogram.counts[bucket]! += n;
  }

  function* latencySamples(name: string): Iterable<string> {
    for (const [country, { counts, sum, n }] of latencies) {
      const labels = labelled({ country });
      let below = 0;
      for (let i = 0; i < BUCKETS.length; i++) {
        below += counts[i]!;
        yield sample(`${name}_bucket`, `${labels},le="${BUCKETS[i]}"`, below);
      }
      yield sample(`${name}_bucket`, `${labels},le="+Inf"`, n);
      yield sample(`${name}_sum`, labels, sum);
      yield sample(`${name}_count`, labels, n);
    }
  }

  return {
    observe,
    families: () => [
      counter("signalbox_sms_events_total", "Messages that reached a state, since Signalbox started", events),
      counter("signalbox_sms_errors_total", "Messages reported with an error code, since Signalbox started", errors),
      {
        name: "signalbox_dlr_latency_seconds",
        help: "From submit to delivered, by the programs' own times",
        type: "histogram",
        samples: () => latencySamples("signalbox_dlr_latency_seconds"),
      },
    ],
  };
}

function count(counts: Map<string, Count>, key: string, n: number, labels: () => Record<string, string>): void {
  const found = counts.get(key);
  if (found) found.n += n;
  else counts.set(key, { labels: labelled(labels()), n });
}

function labelsOf({ pair, country, program }: Delta): Record<string, string> {
  return { country, operator: pair.startsWith(`${country}_`) ? pair.slice(country.length + 1) : pair, program };
}

function counter(name: string, help: string, counts: Map<string, Count>): Family {
  return {
    name,
    help,
    type: "counter",
    *samples() {
      for (const { labels, n } of counts.values()) yield sample(name, labels, n);
    },
  };
}
