/** How a SQLite file is opened: WAL, fsync on every commit (FULL), a cache that holds the working set. */

import { Database } from "bun:sqlite";
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { WRITER_FOLDS_PAGES } from "./folding.ts";
import { newStore } from "./new-store.ts" with { type: "macro" };

// The default of 20 prepares the 21st statement anew at each call, ten times slower.
Database.MAX_QUERY_CACHE_SIZE = 1000;

export function openWriterDatabase(path: string): Database {
  if (!existsSync(path)) create(path);
  const db = new Database(path, { create: true, readwrite: true, strict: true });
  db.exec("PRAGMA journal_mode = WAL");
  // FULL: an acknowledged row survives power loss, not only kill -9.
  db.exec("PRAGMA synchronous = FULL");
  db.exec("PRAGMA busy_timeout = 5000");
  db.exec("PRAGMA foreign_keys = ON");
  db.exec(`PRAGMA wal_autocheckpoint = ${WRITER_FOLDS_PAGES}`);
  db.exec("PRAGMA cache_size = -32000");
  return db;
}

/** Whole, or not there at all: a crash leaves no half-made store. */
function create(path: string): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o750 });
  // What is left of a store that somebody took away would be read into the new one.
  for (const rest of ["-wal", "-shm", "-journal"]) rmSync(path + rest, { force: true });
  const draft = `${path}.new`;
  const fd = openSync(draft, "w", 0o644);
  writeFileSync(fd, Bun.inflateSync(Buffer.from(newStore(), "base64")));
  fsyncSync(fd);
  closeSync(fd);
  renameSync(draft, path);
  const entry = openSync(folder, "r");
  fsyncSync(entry);
  closeSync(entry);
}

export function openReaderDatabase(path: string): Database {
  const db = new Database(path, { readonly: true, strict: true });
  db.exec("PRAGMA busy_timeout = 5000");
  db.exec("PRAGMA cache_size = -16000");
  return db;
}
