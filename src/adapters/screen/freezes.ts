/**
 * Terminals that hold their program still: by Ctrl-S in a terminal that knows it, by copy mode, by a screen that hangs. The program then
 * waits in a write to its terminal, and goes on waiting long after whoever did it has left.
 *
 * Seen from /proc alone: `wchan` says wait_woken and `syscall` a write to file 1 or 2. Both need root or the program's own user with the
 * right to trace it (Yama's ptrace_scope takes that away from everybody but root); where they cannot be read, nothing is found.
 */

import { readlinkSync } from "node:fs";
import { AppError, unavailable } from "../../kernel/errors.ts";
import { readLine } from "../linux/processes.ts";
import type { Waits } from "../linux/waits.ts";
import { screenComplaint } from "./parse.ts";

/** write and writev, as the kernel numbers them here. */
const WRITES = process.arch === "arm64" ? ["64", "66"] : ["1", "20"];
const WAITING = "wait_woken";

/** What one process waits with in a write to its terminal, the same as long as it is the same wait; null: it does not. */
export function heldEvidence(pid: number, waits: Pick<Waits, "threadsIn">): string | null {
  try {
    for (const thread of waits.threadsIn(pid, WAITING)) {
      const folder = `/proc/${pid}/task/${thread}`;
      const call = readLine(`${folder}/syscall`).trimEnd();
      const [number, file] = call.split(" ");
      if (!WRITES.includes(number ?? "") || (file !== "0x1" && file !== "0x2")) continue;
      if (!/^\/dev\/(pts\/|tty)/.test(readlinkSync(`/proc/${pid}/fd/${Number(file)}`))) continue;
      return `${thread} ${cpuTicks(`${folder}/stat`)} ${call}`;
    }
  } catch {
    // Gone meanwhile, or not ours to look into.
  }
  return null;
}

function cpuTicks(path: string): string {
  const line = readLine(path);
  // Fields 14 and 15, counted behind the name, which may hold anything.
  return line
    .slice(line.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13)
    .join(" ");
}

/**
 * The two characters that screen reads as Ctrl-Q: they end a Ctrl-S and leave copy mode. `-X` answers before, and whether or not, it
 * helped. screen matches by prefix: the pid with its dot is one session's alone, whatever that is called.
 */
export function thawCommand(screenPid: number, client = "screen"): string[] {
  return [client, "-S", `${screenPid}.`, "-X", "stuff", "^Q"];
}

// A screen that hangs, or one of another major version, may never answer.
const DEADLINE_MS = 3_000;

export async function thaw(command: string[], environment: Record<string, string | undefined>): Promise<void> {
  const asked = Bun.spawn(command, {
    env: environment,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: DEADLINE_MS,
    killSignal: "SIGKILL",
  });
  const code = await asked.exited;
  if (code === 0) return;
  if (code === 137) throw unavailable(`screen did not answer within ${DEADLINE_MS / 1000} s`);
  const words = screenComplaint(`${await asked.stdout.text()}${await asked.stderr.text()}`);
  throw new AppError("unavailable", `screen refused: ${words || `exit code ${code}`}`);
}
