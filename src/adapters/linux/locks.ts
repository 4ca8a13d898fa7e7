/**
 * Whether a file is locked, asked by a shared lock that is given back at once.
 *
 * Whoever takes the exclusive lock within those microseconds is refused, as if another copy ran; nobody ever runs twice by it. /proc/locks
 * would tell without touching the lock, but its first reader waits for the whole kernel (an RCU grace period, 5 to 20 ms measured), and
 * we would wait on the event loop, with every end and every start of a run.
 */

import { closeSync, openSync, readdirSync, readlinkSync } from "node:fs";
import { dirname } from "node:path";
import { isLocked } from "./libc.ts";

/** Those of the files that are locked. A file that is not there is not. */
export function lockedFiles(files: readonly string[]): string[] {
  return files.filter((file) => {
    let fd: number;
    try {
      fd = openSync(file, "r");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
      throw error;
    }
    try {
      return isLocked(fd);
    } finally {
      closeSync(fd);
    }
  });
}

/** Whether a process has a file of this folder open, and so may hold its lock. */
export function hasOpen(pid: number, folder: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => dirname(linkOf(`/proc/${pid}/fd/${fd}`)) === folder);
  } catch {
    return false;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
