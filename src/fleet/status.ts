/** A session's status from what was seen of it. Pure. */

import type { ExitSeen, SessionStatus } from "./fleet.ts";
import type { RunMemory } from "./history.ts";
import type { Verdict, View } from "./judge.ts";
import { recentFailures } from "./restarts.ts";
import type { SessionState } from "./states.ts";

/** Where the last lines of the ended run are shown: where somebody will ask why. */
const IN_TROUBLE: ReadonlySet<SessionState> = new Set(["backoff", "crashed", "interrupted", "orphan"]);

export interface Load {
  cpu: number | null;
  memoryBytes: number | null;
}

export function statusOf(
  view: View,
  verdict: Verdict,
  more: { load: Load | null; lastLines: readonly string[]; definition: string; now: number },
): SessionStatus {
  const { run } = view;
  const last = view.past.at(-1);
  const alive = run?.child?.alive ? run.child : null;
  return {
    session: view.session,
    state: verdict.state,
    why: verdict.why,
    run: run?.run ?? last?.run ?? null,
    pid: alive?.pid ?? null,
    screenPid: run?.keeper?.alive ? run.screenPid : null,
    startedAt: alive?.startedAt ?? null,
    exit: run ? null : exitOf(last),
    restarts: recentFailures(view.past, view.program.restart, more.now),
    nextTryAt: verdict.nextTryAt,
    killAt: verdict.killAt,
    lastLines: IN_TROUBLE.has(verdict.state) ? [...more.lastLines] : [],
    cpu: alive ? (more.load?.cpu ?? null) : null,
    memoryBytes: alive ? (more.load?.memoryBytes ?? null) : null,
    restartPending: alive !== null && run !== null && run.definition !== more.definition,
    observedAt: more.now,
  };
}

function exitOf(last: RunMemory | undefined): ExitSeen | null {
  return last ? { code: last.exitCode, words: last.exitWords, at: last.endedAt } : null;
}

/** Whether anything a reader would notice differs. */
export function differs(before: SessionStatus | undefined, after: SessionStatus): boolean {
  if (!before) return true;
  const { observedAt: _, lastLines: linesBefore, exit: exitBefore, ...rest } = before;
  if (exitBefore?.at !== after.exit?.at || exitBefore?.code !== after.exit?.code) return true;
  if (linesBefore.length !== after.lastLines.length || linesBefore.at(-1) !== after.lastLines.at(-1)) return true;
  return (Object.keys(rest) as (keyof typeof rest)[]).some((key) => rest[key] !== after[key]);
}
