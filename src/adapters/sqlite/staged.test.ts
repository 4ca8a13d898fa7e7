/** A commit of many documents goes in steps, so that nobody waits for the whole of it; it is one all the same, whenever Signalbox is killed. */

import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { copyFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { ownFolder } from "../../../tests/cast/folder.ts";
import { refusal } from "../../../tests/cast/refusal.ts";
import type { Act } from "../../kernel/act.ts";
import type { DocumentChange, StoredDocument } from "../../pairs/documents.ts";
import { sqliteDocuments } from "./documents.ts";
import { A_PART } from "./staged.ts";
import { openStore, type Store } from "./store.ts";

const folder = ownFolder("staged");
const MANY = A_PART * 2 + 50;
const STEPS = Math.ceil(MANY / A_PART);

const changes = (expected: number): DocumentChange[] =>
  Array.from({ length: MANY }, (_, i) => ({ kind: "pair", id: `UZ_${i}`, expected, body: { weight: expected } }));
const acts = (at: number): Act[] =>
  changes(0).map(({ id }) => ({ at, actor: "anna", from: "x", verb: "pair.update", subject: `pair:${id}`, reason: null, detail: null }));
const open = (path: string) => openStore({ path, onDeath: () => {} });

/** As it is, with `after` waited for behind every write. */
function watching(store: Store, after: (name: string) => Promise<void>): Store {
  return {
    ...store,
    async write(name, input) {
      const answer = await store.write(name, input);
      await after(name);
      return answer;
    },
  };
}

/** How often each weight is there, and of how many pairs an act tells. */
async function seen(store: Pick<Store, "read">): Promise<{ weights: Record<string, number>; acts: number }> {
  const documents = sqliteDocuments(store as Store);
  const of = Map.groupBy(await documents.load(["pair"]), ({ body }: StoredDocument) => `weight ${body.weight}`);
  const told = await documents.acts({ limit: 10_000 });
  return { weights: Object.fromEntries([...of].map(([weight, rows]) => [weight, rows.length])), acts: told.length };
}

test("somebody else's write is done between every two of its steps, and each of them is small", async () => {
  const store = await open(join(folder, "between.db"));
  const names: string[] = [];
  const parts: number[] = [];
  const counted: Store = {
    ...store,
    write(name, input) {
      const { changes = [], acts = [] } = Object(input) as { changes?: unknown[]; acts?: unknown[] };
      parts.push(changes.length, acts.length);
      return store.write(name, input);
    },
  };
  let others = 0;
  const interrupted = watching(counted, async (name) => {
    names.push(name);
    await sqliteDocuments(store).commit([{ kind: "setting", id: `s${others++}`, expected: 0, body: {} }], []);
  });
  await sqliteDocuments(interrupted).commit(changes(0), acts(1));
  const times = (name: string, n: number) => Array<string>(n).fill(name);
  expect(names).toEqual([...times("documents.stage", STEPS), "documents.decide", ...times("documents.settle", STEPS + 1)]);
  expect(Math.max(...parts)).toBe(A_PART);
  expect((await store.read("documents.load", { kinds: ["setting"] })).length).toBe(others);
  await store.close();
});

test("killed at any moment it is there whole, with its acts, or not at all", async () => {
  const path = join(folder, "killed.db");
  const store = await open(path);
  const documents = sqliteDocuments(store);
  await documents.commit(changes(0), acts(1));
  const before = { weights: { "weight 0": MANY }, acts: MANY };
  const after = { weights: { "weight 1": MANY }, acts: 2 * MANY };
  let nth = 0;
  let decided = false;
  const found: unknown[] = [];
  const killed = watching(store, async (name) => {
    decided ||= name === "documents.decide";
    // What a kill leaves is what is on disk now.
    const copy = join(folder, `copy-${nth++}.db`);
    for (const rest of ["", "-wal"]) if (existsSync(path + rest)) copyFileSync(path + rest, copy + rest);
    const again = await open(copy);
    found.push([name, await seen(again), leftOver(again)]);
    await again.close();
    expect(found.at(-1)).toEqual([name, decided ? after : before, []]);
    // And who only looks sees the same.
    expect((await seen(store)).weights).toEqual(decided ? after.weights : before.weights);
  });
  await sqliteDocuments(killed).commit(changes(1), acts(2));
  expect(found.length).toBe(2 * STEPS + 2);
  expect(await seen(store)).toEqual(after);
  await store.close();
});

test("a document that waits for its place is there for whoever writes it; while nothing is decided it is nobody else's to change", async () => {
  const store = await open(join(folder, "met.db"));
  const documents = sqliteDocuments(store);
  await documents.commit(changes(0), []);
  const one = (expected: number) => documents.commit([{ kind: "pair", id: "UZ_249", expected, body: { weight: 77 } }], []);
  let refused = 0;
  let done = false;
  const met = watching(store, async (name) => {
    if (name === "documents.stage" && leftOver(store).includes("UZ_249")) {
      expect(await refusal(one(1))).toMatchObject({ code: "conflict", details: { reason: "changed" } });
      refused++;
    } else if (name === "documents.decide") {
      expect(await refusal(one(1))).toMatchObject({ code: "conflict" });
      await one(2);
      done = true;
    }
  });
  await sqliteDocuments(met).commit(changes(1), []);
  expect([refused, done]).toEqual([1, true]);
  const [last] = await documents.load(["pair"], ["UZ_249"]);
  expect(last).toEqual({ kind: "pair", id: "UZ_249", version: 3, body: { weight: 77 } });
  expect((await documents.load(["pair"])).filter(({ body }) => body.weight === 1).length).toBe(MANY - 1);
  await store.close();
});

test("a store that cannot take the rest after the decision has it all the same, and gives it its place with the next start", async () => {
  const path = join(folder, "full.db");
  const store = await open(path);
  const broken: Store = {
    ...store,
    write: (name, input) => (name === "documents.settle" ? Promise.reject(new Error("the disk is full")) : store.write(name, input)),
  };
  await sqliteDocuments(broken).commit(changes(0), acts(1));
  expect((await seen(store)).weights).toEqual({ "weight 0": MANY });
  await store.close();
  const again = await open(path);
  expect(await seen(again)).toEqual({ weights: { "weight 0": MANY }, acts: MANY });
  expect(leftOver(again)).toEqual([]);
  await again.close();
});

/** Ids of documents that are not in their place. */
function leftOver(store: Store): string[] {
  const db = new Database(store.path, { readonly: true });
  const rows = db.query("SELECT id FROM staged_documents UNION ALL SELECT subject FROM staged_acts").all() as { id: string }[];
  db.close();
  return rows.map(({ id }) => id);
}
