/**
 * Who waits: until a slot is given (serving.ts), the time is over, the caller goes away or may wait no longer. A newcomer never overtakes, no
 * slot idles while somebody waits who may use it. Bounded: beyond the bounds the answer is `queue_full`.
 */

import type { Pair } from "../pairs/pair.ts";
import { DEFAULT_QUEUE, type QueuePolicy } from "../pairs/program.ts";
import { type After, openDeadlines } from "./deadlines.ts";
import { firstOf, type Lane, linesOf, openLanes, type Waiter } from "./lanes.ts";
import type { BudgetName, Limiter, Sender, Taken } from "./limiter.ts";
import type { RefusalReason } from "./permit.ts";
import { openServing } from "./serving.ts";
import { openTurns, type Turns } from "./turns.ts";

export type Outcome =
  | { kind: "taken"; taken: Taken }
  | { kind: "refused"; reason: RefusalReason; retryAfterMs: number | null; budget?: BudgetName | null }
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
  /** By pair: how many wait, and since what uptime the first of them. */
  waiters(country: string): { pair: string; n: number; sinceMs: number }[];
  /** Everybody who waits is answered `limiter_down`; nobody waits after this. */
  close(): void;
}

export interface QueueOptions {
  limiter: Limiter;
  /** Uptime in ms. */
  now: () => number;
  after: After;
  turns?: Turns;
  /** How those who wait for a program are served. */
  drain?: (program: string) => QueuePolicy;
  /** How many may wait in the house, and in one country. */
  bounds?: { house: number; country: number };
  /** Somebody began or ceased to wait here. */
  onChange?: (country: string) => void;
}

interface Asker extends Waiter {
  finish(outcome: Outcome): void;
  /** Its time ends by its program's setting, before it ends by its own wish. */
  expires: boolean;
}

export function openQueue(options: QueueOptions): Queue {
  const { limiter, now, after, turns = openTurns(), drain = () => DEFAULT_QUEUE } = options;
  const { bounds = { house: 10_000, country: 1_000 }, onChange = () => {} } = options;
  const lanes = openLanes();
  const everybody = new Set<Asker>();
  const deadlines = openDeadlines<Asker>(now, after, expire);
  const { take, serve, arm } = openServing({
    ...{ limiter, lanes, turns, drain, now, after },
    give: (waiter, taken) => (waiter as Asker).finish({ kind: "taken", taken }),
  });
  let arrivals = 0;
  let closed = false;

  function ask(pairs: readonly Pair[], sender: Sender, waitMs: number, signal?: AbortSignal): Outcome | Promise<Outcome> {
    if (closed) return down;
    for (const pair of pairs) {
      // A slot that came free an instant ago belongs to those who wait, though their timer has not rung yet.
      if (everybody.size > 0) serve(lanes.lineOf(pair.country));
      const taken = take(pair, sender);
      if (taken) return { kind: "taken", taken };
    }
    if (waitMs <= 0) return refusal("rate", pairs);
    const open = pairs.filter((pair) => waiting(pair.country) < bounds.country);
    if (open.length === 0 || everybody.size >= bounds.house) return refusal("queue_full", pairs);
    if (signal?.aborted) return { kind: "gone" };
    return wait(open, sender, waitMs, signal);
  }

  function wait(pairs: readonly Pair[], sender: Sender, waitMs: number, signal?: AbortSignal): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const leave = () => asker.finish({ kind: "gone" });
    const { ttlMs } = drain(sender.program);
    const asker: Asker = {
      arrival: arrivals++,
      sinceMs: now(),
      dueMs: now() + Math.min(waitMs, ttlMs ?? Number.POSITIVE_INFINITY),
      expires: ttlMs !== null && ttlMs < waitMs,
      over: false,
      sender,
      lanes: [],
      finish(outcome) {
        if (asker.over) return;
        asker.over = true;
        everybody.delete(asker);
        signal?.removeEventListener("abort", leave);
        deadlines.ended();
        const left = linesOf(asker);
        lanes.leave(asker);
        for (const { country } of left) onChange(country);
        resolve(outcome);
      },
    };
    everybody.add(asker);
    lanes.enter(asker, pairs);
    for (const line of linesOf(asker)) {
      arm(line);
      onChange(line.country);
    }
    signal?.addEventListener("abort", leave, { once: true });
    deadlines.add(asker);
    return promise;
  }

  function expire(asker: Asker): void {
    for (const line of linesOf(asker)) serve(line);
    if (asker.over) return;
    const pairs = asker.lanes.map((lane) => lane.pair);
    asker.finish(asker.expires ? { kind: "refused", reason: "expired", retryAfterMs: null } : refusal("rate", pairs));
  }

  function refusal(reason: RefusalReason, pairs: readonly Pair[]): Outcome {
    let soonest = Number.POSITIVE_INFINITY;
    let nearest = pairs[0]!;
    for (const pair of pairs) {
      const freeMs = limiter.nextFreeMs(pair);
      if (freeMs < soonest) nearest = pair;
      soonest = Math.min(soonest, freeMs);
    }
    const retryAfterMs = soonest === Number.POSITIVE_INFINITY ? null : soonest;
    return { kind: "refused", reason, retryAfterMs, budget: limiter.fullest(nearest) };
  }

  function recheck(usable: (pairId: string) => Pair | RefusalReason): void {
    for (const asker of [...everybody]) {
      let why: RefusalReason = "inactive";
      const left: Lane[] = [];
      for (const lane of asker.lanes) {
        const answer = usable(lane.pair.id);
        if (typeof answer !== "string") lane.pair = answer;
        else {
          why = answer;
          left.push(lane);
        }
      }
      if (left.length === asker.lanes.length) asker.finish({ kind: "refused", reason: why, retryAfterMs: null });
      else if (left.length > 0) {
        lanes.leave(asker, left);
        for (const { line } of left) onChange(line.country);
      }
    }
    for (const line of lanes.lines()) serve(line);
  }

  function waiting(country: string): number {
    return lanes.lineOf(country)?.waiting ?? 0;
  }

  return {
    ask,
    nudge(country) {
      if (everybody.size > 0) serve(lanes.lineOf(country));
    },
    recheck,
    waiting,
    waiters: (country) =>
      [...(lanes.lineOf(country)?.lanes.values() ?? [])].map((lane) => ({
        pair: lane.pair.id,
        n: lane.waiters.size,
        sinceMs: firstOf(lane)?.sinceMs ?? now(),
      })),
    close() {
      closed = true;
      for (const asker of [...everybody]) asker.finish(down);
      deadlines.clear();
    },
  };
}

const down: Outcome = { kind: "refused", reason: "limiter_down", retryAfterMs: 2000 };
