/** Reads what runs have printed: the tail, the lines that match, the lines as they come. Every line leaves masked and without controls. */

import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { presentable } from "./mask.ts";
import type { Terminals } from "./terminals.ts";

/** Lines are cut here: a program that prints a megabyte without a newline must not become one line of a page. */
const MAX_LINE = 4_000;
export const TAIL_BYTES = 256 * 1024;
const FOLLOW_EVERY_MS = 200;
const FOLLOW_BYTES = 256 * 1024;

/** The last lines of files read as one, oldest file first, as far as a quarter of a megabyte of each goes. For more, search for "". */
export function tailOf(files: readonly string[], lines: number): string[] {
  const found: string[] = [];
  for (const file of [...files].reverse()) {
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    const from = Math.max(0, size - TAIL_BYTES);
    const text = readRange(file, from, size - from);
    const parts = text.split("\n");
    // The first part is the end of a line that begins further up, the last one is empty when the file ends with a newline.
    if (from > 0) parts.shift();
    if (parts.at(-1) === "") parts.pop();
    found.unshift(...parts);
    if (found.length >= lines) break;
  }
  return newest(found, lines).map(shown);
}

/**
 * The last `limit` lines that hold `search`, case ignored. Looked for in the masked text: who may not read a number may not find it either.
 * Reads in chunks, so that ten megabytes do not stand on the event loop.
 */
export async function searchIn(files: readonly string[], search: string, limit: number): Promise<string[]> {
  const wanted = search.toLowerCase();
  const found: string[] = [];
  for (const file of files) {
    let rest = "";
    const decoder = new TextDecoder();
    for await (const chunk of Bun.file(file).stream()) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = parts.pop() ?? "";
      for (const part of parts) keep(part);
    }
    if (rest !== "") keep(rest);
  }
  return newest(found, limit);

  function keep(raw: string): void {
    const line = shown(raw);
    if (!line.toLowerCase().includes(wanted)) return;
    found.push(line);
    if (found.length >= 2 * limit + 1000) found.splice(0, found.length - limit);
  }
}

/** Calls back with new lines of the newest run, from now on; goes on into the next run. Returns how to stop. */
export function followOutput(terminals: Pick<Terminals, "output">, session: string, onLines: (lines: string[]) => void): () => void {
  let file = terminals.output(session).at(-1) ?? null;
  let offset = file ? (statSync(file, { throwIfNoEntry: false })?.size ?? 0) : 0;
  let rest = "";
  const decoder = new TextDecoder();
  const timer = setInterval(look, FOLLOW_EVERY_MS);
  return () => clearInterval(timer);

  function look(): void {
    const lines = file === null ? [] : grown(file);
    const newest = terminals.output(session).at(-1) ?? null;
    if (newest !== file) {
      // What the ended run printed without a newline is a line all the same.
      if (rest !== "") lines.push(shown(rest));
      file = newest;
      offset = 0;
      rest = "";
      if (file !== null) lines.push(...grown(file));
    }
    if (lines.length > 0) onLines(lines);
  }

  function grown(path: string): string[] {
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size < offset) offset = 0; // cut by its cap
    // A program faster than its reader: the reader sees its newest output, not an ever older one.
    if (size - offset > FOLLOW_BYTES) offset = size - FOLLOW_BYTES;
    if (size === offset) return [];
    const parts = (rest + decoder.decode(readBytes(path, offset, size - offset), { stream: true })).split("\n");
    offset = size;
    rest = (parts.pop() ?? "").slice(0, MAX_LINE);
    return parts.map(shown);
  }
}

/** slice(-0) would be all of them. */
function newest(lines: string[], count: number): string[] {
  return lines.slice(Math.max(0, lines.length - count));
}

function shown(raw: string): string {
  return presentable(raw.slice(0, MAX_LINE));
}

function readRange(file: string, from: number, length: number): string {
  return new TextDecoder().decode(readBytes(file, from, length));
}

/** Nothing when the file is gone: an old run's output may be put away while somebody looks at it. */
function readBytes(file: string, from: number, length: number): Uint8Array {
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
