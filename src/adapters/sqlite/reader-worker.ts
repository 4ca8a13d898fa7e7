/** Reads that may take long, on a connection of their own, so that no query stands on the event loop; and the folding back of the log. */

import type { Database } from "bun:sqlite";
import { messageOf } from "../../kernel/errors.ts";
import { queries, type Table } from "./commands.ts";
import { openReaderDatabase } from "./database.ts";
import { type Folding, LOOK_EVERY_MS, openFolding } from "./folding.ts";
import type { Call, FromWorker, Reply, ToWorker } from "./protocol.ts";

declare const self: Worker;

const table = queries as Table;
let db: Database | null = null;
let folding: Folding | null = null;

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === "calls") tell({ kind: "replies", replies: data.calls.map(runOne) });
  else if (data.kind === "open") open(data.path, data.folds);
  else {
    folding?.close();
    folding = null;
    db?.close();
    db = null;
    tell({ kind: "closed" });
  }
};

function open(path: string, folds: boolean): void {
  try {
    db = openReaderDatabase(path);
    if (folds) {
      folding = openFolding(path);
      setInterval(() => {
        if (folding?.look()) tell({ kind: "folded" });
      }, LOOK_EVERY_MS);
    }
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
