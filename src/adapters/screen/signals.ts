/** Ending a run by signals. Each process is checked to be the one that is meant right before it is signalled. */

import type { RunSeen, StopSignal } from "../../fleet/terminals.ts";
import { isAlive, type ProcessStat, processesOfSession, readStat } from "../linux/processes.ts";

type Run = Pick<RunSeen, "keeper" | "child" | "thisBoot" | "adopted">;

/** The stop signal for the program and what it started in its terminal. */
export function signalRun(run: Run, signal: StopSignal): void {
  if (run.adopted) {
    signalAdopted(run, signal);
    return;
  }
  const keeper = liveKeeper(run);
  if (keeper === null || signal === "HUP") {
    // HUP would end the keeper before it has recorded the exit, so everybody else gets it one by one.
    for (const process of membersOf(run)) send(process, `SIG${signal}`);
    return;
  }
  sendGroup(keeper.pid, `SIG${signal}`);
  const child = run.child && readStat(run.child.pid);
  if (child && child.startTicks === run.child?.startTicks && child.group !== keeper.pid) send(child, `SIG${signal}`);
}

/** Its process group and no more: the shell it was typed into has done nothing wrong. */
function signalAdopted(run: Run, signal: StopSignal): void {
  const child = run.thisBoot && run.child ? readStat(run.child.pid) : null;
  if (!child || child.startTicks !== run.child?.startTicks) return;
  for (const process of processesOfSession(child.session)) if (process.group === child.group) send(process, `SIG${signal}`);
}

/** KILL for everybody but the keeper, which tells the exit then; for the keeper when nobody else is left and it still has not. */
export function killRun(run: Run, keeper: "spared" | "last" = "last"): void {
  const members = membersOf(run);
  for (const process of members) send(process, "SIGKILL");
  if (keeper === "last" && members.length === 0 && !run.adopted && run.thisBoot && run.keeper) send(run.keeper, "SIGKILL");
}

/** Living processes of the run's terminal without its keeper; a program that left the terminal's session brings its own. */
function membersOf(run: Run): ProcessStat[] {
  const members = new Map<number, ProcessStat>();
  const keeper = liveKeeper(run);
  const sessions = new Set(keeper ? [keeper.pid] : []);
  const child = run.thisBoot && run.child ? readStat(run.child.pid) : null;
  if (child && child.startTicks === run.child?.startTicks) {
    if (child.state !== "Z") members.set(child.pid, child);
    // While the program is there, be it unburied, the session's number cannot have been given to another.
    sessions.add(child.session);
  }
  for (const session of sessions) for (const process of processesOfSession(session)) members.set(process.pid, process);
  if (run.keeper) members.delete(run.keeper.pid);
  return [...members.values()];
}

function liveKeeper(run: Run): { pid: number } | null {
  return run.thisBoot && run.keeper && isAlive(run.keeper.pid, run.keeper.startTicks) ? run.keeper : null;
}

export function send(target: { pid: number; startTicks: number }, signal: NodeJS.Signals): void {
  if (!isAlive(target.pid, target.startTicks)) return;
  try {
    process.kill(target.pid, signal);
  } catch {
    // Gone in between: that is what was wanted.
  }
}

function sendGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // Gone in between.
  }
}
