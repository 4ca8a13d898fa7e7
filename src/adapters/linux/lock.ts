/** One Signalbox per data folder: the lock is held while the process lives, however it ends, and is not inherited by what it starts. */

import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { conflict, messageOf, unavailable } from "../../kernel/errors.ts";
import { tryLock } from "./libc.ts";

export interface FolderLock {
  release(): void;
}

/** Throws 409 `in_use` when another process has it, `unavailable` when the folder cannot be made or written. */
export function lockDataFolder(dataDir: string): FolderLock {
  const path = join(dataDir, "lock");
  const fd = open(dataDir, path);
  if (!tryLock(fd)) {
    const holder = readFileSync(path, "utf8").trim();
    closeSync(fd);
    throw conflict(
      `The data folder ${dataDir} is in use by another Signalbox${holder ? ` (pid ${holder})` : ""}: stop it first, or give this one another --data-dir`,
      "in_use",
    );
  }
  // The pid is for the sentence above only; the lock is what counts, so a stale pid harms nobody.
  ftruncateSync(fd);
  writeSync(fd, `${process.pid}\n`, 0);
  return { release: () => closeSync(fd) };
}

function open(dataDir: string, path: string): number {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o750 });
    // Opened O_CLOEXEC by Bun: screens started later do not hold the lock.
    return openSync(path, "a+", 0o600);
  } catch (error) {
    throw unavailable(
      `The data folder ${dataDir} cannot be used: ${messageOf(error)}. Make it writable, or choose another with --data-dir`,
    );
  }
}
