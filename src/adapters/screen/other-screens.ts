/**
 * Says of a screen whether it is another binary than ours, and which binary it understands: 4.9 and 5.0 cannot talk with each other, and
 * their answers do not show it.
 */

import { readlinkSync, statSync } from "node:fs";
import { basename } from "node:path";

export interface OtherScreens {
  /** null: the same as ours, or nobody may know. */
  wordsOf(pid: number): Promise<string | null>;
}

const DEADLINE_MS = 1_000;

export function openOtherScreens(ours: string | null): OtherScreens {
  const known = new Map<string, Promise<string | null>>();
  return {
    wordsOf(pid) {
      const theirs = fileOf(`/proc/${pid}/exe`);
      if (theirs === null || (ours !== null && theirs === fileOf(ours))) return Promise.resolve(null);
      const words = known.get(theirs) ?? wordsFor(pid);
      known.set(theirs, words);
      return words;
    },
  };
}

async function wordsFor(pid: number): Promise<string | null> {
  let path: string;
  try {
    path = readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return null;
  }
  if (path.endsWith(" (deleted)")) return `${path.slice(0, -" (deleted)".length)}, replaced by an upgrade since it started`;
  const version = await versionOf(path);
  return version === null ? path : `${path}, version ${version}`;
}

/**
 * What to ask a screen with: its own binary, also when an upgrade has replaced or removed that since; "screen", the one of our PATH, when
 * the two are one, when the binary is not known, or when somebody else could have made it what it is.
 */
export function clientFor(pid: number, ours: string | null, user = process.getuid?.() ?? 0): string {
  const path = `/proc/${pid}/exe`;
  try {
    const { uid, mode } = statSync(path);
    const trusted = (uid === 0 || uid === user) && (mode & 0o022) === 0 && basename(readlinkSync(path)).startsWith("screen");
    return trusted && (ours === null || fileOf(path) !== fileOf(ours)) ? path : "screen";
  } catch {
    return "screen";
  }
}

/** Asked only of a file that nobody but root can have put there: anything else would be running a stranger's program. */
async function versionOf(path: string): Promise<string | null> {
  const file = statSync(path, { throwIfNoEntry: false });
  if (file?.uid !== 0 || (file.mode & 0o022) !== 0) return null;
  const asked = Bun.spawn([path, "-v"], { stdin: "ignore", stdout: "pipe", stderr: "ignore", timeout: DEADLINE_MS, killSignal: "SIGKILL" });
  return /version (\d+(?:\.\d+)+)/.exec(await asked.stdout.text())?.[1] ?? null;
}

function fileOf(path: string): string | null {
  try {
    const { dev, ino } = statSync(path);
    return `${dev}:${ino}`;
  } catch {
    return null;
  }
}
