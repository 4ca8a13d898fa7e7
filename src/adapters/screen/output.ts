/** Output files: one per run under `<data>/output/<session>`, ours alone to read, each within its cap, the newest runs kept. */

import { closeSync, copyFileSync, existsSync, openSync, readdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { ownFolder } from "./files.ts";

/** Makes the file before screen does, because screen would make it readable for others, and drops runs beyond `keepRuns`. */
export function openOutput(folder: string, run: string, keepRuns: number): void {
  ownFolder(folder);
  closeSync(openSync(join(folder, `${run}.log`), "a", 0o600));
  for (const old of runsIn(folder).slice(keepRuns)) for (const file of filesOf(folder, old)) rmSync(file, { force: true });
}

/** A run's files, oldest first; the newest run's when none is named. */
export function outputFiles(folder: string, run?: string): string[] {
  const wanted = run ?? runsIn(folder)[0];
  // The name comes from outside: it must not lead out of the folder.
  return wanted === undefined || !/^[A-Za-z0-9_-]+$/.test(wanted) ? [] : filesOf(folder, wanted).filter((file) => existsSync(file));
}

/**
 * Keeps a run's files together within `capBytes`: at half of it, what there is becomes the earlier part and the file starts over.
 * By copy and truncation, because screen goes on writing to a file that was renamed; what it writes in between, a millisecond, is lost.
 */
export function trimOutput(folder: string, run: string, capBytes: number): void {
  const [earlier, current] = filesOf(folder, run) as [string, string];
  const size = statSync(current, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= capBytes / 2) return;
  copyFileSync(current, earlier);
  truncateSync(current, 0);
}

function filesOf(folder: string, run: string): string[] {
  return [join(folder, `${run}.earlier.log`), join(folder, `${run}.log`)];
}

/** Newest first: run ids sort by birth. */
function runsIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((file) => /^([^.]+)\.log$/.exec(file)?.[1] ?? [])
    .sort()
    .reverse();
}
