/**
 * The numbers people see, read from memory. Totals are always exact; what costs more (rate, latency, errors) is worked out anew at most once
 * a second per pair, and after 5 s also when nothing was reported, because time alone makes messages mature.
 */

import type { Clock } from "../kernel/clock.ts";
import { openTopic } from "../kernel/topic.ts";
import type { Delta } from "./journal.ts";
import type { Counters, FleetNumbers, Glance, Latency, Numbers, Rate, Tally } from "./numbers.ts";
import { maturityMs, rateOf } from "./rate.ts";
import type { Group, Source, Sources } from "./sources.ts";
import { FIELDS, tallyOf } from "./tally.ts";
import { BUCKET_MS, sumBuckets } from "./window.ts";

const FRESH_MS = 1_000;
const STALE_MS = 5_000;
const LAST_15_MS = 15 * 60_000;
/** Codes beyond so many are rare ones. */
const MOST_ERRORS = 100;
/** Pairs are looked at for changes by time alone in turns, a fifth a second. */
const TURNS = 5;

/** What is worked out at most once a second. */
interface Worked {
  version: number;
  at: number;
  rate: Rate;
  latency: Latency | null;
  errors: Numbers["errors"];
}

export interface LiveCounters extends Counters {
  /** Deltas in the order of the journal. */
  add(deltas: readonly Delta[]): void;
  /** Starts over from another fold: at start, and when it is not sure that every delta arrived. */
  replace(sources: Sources): void;
  sources(): Sources;
  /** Tells the topic which pairs changed; called by the loop once a second. */
  tell(): void;
}

export function openCounters(clock: Clock, first: Sources): LiveCounters {
  let sources = first;
  let worked = new WeakMap<Group, Worked>();
  const changed = openTopic<readonly string[]>();
  const touched = new Set<string>();
  const told = new Map<string, string>();
  /** Of the whole fleet: as many sums as there are pairs, so no more often than its rate. */
  let quarter: { of: Worked; tally: Tally } | null = null;
  let turn = 0;
  let contained = first.seq;

  const nobody: Group = { ...first.fleet, sources: [], version: 0 };
  const lookUp = (map: Map<string, Group>, key: string): Numbers => numbersOf(map.get(key) ?? nobody);

  function glanceAt(group: Group): Glance {
    const now = clock.now();
    const { rate, latency } = work(group, now);
    return { sentLastMinute: sentLastMinute(group, now), rate, latency };
  }

  function numbersOf(group: Group): Numbers {
    const { errors } = work(group, clock.now());
    return {
      total: tallyOf(totalOf(group)),
      ...glanceAt(group),
      lastSendAt: latest(group, "lastSendAt"),
      lastReceiptAt: latest(group, "lastReceiptAt"),
      errors,
    };
  }

  function work(group: Group, now: number): Worked {
    const uptime = clock.uptimeMs();
    const last = worked.get(group);
    const age = last ? uptime - last.at : Number.POSITIVE_INFINITY;
    if (last && (age < FRESH_MS || (last.version === group.version && age < STALE_MS))) return last;
    const latency = group.sources.length > 0 ? group.latencies.percentiles(now) : null;
    const parts = group.sources.map((source) => ({ window: source.window, maturityMs: maturityOf(source, group, latency, now) }));
    const next: Worked = { version: group.version, at: uptime, rate: rateOf(parts, now), latency, errors: errorsOf(group, now) };
    worked.set(group, next);
    return next;
  }

  /** M is the pair's, whatever the group. */
  function maturityOf(source: Source, group: Group, latency: Latency | null, now: number): number {
    return maturityMs(source.pairGroup === group ? latency : work(source.pairGroup, now).latency);
  }

  return {
    changed,
    pair: (id) => lookUp(sources.pairs, id),
    glance: (pairId) => glanceAt(sources.pairs.get(pairId) ?? nobody),
    version: (pairId) => sources.pairs.get(pairId)?.version ?? 0,
    session: (id) => lookUp(sources.sessions, id),
    country: (code) => lookUp(sources.countries, code),
    operator: (slug) => lookUp(sources.operators, slug),
    program: (name) => lookUp(sources.programs, name),
    fleet(): FleetNumbers {
      const now = clock.now();
      const of = work(sources.fleet, now);
      if (quarter?.of !== of) quarter = { of, tally: lastQuarter(sources.fleet, now) };
      return { ...numbersOf(sources.fleet), last15: quarter.tally };
    },
    seen: () => ({
      pairs: [...sources.pairs.keys()].sort(),
      countries: [...sources.countries.keys()].sort(),
      operators: [...sources.operators.keys()].sort(),
      programs: [...sources.programs.keys()].sort(),
    }),
    add(deltas) {
      const now = clock.now();
      for (const delta of deltas) {
        // Contained already: it came while the fold was read anew from the journal.
        if (delta.seq <= contained) continue;
        sources.apply(delta, now);
        touched.add(delta.pair);
      }
    },
    replace(other) {
      sources = other;
      contained = other.seq;
      worked = new WeakMap();
      for (const pair of sources.pairs.keys()) touched.add(pair);
    },
    sources: () => sources,
    tell() {
      turn = (turn + 1) % TURNS;
      let place = 0;
      for (const [pair, group] of sources.pairs) {
        if (place++ % TURNS !== turn || touched.has(pair)) continue;
        const rate = JSON.stringify(work(group, clock.now()).rate);
        if (told.get(pair) !== rate) touched.add(pair);
      }
      if (touched.size === 0) return;
      const pairs = [...touched];
      touched.clear();
      for (const pair of pairs) told.set(pair, JSON.stringify(work(sources.pairs.get(pair)!, clock.now()).rate));
      changed.publish(pairs);
    },
  };
}

function totalOf(group: Group): Float64Array {
  const sums = new Float64Array(FIELDS);
  for (const source of group.sources) for (let field = 0; field < FIELDS; field++) sums[field]! += source.totals[field]!;
  return sums;
}

function sentLastMinute(group: Group, now: number): number {
  const since = Math.floor(now / 1000) - 60;
  let n = 0;
  for (const source of group.sources) for (const [second, sent] of source.seconds) if (second > since) n += sent;
  return n;
}

function latest(group: Group, field: "lastSendAt" | "lastReceiptAt"): number | null {
  let at: number | null = null;
  for (const source of group.sources) if (source[field] !== null && source[field] > (at ?? 0)) at = source[field];
  return at;
}

function lastQuarter(group: Group, now: number): Tally {
  const sums = new Float64Array(FIELDS);
  // Up to one bucket ahead: a program's clock may be a few seconds fast.
  const last = Math.floor(now / BUCKET_MS) + 1;
  for (const source of group.sources) sumBuckets(source.window, Math.floor((now - LAST_15_MS) / BUCKET_MS) + 1, last, sums);
  return tallyOf(sums);
}

function errorsOf(group: Group, now: number): Numbers["errors"] {
  const sums = new Map<string, number>();
  const since = Math.floor((now - LAST_15_MS) / 60_000);
  for (const source of group.sources)
    for (const [minute, codes] of source.errors)
      if (minute > since) for (const [code, n] of codes) sums.set(code, (sums.get(code) ?? 0) + n);
  return [...sums]
    .map(([code, n]) => ({ code, n }))
    .sort((a, b) => b.n - a.n || a.code.localeCompare(b.code))
    .slice(0, MOST_ERRORS);
}
