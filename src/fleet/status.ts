/** A session's status from what was seen of it. Pure. */

import type { ExitSeen, SessionStatus } from "./fleet.ts";
import type { RunMemory } from "./history.ts";
import type { Verdict, View } from "./judge.ts";
import { failingSince, recentFailures } from "./restarts.ts";
import type { SessionState } from "./states.ts";
import type { RunSeen, Usage } from "./terminals.ts";

/** Where the last lines of the ended run are shown: where somebody will ask why. */
const IN_TROUBLE: ReadonlySet<SessionState> = new Set(["backoff", "crashed", "interrupted", "orphan"]);

/** What a run's processes use: measured twice, because a share of a core lies between two looks. */
export interface Load {
  run: string;
  cpu: number | null;
  memoryBytes: number;
  cpuMs: number;
  uptimeMs: number;
}

/** In whole percents and mebibytes: what nobody can see is not told to every reader. */
export function loadOf(track: { run: RunSeen | null; load: Load | null }, used: ReadonlyMap<string, Usage>, uptimeMs: number): Load | null {
  const usage = track.run && used.get(track.run.run);
  if (!track.run || !usage) return null;
  const before = track.load?.run === track.run.run && uptimeMs > track.load.uptimeMs ? track.load : null;
  // A helper that ended takes its time with it.
  const cpu = before && Math.round((100 * Math.max(0, usage.cpuMs - before.cpuMs)) / (uptimeMs - before.uptimeMs)) / 100;
  const memoryBytes = Math.round(usage.memoryBytes / 1_048_576) * 1_048_576;
  return { run: track.run.run, cpu, memoryBytes, cpuMs: usage.cpuMs, uptimeMs };
}

export function statusOf(
  view: View,
  verdict: Verdict,
  more: { load: Load | null; lastLines: readonly string[]; definition: string; codeChanged: string | null; now: number },
): SessionStatus {
  const { run } = view;
  const last = view.past.at(-1);
  const alive = run?.child?.alive ? run.child : null;
  const load = alive && more.load?.run === run?.run ? more.load : null;
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
    failingSince: IN_TROUBLE.has(verdict.state) ? failingSince(view.past, view.program.restart) : null,
    nextTryAt: verdict.nextTryAt,
    killAt: verdict.killAt,
    lastLines: IN_TROUBLE.has(verdict.state) ? [...more.lastLines] : [],
    cpu: load?.cpu ?? null,
    memoryBytes: load?.memoryBytes ?? null,
    runsAs: alive && run ? run.name : null,
    adopted: alive !== null && run?.adopted === true,
    restartPending: alive !== null && run !== null && run.definition !== more.definition,
    codeChanged: alive ? more.codeChanged : null,
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
