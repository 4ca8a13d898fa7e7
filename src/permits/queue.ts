/**
 * Who waits, who is next. First come first served: of the pairs that could take now, the one whose first waiter came first; a newcomer never
 * overtakes anybody who could take. No slot idles while somebody waits who may use it. Bounded: beyond the bounds the answer is `queue_full`.
 */

import type { Pair } from "../pairs/pair.ts";
import { type After, type Deadline, openDeadlines } from "./deadlines.ts";
import type { Limiter, Sender, Taken } from "./limiter.ts";
import type { RefusalReason } from "./permit.ts";

export type Outcome =
  | { kind: "taken"; taken: Taken }
  | { kind: "refused"; reason: RefusalReason; retryAfterMs: number | null }
  /** The caller went away while it waited: it took nothing. */
  | { kind: "gone" };

export interface Queue {
  /** A slot for whichever of the pairs has one first; none within `waitMs` is a refusal. At least one pair. */
  ask(pairs: readonly Pair[], sender: Sender, waitMs: number, signal?: AbortSignal): Outcome | Promise<Outcome>;
  /** A slot of the country may have become free other than by time. */
  nudge(country: string): void;
  /** Pairs or limits changed: whoever may not wait any longer is told why, everybody else is looked at again. */
  recheck(usable: (pairId: string) => Pair | RefusalReason): void;
  waiting(country: string): number;
  /** Everybody who waits is answered `limiter_down`; nobody waits after this. */
  close(): void;
}

export interface QueueOptions {
  limiter: Limiter;
  /** Uptime in ms. */
  now: () => number;
  after: After;
  /** How many may wait in the house, and in one country. */
  bounds?: { house: number; country: number };
  /** Somebody began or ceased to wait here. */
  onChange?: (country: string) => void;
}

interface Waiter extends Deadline {
  /** Place in the order of arrival. */
  arrival: number;
  sender: Sender;
  lanes: Lane[];
  finish(outcome: Outcome): void;
}

/** Those who wait for one pair, in the order they came. */
interface Lane {
  pair: Pair;
  line: Line;
  waiters: Set<Waiter>;
}

/** Those who wait in one country. */
interface Line {
  country: string;
  lanes: Map<string, Lane>;
  waiting: number;
  dueMs: number;
  disarm: () => void;
}

export function openQueue(options: QueueOptions): Queue {
  const { limiter, now, after, bounds = { house: 10_000, country: 1_000 }, onChange = () => {} } = options;
  const lines = new Map<string, Line>();
  const everybody = new Set<Waiter>();
  const deadlines = openDeadlines<Waiter>(now, after, expire);
  let arrivals = 0;
  let closed = false;

  function ask(pairs: readonly Pair[], sender: Sender, waitMs: number, signal?: AbortSignal): Outcome | Promise<Outcome> {
    if (closed) return down;
    for (const pair of pairs) {
      const line = lines.get(pair.country);
      // A slot that came free an instant ago belongs to those who wait, though their timer has not rung yet.
      if (line) serve(line);
      const taken = limiter.take(pair, sender);
      if (taken) return { kind: "taken", taken };
    }
    if (waitMs <= 0) return refusal("rate", pairs);
    const open = pairs.filter((pair) => (lines.get(pair.country)?.waiting ?? 0) < bounds.country);
    if (open.length === 0 || everybody.size >= bounds.house) return refusal("queue_full", pairs);
    if (signal?.aborted) return { kind: "gone" };
    return wait(open, sender, waitMs, signal);
  }

  function wait(pairs: readonly Pair[], sender: Sender, waitMs: number, signal?: AbortSignal): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const leave = () => waiter.finish({ kind: "gone" });
    const waiter: Waiter = {
      arrival: arrivals++,
      dueMs: now() + waitMs,
      over: false,
      sender,
      lanes: [],
      finish(outcome) {
        if (waiter.over) return;
        waiter.over = true;
        everybody.delete(waiter);
        signal?.removeEventListener("abort", leave);
        deadlines.ended();
        for (const line of linesOf(waiter)) line.waiting--;
        for (const lane of waiter.lanes) drop(waiter, lane);
        resolve(outcome);
      },
    };
    everybody.add(waiter);
    for (const pair of pairs) {
      const lane = laneOf(pair);
      lane.waiters.add(waiter);
      waiter.lanes.push(lane);
    }
    for (const line of linesOf(waiter)) {
      line.waiting++;
      arm(line);
      onChange(line.country);
    }
    signal?.addEventListener("abort", leave, { once: true });
    deadlines.add(waiter);
    return promise;
  }

  /** Gives out what is free in a country, and sets its timer to the next slot. */
  function serve(line: Line): void {
    while (line.waiting > 0 && limiter.hasRoom(line.country)) {
      const next = whoIsNext(line);
      const taken = next && limiter.take(next.lane.pair, next.waiter.sender);
      if (!taken) break;
      next.waiter.finish({ kind: "taken", taken });
    }
    arm(line);
  }

  /** Of the pairs that could take now, the one whose first waiter came first. Fairness by weight changes this function and no other. */
  function whoIsNext(line: Line): { lane: Lane; waiter: Waiter } | null {
    let best: { lane: Lane; waiter: Waiter } | null = null;
    for (const lane of line.lanes.values()) {
      const waiter = first(lane.waiters);
      if (waiter && (!best || waiter.arrival < best.waiter.arrival) && limiter.nextFreeMs(lane.pair) <= 0) best = { lane, waiter };
    }
    return best;
  }

  /** One timer per country, not per waiter. */
  function arm(line: Line): void {
    let soonest = Number.POSITIVE_INFINITY;
    for (const lane of line.lanes.values()) soonest = Math.min(soonest, limiter.nextFreeMs(lane.pair));
    const dueMs = now() + soonest;
    if (Math.abs(dueMs - line.dueMs) < 0.5) return;
    line.disarm();
    line.disarm = () => {};
    line.dueMs = dueMs;
    if (dueMs === Number.POSITIVE_INFINITY) return;
    line.disarm = after(soonest, () => {
      line.dueMs = Number.POSITIVE_INFINITY;
      serve(line);
    });
  }

  function expire(waiter: Waiter): void {
    for (const line of linesOf(waiter)) serve(line);
    waiter.finish(
      refusal(
        "rate",
        waiter.lanes.map((lane) => lane.pair),
      ),
    );
  }

  function refusal(reason: RefusalReason, pairs: readonly Pair[]): Outcome {
    let soonest = Number.POSITIVE_INFINITY;
    for (const pair of pairs) soonest = Math.min(soonest, limiter.nextFreeMs(pair));
    return { kind: "refused", reason, retryAfterMs: soonest === Number.POSITIVE_INFINITY ? null : soonest };
  }

  function laneOf(pair: Pair): Lane {
    let line = lines.get(pair.country);
    if (!line) {
      line = { country: pair.country, lanes: new Map(), waiting: 0, dueMs: Number.POSITIVE_INFINITY, disarm: () => {} };
      lines.set(pair.country, line);
    }
    let lane = line.lanes.get(pair.id);
    if (!lane) {
      lane = { pair, line, waiters: new Set() };
      line.lanes.set(pair.id, lane);
    }
    return lane;
  }

  function drop(waiter: Waiter, lane: Lane): void {
    lane.waiters.delete(waiter);
    const { line } = lane;
    if (lane.waiters.size === 0) line.lanes.delete(lane.pair.id);
    if (line.lanes.size === 0) {
      line.disarm();
      line.dueMs = Number.POSITIVE_INFINITY;
      lines.delete(line.country);
    }
    onChange(line.country);
  }

  function recheck(usable: (pairId: string) => Pair | RefusalReason): void {
    for (const waiter of [...everybody]) {
      let why: RefusalReason = "inactive";
      const before = linesOf(waiter);
      const kept: Lane[] = [];
      for (const lane of waiter.lanes) {
        const answer = usable(lane.pair.id);
        if (typeof answer === "string") why = answer;
        else {
          lane.pair = answer;
          kept.push(lane);
        }
      }
      if (kept.length === 0) waiter.finish({ kind: "refused", reason: why, retryAfterMs: null });
      else if (kept.length < waiter.lanes.length) {
        const left = waiter.lanes.filter((lane) => !kept.includes(lane));
        waiter.lanes = kept;
        const after = linesOf(waiter);
        for (const line of before) if (!after.has(line)) line.waiting--;
        for (const lane of left) drop(waiter, lane);
      }
    }
    for (const line of [...lines.values()]) serve(line);
  }

  return {
    ask,
    nudge(country) {
      const line = lines.get(country);
      if (line) serve(line);
    },
    recheck,
    waiting: (country) => lines.get(country)?.waiting ?? 0,
    close() {
      closed = true;
      for (const waiter of [...everybody]) waiter.finish(down);
      deadlines.clear();
    },
  };
}

const down: Outcome = { kind: "refused", reason: "limiter_down", retryAfterMs: 2000 };

function linesOf(waiter: Waiter): Set<Line> {
  return new Set(waiter.lanes.map((lane) => lane.line));
}

function first<T>(set: Set<T>): T | undefined {
  for (const value of set) return value;
  return undefined;
}
