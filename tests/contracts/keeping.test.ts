import { afterAll, expect, test } from "bun:test";
import { join } from "node:path";
import { sqliteGateways } from "../../src/adapters/sqlite/gateways.ts";
import { sqliteJournal } from "../../src/adapters/sqlite/journal.ts";
import { sqliteKeeping } from "../../src/adapters/sqlite/keeping.ts";
import { sqliteRollups } from "../../src/adapters/sqlite/rollups.ts";
import { openStore, type Store } from "../../src/adapters/sqlite/store.ts";
import { sqliteTrends } from "../../src/adapters/sqlite/trends.ts";
import { DAY_MS } from "../../src/results/history.ts";
import { ownFolder } from "../cast/folder.ts";
import { message, NOON } from "../cast/results.ts";
import { keepingContract } from "./keeping.ts";

const folder = ownFolder("keeping");
const stores: Store[] = [];
afterAll(() => Promise.all(stores.map((store) => store.close())));

async function fresh() {
  const store = await openStore({ path: join(folder, `${stores.length}.db`), onDeath: () => {} });
  stores.push(store);
  const ports = {
    rollups: sqliteRollups(store),
    journal: sqliteJournal(store),
    trends: sqliteTrends(store),
    keeping: sqliteKeeping(store),
    gateways: sqliteGateways(store),
  };
  return { store, ...ports };
}

keepingContract("sqlite keeping", fresh);

test("sqlite keeping: tells rows and bytes of each table from the side, and the days it noted", async () => {
  const { store, journal, keeping } = await fresh();
  const items = Array.from({ length: 1_000 }, (_, n) => message(`m${n}`, "submitted"));
  await journal.append(items, NOON);
  const day = Math.floor(NOON / DAY_MS);
  for (const at of [day - 1, day, day]) await keeping.noteSize(at);
  const sizes = await store.aside("keeping.sizes", null);
  const of = (name: string) => sizes.tables.find((table) => table.name === name);
  expect(of("journal")?.rows).toBe(1_000);
  expect(of("messages")?.rows).toBe(1_000);
  expect(of("journal")!.bytes).toBeGreaterThan(50_000);
  const inTables = sizes.tables.reduce((sum, { bytes }) => sum + bytes, 0);
  expect(Math.abs(inTables + sizes.freeBytes - sizes.fileBytes)).toBeLessThan(20_000);
  expect(sizes.days.map(({ at }) => at)).toEqual([(day - 1) * DAY_MS, day * DAY_MS]);
  expect(sizes.days[1]!.usedBytes).toBeGreaterThan(100_000);
});
