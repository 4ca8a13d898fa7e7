/**
 * Keeps what we hold in memory near what we need. Once the start is over, and now and then, what only it needed is given back; and garbage
 * is collected before it piles up: by itself the engine waits until the heap has doubled.
 */

import type { Log } from "../kernel/log.ts";
import { type Loop, openLoop } from "../kernel/loop.ts";

export interface MemoryOptions {
  /** Bytes of what the last collection found alive, or did not look at because it was old. */
  heldBytes: () => number;
  /** Bytes of all that was taken for it, garbage too. */
  heapBytes: () => number;
  /** Collects all of it, now: half a millisecond for each MB that lives. */
  collect: () => void;
  /** Collects what is young, beside us for the most part. */
  collectYoung: () => void;
  /** Pages that only the start needed. */
  giveBack: () => void;
  log: Log;
  now: () => number;
}

const LOOK_EVERY_MS = 1_000;
const START_IS_OVER_MS = 5_000;
const GIVE_BACK_EVERY_MS = 3_600_000;
const MB = 1024 * 1024;
/** As much of what was taken for good is worth a whole collection; of a big heap a quarter, since each takes as long as what lives is big. */
const OLD_BYTES = 4 * MB;
const OLD_SHARE = 0.25;
const YOUNG_BYTES = 4 * MB;

export function openMemory({ heldBytes, heapBytes, collect, collectYoung, giveBack, log, now }: MemoryOptions): Loop {
  let livingBytes = 0;
  /** The least the heap was since it was last collected. */
  let leastBytes = 0;
  let givenBackAt = Number.NEGATIVE_INFINITY;

  function tidy(): void {
    leastBytes = Math.min(leastBytes, heapBytes());
    if (heldBytes() > livingBytes + Math.max(OLD_BYTES, livingBytes * OLD_SHARE)) {
      collect();
      livingBytes = heldBytes();
      leastBytes = heapBytes();
    } else if (heapBytes() > leastBytes + YOUNG_BYTES) {
      collectYoung();
      // Over by the next look, and what is left then is what there is.
      leastBytes = Number.POSITIVE_INFINITY;
    }
  }

  function look(): void {
    tidy();
    if (Math.abs(now() - givenBackAt) < GIVE_BACK_EVERY_MS) return;
    givenBackAt = now();
    giveBack();
  }

  return openLoop({ name: "memory", everyMs: LOOK_EVERY_MS, run: look, firstAfterMs: START_IS_OVER_MS, log, now });
}
