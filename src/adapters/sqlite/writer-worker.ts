/**
 * The only writer of the store. Natural group commit: whatever arrived while the last commit ran becomes the next transaction, each
 * command in a savepoint of its own, so that one command's failure is its caller's alone. No timer delays anybody.
 */

import type { Database } from "bun:sqlite";
import { statSync } from "node:fs";
import { AppError, messageOf } from "../../kernel/errors.ts";
import { commands, queries, type Table } from "./commands.ts";
import { openWriterDatabase } from "./database.ts";
import { migrate } from "./migrations.ts";
import type { Call, FromWorker, Reply, ToWorker } from "./protocol.ts";
import { forget } from "./remembered.ts";
import { settleAll } from "./staged.ts";

declare const self: Worker;

// Queries too: it answers them until the reader is up.
const table = { ...commands, ...queries } as Table;
let db: Database | null = null;
let file = { path: "", inode: "" };
let waiting: Call[] = [];
let scheduled = false;

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === "calls") {
    waiting.push(...data.calls);
    if (!scheduled) {
      scheduled = true;
      setImmediate(flush);
    }
  } else if (data.kind === "fold") fold();
  else if (data.kind === "open") open(data.path);
  else close();
};

function open(path: string): void {
  try {
    db = openWriterDatabase(path);
    const migrated = migrate(db, path);
    settleAll(db);
    file = { path, inode: inodeOf(path) };
    tell({ kind: "ready", migrated });
  } catch (error) {
    tell({ kind: "failed", message: messageOf(error) });
  }
}

function flush(): void {
  scheduled = false;
  const calls = waiting;
  waiting = [];
  if (!db || calls.length === 0) return;
  let replies: Reply[];
  try {
    checkFile();
    db.exec("BEGIN IMMEDIATE");
    replies = calls.map((call) => runOne(db!, call));
    db.exec("COMMIT");
  } catch (error) {
    // The transaction as a whole failed (disk full, I/O error): nothing of it is on disk, so nothing of it is acknowledged.
    forget(db);
    if (db.inTransaction) rollback(db);
    replies = calls.map((call) => failed(call.id, storeError(error)));
  }
  tell({ kind: "replies", replies });
}

/**
 * Folds what the reader could not, since we went on writing. Then the next commit begins the log anew, in pages that the file has already: one
 * that grows makes each sync half as dear again.
 */
function fold(): void {
  try {
    db?.exec("PRAGMA wal_checkpoint(PASSIVE)");
  } catch {
    // The disk does not answer; whoever writes next is told.
  }
}

/** A file that was deleted goes on taking writes, and they are gone with our process: SQLite does not look, so we do. */
function checkFile(): void {
  if (inodeOf(file.path) === file.inode) return;
  const words = `${file.path} was deleted or replaced while Signalbox runs: put it back, or restart Signalbox to begin with what is there`;
  throw new AppError("unavailable", `Nothing was stored: ${words}`, { retryAfterMs: 2000, reason: "store_gone" });
}

function inodeOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? `${found.dev}:${found.ino}` : "";
}

function runOne(db: Database, call: Call): Reply {
  const command = table[call.name];
  if (!command) return failed(call.id, new AppError("internal", `no such command: ${call.name}`));
  db.exec("SAVEPOINT command");
  try {
    const value = command(db, call.input as never);
    db.exec("RELEASE command");
    return { id: call.id, ok: true, value };
  } catch (error) {
    // A full disk may have rolled the whole transaction back already; then the batch as a whole has failed.
    if (!db.inTransaction) throw error;
    forget(db);
    db.exec("ROLLBACK TO command");
    db.exec("RELEASE command");
    return failed(call.id, storeError(error));
  }
}

function rollback(db: Database): void {
  try {
    db.exec("ROLLBACK");
  } catch {
    // SQLite rolled back by itself.
  }
}

// https://sqlite.org/rescode.html: what a person can mend, said so.
const AWAY: Record<string, string> = {
  SQLITE_FULL: "the disk is full",
  SQLITE_IOERR: "the disk does not answer",
  SQLITE_BUSY: "another process holds the store",
  SQLITE_READONLY: "the store cannot be written",
};

function storeError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const known = Object.keys(AWAY).find((key) => code.startsWith(key));
  if (known) return new AppError("unavailable", `Nothing was stored: ${AWAY[known]}`, { retryAfterMs: 2000, reason: known.toLowerCase() });
  return new AppError("internal", messageOf(error));
}

function failed(id: number, { code, message, details }: AppError): Reply {
  return { id, ok: false, code, message, details };
}

function close(): void {
  flush();
  // Folds the WAL back, so that the file alone is the store.
  db?.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  db?.close();
  db = null;
  tell({ kind: "closed" });
}

function tell(message: FromWorker): void {
  self.postMessage(message);
}
