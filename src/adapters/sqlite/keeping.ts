/** Deletes old sums and messages in SQLite: each step is one small command, so that appends come in between. */

import type { Database } from "bun:sqlite";
import { DAY_MS, MINUTE_MS, type Tier } from "../../results/history.ts";
import type { Keeping } from "../../results/retention.ts";
import type { Store } from "./store.ts";

/** Rows of a step: a few milliseconds on an ordinary disk. */
const MOST_SUMS = 300;
const MOST_SCOPES = 20;
const MOST_LINES = 100;

interface Line {
  seq: number;
  source: number;
  message_id: string | null;
  at: number;
  received_at: number;
}

export const keepingCommands = {
  "keeping.trimTier"(db: Database, { tier, before, after }: { tier: Tier; before: number; after: number }) {
    const minute = Math.floor(before / MINUTE_MS);
    const scopes = db.query("SELECT id FROM trend_scopes WHERE id > ? ORDER BY id LIMIT ?").all(after, MOST_SCOPES) as { id: number }[];
    const trim = db.query(
      `DELETE FROM trend_${tier} WHERE scope = ?1 AND minute IN (SELECT minute FROM trend_${tier} WHERE scope = ?1 AND minute < ?2 ORDER BY minute LIMIT ?3)`,
    );
    let deleted = 0;
    for (const { id } of scopes) {
      deleted += trim.run(id, minute, MOST_SUMS - deleted).changes;
      // There may be more of it: the next step begins with it again.
      if (deleted >= MOST_SUMS) return { deleted, next: id - 1 };
    }
    return { deleted, next: scopes.length < MOST_SCOPES ? null : scopes.at(-1)!.id };
  },
  "keeping.trimMessages"(db: Database, { before }: { before: number }) {
    const lines = db
      .query(
        `SELECT seq, source, message_id, at, received_at FROM journal
         WHERE seq <= (SELECT seq FROM results_mark WHERE id = 1) AND seq <= (SELECT seq FROM gateway_mark)
           AND seq < (SELECT max(seq) FROM journal) ORDER BY seq LIMIT ?`,
      )
      .all(MOST_LINES) as Line[];
    const young = lines.findIndex(({ received_at }) => received_at >= before);
    const old = young < 0 ? lines : lines.slice(0, young);
    const last = old.at(-1);
    if (!last) return { deleted: 0, more: false };
    const message = db.query(
      "DELETE FROM messages WHERE program = (SELECT program FROM sources WHERE id = ?) AND message_id = ? AND last_seq <= ?",
    );
    const counts = db.query(
      "DELETE FROM counts_reports WHERE (program, session, pair) = (SELECT program, session, pair FROM sources WHERE id = ?) AND at = ?",
    );
    for (const { source, message_id, at } of old) {
      if (message_id === null) counts.run(source, at);
      else message.run(source, message_id, last.seq);
    }
    db.query("DELETE FROM journal WHERE seq <= ?").run(last.seq);
    db.query("DELETE FROM journal_notes WHERE seq <= ?").run(last.seq);
    return { deleted: old.length, more: old.length === MOST_LINES };
  },
  "keeping.noteSize"(db: Database, day: number): void {
    const pragma = (name: string) => Object.values(db.query(`PRAGMA ${name}`).get() as Record<string, number>)[0]!;
    const used = (pragma("page_count") - pragma("freelist_count")) * pragma("page_size");
    db.query("INSERT INTO sizes (day, used_bytes) VALUES (?, ?) ON CONFLICT (day) DO UPDATE SET used_bytes = excluded.used_bytes").run(
      day,
      used,
    );
    db.query("DELETE FROM sizes WHERE day < ?").run(day - KEPT_SIZES);
  },
};

/** A year of them. */
const KEPT_SIZES = 366;

export interface TableSize {
  name: string;
  rows: number;
  bytes: number;
}

export interface Sizes {
  /** Of the file, free pages included. */
  fileBytes: number;
  freeBytes: number;
  tables: TableSize[];
  /** Bytes in use by day, wall ms, oldest first. */
  days: { at: number; usedBytes: number }[];
}

export const keepingQueries = {
  /** Walks the whole file: for a Worker of its own (`aside`). */
  "keeping.sizes"(db: Database, _input: null): Sizes {
    const pragma = (name: string) => Object.values(db.query(`PRAGMA ${name}`).get() as Record<string, number>)[0]!;
    const owners = new Map(
      (
        db.query("SELECT name, tbl_name, type, sql FROM sqlite_schema").all() as {
          name: string;
          tbl_name: string;
          type: string;
          sql: string | null;
        }[]
      ).map(({ name, tbl_name, type, sql }) => [name, { table: tbl_name, own: type === "table", whole: /WITHOUT ROWID/i.test(sql ?? "") }]),
    );
    const tables = new Map<string, TableSize>();
    const parts = db
      .query("SELECT name, pagetype, sum(ncell) AS cells, sum(pgsize) AS bytes FROM dbstat GROUP BY name, pagetype")
      .all() as {
      name: string;
      pagetype: string;
      cells: number;
      bytes: number;
    }[];
    for (const { name, pagetype, cells, bytes } of parts) {
      const owner = owners.get(name) ?? { table: "(schema)", own: false, whole: false };
      const size = tables.get(owner.table) ?? { name: owner.table, rows: 0, bytes: 0 };
      tables.set(owner.table, size);
      size.bytes += bytes;
      // Inner pages of an ordinary table hold no rows; those of one without row ids do.
      if (owner.own && (pagetype === "leaf" || (owner.whole && pagetype === "internal"))) size.rows += cells;
    }
    const pageBytes = pragma("page_size");
    return {
      fileBytes: pragma("page_count") * pageBytes,
      freeBytes: pragma("freelist_count") * pageBytes,
      tables: [...tables.values()].sort((a, b) => b.bytes - a.bytes),
      days: (db.query("SELECT day, used_bytes AS usedBytes FROM sizes ORDER BY day").all() as { day: number; usedBytes: number }[]).map(
        ({ day, usedBytes }) => ({ at: day * DAY_MS, usedBytes }),
      ),
    };
  },
};

export function sqliteKeeping(store: Store): Keeping {
  return {
    trimTier: (order) => store.write("keeping.trimTier", order),
    trimMessages: (order) => store.write("keeping.trimMessages", order),
    noteSize: (day) => store.write("keeping.noteSize", day),
  };
}
