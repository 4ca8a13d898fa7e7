/** What commands remember between transactions, emptied at every rollback: then it may speak of rows that are not there. */

import type { Database } from "bun:sqlite";

const memories = new WeakMap<Database, Map<string, number>>();

/** Names to row numbers, of this database. */
export function remembered(db: Database): Map<string, number> {
  let memory = memories.get(db);
  if (!memory) {
    memory = new Map();
    memories.set(db, memory);
  }
  return memory;
}

/** Called by the writer whenever it rolls anything back. */
export function forget(db: Database): void {
  memories.get(db)?.clear();
}
