/**
 * Gives out what is free, and rings when the next slot is. Between the pairs of a country by turns; what several countries share goes to
 * them in turn, the one served longest ago first; within a pair by order of arrival, or as its program drains its queue.
 */

import type { Pair } from "../pairs/pair.ts";
import type { QueuePolicy } from "../pairs/program.ts";
import type { After } from "./deadlines.ts";
import { firstOf, type Lane, type Lanes, type Line, newestFirst, type Waiter } from "./lanes.ts";
import type { Limiter, Sender, Taken } from "./limiter.ts";
import type { Turns } from "./turns.ts";

export interface Serving {
  /** A slot for somebody who is here now; null when some budget has none. */
  take(pair: Pair, sender: Sender): Taken | null;
  /** Gives out what is free in this country, and sets its timer. */
  serve(line: Line | undefined): void;
  /** Sets the country's timer to its next slot. */
  arm(line: Line): void;
}

export interface ServingOptions {
  limiter: Limiter;
  lanes: Lanes;
  turns: Turns;
  drain: (program: string) => QueuePolicy;
  /** Uptime in ms. */
  now: () => number;
  after: After;
  /** The waiter's wait is over: it leaves its lanes. */
  give: (waiter: Waiter, taken: Taken) => void;
}

export function openServing({ limiter, lanes, turns, drain, now, after, give }: ServingOptions): Serving {
  /** By country, when it was last given a slot out of a budget that several countries share. */
  const servedLast = new Map<string, number>();
  let served = 0;

  function take(pair: Pair, sender: Sender): Taken | null {
    const taken = limiter.take(pair, sender);
    if (!taken) return null;
    turns.note(pair);
    if (limiter.isShared()) servedLast.set(pair.country, ++served);
    return taken;
  }

  function serve(line: Line | undefined): void {
    if (limiter.isShared()) serveAll();
    else if (line) {
      while (serveOne(line));
      arm(line);
    }
  }

  function serveAll(): void {
    const lastOf = ({ country }: Line) => servedLast.get(country) ?? 0;
    while (
      lanes
        .lines()
        .sort((a, b) => lastOf(a) - lastOf(b))
        .some(serveOne)
    );
    for (const line of lanes.lines()) arm(line);
  }

  function serveOne(line: Line): boolean {
    if (line.waiting === 0 || !limiter.hasRoom(line.country)) return false;
    const lane = laneThatIsNext(line);
    const waiter = lane && waiterThatIsNext(lane);
    const taken = waiter && take(lane.pair, waiter.sender);
    if (!taken) return false;
    give(waiter, taken);
    return true;
  }

  /** Of the pairs that could take now, the one whose turn it is. */
  function laneThatIsNext(line: Line): Lane | undefined {
    const able = [...line.lanes.values()].filter((lane) => limiter.nextFreeMs(lane.pair) <= 0);
    const candidates = able.map((lane) => ({ pair: lane.pair, arrival: firstOf(lane)!.arrival }));
    return able[turns.next(line.country, candidates)];
  }

  function waiterThatIsNext(lane: Lane): Waiter {
    const first = firstOf(lane)!;
    return drain(first.sender.program).order === "newest" ? newestFirst(lane, first) : first;
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

  return { take, serve, arm };
}
