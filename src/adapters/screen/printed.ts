/** What runs have printed, byte by byte, from their output files: a byte keeps its number when those before it are cut away. */

import { closeSync, existsSync, openSync, readSync, statSync, watch } from "node:fs";
import { join } from "node:path";
import type { Printed } from "../../results/patterns/printed.ts";
import { cutBytes, filesOf, runsIn } from "./output.ts";

export function screenPrinted(dataFolder: string): Printed {
  const folderOf = (session: string) => join(dataFolder, "output", session);

  /** The kept parts in order, each with the number of its first byte. */
  function parts(session: string, run: string) {
    const folder = folderOf(session);
    const [earlier, current] = filesOf(folder, run);
    const cut = cutBytes(folder, run);
    const before = cut === 0 ? 0 : sizeOf(earlier);
    return [
      { file: earlier, begin: cut - before, end: cut },
      { file: current, begin: cut, end: cut + sizeOf(current) },
    ];
  }

  return {
    runs: (session) => runsIn(folderOf(session)).reverse(),
    span(session, run) {
      const [earlier, current] = parts(session, run);
      return { begin: earlier!.begin, end: current!.end };
    },
    read(session, run, from, bytes) {
      const pieces: Uint8Array[] = [];
      for (const { file, begin, end } of parts(session, run)) {
        const start = Math.max(from, begin);
        const stop = Math.min(from + bytes, end);
        if (stop > start) pieces.push(readPart(file, start - begin, stop - start));
      }
      return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
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
