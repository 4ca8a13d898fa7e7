/** What is not the same on a pair before and after. Pure. */

import { fieldsOf, type Pair } from "./pair.ts";

export interface FieldChange {
  field: string;
  from: unknown;
  to: unknown;
}

/** Field by field, in the names of the API. */
export function differences(before: Pair, after: Pair): FieldChange[] {
  const to: Record<string, unknown> = fieldsOf(after);
  return Object.entries(fieldsOf(before))
    .map(([field, from]) => ({ field, from, to: to[field] }))
    .filter((change) => !same(change.from, change.to));
}

function same(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  return a.length === b.length && a.every((item, index) => item === b[index]);
}
