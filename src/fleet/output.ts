/** Reads what runs have printed: the tail, the stretch before it, the lines that match, all of it. Every line leaves masked and without controls. */

import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { conflict, invalid } from "../kernel/errors.ts";
import { rawLines, shown } from "./output-lines.ts";

export const TAIL_BYTES = 256 * 1024;

/** The last lines of files read as one, oldest file first, as far as a quarter of a megabyte of each goes. For more, search for "". */
export function tailOf(files: readonly string[], lines: number): string[] {
  const found: string[] = [];
  for (const file of [...files].reverse()) {
    const size = sizeOf(file);
    const from = Math.max(0, size - TAIL_BYTES);
    const text = new TextDecoder().decode(readBytes(file, from, size - from));
    const parts = text.split("\n");
    // The first part is the end of a line that begins further up, the last one is empty when the file ends with a newline.
    if (from > 0) parts.shift();
    if (parts.at(-1) === "") parts.pop();
    found.unshift(...parts);
    if (found.length >= lines) break;
  }
  return newest(found, lines).map(shown);
}

/** The last `limit` lines that hold `search`, case ignored. Looked for in the masked text: who may not read a number may not find it either. */
export async function searchIn(files: readonly string[], search: string, limit: number): Promise<string[]> {
  const wanted = search.toLowerCase();
  const found: string[] = [];
  for await (const lines of rawLines(files)) {
    for (const raw of lines) {
      const line = shown(raw);
      if (line.toLowerCase().includes(wanted)) found.push(line);
    }
    if (found.length >= 2 * limit + 1000) found.splice(0, found.length - limit);
  }
  return newest(found, limit);
}

export interface Stretch {
  lines: string[];
  /** What to ask for to get the lines before these; null: there are none. */
  earlier: string | null;
}

/** Read at most for one stretch; lines longer than all of it come in pieces. */
const STRETCH_BYTES = 1024 * 1024;

/**
 * At most `lines` lines that end where `before` says, or at the end. Throws `conflict` with reason `cut` when the output was cut to its cap
 * since `before` was given: what it named is somewhere else now, or gone.
 */
export function stretchOf(files: readonly string[], lines: number, before?: string): Stretch {
  const cut = cutAt(files);
  const sizes = files.map(sizeOf);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let end = total;
  if (before !== undefined) {
    const [, mark, offset] = /^(\d{1,16})\.(\d{1,16})$/.exec(before) ?? [];
    if (offset === undefined)
      throw invalid("before: must be what `earlier` said", [{ field: "before", message: "must be what `earlier` said" }]);
    if (Number(mark) !== cut || Number(offset) > total)
      throw conflict("The output was cut to its cap since you looked. Look again from its end.", "cut");
    end = Number(offset);
  }
  const from = Math.max(0, end - STRETCH_BYTES);
  const bytes = readAcross(files, sizes, from, end);
  // In bytes: a piece may begin in the middle of a character. A line whose begin is not in the piece is left to the next stretch.
  let begin = bytes.length;
  let searchFrom = bytes.length - (bytes.at(-1) === NEWLINE ? 2 : 1);
  for (let i = 0; i < lines; i++) {
    const newline = searchFrom < 0 ? -1 : bytes.lastIndexOf(NEWLINE, searchFrom);
    if (newline < 0) {
      if (from === 0 || i === 0) begin = 0;
      break;
    }
    begin = newline + 1;
    searchFrom = newline - 1;
  }
  const parts = new TextDecoder().decode(bytes.subarray(begin)).split("\n");
  if (parts.at(-1) === "") parts.pop();
  const at = from + begin;
  return { lines: parts.map(shown), earlier: at > 0 && at < end ? `${cut}.${at}` : null };
}

const NEWLINE = 10;

/** When the older part of a run's output was last made from the newer one, in ms; 0: never. */
export function cutAt(files: readonly string[]): number {
  const [earlier] = files.length > 1 ? files : [];
  return earlier === undefined ? 0 : Math.round(statSync(earlier, { throwIfNoEntry: false })?.mtimeMs ?? 0);
}

export function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** A part of files that are read as one. */
function readAcross(files: readonly string[], sizes: readonly number[], from: number, end: number): Buffer {
  const pieces: Uint8Array[] = [];
  let begin = 0;
  for (const [i, file] of files.entries()) {
    const size = sizes[i]!;
    const start = Math.max(from, begin) - begin;
    const stop = Math.min(end, begin + size) - begin;
    if (stop > start) pieces.push(readBytes(file, start, stop - start));
    begin += size;
  }
  return Buffer.concat(pieces);
}

/** Nothing when the file is gone: an old run's output may be put away while somebody looks at it. */
export function readBytes(file: string, from: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let fd: number;
  try {
    fd = openSync(file, "r");
  } catch {
    return bytes.subarray(0, 0);
  }
  try {
    return bytes.subarray(0, readSync(fd, bytes, 0, Math.min(length, Math.max(0, fstatSync(fd).size - from)), from));
  } finally {
    closeSync(fd);
  }
}

/** slice(-0) would be all of them. */
function newest(lines: string[], count: number): string[] {
  return lines.slice(Math.max(0, lines.length - count));
}
