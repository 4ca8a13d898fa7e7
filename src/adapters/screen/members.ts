/** Which processes belong to which run: one pass over /proc for all of them, in pieces between which others have their turn. */

import type { RunSeen } from "../../fleet/terminals.ts";
import { allPids, type ProcessStat, readStat } from "../linux/processes.ts";

// A process costs about 15 µs to read.
const AT_ONCE = 200;

/** Helpers that a program starts meanwhile are found with the next whole pass. */
const WHOLE_EVERY = 3;
/** So many whole passes know who belongs to nobody: a process cannot come to a terminal's session but by being born there. */
const STRANGERS_FOR = 4;

export interface Members {
  /**
   * By live run, everything in its terminal's kernel session without the keeper; a program that left the session brings its own. Two times
   * of three only those that are known already are read again, unless a run is new.
   */
  of(runs: Iterable<RunOf>): Promise<Map<string, ProcessStat[]>>;
}

type RunOf = Pick<RunSeen, "run" | "keeper" | "child">;

export function openMembers(): Members {
  let known = new Map<string, ProcessStat[]>();
  let turn = 0;
  let strangers = new Set<number>();
  /** The sessions they are strangers to. */
  let strangeTo = "";

  async function wholePass(runs: readonly RunOf[]): Promise<Map<string, ProcessStat[]>> {
    const members = new Map<string, ProcessStat[]>();
    const { bySession, keepers } = sessionsOf(runs);
    for (const run of bySession.values()) members.set(run, []);
    if (members.size === 0) return members;
    const sessions = [...bySession.keys()].join();
    if (sessions !== strangeTo || turn % (WHOLE_EVERY * STRANGERS_FOR) === 1) strangers.clear();
    strangeTo = sessions;
    const still = new Set<number>();
    let read = 0;
    for (const pid of allPids()) {
      if (strangers.has(pid)) still.add(pid);
      if (strangers.has(pid) || keepers.has(pid)) continue;
      if (++read % AT_ONCE === 0) await new Promise((next) => setImmediate(next));
      const stat = readStat(pid);
      if (!stat || stat.state === "Z") continue;
      const run = bySession.get(stat.session);
      if (run === undefined) still.add(pid);
      else members.get(run)!.push(stat);
    }
    strangers = still;
    return members;
  }

  return {
    async of(runs) {
      const living = [...runs].filter(({ child }) => child?.alive);
      const whole = turn++ % WHOLE_EVERY === 0 || living.some(({ run }) => !known.has(run));
      known = whole ? await wholePass(living) : await readAgain(living, known);
      return known;
    },
  };
}

function sessionsOf(runs: readonly RunOf[]): { bySession: Map<number, string>; keepers: Set<number> } {
  const bySession = new Map<number, string>();
  const keepers = new Set<number>();
  for (const { run, keeper, child } of runs) {
    const program = child && readStat(child.pid);
    if (program?.startTicks !== child?.startTicks) continue;
    bySession.set(program!.session, run);
    if (!keeper?.alive) continue;
    bySession.set(keeper.pid, run);
    keepers.add(keeper.pid);
  }
  return { bySession, keepers };
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
