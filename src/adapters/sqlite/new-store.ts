/**
 * What a new store is made of: all migrations, already run. A macro: it runs while Signalbox is built, because at a start the same
 * statements take as long as everything else of the store together.
 */

import { Database } from "bun:sqlite";
import { migrate } from "./migrations.ts";

/** The file's bytes, deflated, as base64: most of its 250 KB are empty pages. */
export function newStore(): string {
  const db = new Database(":memory:", { strict: true });
  migrate(db, ":memory:");
  const file = db.serialize();
  db.close();
  // The version numbers that say WAL; a file that was in memory says rollback journal: https://sqlite.org/fileformat.html, 1.3.3.
  file.set([WAL, WAL], 18);
  return Buffer.from(Bun.deflateSync(new Uint8Array(file))).toString("base64");
}

const WAL = 2;
