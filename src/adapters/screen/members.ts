/** Which processes belong to which run: one pass over /proc for all of them, in pieces between which others have their turn. */

import type { RunSeen } from "../../fleet/terminals.ts";
import { allPids, type ProcessStat, readStat } from "../linux/processes.ts";

// A process costs about 15 µs to read.
const AT_ONCE = 200;

/** Helpers that a program starts meanwhile are found with the next whole pass. */
const WHOLE_EVERY = 3;

export interface Members {
  /** As membersOfRuns tells them; two times of three only those that are known already are read again, unless a run is new. */
  of(runs: Iterable<RunOf>): Promise<Map<string, ProcessStat[]>>;
}

export function openMembers(): Members {
  let known = new Map<string, ProcessStat[]>();
  let turn = 0;
  return {
    async of(runs) {
      const living = [...runs].filter(({ child }) => child?.alive);
      const whole = turn++ % WHOLE_EVERY === 0 || living.some(({ run }) => !known.has(run));
      known = whole ? await membersOfRuns(living) : await readAgain(living, known);
      return known;
    },
  };
}

async function readAgain(runs: readonly RunOf[], known: ReadonlyMap<string, ProcessStat[]>): Promise<Map<string, ProcessStat[]>> {
  const members = new Map<string, ProcessStat[]>();
  let read = 0;
  for (const { run } of runs) {
    const living: ProcessStat[] = [];
    for (const before of known.get(run) ?? []) {
      if (++read % AT_ONCE === 0) await new Promise((next) => setImmediate(next));
      const stat = readStat(before.pid);
      if (stat && stat.startTicks === before.startTicks && stat.state !== "Z") living.push(stat);
    }
    members.set(run, living);
  }
  return members;
}

type RunOf = Pick<RunSeen, "run" | "keeper" | "child">;

/** By live run, everything in its terminal's kernel session without the keeper; a program that left the session brings its own. */
export async function membersOfRuns(runs: Iterable<RunOf>): Promise<Map<string, ProcessStat[]>> {
  const members = new Map<string, ProcessStat[]>();
  const bySession = new Map<number, string>();
  const keepers = new Set<number>();
  for (const { run, keeper, child } of runs) {
    if (!child?.alive) continue;
    const program = readStat(child.pid);
    if (program?.startTicks !== child.startTicks) continue;
    members.set(run, []);
    bySession.set(program.session, run);
    if (!keeper?.alive) continue;
    bySession.set(keeper.pid, run);
    keepers.add(keeper.pid);
  }
  if (members.size === 0) return members;
  let read = 0;
  for (const pid of allPids()) {
    if (++read % AT_ONCE === 0) await new Promise((next) => setImmediate(next));
    const stat = readStat(pid);
    if (!stat || stat.state === "Z" || keepers.has(pid)) continue;
    const run = bySession.get(stat.session);
    if (run !== undefined) members.get(run)!.push(stat);
  }
  return members;
}
