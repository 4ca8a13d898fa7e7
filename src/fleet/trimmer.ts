/** Keeps the history of runs from growing for ever: once a minute a few old runs of one session go, session by session, round and round. */

import type { History, Trimmed } from "./history.ts";
import { PAST_RUNS } from "./tracks.ts";

const DAY_MS = 86_400_000;
/** docs/sessions.md says so. A session keeps as many newest runs as restarts are decided by, however old. */
export const RUNS_KEPT = PAST_RUNS;
export const RUNS_KEPT_DAYS = 90;
/** One that dies every few seconds for weeks. */
export const RUNS_AT_MOST = 5_000;
const STEP = 100;

export function openTrimmer(history: Pick<History, "trim">): (now: number) => Promise<void> {
  let last: Trimmed | null = null;
  return async (now) => {
    last = await history.trim({ last, before: now - RUNS_KEPT_DAYS * DAY_MS, kept: RUNS_KEPT, most: RUNS_AT_MOST, step: STEP });
  };
}
