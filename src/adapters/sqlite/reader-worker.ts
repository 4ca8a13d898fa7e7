/** Reads that may take long, on a connection of their own, so that no query stands on the event loop. */

import type { Database } from "bun:sqlite";
import { messageOf } from "../../kernel/errors.ts";
import { queries, type Table } from "./commands.ts";
import { openReaderDatabase } from "./database.ts";
import type { Call, FromWorker, Reply, ToWorker } from "./protocol.ts";

declare const self: Worker;

const table = queries as Table;
let db: Database | null = null;

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === "calls") tell({ kind: "replies", replies: data.calls.map(runOne) });
  else if (data.kind === "open") open(data.path);
  else {
    db?.close();
    db = null;
    tell({ kind: "closed" });
  }
};

function open(path: string): void {
  try {
    db = openReaderDatabase(path);
    tell({ kind: "ready", migrated: [] });
  } catch (error) {
    tell({ kind: "failed", message: messageOf(error) });
  }
}

function runOne(call: Call): Reply {
  const query = table[call.name];
  if (!db || !query) return { id: call.id, ok: false, code: "internal", message: `no such query: ${call.name}`, details: {} };
  try {
    return { id: call.id, ok: true, value: query(db, call.input as never) };
  } catch (error) {
    return { id: call.id, ok: false, code: "internal", message: messageOf(error), details: {} };
  }
}

function tell(message: FromWorker): void {
  self.postMessage(message);
}
