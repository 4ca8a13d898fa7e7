/** Output files: one per run under `<data>/output/<session>`, ours alone to read, each within its cap, the newest runs kept. */

import { closeSync, existsSync, openSync, readdirSync, readSync, rmSync, statSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import { ownFolder, readSmall, writeSmall } from "./files.ts";

/** Makes the file before screen does, because screen would make it readable for others, and drops runs beyond `keepRuns`. */
export function openOutput(folder: string, run: string, keepRuns: number, make = makeFile): void {
  ownFolder(folder);
  make(join(folder, `${run}.log`));
  for (const old of runsIn(folder).slice(keepRuns))
    for (const file of [...filesOf(folder, old), cutFileOf(folder, old)]) rmSync(file, { force: true });
}

function makeFile(path: string): void {
  closeSync(openSync(path, "a", 0o600));
}

/** A run's files, oldest first; the newest run's when none is named. */
export function outputFiles(folder: string, run?: string): string[] {
  const wanted = run ?? runsIn(folder)[0];
  // The name comes from outside: it must not lead out of the folder.
  return wanted === undefined || !/^[A-Za-z0-9_-]+$/.test(wanted) ? [] : filesOf(folder, wanted).filter((file) => existsSync(file));
}

/**
 * Keeps a run's files together within `capBytes`: beyond half of it, the last half becomes the earlier part and the file starts over.
 * Gives what the file had grown to. By copy and truncation, because screen goes on writing to a file that was renamed; what it writes in between, a millisecond, is lost.
 */
export function trimOutput(folder: string, run: string, capBytes: number): number {
  const size = statSync(`${folder}/${run}.log`, { throwIfNoEntry: false })?.size ?? 0;
  const half = Math.floor(capBytes / 2);
  if (size <= half) return size;
  const [earlier, current] = filesOf(folder, run);
  copyTail(current, earlier, size - half, half);
  const before = cutBytes(folder, run);
  truncateSync(current, 0);
  writeSmall(cutFileOf(folder, run), `${before + size}\n`);
  return size;
}

/** Bytes of a run's whole output that lie before its file: what was cut from it so far. */
export function cutBytes(folder: string, run: string): number {
  return Number.parseInt(readSmall(cutFileOf(folder, run)) ?? "0", 10) || 0;
}

const cutFileOf = (folder: string, run: string) => join(folder, `${run}.cut`);

const PIECE_BYTES = 256 * 1024;

/** At most `bytes` from `start` on, beginning with a whole line. In pieces: the cap may be a gigabyte. */
function copyTail(from: string, to: string, start: number, bytes: number): void {
  const source = openSync(from, "r");
  const target = openSync(to, "w", 0o600);
  try {
    const piece = Buffer.alloc(Math.min(bytes, PIECE_BYTES));
    for (let copied = 0; copied < bytes; ) {
      const read = readSync(source, piece, 0, Math.min(piece.length, bytes - copied), start + copied);
      if (read === 0) return;
      const lineStart = copied === 0 ? piece.subarray(0, read).indexOf(10) + 1 : 0;
      writeSync(target, piece, lineStart, read - lineStart);
      copied += read;
    }
  } finally {
    closeSync(source);
    closeSync(target);
  }
}

/** The earlier part, and the file screen writes to. */
export function filesOf(folder: string, run: string): [string, string] {
  return [join(folder, `${run}.earlier.log`), join(folder, `${run}.log`)];
}

/** Runs with output in a folder, newest first: run ids sort by birth. */
export function runsIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((file) => /^([^.]+)\.log$/.exec(file)?.[1] ?? [])
    .sort()
    .reverse();
}
