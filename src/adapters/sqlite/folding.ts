/**
 * Folds the write-ahead log back into the store while the writer goes on. A checkpoint writes thousands of pages and waits for two fsyncs; in
 * the writer every permit and every result would wait for them too. PASSIVE is in nobody's way: https://sqlite.org/pragma.html#pragma_wal_checkpoint
 */

import { Database } from "bun:sqlite";

/** Pages worth folding; 16 MB. Fewer would be written twice when they change again. */
export const FOLD_PAGES = 4_000;
/** When we are away or too slow the writer folds by itself: as far as the log may grow; 80 MB. */
export const WRITER_FOLDS_PAGES = 20_000;
export const LOOK_EVERY_MS = 1_000;
/** What came while we folded; the writer folds so little itself in a millisecond, and only it can begin the log anew. */
const FEW_PAGES = 400;
const MOST_ROUNDS = 4;

export interface Folding {
  /**
   * Folds when there is enough, and says whether so little is left that the writer shall fold it. Never throws: what fails now is tried with
   * the next look, and the writer tells of a broken disk.
   */
  look(): boolean;
  close(): void;
}

interface Checkpoint {
  log: number;
  checkpointed: number;
}

export function openFolding(path: string): Folding {
  const db = new Database(path, { readwrite: true });
  db.exec("PRAGMA cache_size = -1000");
  const ask = (mode: "NOOP" | "PASSIVE") => db.query(`PRAGMA wal_checkpoint(${mode})`).get() as Checkpoint;
  return {
    look() {
      try {
        const { log, checkpointed } = ask("NOOP");
        if (log - checkpointed < FOLD_PAGES) return false;
        for (let round = 0; round < MOST_ROUNDS; round++) {
          ask("PASSIVE");
          const after = ask("NOOP");
          if (after.log - after.checkpointed <= FEW_PAGES) return true;
        }
      } catch {
        // Busy, full or gone.
      }
      return false;
    },
    close: () => db.close(),
  };
}
