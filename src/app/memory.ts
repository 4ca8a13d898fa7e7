/**
 * Keeps what we hold in memory near what we need. Once the start is over, and now and then, what only it needed is given back; and garbage
 * is collected before it piles up: by itself the engine waits until the heap has doubled.
 */

import type { Log } from "../kernel/log.ts";
import { type Loop, openLoop } from "../kernel/loop.ts";

export interface MemoryOptions {
  /** Bytes: what the last collection left, old garbage too, and what was taken for all of it. */
  heap: () => { left: number; taken: number };
  /** Collects all of it, now: half a millisecond for each MB that lives. */
  collect: () => void;
  /** Collects what is young, beside us for the most part. */
  collectYoung: () => void;
  /** Drops code that may never run again, which comes back when it does, and collects; a moment later. */
  shrink: () => void;
  /** Pages that only the start needed. */
  giveBack: () => void;
  log: Log;
  now: () => number;
}

const LOOK_EVERY_MS = 1_000;
const START_IS_OVER_MS = 2_000;
const GIVE_BACK_EVERY_MS = 3_600_000;
const MB = 1024 * 1024;
/** As much of what was taken for good is worth a whole collection; of a big heap more, since each takes as long as what lives is big. */
const OLD_BYTES = 3 * MB;
const OLD_SHARE = 0.15;
const YOUNG_BYTES = 2 * MB;

export function openMemory(options: MemoryOptions): Loop {
  const { heap, collect, collectYoung, shrink, giveBack, log, now } = options;
  /** The least they were since all was collected, by us or by the engine. */
  let leastLeft = Number.POSITIVE_INFINITY;
  let leastTaken = Number.POSITIVE_INFINITY;
  let givenBackAt: number | null = null;

  function tidy(): void {
    const { left, taken } = heap();
    leastLeft = Math.min(leastLeft, left);
    leastTaken = Math.min(leastTaken, taken);
    if (left > leastLeft + Math.max(OLD_BYTES, leastLeft * OLD_SHARE)) {
      collect();
      const after = heap();
      leastLeft = after.left;
      leastTaken = after.taken;
    } else if (taken > leastTaken + YOUNG_BYTES) collectYoung();
  }

  function look(): void {
    if (givenBackAt === null) {
      shrink();
      givenBackAt = Number.NEGATIVE_INFINITY;
      return;
    }
    tidy();
    if (Math.abs(now() - givenBackAt) < GIVE_BACK_EVERY_MS) return;
    givenBackAt = now();
    giveBack();
  }

  return openLoop({ name: "memory", everyMs: LOOK_EVERY_MS, run: look, firstAfterMs: START_IS_OVER_MS, log, now });
}
