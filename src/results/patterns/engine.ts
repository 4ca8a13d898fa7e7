/**
 * Runs patterns over lines, by RE2: the time a match takes grows with the line and never explodes. What is slow all the same is measured,
 * and switched off with a reason.
 */

import { RE2JS } from "re2js";
import { literalOf } from "./literal.ts";
import { GROUPS, type Groups, LINE_CHARACTERS, type Pattern } from "./pattern.ts";

/** Per line, of one pattern. A usual one takes a thousandth of it. */
const SLOW_MS = 20;
/** A pause of the machine looks slow too: so often in a row it is the pattern. */
const SLOW_IN_A_ROW = 3;

export interface Found {
  /** Place of the pattern, from 0. */
  index: number;
  groups: Groups;
}

export interface Engine {
  /** The first pattern that matches the line, or null. */
  match(line: string): Found | null;
  /** By place: why a pattern is switched off. */
  off: ReadonlyMap<number, string>;
}

/** Throws when one cannot be compiled: `faultOf` says why. */
export function openEngine(patterns: readonly Pattern[], uptimeMs: () => number): Engine {
  const compiled = patterns.map(({ regex }) => ({ re: RE2JS.compile(regex), literal: literalOf(regex), slow: 0 }));
  const off = new Map<number, string>();

  return {
    off,
    match(text) {
      const line = text.slice(0, LINE_CHARACTERS);
      for (let index = 0; index < compiled.length; index++) {
        const pattern = compiled[index]!;
        if (off.has(index) || (pattern.literal !== null && !line.includes(pattern.literal))) continue;
        const began = uptimeMs();
        const matcher = pattern.re.matcher(line);
        const found = matcher.find();
        const groups = found ? named(matcher.getNamedGroups()) : null;
        const took = uptimeMs() - began;
        pattern.slow = took > SLOW_MS ? pattern.slow + 1 : 0;
        if (pattern.slow >= SLOW_IN_A_ROW)
          off.set(index, `took ${Math.round(took)} ms for a line of ${line.length} characters, ${SLOW_IN_A_ROW} times in a row`);
        if (groups) return { index, groups };
      }
      return null;
    },
  };
}

function named(groups: Record<string, string | null>): Groups {
  const found: Groups = {};
  for (const name of GROUPS) {
    const value = groups[name]?.trim();
    if (value) found[name] = value;
  }
  return found;
}

const KNOWN: ReadonlySet<string> = new Set(GROUPS);

/** The worst lines we can think of; what needs longer for one of them would hold everybody up. */
const PROBES = ["a", "1", " ", "a1 ", "+9 id=", "sent successfully "].map((piece) =>
  piece.repeat(LINE_CHARACTERS).slice(0, LINE_CHARACTERS),
);

/** Why a pattern cannot be taken, or null. */
export function faultOf(regex: string, uptimeMs: () => number): string | null {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(regex);
  } catch (error) {
    return `is no regular expression of RE2: ${error instanceof Error ? error.message.replace(/^error parsing regexp: /, "") : String(error)}`;
  }
  const unknown = Object.keys(compiled.namedGroups()).find((name) => !KNOWN.has(name));
  if (unknown !== undefined) return `knows no group ${unknown}; there are ${GROUPS.join(", ")}`;
  if (compiled.matcher("").find()) return "matches an empty line, and so every line";
  // The quicker of two: the first one also warms up.
  for (const probe of PROBES) {
    const took = Math.min(timed(compiled, probe, uptimeMs), timed(compiled, probe, uptimeMs));
    if (took > SLOW_MS) return `takes ${Math.round(took)} ms for a long line; at most ${SLOW_MS} ms are allowed`;
  }
  return null;
}

function timed(compiled: RE2JS, line: string, uptimeMs: () => number): number {
  const began = uptimeMs();
  compiled.matcher(line).find();
  return uptimeMs() - began;
}
