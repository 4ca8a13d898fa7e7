/** Operations in SQLite: each whole, as JSON. */

import type { Database } from "bun:sqlite";
import type { Operation, OperationRows } from "../../fleet/operation.ts";
import type { Act } from "../../kernel/act.ts";
import { writeActs } from "./documents.ts";
import type { Store } from "./store.ts";

/** Those of a year of busy days; the audit keeps who did what. */
const KEPT = 1_000;

export const operationCommands = {
  "operations.save"(db: Database, { operation, acts }: { operation: Operation; acts: readonly Act[] }): void {
    const { id, createdAt } = operation;
    db.query("INSERT INTO operations (id, created_at, body) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body").run(
      id,
      createdAt,
      JSON.stringify(operation),
    );
    if (acts.length === 0) return;
    writeActs(db, acts);
    db.query("DELETE FROM operations WHERE id <= (SELECT id FROM operations ORDER BY id DESC LIMIT 1 OFFSET ?)").run(KEPT);
  },
};

export const operationQueries = {
  "operations.recent"(db: Database, limit: number): Operation[] {
    const rows = db.query("SELECT body FROM operations ORDER BY id DESC LIMIT ?").all(limit) as { body: string }[];
    return rows.map(({ body }) => JSON.parse(body) as Operation);
  },
};

export function sqliteOperations(store: Store): OperationRows {
  return {
    save: (operation, acts) => store.write("operations.save", { operation, acts }),
    recent: (limit) => store.read("operations.recent", limit),
  };
}
