/** Another name for a living screen. Addressed by its pid, believed only when its socket says so: `-X` answers 0 without effect, too. */

import { existsSync } from "node:fs";
import { readStat } from "../linux/processes.ts";
import { AFTER_START_MS } from "./spare-screen.ts";

/** screen matches by prefix: the pid with its dot is one session's alone, whatever that is called. */
export function renameCommand(screenPid: number, name: string, client = "screen"): string[] {
  return [client, "-S", `${screenPid}.`, "-X", "sessionname", name];
}

/** A screen takes a few milliseconds; one that hangs or is of another major version never does it. */
const DEADLINE_MS = 2_000;
const LOOK_EVERY_MS = 20;

/** Whether one of these sockets is there then. */
export async function rename(
  command: readonly string[],
  environment: Record<string, string | undefined>,
  sockets: readonly string[],
): Promise<boolean> {
  const asked = Bun.spawn([...command], {
    env: environment,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
    timeout: DEADLINE_MS,
    killSignal: "SIGKILL",
  });
  if ((await asked.exited) !== 0) return false;
  for (let waitedMs = 0; waitedMs < DEADLINE_MS; waitedMs += LOOK_EVERY_MS) {
    if (sockets.some((socket) => existsSync(socket))) return true;
    await Bun.sleep(LOOK_EVERY_MS);
  }
  return false;
}

export interface Names {
  /** Gives a screen that was there before its run the name of that: soon, because the program's start goes first. */
  soon(run: string, name: string, screenPid: number): void;
  /** Resolves when it has it, so that a later name is not overtaken by an earlier one. */
  settled(run: string): Promise<void>;
}

export function openNames(
  give: (screenPid: number, name: string) => Promise<boolean>,
  onRefused: (run: string, name: string) => void,
): Names {
  const underWay = new Map<string, Promise<void>>();

  async function nameIt(run: string, name: string, screenPid: number): Promise<void> {
    await Bun.sleep(AFTER_START_MS);
    // One that ended meanwhile needs none.
    if (!(await give(screenPid, name)) && readStat(screenPid)?.state === "S") onRefused(run, name);
  }

  return {
    soon(run, name, screenPid) {
      const task = nameIt(run, name, screenPid).finally(() => underWay.delete(run));
      underWay.set(run, task);
    },
    settled: async (run) => underWay.get(run),
  };
}
