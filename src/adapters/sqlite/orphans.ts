/** Receipts that wait for their message, in SQLite. */

import type { Database } from "bun:sqlite";
import { MOST_ORPHANS, type Orphan, type Orphans, type Receipt } from "../../results/orphans.ts";
import type { Store } from "./store.ts";

const COLUMNS = `id, gateway, gateway_message_id AS gatewayMessageId, state, nullif(error_code, '') AS errorCode, nullif(part, 0) AS part,
  nullif(parts, 0) AS parts, at, received_at AS receivedAt, body`;

export const orphanCommands = {
  "orphans.add"(db: Database, receipts: readonly Receipt[]): ("new" | "duplicate")[] {
    const insert = db.query(
      `INSERT INTO orphans (gateway, gateway_message_id, state, error_code, part, parts, at, received_at, body)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    );
    const told = receipts.map((one) => {
      const { changes } = insert.run(
        one.gateway,
        one.gatewayMessageId,
        one.state,
        one.errorCode ?? "",
        one.part ?? 0,
        one.parts ?? 0,
        one.at,
        one.receivedAt,
        one.body,
      );
      return changes === 0 ? "duplicate" : "new";
    });
    db.query("DELETE FROM orphans WHERE id <= (SELECT id FROM orphans ORDER BY id DESC LIMIT 1 OFFSET ?)").run(MOST_ORPHANS);
    return told;
  },
  "orphans.remove"(db: Database, ids: readonly number[]): void {
    db.query("DELETE FROM orphans WHERE id IN (SELECT value FROM json_each(?))").run(JSON.stringify(ids));
  },
  "orphans.forget"(db: Database, receivedBefore: number): void {
    db.query("DELETE FROM orphans WHERE received_at < ?").run(receivedBefore);
  },
};

export const orphanQueries = {
  "orphans.waiting"(db: Database, { after, limit }: { after: number; limit: number }): Orphan[] {
    return db.query(`SELECT ${COLUMNS} FROM orphans WHERE id > ? ORDER BY id LIMIT ?`).all(after, limit) as Orphan[];
  },
  "orphans.list"(
    db: Database,
    { before, receivedBefore, limit }: { before: number | null; receivedBefore: number; limit: number },
  ): Orphan[] {
    return db
      .query(`SELECT ${COLUMNS} FROM orphans WHERE id < ? AND received_at < ? ORDER BY id DESC LIMIT ?`)
      .all(before ?? Number.MAX_SAFE_INTEGER, receivedBefore, limit) as Orphan[];
  },
  "orphans.count"(db: Database, _input: null): number {
    return (db.query("SELECT count(*) AS n FROM orphans").get() as { n: number }).n;
  },
};

export function sqliteOrphans(store: Store): Orphans {
  return {
    add: (receipts) => store.write("orphans.add", receipts),
    waiting: (after, limit) => store.read("orphans.waiting", { after, limit }),
    list: (before, receivedBefore, limit) => store.read("orphans.list", { before, receivedBefore, limit }),
    count: () => store.read("orphans.count", null),
    remove: (ids) => store.write("orphans.remove", ids),
    forget: (receivedBefore) => store.write("orphans.forget", receivedBefore),
  };
}
