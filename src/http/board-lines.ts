/**
 * The board's lines as they were made last. While somebody reads the board, a line is made anew only when something it shows may have
 * changed: most of a fleet stands still in any second, and the numbers of a pair are the dearest part of a look.
 */

import type { LineProps } from "../../views/board/props.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Directory } from "../pairs/directory.ts";
import type { Breaches } from "../permits/breaches.ts";
import type { Holds } from "../permits/holds.ts";
import type { Permits } from "../permits/permit.ts";
import type { Counters } from "../results/numbers.ts";

export interface BoardLines {
  /** The line of a country: the very same object as long as it stands. */
  of(country: string, make: () => LineProps): LineProps;
  /** From now on until the returned function is called, changes are heard of; nothing is kept while nobody watches. */
  watch(): () => void;
}

export interface BoardLinesOptions {
  directory: Directory;
  fleet: Pick<Fleet, "changed">;
  permits: Pick<Permits, "changed">;
  breaches: Pick<Breaches, "changed">;
  holds: Pick<Holds, "changed">;
  counters: Pick<Counters, "changed" | "version">;
  clock: Clock;
}

interface Kept {
  line: LineProps;
  versions: number;
  madeAt: number;
  /** Wall ms: from here on time alone may have changed it. */
  until: number;
}

/** A rate is worked out at most once a second, so a line made right after a result may still show the one before. */
const SETTLES_MS = 1_000;
/** What was sent in the last minute grows less without a word. */
const FADES_MS = 5_000;

export function openBoardLines({ directory, fleet, permits, breaches, holds, counters, clock }: BoardLinesOptions): BoardLines {
  const kept = new Map<string, Kept>();
  let watchers = 0;
  let leave: (() => void)[] = [];

  const forget = (country: string) => void kept.delete(country);

  function forgetSessions(ids: readonly string[]): void {
    for (const id of ids) for (const pair of directory.session(id)?.pairs ?? []) forgetPair(pair);
  }

  function forgetPair(id: string): void {
    const pair = directory.pair(id);
    if (pair) forget(pair.country);
  }

  function versionsOf({ pairs }: LineProps): number {
    let sum = 0;
    for (const pair of pairs) sum += counters.version(pair.id);
    return sum;
  }

  function stands({ line, versions, madeAt, until }: Kept, now: number): boolean {
    return now >= madeAt && now < until && versionsOf(line) === versions;
  }

  return {
    of(country, make) {
      const now = clock.now();
      const before = kept.get(country);
      if (before && stands(before, now)) return before.line;
      const line = make();
      const versions = versionsOf(line);
      const settled = before !== undefined && before.versions === versions;
      const until = Math.min(now + (settled ? FADES_MS : SETTLES_MS), timeTells(line, now));
      if (watchers > 0) kept.set(country, { line, versions, madeAt: now, until });
      return line;
    },

    watch() {
      if (watchers++ === 0)
        leave = [
          directory.changed.subscribe(() => kept.clear()),
          holds.changed.subscribe(() => kept.clear()),
          fleet.changed.subscribe(forgetSessions),
          permits.changed.subscribe(forget),
          breaches.changed.subscribe(forget),
          counters.changed.subscribe((pairs) => pairs.forEach(forgetPair)),
        ];
      return () => {
        if (--watchers > 0) return;
        for (const one of leave) one();
        kept.clear();
      };
    },
  };
}

/** When the window of the country moves by itself: its oldest send leaves it, or a slot is free. Of sends without a permit it is not known. */
function timeTells({ budget }: LineProps, now: number): number {
  if (budget.used !== budget.grantsAt.length) return now;
  const oldest = Math.min(...budget.grantsAt) + budget.windowMs;
  return Math.min(oldest > now ? oldest : Number.POSITIVE_INFINITY, budget.freeAt ?? Number.POSITIVE_INFINITY);
}
