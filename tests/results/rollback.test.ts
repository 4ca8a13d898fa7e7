/** A rollback takes back what an append wrote; nothing the writer remembers may speak of it afterwards. */

import { expect, test } from "bun:test";
import { join } from "node:path";
import { openWriterDatabase } from "../../src/adapters/sqlite/database.ts";
import { journalQueries } from "../../src/adapters/sqlite/journal.ts";
import { journalCommands } from "../../src/adapters/sqlite/journal-append.ts";
import { migrate } from "../../src/adapters/sqlite/migrations.ts";
import { forget } from "../../src/adapters/sqlite/remembered.ts";
import type { Delta } from "../../src/results/journal.ts";
import { ownFolder } from "../cast/folder.ts";
import { message, NOON } from "../cast/results.ts";

test("gives a source that was rolled back a row of its own again", () => {
  const path = join(ownFolder("rollback"), "signalbox.db");
  const db = openWriterDatabase(path);
  migrate(db, path);
  const append = (id: string, pair: string) =>
    journalCommands["journal.append"](db, JSON.stringify([{ items: [message(id, "submitted", { pair })], receivedAt: NOON }]));
  db.exec("BEGIN");
  append("a", "UZ_uzmobile");
  db.exec("ROLLBACK");
  forget(db);
  append("b", "UZ_beeline");
  append("c", "UZ_uzmobile");
  const deltas = JSON.parse(journalQueries["journal.since"](db, { after: 0, limit: 10 })) as Delta[];
  expect(deltas.map(({ pair }) => pair)).toEqual(["UZ_beeline", "UZ_uzmobile"]);
  db.close();
});
