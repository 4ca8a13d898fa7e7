/** Which processes belong to which run: one pass over /proc for all of them, in pieces between which others have their turn. */

import type { RunSeen } from "../../fleet/terminals.ts";
import { allPids, type ProcessStat, readStat } from "../linux/processes.ts";

// A process costs about 15 µs to read.
const AT_ONCE = 200;

/** By live run, everything in its terminal's kernel session without the keeper; a program that left the session brings its own. */
export async function membersOfRuns(runs: Iterable<Pick<RunSeen, "run" | "keeper" | "child">>): Promise<Map<string, ProcessStat[]>> {
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
