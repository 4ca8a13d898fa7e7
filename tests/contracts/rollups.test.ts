import { afterAll, expect, test } from "bun:test";
import { join } from "node:path";
import { openReaderDatabase } from "../../src/adapters/sqlite/database.ts";
import { sqliteJournal } from "../../src/adapters/sqlite/journal.ts";
import { sqliteRollups } from "../../src/adapters/sqlite/rollups.ts";
import { openStore, type Store } from "../../src/adapters/sqlite/store.ts";
import { ownFolder } from "../cast/folder.ts";
import { message, NOON } from "../cast/results.ts";
import { rollupsContract } from "./rollups.ts";

const folder = ownFolder("rollups");
const stores: Store[] = [];
afterAll(() => Promise.all(stores.map((store) => store.close())));

async function fresh() {
  const store = await openStore({ path: join(folder, `${stores.length}.db`), onDeath: () => {} });
  stores.push(store);
  return { store, rollups: sqliteRollups(store), journal: sqliteJournal(store) };
}

rollupsContract("sqlite rollups", fresh);

test("sqlite rollups: adds to a minute what comes later for it, and takes back", async () => {
  const { store, rollups, journal } = await fresh();
  await journal.append([message("a", "submitted")], NOON);
  const minute = NOON / 60_000;
  const add = (from: number, sums: number[]) =>
    rollups.roll({
      from,
      through: from + 1,
      sources: [],
      blocks: [],
      trends: [{ minute, pair: "UZ_uzmobile", program: "program1", sums }],
      keepFrom: 0,
    });
  await add(0, [2, 2, 0, 0, 0, 0, 0, 2, 0, 0, 0]);
  await add(1, [0, 0, 1, 0, 0, 0, 0, -1, 0, 1, 4000]);
  const db = openReaderDatabase(store.path);
  expect(db.query("SELECT * FROM trend_1m").all()).toEqual([
    {
      minute,
      pair: "UZ_uzmobile",
      program: "program1",
      attempts: 2,
      sent: 2,
      delivered: 1,
      undelivered: 0,
      failed: 0,
      blocked: 0,
      against: 0,
      open: 1,
      words: 0,
      latency_n: 1,
      latency_ms: 4000,
    },
  ]);
  db.close();
});
