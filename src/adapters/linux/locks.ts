/** Who holds the lock on a file, asked without taking it: a lock taken to look, even for a moment, can make somebody else's start fail. */

import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { tryLock } from "./libc.ts";

/** Inodes under an exclusive flock, as /proc/locks lists them: `1: FLOCK  ADVISORY  WRITE 4242 fe:00:131 0 EOF`. */
export function parseLockedInodes(text: string): Set<number> {
  const inodes = new Set<number>();
  for (const match of text.matchAll(/^\d+: FLOCK +\S+ +WRITE +-?\d+ +\S+:(\d+) /gm)) inodes.add(Number(match[1]));
  return inodes;
}

/** Those of the files that are locked. A file that is not there is not. */
export function lockedFiles(files: readonly string[]): string[] {
  const inodes = parseLockedInodes(readFileSync("/proc/locks", "latin1"));
  return files.filter((file) => {
    const found = statSync(file, { throwIfNoEntry: false });
    // The inode alone may be another file system's, so the file itself has the last word.
    return found !== undefined && inodes.has(found.ino) && !isFree(file);
  });
}

function isFree(file: string): boolean {
  const fd = openSync(file, "r");
  try {
    return tryLock(fd);
  } finally {
    closeSync(fd);
  }
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
