/** What an import would do, line by line: create, change and in which fields, nothing, or why not. Pure reading; `batches.store` does it. */

import { z } from "zod";
import { AppError, type FieldError } from "../kernel/errors.ts";
import { A_STEP, type Breathe } from "../kernel/steps.ts";
import { differences, type FieldChange } from "./differences.ts";
import type { Directory } from "./directory.ts";
import { newPair, type PairChange, pairChange } from "./input.ts";
import { born, changed, openEditHash, type PairEdit } from "./many.ts";
import type { Pair } from "./pair.ts";
import { idOfRow, type Row } from "./sheet.ts";

export type Verdict = "create" | "change" | "unchanged" | "error";

export interface Line {
  line: number;
  /** `UZ_uzmobile`, or null when the row does not say. */
  pair: string | null;
  verdict: Verdict;
  changes: FieldChange[];
  errors: FieldError[];
  /** What looks wrong and is taken all the same. */
  warnings: FieldError[];
}

export interface ImportPlan {
  lines: Line[];
  counts: Record<Verdict, number>;
  /** Of the bad lines those that would stop a high-priority pair, or take its priority away on the way. */
  guarded: number;
  edits: PairEdit[];
  /** Stands for exactly these edits: an import is applied as it was shown. */
  hash: string;
}

export interface ImportOptions {
  now: number;
  /** Turns what a schema refuses into fields and words. */
  explain: (issues: readonly z.core.$ZodIssue[]) => FieldError[];
  warn: (pair: Pair) => FieldError[];
  breathe: Breathe;
}

const row = newPair.extend({ priority: z.boolean().optional() });

/** A pair that is changed while this reads is noticed when the edits are stored: they carry the version that was read. */
export async function planImport(rows: readonly Row[], directory: Directory, options: ImportOptions): Promise<ImportPlan> {
  const lines: Line[] = [];
  const edits: PairEdit[] = [];
  const hash = openEditHash();
  const seen = new Map<string, number>();
  let guarded = 0;
  for (const [index, { line, value, broken }] of rows.entries()) {
    if (index % A_STEP === A_STEP - 1) await options.breathe();
    const pair = idOfRow(value);
    const before = pair === null ? undefined : seen.get(pair);
    if (pair !== null && before === undefined) seen.set(pair, line);
    const errors = broken !== null ? [{ field: "", message: broken }] : before !== undefined ? [twice(before)] : [];
    const read = errors.length > 0 ? { errors } : readRow(value, directory, options);
    if ("errors" in read) {
      if (read.guarded) guarded++;
      lines.push({ line, pair, verdict: "error", changes: [], errors: read.errors, warnings: [] });
      continue;
    }
    const { edit, changes, after } = read;
    const verdict = edit === null ? "unchanged" : edit.kind;
    lines.push({ line, pair: after.id, verdict, changes, errors: [], warnings: edit === null ? [] : options.warn(after) });
    if (edit === null) continue;
    edits.push(edit);
    hash.add(edit);
  }
  const counts: ImportPlan["counts"] = { create: 0, change: 0, unchanged: 0, error: 0 };
  for (const { verdict } of lines) counts[verdict]++;
  return { lines, counts, guarded, edits, hash: hash.digest() };
}

const twice = (line: number): FieldError => ({ field: "operator", message: `is named by line ${line} already` });

type Read =
  | { errors: FieldError[]; guarded?: boolean }
  | { edit: Exclude<PairEdit, { kind: "retire" }> | null; changes: FieldChange[]; after: Pair };

function readRow(value: unknown, directory: Directory, { explain, now }: ImportOptions): Read {
  const parsed = row.safeParse(value);
  if (!parsed.success) return { errors: explain(parsed.error.issues).map((error) => worded(error, value)) };
  const { priority, ...input } = parsed.data;
  try {
    const existing = directory.pair(`${input.country}_${input.operator}`);
    if (!existing || existing.retiredAt !== null) {
      const edit = { kind: "create" as const, input, priority: priority ?? false };
      return { edit, changes: [], after: born(directory, edit, now) };
    }
    if (priority !== undefined && priority !== existing.priority)
      return { errors: [{ field: "priority", message: existing.priority ? PRIORITY_TAKEN : PRIORITY_GIVEN }], guarded: existing.priority };
    const edit = { kind: "change" as const, id: existing.id, version: existing.version, change: changeOf(input) };
    const after = changed(directory, edit, now);
    const changes = differences(existing, after);
    return { edit: changes.length === 0 ? null : edit, changes, after };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { errors: [{ field: fieldOf(error), message: error.message }], guarded: error.details.reason === "high_priority" };
  }
}

const NUMBERS = ["weight", "threshold", "limit", "window_seconds"];
const YES_OR_NO = ["active", "priority"];

/** A cell that could not be read stands in the row as its text: people look for that in their file. */
function worded(error: FieldError, value: unknown): FieldError {
  const { field } = error;
  const kind = NUMBERS.includes(field) ? "a number" : YES_OR_NO.includes(field) ? "yes or no" : null;
  const typed: unknown = Object.entries(value ?? {}).find(([name]) => name === field)?.[1];
  return kind === null || typeof typed !== "string" ? error : { field, message: `must be ${kind}, not ${typed.slice(0, 40)}` };
}

const PRIORITY_TAKEN = "is high here: to take it away is an act of its own, on the pair's page";
const PRIORITY_GIVEN = "is not high here: give it on the pair's page, which starts what must run";

function fieldOf({ details }: AppError): string {
  return details.reason === "high_priority" || details.reason === "idle" ? "priority" : "";
}

function changeOf({ country: _, operator: __, ...rest }: z.infer<typeof newPair>): PairChange {
  return pairChange.parse(rest);
}
