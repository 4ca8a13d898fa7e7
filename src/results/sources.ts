/**
 * Everything counted, in memory: one entry per (program, session, pair), which every number is summed from. A pure fold of the journal's
 * deltas in order: what was saved at a mark, plus the deltas after it, is what would have been without a restart.
 */

import { addTo } from "../kernel/maps.ts";
import { type Additions, addDelta, openCodes } from "./additions.ts";
import type { Delta } from "./journal.ts";
import { type Latencies, mergeLatencies, openLatencies } from "./latency.ts";
import type { MessageState } from "./message.ts";
import type { Roll, Saved, SourceKey } from "./rollups.ts";
import { applyDelta, FIELDS, isSend } from "./tally.ts";
import { addToWindow, decodeBlock, encodeBlock, firstBlock, openWindow, pruneWindow, type Window } from "./window.ts";

const MINUTE_MS = 60_000;
const ERROR_MINUTES = 16;
/** Codes beyond so many in a minute and source are counted as `other`: a program may put anything there. */
const MOST_CODES = 50;

/** What only a receipt tells; `unknown` is our own word. */
const RECEIPTS: ReadonlySet<MessageState> = new Set(["buffered", "delivered", "undelivered", "rejected", "expired"]);

export interface Source extends SourceKey {
  totals: Float64Array;
  window: Window;
  /** Messages sent, by second of the last minute. */
  seconds: Map<number, number>;
  /** Error codes, by minute of the last 15. */
  errors: Map<number, Map<string, number>>;
  latencies: Latencies;
  lastSendAt: number | null;
  lastReceiptAt: number | null;
  /** Since the last roll. */
  additions: Additions;
  pairGroup: Group;
  groups: Group[];
}

/** Sources that are shown as one: a pair, a session, a country, an operator, a program, the fleet. */
export interface Group {
  sources: Source[];
  latencies: Latencies;
  version: number;
}

export interface Sources {
  pairs: Map<string, Group>;
  sessions: Map<string, Group>;
  countries: Map<string, Group>;
  /** By slug, in every country that has it. */
  operators: Map<string, Group>;
  programs: Map<string, Group>;
  fleet: Group;
  /** The last seq that is contained. */
  seq: number;
  apply(delta: Delta, now: number): void;
  /** What is new since the last call, to be stored; then it counts as stored. */
  takeRoll(from: number, now: number): Roll;
}

const emptyGroup = (): Group => ({ sources: [], latencies: openLatencies(), version: 0 });

export function openSources(saved: Saved): Sources {
  /** By pair, program and session: a text of the three would be made anew for each delta. */
  const byPair = new Map<string, Map<string, Map<string | null, Source>>>();
  let dirty = new Set<Source>();
  const codes = openCodes(saved.codes);
  const all: Sources = {
    pairs: new Map(),
    sessions: new Map(),
    countries: new Map(),
    operators: new Map(),
    programs: new Map(),
    fleet: emptyGroup(),
    seq: saved.mark,
    apply,
    takeRoll,
  };
  restore();
  return all;

  function apply(delta: Delta, now: number): void {
    const source = sourceOf(delta);
    applyDelta(source.totals, 0, delta);
    addToWindow(source.window, delta, now);
    addDelta(source.additions, delta, codes.nameOf);
    if (isSend(delta)) noteSend(source, delta);
    if (delta.basis === "receipts" && RECEIPTS.has(delta.to)) source.lastReceiptAt = Math.max(source.lastReceiptAt ?? 0, delta.at);
    if (delta.errorCode !== null && delta.to !== "delivered") noteError(source, delta.errorCode, delta.at, delta.n);
    if (delta.latencyMs !== null) {
      source.latencies.push(delta.latencyMs, delta.at, delta.seq);
      for (const group of source.groups) group.latencies.push(delta.latencyMs, delta.at, delta.seq);
    }
    for (const group of source.groups) group.version++;
    dirty.add(source);
    all.seq = Math.max(all.seq, delta.seq);
  }

  function sourceOf(key: SourceKey): Source {
    return (
      byPair
        .get(key.pair)
        ?.get(key.program)
        ?.get(key.session || null) ?? addSource(key)
    );
  }

  function addSource({ program, session, pair, country }: SourceKey): Source {
    const pairGroup = all.pairs.getOrInsertComputed(pair, emptyGroup);
    const groups = [
      pairGroup,
      all.countries.getOrInsertComputed(country, emptyGroup),
      all.operators.getOrInsertComputed(operatorOf(pair), emptyGroup),
      all.programs.getOrInsertComputed(program, emptyGroup),
      all.fleet,
    ];
    if (session !== null) groups.push(all.sessions.getOrInsertComputed(session, emptyGroup));
    const source: Source = {
      program,
      session,
      pair,
      country,
      totals: new Float64Array(FIELDS),
      window: openWindow(),
      seconds: new Map(),
      errors: new Map(),
      latencies: openLatencies(),
      lastSendAt: null,
      lastReceiptAt: null,
      additions: new Map(),
      pairGroup,
      groups,
    };
    for (const group of groups) group.sources.push(source);
    byPair
      .getOrInsertComputed(pair, () => new Map())
      .getOrInsertComputed(program, () => new Map())
      .set(session || null, source);
    return source;
  }

  function takeRoll(from: number, now: number): Roll {
    const roll: Roll = { from, through: all.seq, sources: [], blocks: [], trends: [], codes: codes.takeNew(), keepFrom: firstBlock(now) };
    for (const source of dirty) {
      const { program, session, pair, country, lastSendAt, lastReceiptAt } = source;
      forget(source, now);
      roll.sources.push({
        program,
        session,
        pair,
        country,
        totals: [...source.totals],
        lastSendAt,
        lastReceiptAt,
        seconds: [...source.seconds],
        errors: [...source.errors].flatMap(([minute, codes]) => [...codes].map(([code, n]): [number, string, number] => [minute, code, n])),
        latencies: source.latencies.entries(),
      });
      for (const block of source.window.dirty)
        roll.blocks.push({ program, session, pair, country, block, body: encodeBlock(source.window, block) });
      source.window.dirty.clear();
      for (const [minute, { sums, latencies, errors }] of source.additions)
        roll.trends.push({ minute, pair, program, sums: [...sums], latencies: [...(latencies ?? [])], errors: [...(errors ?? [])] });
      source.additions.clear();
    }
    dirty = new Set();
    return roll;
  }

  function restore(): void {
    for (const stored of saved.sources) {
      const source = sourceOf(stored);
      source.totals.set(stored.totals);
      source.lastSendAt = stored.lastSendAt;
      source.lastReceiptAt = stored.lastReceiptAt;
      source.seconds = new Map(stored.seconds);
      for (const [minute, code, n] of stored.errors)
        addTo(
          source.errors.getOrInsertComputed(minute, () => new Map()),
          code,
          n,
        );
      source.latencies = openLatencies(stored.latencies);
    }
    for (const { block, body, ...key } of saved.blocks) decodeBlock(sourceOf(key).window, block, body);
    const maps = [all.pairs, all.sessions, all.countries, all.operators, all.programs];
    for (const group of maps.flatMap((map) => [...map.values()]).concat(all.fleet))
      group.latencies = openLatencies(mergeLatencies(group.sources.map((source) => source.latencies.entries())));
  }
}

/** `UZ_beeline` -> `beeline`: a country has two letters. */
export function operatorOf(pair: string): string {
  return pair.slice(3);
}

/** Lets go of what no number looks at any more. */
export function forget(source: Source, now: number): void {
  pruneWindow(source.window, now);
  for (const second of source.seconds.keys()) if (second * 1000 < now - 2 * MINUTE_MS) source.seconds.delete(second);
  for (const minute of source.errors.keys()) if (minute * MINUTE_MS < now - ERROR_MINUTES * MINUTE_MS) source.errors.delete(minute);
}

function noteSend(source: Source, delta: Delta): void {
  // A counts report lies in the bucket of its minute, but was sent up to its own time.
  const at = delta.basis === "attempts" ? delta.at : delta.submitAt;
  source.lastSendAt = Math.max(source.lastSendAt ?? 0, at);
  addTo(source.seconds, Math.floor(at / 1000), delta.n);
}

function noteError(source: Source, code: string, at: number, n: number): void {
  const codes = source.errors.getOrInsertComputed(Math.floor(at / MINUTE_MS), () => new Map());
  addTo(codes, codes.has(code) || codes.size < MOST_CODES ? code : "other", n);
}
