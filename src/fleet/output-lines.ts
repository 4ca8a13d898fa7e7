/** The lines of output files, in pieces and bounded, so that neither a gigabyte nor a megabyte without a newline stands on the event loop. */

import { statSync } from "node:fs";
import { presentable } from "./mask.ts";

/** Lines are cut here: a program that prints a megabyte without a newline must not become one line of a page. */
export const MAX_LINE = 4_000;

/** A line as it may leave the house. */
export function shown(raw: string): string {
  return presentable(raw.slice(0, MAX_LINE));
}

/** Raw lines of files read as one, oldest file first, as long as they were when each was begun. A file that is put away meanwhile just ends. */
export async function* rawLines(files: readonly string[]): AsyncGenerator<string[]> {
  for (const file of files) {
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size === 0) continue;
    const decoder = new TextDecoder();
    let rest = "";
    try {
      for await (const chunk of Bun.file(file).slice(0, size).stream()) {
        const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
        rest = (parts.pop() ?? "").slice(0, MAX_LINE);
        if (parts.length > 0) yield parts;
      }
    } catch (error) {
      if ((error as { code?: string }).code !== "ENOENT") throw error;
    }
    if (rest !== "") yield [rest];
  }
}
