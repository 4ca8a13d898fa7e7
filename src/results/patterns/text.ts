/** Patterns as people write them: one a line, its state, blanks, its regular expression; empty lines and those that begin with # say nothing. */

import type { Pattern, PatternState } from "./pattern.ts";
import { PATTERN_STATES } from "./pattern.ts";

export function patternsText(patterns: readonly Pattern[]): string {
  const width = Math.max(0, ...patterns.map(({ state }) => state.length));
  return patterns.map(({ state, regex }) => `${state.padEnd(width)}  ${regex}`).join("\n");
}

export interface Written {
  patterns: Pattern[];
  /** The line of each pattern, from 1. */
  lines: number[];
  /** What is wrong, each with its line. */
  faults: { line: number; message: string }[];
}

export function readPatterns(text: string): Written {
  const written: Written = { patterns: [], lines: [], faults: [] };
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const [, state = "", regex = ""] = /^(\S+)\s*(.*)$/.exec(line) ?? [];
    if (!isState(state)) written.faults.push({ line: index + 1, message: `begins with ${state}; states are ${PATTERN_STATES.join(", ")}` });
    else if (regex === "") written.faults.push({ line: index + 1, message: `has no regular expression behind ${state}` });
    else {
      written.patterns.push({ state, regex });
      written.lines.push(index + 1);
    }
  }
  return written;
}

function isState(word: string): word is PatternState {
  return (PATTERN_STATES as readonly string[]).includes(word);
}
