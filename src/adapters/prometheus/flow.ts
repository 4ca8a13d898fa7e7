/**
 * What flowed since this process began: events, error codes and latencies, counted as results arrive.
 *
 * Counters begin at 0 with each process, as Prometheus expects of them: a counter that came back with an older value would read as a
 * reset and add itself to `increase()`. The numbers on the pages, which are folded from the journal, do survive a restart.
 */

import { Histogram, Registry } from "prom-client";
import type { Delta } from "../../results/journal.ts";
import { counter, type Family, type Labels } from "./family.ts";

export interface Flow {
  /** New deltas, as the journal gave them. */
  observe(deltas: readonly Delta[]): void;
  families: Family[];
}

/** Seconds: receipts come within seconds on good routes; the last one is the longest maturity and more. */
const BUCKETS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600];

/** Codes are the programs' own words: a program that invents one per message must not fill Prometheus. */
const MAX_CODES_PER_PAIR = 50;

/** By pair, program and what is counted: a text of the three would be made anew for each delta. */
type Counts = Map<string, Map<string, Map<string, Series>>>;
type Series = [labels: Labels, n: number];

export function openFlow(): Flow {
  const events: Counts = new Map();
  const errors: Counts = new Map();
  const codesOf = new Map<string, Set<string>>();
  /** By country: a registry each, so that they are rendered in turns. */
  const latencies = new Map<string, { registry: Registry; histogram: Histogram }>();

  function countError(delta: Delta, found: string): void {
    const codes = codesOf.get(delta.pair) ?? new Set<string>();
    codesOf.set(delta.pair, codes);
    if (codes.size < MAX_CODES_PER_PAIR) codes.add(found);
    const code = codes.has(found) ? found : "other";
    count(errors, delta, code, () => ({ ...labelsOf(delta), code }));
  }

  function time(country: string, seconds: number): void {
    let found = latencies.get(country);
    if (!found) {
      found = latencyHistogram();
      latencies.set(country, found);
    }
    found.histogram.observe({ country }, seconds);
  }

  return {
    observe(deltas) {
      for (const delta of deltas) {
        count(events, delta, delta.to, () => ({ ...labelsOf(delta), state: delta.to }));
        if (delta.errorCode !== null) countError(delta, delta.errorCode);
        // Only single messages have a latency: n is 1.
        if (delta.latencyMs !== null) time(delta.country, delta.latencyMs / 1000);
      }
    },
    families: [
      counter(
        "signalbox_sms_events_total",
        "Messages that reached a state, since Signalbox started",
        ["country", "operator", "program", "state"],
        () => seriesOf(events),
      ),
      counter(
        "signalbox_sms_errors_total",
        "Messages reported with an error code, since Signalbox started",
        ["country", "operator", "program", "code"],
        () => seriesOf(errors),
      ),
      () => (latencies.size === 0 ? [latencyHistogram().registry] : [...latencies.values()].map(({ registry }) => registry)),
    ],
  };
}

function latencyHistogram(): { registry: Registry; histogram: Histogram } {
  const registry = new Registry();
  const histogram = new Histogram({
    name: "signalbox_dlr_latency_seconds",
    help: "From submit to delivered, by the programs' own times",
    labelNames: ["country"],
    buckets: BUCKETS,
    registers: [registry],
  });
  return { registry, histogram };
}

function count(counts: Counts, { pair, program, n }: Delta, what: string, labels: () => Labels): void {
  const found = counts.get(pair)?.get(program)?.get(what);
  if (found) found[1] += n;
  else
    counts
      .getOrInsertComputed(pair, () => new Map())
      .getOrInsertComputed(program, () => new Map())
      .set(what, [labels(), n]);
}

function* seriesOf(counts: Counts): Iterable<Series> {
  for (const programs of counts.values()) for (const series of programs.values()) yield* series.values();
}

function labelsOf({ pair, country, program }: Delta): Labels {
  return { country, operator: pair.startsWith(`${country}_`) ? pair.slice(country.length + 1) : pair, program };
}
