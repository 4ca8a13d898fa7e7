import { Database } from "bun:sqlite";
import { afterAll, expect, test } from "bun:test";
import { join } from "node:path";
import { openReaderDatabase } from "../../src/adapters/sqlite/database.ts";
import { sqliteJournal } from "../../src/adapters/sqlite/journal.ts";
import { migrate, migrations } from "../../src/adapters/sqlite/migrations.ts";
import { sqliteRollups } from "../../src/adapters/sqlite/rollups.ts";
import { openStore, type Store } from "../../src/adapters/sqlite/store.ts";
import { sqliteTrends, trendQueries } from "../../src/adapters/sqlite/trends.ts";
import { fakeClock } from "../../src/kernel/clock.ts";
import { DAY_MS, MINUTE_MS, SUMS } from "../../src/results/history.ts";
import { ownFolder } from "../cast/folder.ts";
import { message, NOON } from "../cast/results.ts";
import { trendsContract } from "./trends.ts";

const folder = ownFolder("trends");
const stores: Store[] = [];
afterAll(() => Promise.all(stores.map((store) => store.close())));

async function fresh() {
  const store = await openStore({ path: join(folder, `${stores.length}.db`), onDeath: () => {} });
  stores.push(store);
  return { store, rollups: sqliteRollups(store), journal: sqliteJournal(store), trends: sqliteTrends(store) };
}

trendsContract("sqlite trends", fresh, fakeClock(NOON));

test("sqlite trends: adds to a minute what comes later for it, takes back, and forgets a code nobody stands at", async () => {
  const { store, rollups, journal } = await fresh();
  await journal.append([message("a", "submitted")], NOON);
  const minute = NOON / MINUTE_MS;
  const add = (from: number, sums: number[], latencies: [number, number][], errors: [string, number][]) =>
    rollups.roll({
      from,
      through: from + 1,
      sources: [],
      blocks: [],
      trends: [{ minute, pair: "UZ_uzmobile", program: "program1", sums, latencies, errors }],
      codes: [],
      keepFrom: 0,
    });
  await add(0, [2, 2, 0, 0, 0, 0, 0, 2, 0, 0, 0], [], [["27", 1]]);
  await add(1, [0, 0, 1, 0, 0, 0, 0, -1, 0, 1, 4000], [[300, 1]], []);
  await add(2, [0, 0, 1, 0, 0, 0, 0, -1, 0, 1, 4000], [[300, 1]], [["27", -1]]);
  const db = openReaderDatabase(store.path);
  const row = { attempts: 2, sent: 2, delivered: 2, undelivered: 0, failed: 0, blocked: 0, against: 0, open: 0, words: 0 };
  for (const tier of ["1m", "15m", "1h", "1d"])
    expect(db.query(`SELECT * FROM trend_${tier} WHERE scope = 1`).all()).toEqual([
      {
        ...{ scope: 1, minute: tier === "1d" ? minute - (minute % 1440) : minute, ...row, latency_n: 2, latency_ms: 8000 },
        ...{ latencies: Uint8Array.of(0x80 | (300 % 128), 2, 2), errors: null },
      },
    ]);
  db.close();
});

test("sqlite trends: sums of an older store are in every tier after the upgrade", () => {
  const path = join(folder, "older.db");
  const db = new Database(path, { create: true, strict: true });
  const before = migrations.filter(({ version }) => version < 13);
  migrate(db, path, before);
  const put = db.query("INSERT INTO trend_1m VALUES (?, ?, ?, 3, 3, 2, 1, 0, 0, 1, 0, 0, 2, 9000)");
  const minute = NOON / MINUTE_MS;
  for (const pair of ["UZ_uzmobile", "KZ_kcell"])
    for (const program of ["program1", "program2"]) for (const after of [0, 1, 700]) put.run(minute + after, pair, program);
  migrate(db, path);
  const sent = (where: object, tier: "1m" | "1d") => {
    const from = NOON - (NOON % DAY_MS);
    const { sums } = trendQueries["trends.read"](db, { where, tier, bounds: [from, from + DAY_MS] });
    return [sums[1], sums[SUMS - 1]];
  };
  for (const tier of ["1m", "1d"] as const) {
    expect(sent({}, tier)).toEqual([36, 108_000]);
    expect(sent({ program: "program2" }, tier)).toEqual([18, 54_000]);
    expect(sent({ country: "KZ" }, tier)).toEqual([18, 54_000]);
    expect(sent({ pair: "KZ_kcell", program: "program1" }, tier)).toEqual([9, 27_000]);
  }
  db.close();
});
