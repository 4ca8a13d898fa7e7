/** Many rows in few statements: a statement per row costs more than the row. */

import type { Database } from "bun:sqlite";

export interface Columns {
  table: string;
  columns: readonly string[];
}

// Few sizes, so that few statements are prepared and each is met again: 100 rows are two runs of 50.
const SIZES = [50, 10, 1];

const texts = new WeakMap<Columns, Map<string, string>>();

export function insertMany(
  db: Database,
  into: Columns,
  rows: readonly (readonly (string | number | null | Uint8Array)[])[],
  or: "" | "OR REPLACE" = "",
): void {
  let done = 0;
  for (const size of SIZES) {
    while (rows.length - done >= size) {
      const part = rows.slice(done, done + size).flat();
      db.query(textOf(into, size, or)).run(...part);
      done += size;
    }
  }
}

function textOf(into: Columns, size: number, or: string): string {
  const known = texts.get(into) ?? new Map<string, string>();
  texts.set(into, known);
  const key = `${size}${or}`;
  let text = known.get(key);
  if (!text) {
    const row = `(${into.columns.map(() => "?").join(", ")})`;
    text = `INSERT ${or} INTO ${into.table} (${into.columns.join(", ")}) VALUES ${Array(size).fill(row).join(", ")}`;
    known.set(key, text);
  }
  return text;
}
