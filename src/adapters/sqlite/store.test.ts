import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ownFolder } from "../../../tests/cast/folder.ts";
import { refusal } from "../../../tests/cast/refusal.ts";
import { until } from "../../../tests/cast/until.ts";
import { FOLD_PAGES, WRITER_FOLDS_PAGES } from "./folding.ts";
import { migrate, migrations } from "./migrations.ts";
import { storeWritable } from "./probe.ts";
import { openStore } from "./store.ts";

const folder = ownFolder("store");
const onDeath = () => {};

test("a second opening applies nothing and finds what was written", async () => {
  const path = join(folder, "twice.db");
  const first = await openStore({ path, onDeath });
  await first.write("documents.commit", { changes: [{ kind: "pair", id: "UZ_a", expected: 0, body: { weight: 1 } }], acts: [] });
  await first.close();
  const second = await openStore({ path, onDeath });
  expect(second.migrated).toEqual([]);
  expect(await second.read("documents.load", { kinds: ["pair"] })).toEqual([{ kind: "pair", id: "UZ_a", version: 1, body: { weight: 1 } }]);
  await second.close();
});

test("a new store is what the migrations make, in WAL from its first moment, whatever lay beside its name", async () => {
  const path = join(folder, "fresh.db");
  const stale = new Database(join(folder, "stale.db"), { create: true });
  stale.exec("PRAGMA journal_mode = WAL; CREATE TABLE stale (a)");
  copyFileSync(join(folder, "stale.db-wal"), `${path}-wal`);
  stale.close();
  await (await openStore({ path, onDeath })).close();
  const schemaOf = (db: Database) => db.query("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name").all();
  const [made, stepped] = [new Database(path), new Database(":memory:")];
  migrate(stepped, ":memory:");
  expect(schemaOf(made)).toEqual(schemaOf(stepped));
  for (const pragma of ["user_version", "page_size", "auto_vacuum", "encoding"])
    expect(made.query(`PRAGMA ${pragma}`).get()).toEqual(stepped.query(`PRAGMA ${pragma}`).get());
  expect(made.query("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
  expect(made.query("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
  made.close();
});

test("an empty file in its place is brought to the newest schema", async () => {
  const path = join(folder, "empty.db");
  writeFileSync(path, "");
  const store = await openStore({ path, onDeath });
  expect(store.migrated).toEqual(migrations.map(({ version }) => version));
  await store.close();
});

test("the log is folded back while writes go on, and not by the writer", async () => {
  const path = join(folder, "folded.db");
  const store = await openStore({ path, onDeath });
  const other = new Database(path);
  const log = () => other.query("PRAGMA wal_checkpoint(NOOP)").get() as { log: number; checkpointed: number };
  const body = { text: "x".repeat(500_000) };
  const put = (id: number) => store.write("documents.commit", { changes: [{ kind: "pair", id: `UZ_${id}`, expected: 0, body }], acts: [] });
  for (let id = 0; log().log < FOLD_PAGES; id++) await put(id);
  // The writer leaves the log alone until it is five times as long.
  await until("it is folded back", () => log().checkpointed >= FOLD_PAGES);
  await put(1_000_000);
  expect(log().log).toBeLessThan(FOLD_PAGES);
  other.close();
  await store.close();
  expect(existsSync(`${path}-wal`)).toBe(false);
});

test("the log begins anew also while writing never pauses, long before the writer folds it alone", async () => {
  const path = join(folder, "busy.db");
  const store = await openStore({ path, onDeath });
  const other = new Database(path);
  const pages = () => (other.query("PRAGMA wal_checkpoint(NOOP)").get() as { log: number }).log;
  const body = { text: "x".repeat(100) };
  let longest = 0;
  let anew = false;
  let next = 0;
  const write = async () => {
    while (!anew) {
      await store.write("documents.commit", { changes: [{ kind: "pair", id: `UZ_${next++}`, expected: 0, body }], acts: [] });
      anew = pages() < longest;
      longest = Math.max(longest, pages());
    }
  };
  await Promise.all([write(), write()]);
  expect(longest).toBeGreaterThanOrEqual(FOLD_PAGES);
  expect(longest).toBeLessThan(WRITER_FOLDS_PAGES);
  other.close();
  await store.close();
});

test("one command's failure is its caller's alone, though all share a transaction", async () => {
  const store = await openStore({ path: join(folder, "group.db"), onDeath });
  const put = (id: string, expected: number) =>
    store.write("documents.commit", { changes: [{ kind: "pair", id, expected, body: {} }], acts: [] });
  const [good, bad, alsoGood] = await Promise.allSettled([put("a", 0), put("b", 9), put("c", 0)]);
  expect([good.status, bad.status, alsoGood.status]).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect((await store.read("documents.load", { kinds: ["pair"] })).map((document) => document.id).sort()).toEqual(["a", "c"]);
  await store.close();
});

test("a file that is no database is refused with its name", async () => {
  const path = join(folder, "nonsense.db");
  writeFileSync(path, "this is not a database, though it is long enough to be read as a page header of one".repeat(50));
  expect((await refusal(openStore({ path, onDeath }))).message).toContain(path);
});

test("a store newer than the binary is refused and left alone", async () => {
  const path = join(folder, "newer.db");
  const db = new Database(path, { create: true });
  db.exec("PRAGMA user_version = 999");
  db.close();
  expect((await refusal(openStore({ path, onDeath }))).message).toContain("schema 999");
});

test("a migration keeps a copy of the file as it was, and a failing one changes nothing", () => {
  const path = join(folder, "steps.db");
  const db = new Database(path, { create: true });
  migrate(db, path, migrations.slice(0, 1));
  const broken = [migrations[0]!, { version: 2, name: "broken", sql: "CREATE TABLE good (a); CREATE TABLE bad (" }];
  expect(() => migrate(db, path, broken)).toThrow();
  expect(db.query("SELECT name FROM sqlite_master WHERE name = 'good'").all()).toEqual([]);
  expect(db.query("PRAGMA user_version").get()).toEqual({ user_version: 1 });
  expect(readdirSync(folder).some((name) => name.startsWith("before-schema-2-"))).toBe(true);
  expect(existsSync(path)).toBe(true);
  db.close();
});

test("a closed store answers unavailable instead of hanging", async () => {
  const store = await openStore({ path: join(folder, "closed.db"), onDeath });
  await store.close();
  expect(await refusal(store.write("documents.commit", { changes: [], acts: [] }))).toMatchObject({ code: "unavailable" });
});

test("a store whose file is taken away acknowledges nothing, says so, and goes on when it is back", async () => {
  const [here, away] = [join(folder, "here"), join(folder, "away")];
  mkdirSync(here);
  const store = await openStore({ path: join(here, "taken.db"), onDeath });
  const put = (id: string) => store.write("documents.commit", { changes: [{ kind: "pair", id, expected: 0, body: {} }], acts: [] });
  await put("before");
  renameSync(here, away);
  expect(await refusal(put("meanwhile"))).toMatchObject({ code: "unavailable", details: { reason: "store_gone" } });
  expect((await refusal(storeWritable(store))).message).toContain(join(here, "taken.db"));
  // Another file under its name is another store.
  mkdirSync(here);
  writeFileSync(join(here, "taken.db"), "");
  expect(await refusal(put("meanwhile"))).toMatchObject({ code: "unavailable" });
  renameSync(here, join(folder, "other"));
  renameSync(away, here);
  await put("after");
  expect((await store.read("documents.load", { kinds: ["pair"] })).map((document) => document.id).sort()).toEqual(["after", "before"]);
  await store.close();
});
