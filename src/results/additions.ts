/** What the deltas since the last roll add to the minutes of one source: sums, latencies by class, errors by code. A fold, exact in any order. */

import { classOf, type Histogram } from "./histogram.ts";
import type { Delta } from "./journal.ts";
import type { MessageState } from "./message.ts";
import { applyDelta, FIELDS } from "./tally.ts";

export interface Addition {
  /** The sums of tally.ts, then latencies counted and their total in ms. */
  sums: Float64Array;
  latencies: Histogram | null;
  errors: Map<string, number> | null;
}

/** By minute of submit. */
export type Additions = Map<number, Addition>;

/** The name a code of a program is counted under. */
export type NameOf = (program: string, code: string) => string;

const MINUTE_MS = 60_000;

export function addDelta(additions: Additions, delta: Delta, nameOf: NameOf): void {
  const addition = at(additions, Math.floor(delta.submitAt / MINUTE_MS));
  applyDelta(addition.sums, 0, delta);
  if (delta.latencyMs !== null) {
    addition.sums[FIELDS]! += delta.n;
    addition.sums[FIELDS + 1]! += delta.latencyMs * delta.n;
    addition.latencies ??= new Map();
    add(addition.latencies, classOf(delta.latencyMs), delta.n);
  }
  if (delta.errorCode !== null && isTrouble(delta.to)) addError(addition, nameOf(delta.program, delta.errorCode), delta.n);
  if (delta.fromErrorCode !== null && delta.from !== null && isTrouble(delta.from))
    addError(addition, nameOf(delta.program, delta.fromErrorCode), -delta.n);
}

/** Codes of deliveries say that all is well; an attempt stays where it was made, so nothing of it could be taken back. */
function isTrouble(state: MessageState): boolean {
  return state !== "delivered" && state !== "attempt";
}

function addError(addition: Addition, name: string, n: number): void {
  addition.errors ??= new Map();
  add(addition.errors, name, n);
}

function at(additions: Additions, minute: number): Addition {
  let addition = additions.get(minute);
  if (!addition) {
    addition = { sums: new Float64Array(FIELDS + 2), latencies: null, errors: null };
    additions.set(minute, addition);
  }
  return addition;
}

function add<K>(map: Map<K, number>, key: K, n: number): void {
  map.set(key, (map.get(key) ?? 0) + n);
}

/** A program may put anything into a code: beyond so many different ones, in the order of the journal, they count as `other`. */
const MOST_CODES = 200;
export const OTHER = "other";

export interface Codes {
  nameOf: NameOf;
  /** Met since the last call, to be stored with the roll. */
  takeNew(): { program: string; code: string }[];
}

export function openCodes(known: readonly { program: string; code: string }[]): Codes {
  const programs = new Map<string, Set<string>>();
  let fresh: { program: string; code: string }[] = [];
  const of = (program: string): Set<string> => {
    let codes = programs.get(program);
    if (!codes) {
      codes = new Set();
      programs.set(program, codes);
    }
    return codes;
  };
  for (const { program, code } of known) of(program).add(code);
  return {
    nameOf(program, code) {
      const codes = of(program);
      if (codes.has(code)) return code;
      if (codes.size >= MOST_CODES) return OTHER;
      codes.add(code);
      fresh.push({ program, code });
      return code;
    },
    takeNew() {
      const taken = fresh;
      fresh = [];
      return taken;
    },
  };
}
