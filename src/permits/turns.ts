/**
 * Whose turn it is between the pairs of a country: weighted virtual time (start-time fair queueing), and a floor for high priority. Pure.
 *
 * A slot costs its pair 1 / weight of virtual time and whoever stands earliest is next, so pairs that keep waiting get slots in the ratio of
 * their weights. The country's time goes on with whoever is served: a pair that asks for nothing saves one message, no more. Each slot given
 * out while high priority waits earns it `floorPct` hundredths of a slot; when a whole one is owed, the next slot is high priority's.
 */

import type { Pair } from "../pairs/pair.ts";

export const DEFAULT_FLOOR_PCT = 30;

/** A pair that could take the slot now. */
export interface Candidate {
  pair: Pair;
  /** Place of its first waiter in the order they came: decides between equals. */
  arrival: number;
}

export interface Turns {
  /** Index of who is next, -1 when there is nobody. */
  next(country: string, candidates: readonly Candidate[]): number;
  /** A slot went to this pair. `highWaits`: high priority wanted one too; left out: what `next` saw. */
  note(pair: Pair, highWaits?: boolean): void;
}

interface Course {
  /** The latest start that was nobody's to overtake. */
  time: number;
  /** The same among high priority alone, by which the slots of the floor are shared. */
  highTime: number;
  /** Hundredths of a slot that high priority is owed; below 100 after every slot. */
  owedPct: number;
  ends: Map<string, End>;
  /** What `next` saw, for the slot that follows it. */
  front: number;
  highWaits: boolean;
}

/** Where the pair's newest slot ends, in its country's time and in that of high priority. */
interface End {
  at: number;
  highAt: number;
}

/** Below it a weight counts as this one: 1 / weight must stay a number that can be added up. */
const LEAST_WEIGHT = 0.001;

export function openTurns(floorPct: number = DEFAULT_FLOOR_PCT): Turns {
  const courses = new Map<string, Course>();

  function courseOf(country: string): Course {
    let course = courses.get(country);
    if (!course) {
      course = { time: 0, highTime: 0, owedPct: 0, ends: new Map(), front: Number.POSITIVE_INFINITY, highWaits: false };
      courses.set(country, course);
    }
    return course;
  }

  function earliest(course: Course, candidates: readonly Candidate[], high: boolean): { index: number; start: number } {
    let index = -1;
    let earliestStart = Number.POSITIVE_INFINITY;
    for (let i = 0; i < candidates.length; i++) {
      const { pair, arrival } = candidates[i]!;
      if (high && !pair.priority) continue;
      const end = course.ends.get(pair.id);
      const start = high ? startAt(end?.highAt, course.highTime, pair) : startAt(end?.at, course.time, pair);
      if (start > earliestStart || (start === earliestStart && arrival > candidates[index]!.arrival)) continue;
      index = i;
      earliestStart = start;
    }
    return { index, start: earliestStart };
  }

  return {
    next(country, candidates) {
      if (candidates.length < 2) return candidates.length - 1;
      const course = courseOf(country);
      const first = earliest(course, candidates, false);
      course.front = first.start;
      course.highWaits = candidates.some(({ pair }) => pair.priority);
      if (!course.highWaits || course.owedPct + floorPct < 100) return first.index;
      return earliest(course, candidates, true).index;
    },

    note(pair, highWaits) {
      const course = courseOf(pair.country);
      let end = course.ends.get(pair.id);
      if (!end) {
        end = { at: course.time, highAt: course.highTime };
        course.ends.set(pair.id, end);
      }
      const cost = costOf(pair);
      const start = startAt(end.at, course.time, pair);
      // A slot of the floor may go to a pair that stands later than others: their time must not be passed over.
      course.time = Math.max(course.time, Math.min(start, course.front));
      end.at = Math.min(start, course.time) + cost;
      if (pair.priority) {
        const highStart = startAt(end.highAt, course.highTime, pair);
        course.highTime = Math.max(course.highTime, highStart);
        end.highAt = highStart + cost;
      }
      if (pair.priority) course.owedPct = Math.max(0, course.owedPct + floorPct - 100);
      else if (highWaits ?? course.highWaits) course.owedPct = Math.min(99, course.owedPct + floorPct);
      course.front = Number.POSITIVE_INFINITY;
      course.highWaits = false;
    },
  };
}

/** Where its next slot would start: after its newest one, but at most one slot behind or ahead of the time, whatever its weight was then. */
function startAt(end: number | undefined, time: number, pair: Pair): number {
  const cost = costOf(pair);
  return end === undefined ? time : Math.max(time - cost, Math.min(end, time + cost));
}

function costOf({ weight }: Pair): number {
  return 1 / Math.max(weight, LEAST_WEIGHT);
}
