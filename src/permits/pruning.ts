/**
 * Old grants go, in small steps between which everybody else has their turn at the disk. What a window, a late result or a restart may
 * still need stays whatever the wall clock says: nothing of the last two days of this boot, and nothing in a boot's first day.
 */

import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { HOUSEKEEPING_AFTER_MS, type Loop, openLoop } from "../kernel/loop.ts";
import type { Grants } from "./grants.ts";

export interface PruningOptions {
  grants: Pick<Grants, "prune">;
  clock: Clock;
  log: Log;
  keepDays: number;
  /** Between two steps. For tests: no time at all. */
  pause?: () => Promise<unknown>;
}

const DAY_MS = 86_400_000;
const EVERY_MS = 3_600_000;
const REST_AFTER_START_MS = 60_000;
/** Rows of a step: a few ms of the writer. */
export const STEP = 500;
const PAUSE_MS = 50;

export function openPruning({ grants, clock, log, keepDays, pause = () => Bun.sleep(PAUSE_MS) }: PruningOptions): Loop {
  const beganMs = clock.uptimeMs();
  let stopped = false;

  async function prune(): Promise<void> {
    const uptimeMs = clock.uptimeMs();
    // The longest window is a day: until this boot is older, grants of the one before may count.
    if (uptimeMs < DAY_MS + REST_AFTER_START_MS || uptimeMs - beganMs < REST_AFTER_START_MS) return;
    const what = { beforeAt: clock.now() - keepDays * DAY_MS, bootId: clock.bootId, beforeUptimeMs: uptimeMs - 2 * DAY_MS, most: STEP };
    let sum = 0;
    for (let gone = STEP; gone >= STEP && !stopped; await pause()) {
      gone = await grants.prune(what);
      sum += gone;
    }
    if (sum > 0) log.info(`permits: ${sum} grants older than ${keepDays} days were deleted`);
  }

  const loop = openLoop({
    name: "permit-pruning",
    everyMs: EVERY_MS,
    run: prune,
    firstAfterMs: HOUSEKEEPING_AFTER_MS,
    log,
    now: clock.now,
  });
  return {
    ...loop,
    start() {
      stopped = false;
      loop.start();
    },
    stop() {
      stopped = true;
      return loop.stop();
    },
  };
}
