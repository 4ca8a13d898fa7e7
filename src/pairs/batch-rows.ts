/** A batch as documents: its head, and its steps in parts, so that a list of batches reads no steps. Pure. */

import type { Batch, Step } from "./batch.ts";
import type { DocumentChange, StoredDocument } from "./documents.ts";

/** Of one document. */
const STEPS_A_PART = 200;

export interface Head {
  version: number;
  batch: Batch;
}

export function headIn({ version, body }: StoredDocument): Head {
  return { version, batch: body as unknown as Batch };
}

export function headRow(batch: Batch, expected: number): DocumentChange {
  return { kind: "batch", id: batch.id, expected, body: { ...batch } };
}

export function stepRows(id: string, steps: readonly Step[]): DocumentChange[] {
  return Array.from({ length: Math.ceil(steps.length / STEPS_A_PART) }, (_, i) => ({
    ...{ kind: "batch_steps", id: `${id}:${i}`, expected: 0 },
    body: { steps: steps.slice(i * STEPS_A_PART, (i + 1) * STEPS_A_PART) },
  }));
}

/** In their order. */
export function stepRowIds({ id, counts }: Batch): string[] {
  const steps = Object.values(counts).reduce((sum, n) => sum + n, 0);
  return Array.from({ length: Math.ceil(steps / STEPS_A_PART) }, (_, i) => `${id}:${i}`);
}

export function stepsIn(ids: readonly string[], rows: readonly StoredDocument[]): Step[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => (byId.get(id)?.body.steps ?? []) as Step[]);
}

export function goneRows({ version, batch }: Head, steps: readonly StoredDocument[]): DocumentChange[] {
  return [
    { kind: "batch", id: batch.id, expected: version, body: null },
    ...steps.map((row): DocumentChange => ({ kind: "batch_steps", id: row.id, expected: row.version, body: null })),
  ];
}
