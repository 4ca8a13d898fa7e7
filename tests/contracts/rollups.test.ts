import { afterAll } from "bun:test";
import { join } from "node:path";
import { sqliteJournal } from "../../src/adapters/sqlite/journal.ts";
import { sqliteRollups } from "../../src/adapters/sqlite/rollups.ts";
import { openStore, type Store } from "../../src/adapters/sqlite/store.ts";
import { ownFolder } from "../cast/folder.ts";
import { rollupsContract } from "./rollups.ts";

const folder = ownFolder("rollups");
const stores: Store[] = [];
afterAll(() => Promise.all(stores.map((store) => store.close())));

async function fresh() {
  const store = await openStore({ path: join(folder, `${stores.length}.db`), onDeath: () => {} });
  stores.push(store);
  return { rollups: sqliteRollups(store), journal: sqliteJournal(store) };
}

rollupsContract("sqlite rollups", fresh);
