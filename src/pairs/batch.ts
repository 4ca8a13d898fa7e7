/**
 * One act on many pairs, kept so that it can be undone: a bulk edit, an import, or the undoing of one. Pure. Undone is what this act did and
 * nothing else: a pair that somebody gave another value meanwhile, retired, or made high priority is left, and named with the reason.
 */

import { AppError } from "../kernel/errors.ts";
import { differences } from "./differences.ts";
import type { Directory } from "./directory.ts";
import type { PairChange } from "./input.ts";
import { afterEdit, type PairEdit } from "./many.ts";
import { changePair, fieldsOf, type Pair } from "./pair.ts";

export interface Batch {
  /** `b_0mg3k2v8z4f7q2x9`. */
  id: string;
  kind: "edit" | "import" | "undo";
  by: string;
  from: string;
  reason: string | null;
  at: number;
  /** How many pairs it changed, made, retired, and left as they were. */
  counts: Record<Step["what"], number>;
  undoes: string | null;
  undoneBy: string | null;
}

/** What became of one pair; fields in the names of the API, and only those that it touched: of a new pair all. */
export interface Step {
  pair: string;
  what: "changed" | "created" | "retired" | "left";
  before: PairChange;
  after: PairChange;
  /** Of the pair once it was stored. */
  version: number;
  /** Why it was left. */
  why: string | null;
}

export function stepOf(edit: PairEdit, before: Pair | undefined, after: Pair): Step {
  const fresh = { pair: after.id, before: {}, after: {}, version: after.version + 1, why: null };
  if (edit.kind === "create") return { ...fresh, what: "created", after: fieldsOf(after) };
  if (edit.kind === "retire" || before === undefined) return { ...fresh, what: "retired" };
  const touched = differences(before, after).map(({ field }) => field);
  return { ...fresh, what: "changed", before: only(touched, fieldsOf(before)), after: only(touched, fieldsOf(after)) };
}

export type Undone = { edit: PairEdit; after: Pair } | { left: Step };

/** Who changed a pair after the step. */
export interface Since {
  /** The newest who touched one of these fields. Null: nobody knows. */
  changed(pair: string, fields: readonly string[]): string | null;
  /** Who added it again after it was retired. Null: nobody. */
  madeAnew(pair: string): string | null;
}

/** What undoing the step would do now. What was given and taken back meanwhile stands as the step left it; a priority is the guard's to look at. */
export function undoneStep(step: Step, directory: Directory, since: Since, now: number): Undone {
  const left = (why: string): Undone => ({ left: { ...step, what: "left", before: {}, after: {}, why } });
  const pair = directory.pair(step.pair);
  if (!pair || pair.retiredAt !== null) return left("was retired since");
  const other = since.madeAnew(pair.id);
  if (other !== null) return left(`was retired and added again since by ${other}`);
  const lost = differences(changePair(pair, step.after, now), pair).map(({ field }) => field);
  if (lost.length > 0) {
    const by = since.changed(pair.id, lost);
    return left(`${lost.join(", ")} was changed ${by === null ? "since" : `since by ${by}`}`);
  }
  const { id, version } = pair;
  const edit: PairEdit = step.what === "created" ? { kind: "retire", id, version } : { kind: "change", id, version, change: step.before };
  try {
    return { edit, after: afterEdit(directory, edit, now) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return left(error.message);
  }
}

function only(names: readonly string[], fields: PairChange): PairChange {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name))) as PairChange;
}
