/** How a SQLite file is opened: WAL, fsync on every commit (FULL), a cache that holds the working set. */

import { Database } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";

// The default of 20 prepares the 21st statement anew at each call, ten times slower.
Database.MAX_QUERY_CACHE_SIZE = 1000;

export function openWriterDatabase(path: string): Database {
  mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
  const db = new Database(path, { create: true, readwrite: true, strict: true });
  db.exec("PRAGMA journal_mode = WAL");
  // FULL: an acknowledged row survives power loss, not only kill -9.
  db.exec("PRAGMA synchronous = FULL");
  db.exec("PRAGMA busy_timeout = 5000");
  db.exec("PRAGMA foreign_keys = ON");
  // The default of 1,000 pages checkpoints so often that it shows in the p99.
  db.exec("PRAGMA wal_autocheckpoint = 4000");
  db.exec("PRAGMA cache_size = -32000");
  return db;
}

export function openReaderDatabase(path: string): Database {
  const db = new Database(path, { readonly: true, strict: true });
  db.exec("PRAGMA busy_timeout = 5000");
  db.exec("PRAGMA cache_size = -16000");
  return db;
}
