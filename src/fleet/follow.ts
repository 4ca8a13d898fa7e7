/**
 * Follows what a session prints, whatever happens to its files: cut to their cap, and from one run into the next.
 *
 * A reader gets at most 200 lines a second. Of a program that prints faster it gets the newest, and a line that says what was skipped.
 */

import { cutAt, readBytes, sizeOf } from "./output.ts";
import { MAX_LINE, shown } from "./output-lines.ts";
import type { Terminals } from "./terminals.ts";

const LOOK_EVERY_MS = 200;
/** Of one look; the rest is skipped unread. */
const LOOK_BYTES = 64 * 1024;
const LOOK_LINES = 40;
/** Enough to find the place again in a file that was cut. */
const REMEMBERED_BYTES = 512;

/** Lines of ours among those of a program. */
export const said = {
  skippedLines: (n: number) => `⋯ ${n.toLocaleString("en")} ${n === 1 ? "line" : "lines"} skipped ⋯`,
  skippedBytes: (n: number) => `⋯ ${(n / 1024 / 1024).toFixed(1)} MB skipped ⋯`,
  cut: "⋯ output skipped: it was cut to its cap ⋯",
  nextRun: "⋯ the next run ⋯",
};

/** Calls back with new lines of the newest run, from now on; goes on into the next run. Returns how to stop. */
export function followOutput(terminals: Pick<Terminals, "output">, session: string, onLines: (lines: string[]) => void): () => void {
  let files = terminals.output(session);
  let reading = readingOf(files, "end");
  const timer = setInterval(look, LOOK_EVERY_MS);
  return () => clearInterval(timer);

  function look(): void {
    const now = terminals.output(session);
    const isNext = now.at(-1) !== files.at(-1);
    // What the ended run printed last comes first, also what has no newline.
    const lines = reading.read(isNext ? terminals.output(session, runOf(files)) : now);
    if (isNext) {
      lines.push(...reading.end());
      if (files.length > 0 && now.length > 0) lines.push(said.nextRun);
      reading = readingOf(now, "start");
      lines.push(...reading.read(now));
    }
    files = now;
    if (lines.length > 0) onLines(lines);
  }
}

/** An output file is named for its run. */
function runOf(files: readonly string[]): string {
  return /([^/]+)\.log$/.exec(files.at(-1) ?? "")?.[1] ?? "none";
}

/** One run's files, read on and on. */
function readingOf(first: readonly string[], from: "start" | "end") {
  let offset = from === "end" ? sizeOf(first.at(-1) ?? "") : 0;
  let cut = cutAt(first);
  let rest = "";
  let decoder = new TextDecoder();
  let remembered = from === "end" && offset > 0 ? lastBytes(first.at(-1)!, offset) : new Uint8Array(0);
  // A line that is being printed is told whole, once it is.
  if (remembered.length > 0) lines(remembered);

  /** Complete lines of a piece; what has no newline yet waits. */
  function lines(bytes: Uint8Array): string[] {
    const parts = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = (parts.pop() ?? "").slice(0, MAX_LINE);
    return parts;
  }

  function forget(): void {
    rest = "";
    decoder = new TextDecoder();
  }

  return {
    read(files: readonly string[]): string[] {
      const file = files.at(-1);
      if (file === undefined) return [];
      const notes: string[] = [];
      const raw: string[] = [];
      const cutNow = cutAt(files);
      const size = sizeOf(file);
      if (cutNow !== cut || size < offset) {
        const missed = files.length > 1 ? after(files[0]!, remembered) : null;
        if (missed) raw.push(...lines(missed));
        else {
          notes.push(said.cut);
          forget();
        }
        cut = cutNow;
        offset = 0;
      }
      if (size > offset) {
        const skip = Math.max(0, size - offset - LOOK_BYTES);
        const bytes = readBytes(file, offset + skip, size - offset - skip);
        if (skip > 0) {
          notes.push(said.skippedBytes(skip));
          forget();
          raw.length = 0;
          // The first line began in what was skipped.
          raw.push(...lines(bytes).slice(1));
        } else raw.push(...lines(bytes));
        offset += skip + bytes.length;
        remembered = bytes.slice(-REMEMBERED_BYTES);
      }
      const most = raw.slice(-LOOK_LINES);
      if (most.length < raw.length) notes.push(said.skippedLines(raw.length - most.length));
      return [...notes, ...most.map(shown)];
    },
    /** What was printed without a newline is a line all the same. */
    end: (): string[] => (rest === "" ? [] : [shown(rest)]),
  };
}

/** What stands behind these bytes at the end of a file; null when they are not found, or too far from its end. */
function after(file: string, bytes: Uint8Array): Uint8Array | null {
  if (bytes.length === 0) return null;
  const end = Buffer.from(lastBytes(file, sizeOf(file), LOOK_BYTES + bytes.length));
  const at = end.lastIndexOf(bytes);
  return at < 0 ? null : end.subarray(at + bytes.length);
}

function lastBytes(file: string, size: number, length = REMEMBERED_BYTES): Uint8Array {
  const from = Math.max(0, size - length);
  return readBytes(file, from, size - from);
}
