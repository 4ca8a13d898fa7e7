/** bun:sqlite alone: the rows a Signalbox store holds, written again into the same schema with synchronous=FULL, nothing around it. */

import { Database, type SQLQueryBindings } from "bun:sqlite";
import { join } from "node:path";

const MOST_MESSAGES = 300_000;

export interface Alone {
  messagesPerSecond: number;
  tables: string[];
}

/** Reads the tables the journal fills from `dataDir`, then inserts their rows, `batch` messages a transaction, for at most `forMs`. */
export function insertSameRows(dataDir: string, into: string, batch: number, forMs: number): Alone {
  const source = new Database(join(dataDir, "signalbox.db"), { readonly: true });
  const tables = journalTables(source);
  const target = new Database(join(into, "alone.db"), { create: true });
  for (const pragma of ["journal_mode = WAL", "synchronous = FULL", "wal_autocheckpoint = 4000", "cache_size = -32000"])
    target.exec(`PRAGMA ${pragma}`);
  const names = tables.map((table) => `'${table}'`).join(",");
  for (const { sql } of source
    .query(`SELECT sql FROM sqlite_master WHERE tbl_name IN (${names}) AND sql IS NOT NULL ORDER BY type DESC`)
    .all() as { sql: string }[])
    target.exec(sql);

  const rows = tables.map((table) => source.query(`SELECT * FROM ${table} LIMIT ${MOST_MESSAGES}`).values() as SQLQueryBindings[][]);
  const inserts = tables.map((table, index) => target.query(`INSERT INTO ${table} VALUES (${rows[index]![0]!.map(() => "?").join(",")})`));
  source.close();
  const messages = Math.min(...rows.map((one) => one.length));
  const write = target.transaction((from: number) => {
    for (let n = from; n < from + batch; n++) for (let table = 0; table < tables.length; table++) inserts[table]!.run(...rows[table]![n]!);
  });
  const startedAt = performance.now();
  let done = 0;
  while (done + batch <= messages && performance.now() - startedAt < forMs) {
    write(done);
    done += batch;
  }
  const seconds = (performance.now() - startedAt) / 1000;
  target.close();
  return { messagesPerSecond: done / seconds, tables };
}

/** Those with a row for every message. */
function journalTables(db: Database): string[] {
  const tables = (
    db.query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all() as { name: string }[]
  ).map(({ name }) => name);
  const sizes = tables.map((name) => ({ name, n: (db.query(`SELECT count(*) AS n FROM ${name}`).get() as { n: number }).n }));
  const most = Math.max(...sizes.map(({ n }) => n));
  return sizes.filter(({ n }) => n >= most * 0.99).map(({ name }) => name);
}
