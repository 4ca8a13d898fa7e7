/** Patterns tried over lines: which one matched each, what it took from it, what would be counted. Nothing is stored. */

import type { Clock } from "../../kernel/clock.ts";
import { type Open, type PairPlace, saidBy } from "./line.ts";
import { type Groups, type IdScope, LINE_CHARACTERS, type Pattern, type PatternState } from "./pattern.ts";
import type { Printed } from "./printed.ts";
import { check, engines } from "./rulebook.ts";

export interface TriedLine {
  text: string;
  /** Place of the pattern that matched, or null. */
  pattern: number | null;
  state: PatternState | null;
  groups: Groups;
  /** Pair that would be counted for, and id of the message; null: nothing would be. */
  pair: string | null;
  message: string | null;
  /** Messages it would count. */
  n: number;
}

export interface Trial {
  lines: TriedLine[];
  /** Messages by the state they would be reported in. */
  counted: Partial<Record<PatternState, number>>;
  matched: number;
  /** Lines that were not looked at, because the time was over. */
  leftOut: number;
  tookMs: number;
  off: ReadonlyMap<number, string>;
}

export interface TrialOf {
  lines: readonly string[];
  patterns: readonly Pattern[];
  ids: IdScope;
  pairs: readonly PairPlace[];
  plain: (line: string) => string;
}

/** Whoever tries patterns shares the house with those who send. */
const MOST_MS = 250;

/** Throws `invalid` when a pattern cannot be taken. */
export async function tryPatterns({ lines, patterns, ids, pairs, plain }: TrialOf, clock: Clock): Promise<Trial> {
  await check(patterns, clock);
  const engine = patterns.length === 0 ? null : (await engines()).openEngine(patterns, clock.uptimeMs);
  const began = clock.uptimeMs();
  const trial: Trial = { lines: [], counted: {}, matched: 0, leftOut: 0, tookMs: 0, off: engine?.off ?? new Map() };
  let open: readonly Open[] = [];
  for (const [at, raw] of lines.entries()) {
    if (clock.uptimeMs() - began > MOST_MS) {
      trial.leftOut = lines.length - at;
      break;
    }
    const text = plain(raw.slice(0, LINE_CHARACTERS));
    const found = engine?.match(text) ?? null;
    if (!found) {
      trial.lines.push({ text, pattern: null, state: null, groups: {}, pair: null, message: null, n: 0 });
      continue;
    }
    const pattern = patterns[found.index]!;
    const said = saidBy(found, pattern, { run: "line", at: at + 1, ids, pairs, open, phoneHash: (number) => number });
    open = said.open;
    const n = said.messages.length;
    trial.matched++;
    if (n > 0) trial.counted[pattern.state] = (trial.counted[pattern.state] ?? 0) + n;
    trial.lines.push({
      text,
      pattern: found.index,
      state: pattern.state,
      groups: found.groups,
      pair: n > 0 ? said.pair : null,
      message: said.messages[0]?.message_id ?? null,
      n,
    });
  }
  trial.tookMs = clock.uptimeMs() - began;
  return trial;
}

const TAIL_BYTES = 256 * 1024;

/** The last lines of a session's newest run, as they were printed. */
export function lastLines(printed: Pick<Printed, "runs" | "span" | "read">, session: string, most: number): string[] {
  const run = printed.runs(session).at(-1);
  if (run === undefined) return [];
  const { begin, end } = printed.span(session, run);
  const from = Math.max(begin, end - TAIL_BYTES);
  const lines = new TextDecoder().decode(printed.read(session, run, from, end - from).bytes).split("\n");
  // The first one may have begun further up, the last one is empty behind a newline.
  if (from > begin) lines.shift();
  if (lines.at(-1) === "") lines.pop();
  return lines.slice(-most);
}
