/** Whole lines of a piece of output, each with the place it begins at. Pure. */

import { LINE_CHARACTERS } from "./pattern.ts";

/** Of a line that is looked at. Its characters may be fewer, never more. */
export const LINE_BYTES = LINE_CHARACTERS;

export interface Lines {
  lines: { text: string; at: number }[];
  /** Bytes that are done with: what follows is read again. */
  used: number;
  /** It ends inside a line whose begin was taken already. */
  inLongLine: boolean;
  /** Lines of which only the first part is there. */
  cut: number;
}

/** `last`: nothing follows, so that what has no newline is a line all the same. `most` lines at a time. */
export function linesIn(bytes: Uint8Array, { inLongLine, most, last }: { inLongLine: boolean; most: number; last: boolean }): Lines {
  const found: Lines = { lines: [], used: 0, inLongLine, cut: 0 };
  while (found.used < bytes.length && found.lines.length < most) {
    const newline = bytes.indexOf(NEWLINE, found.used);
    const end = newline < 0 ? bytes.length : newline;
    const length = end - found.used;
    // A line that is still being printed waits, unless it is longer than what is looked at of it.
    if (newline < 0 && !last && !found.inLongLine && length < LINE_BYTES) return found;
    if (!found.inLongLine) {
      found.lines.push({ text: decoder.decode(bytes.subarray(found.used, Math.min(end, found.used + LINE_BYTES))), at: found.used });
      if (length > LINE_BYTES) found.cut++;
    }
    found.inLongLine = newline < 0;
    found.used = newline < 0 ? bytes.length : newline + 1;
  }
  return found;
}

const NEWLINE = 10;
const decoder = new TextDecoder();
