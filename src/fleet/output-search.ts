/** Looks for a text in all that is kept of a run: how often it stands there, and the newest places with the lines around them. */

import { rawLines, shown } from "./output-lines.ts";

export interface FoundLine {
  /** Counted from the first line that is kept, 1 and up. */
  number: number;
  text: string;
  matches: boolean;
}

export interface Found {
  /** Lines that hold it, all of them. */
  matches: number;
  /** The newest places, oldest first; places that touch are one. */
  places: FoundLine[][];
}

export interface Search {
  text: string;
  /** Lines shown before and after each. */
  around: number;
  /** Matching lines shown, beside those that stand around them. */
  most: number;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: a line with controls reads otherwise than it is stored
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/;
/** What masking writes: only a text without these is in the raw line whenever it is in the shown one. */
const MASKABLE = /[\d•+]/;

/** Case is ignored. Looked for in the masked text: who may not read a number may not find it either. */
export async function searchOutput(files: readonly string[], { text, around, most }: Search): Promise<Found> {
  const wanted = text.toLowerCase();
  // Masking costs; most lines of most searches can be passed over without.
  const isPlain = !MASKABLE.test(wanted);
  let matches = 0;
  let number = 0;
  let before: { number: number; raw: string }[] = [];
  let after = 0;
  /** Raw, until it is known which are shown. */
  let kept: { number: number; raw: string; matches: boolean }[] = [];

  for await (const lines of rawLines(files)) {
    for (const raw of lines) {
      number++;
      if (holds(raw)) {
        matches++;
        for (const line of before) kept.push({ ...line, matches: false });
        before = [];
        kept.push({ number, raw, matches: true });
        after = around;
      } else if (after > 0) {
        after--;
        kept.push({ number, raw, matches: false });
      } else if (around > 0) {
        before.push({ number, raw });
        if (before.length > around) before.shift();
      }
    }
    if (kept.length > 4 * most * (2 * around + 1)) kept = lastMatches(kept, most, around);
  }
  return { matches, places: placesOf(lastMatches(kept, most, around)) };

  function holds(raw: string): boolean {
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (isPlain && !CONTROLS.test(line) && !line.toLowerCase().includes(wanted)) return false;
    return shown(line).toLowerCase().includes(wanted);
  }
}

/** The newest `most` matches with what stands around them. */
function lastMatches<T extends { number: number; matches: boolean }>(kept: readonly T[], most: number, around: number): T[] {
  const [first] = most > 0 ? kept.filter((line) => line.matches).slice(-most) : [];
  return first ? kept.filter((line) => line.number >= first.number - around) : [];
}

function placesOf(kept: readonly { number: number; raw: string; matches: boolean }[]): FoundLine[][] {
  const places: FoundLine[][] = [];
  for (const { number, raw, matches } of kept) {
    const line = { number, text: shown(raw), matches };
    const last = places.at(-1);
    if (last && last.at(-1)!.number === number - 1) last.push(line);
    else places.push([line]);
  }
  return places;
}
