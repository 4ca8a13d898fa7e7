/** `signalbox patterns`: what a program's output is measured by, and what that found. */

import { exactly } from "./arguments.ts";
import { EXIT } from "./exit.ts";
import type { Verb } from "./verb.ts";

export interface PatternsAnswer {
  patterns: { state: string; regex: string; matched: number; off: string | null }[];
  ids: "program" | "run";
  lines: number;
  accepted: number;
  rejected: number;
  skipped_bytes: number;
}

export const patterns: Verb = {
  name: "patterns",
  operands: "<program>",
  summary: "Show the patterns a program's output is measured by",
  about: "For programs that cannot be changed: what they print is counted. Behind each pattern: lines it matched since Signalbox started.",
  examples: ["signalbox patterns program1", "signalbox patterns program1 --json"],
  async run({ operands, json, terminal, client }) {
    exactly(patterns, operands, 1);
    const found = await client().call<PatternsAnswer>("GET", pathOf(operands[0]!));
    if (json) terminal.say(JSON.stringify(found));
    else sayPatterns(found, operands[0]!, terminal.say);
    return EXIT.ok;
  },
};

export function pathOf(program: string): string {
  return `/api/programs/${encodeURIComponent(program)}/patterns`;
}

export function sayPatterns(found: PatternsAnswer, program: string, say: (line: string) => void): void {
  if (found.patterns.length === 0) {
    say(`${program} is not measured by its output.`);
    return;
  }
  const width = Math.max(...found.patterns.map(({ state }) => state.length));
  for (const { state, regex, matched, off } of found.patterns) {
    say(`${String(matched).padStart(7)}  ${state.padEnd(width)}  ${regex}`);
    if (off !== null) say(`         switched off: ${off}`);
  }
  const skipped = found.skipped_bytes > 0 ? `, ${found.skipped_bytes} bytes cut away before they were read` : "";
  say(`${found.lines} lines read, ${found.accepted} results counted, ${found.rejected} not taken${skipped}.`);
}
