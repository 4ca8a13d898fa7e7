/** Those who wait: by country (a line) and by pair (a lane), in the order they came. Holds them and counts them; queue.ts decides. */

import type { Pair } from "../pairs/pair.ts";
import type { Deadline } from "./deadlines.ts";
import type { Sender } from "./limiter.ts";

export interface Waiter extends Deadline {
  /** Place in the order they came. */
  arrival: number;
  /** Uptime since when it waits. */
  sinceMs: number;
  sender: Sender;
  lanes: Lane[];
}

export interface Lane {
  pair: Pair;
  line: Line;
  waiters: Set<Waiter>;
}

export interface Line {
  country: string;
  lanes: Map<string, Lane>;
  waiting: number;
  /** When its timer rings. */
  dueMs: number;
  disarm: () => void;
}

export interface Lanes {
  lineOf(country: string): Line | undefined;
  lines(): Line[];
  enter(waiter: Waiter, pairs: readonly Pair[]): void;
  /** Out of these lanes, or of all; a line in which nobody is left is no more. */
  leave(waiter: Waiter, lanes?: readonly Lane[]): void;
}

export function openLanes(): Lanes {
  const lines = new Map<string, Line>();

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

  return {
    lineOf: (country) => lines.get(country),
    lines: () => [...lines.values()],
    enter(waiter, pairs) {
      waiter.lanes = pairs.map(laneOf);
      for (const lane of waiter.lanes) lane.waiters.add(waiter);
      for (const line of linesOf(waiter)) line.waiting++;
    },
    leave(waiter, left = waiter.lanes) {
      const before = linesOf(waiter);
      waiter.lanes = waiter.lanes.filter((lane) => !left.includes(lane));
      const after = linesOf(waiter);
      for (const lane of left) {
        lane.waiters.delete(waiter);
        if (lane.waiters.size === 0) lane.line.lanes.delete(lane.pair.id);
      }
      for (const line of before) {
        if (!after.has(line)) line.waiting--;
        if (line.lanes.size > 0) continue;
        line.disarm();
        line.dueMs = Number.POSITIVE_INFINITY;
        lines.delete(line.country);
      }
    },
  };
}

export function linesOf(waiter: Waiter): Set<Line> {
  return new Set(waiter.lanes.map((lane) => lane.line));
}

/** The one who came first. */
export function firstOf(lane: Lane): Waiter | undefined {
  for (const waiter of lane.waiters) return waiter;
  return undefined;
}

/** The newest of the first one's program goes first, the others of it move up one place each: nobody else's place is any later for it. */
export function newestFirst(lane: Lane, first: Waiter): Waiter {
  const own = [...lane.waiters].filter((waiter) => waiter.sender.program === first.sender.program);
  const newest = own.pop()!;
  if (newest === first) return first;
  const places = [...own.map(({ arrival }) => arrival), newest.arrival];
  const moved = [newest, ...own];
  for (let i = 0; i < moved.length; i++) moved[i]!.arrival = places[i]!;
  lane.waiters = new Set([...lane.waiters].map((waiter) => (waiter.sender.program === first.sender.program ? moved.shift()! : waiter)));
  return newest;
}
