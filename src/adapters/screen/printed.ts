/** What runs have printed, byte by byte, from their output files: a byte keeps its number when those before it are cut away. */

import { closeSync, existsSync, openSync, readSync, statSync, watch } from "node:fs";
import { join } from "node:path";
import type { Printed, Span } from "../../results/patterns/printed.ts";
import { cutBytes, filesOf, runsIn } from "./output.ts";

export function screenPrinted(dataFolder: string): Printed {
  const folderOf = (session: string) => join(dataFolder, "output", session);
  const listed = new Map<string, { changedAt: number; runs: string[] }>();

  /** A folder's own time changes with what is in it, not with what is written: asked for with every look. */
  function runsOf(session: string): string[] {
    const changedAt = statSync(folderOf(session), { throwIfNoEntry: false })?.mtimeMs ?? 0;
    let known = listed.get(session);
    if (known?.changedAt !== changedAt || Date.now() - changedAt < JUST_CHANGED_MS) {
      if (listed.size > MOST_LISTED) listed.clear();
      known = { changedAt, runs: runsIn(folderOf(session)).reverse() };
      listed.set(session, known);
    }
    return known.runs;
  }

  /** The kept parts in order, each with the number of its first byte. */
  function partsOf(session: string, run: string): Part[] {
    const folder = folderOf(session);
    const [earlier, current] = filesOf(folder, run);
    const before = sizeOf(earlier);
    const cut = before === 0 ? 0 : cutBytes(folder, run);
    const parts = [{ file: current, begin: cut, end: cut + sizeOf(current) }];
    if (cut > 0) parts.unshift({ file: earlier, begin: cut - before, end: cut });
    return parts;
  }

  return {
    runs: runsOf,
    span: (session, run) => spanOf(partsOf(session, run)),
    read(session, run, asked, most) {
      const parts = partsOf(session, run);
      const span = spanOf(parts);
      const from = Math.min(Math.max(asked, span.begin), span.end);
      const pieces: Uint8Array[] = [];
      for (const { file, begin, end } of parts) {
        const start = Math.max(from, begin);
        const stop = Math.min(from + most, end);
        if (stop > start) pieces.push(readPart(file, start - begin, stop - start));
      }
      return { ...span, from, bytes: pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces) };
    },
    watch(session, onChange) {
      // Of a session that never ran there is nothing to watch yet.
      if (!existsSync(folderOf(session))) return null;
      try {
        const watcher = watch(folderOf(session), onChange);
        watcher.on("error", () => {});
        return () => watcher.close();
      } catch {
        return null;
      }
    },
  };
}

/** A second change within the clock's grain would leave the time as it was. */
const JUST_CHANGED_MS = 50;
const MOST_LISTED = 10_000;

interface Part {
  file: string;
  begin: number;
  end: number;
}

function spanOf(parts: readonly Part[]): Span {
  return { begin: parts[0]!.begin, end: parts.at(-1)!.end };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** Nothing when the file is gone: an old run's output may be put away meanwhile. */
function readPart(file: string, from: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  try {
    const descriptor = openSync(file, "r");
    try {
      return bytes.subarray(0, readSync(descriptor, bytes, 0, length, from));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return bytes.subarray(0, 0);
  }
}
