/** Small files that change by rename, so that a reader sees the old or the new and never a half. */

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** The text, or null when it is not there. */
export function readSmall(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

export function writeSmall(path: string, text: string, mode = 0o600): void {
  const draft = `${path}.draft`;
  writeFileSync(draft, text, { mode });
  renameSync(draft, path);
}

/** When it was written, in wall ms; `otherwise` when it is gone. */
export function writtenAt(path: string, otherwise: number): number {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return otherwise;
  }
}

/** A folder only we can read, parents too. */
export function ownFolder(path: string, mode = 0o700): string {
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true, mode });
  mkdirSync(path, { recursive: true, mode });
  return path;
}

/** What is in a folder; nothing when it is not there, or not ours to read. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
