/** Many pairs at once, and back again: nothing of anybody else's is lost on the way, and nobody waits for the whole of it. */

import { beforeEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { sqliteDocuments } from "../../src/adapters/sqlite/documents.ts";
import type { Store } from "../../src/adapters/sqlite/store.ts";
import { anna, boris, sleeper } from "../../tests/cast/people.ts";
import { refusal } from "../../tests/cast/refusal.ts";
import { ownStore } from "../../tests/cast/store.ts";
import { fakeClock } from "../kernel/clock.ts";
import { A_STEP } from "../kernel/steps.ts";
import { type Batches, openBatches } from "./batches.ts";
import { type Directory, openDirectory } from "./directory.ts";
import type { NewPair, PairChange } from "./input.ts";
import type { PairEdit } from "./many.ts";
import { fieldsOf } from "./pair.ts";
import { openRoster, type Roster } from "./roster.ts";
import { previewPairs } from "./selection.ts";

const store = await ownStore("batches");
const documents = sqliteDocuments(store);
const clock = fakeClock();
let directory: Directory;
let roster: Roster;
let batches: Batches;

async function reopen(): Promise<void> {
  directory = await openDirectory(documents);
  roster = openRoster(directory, clock, "node1");
  batches = openBatches(documents, directory, clock);
}

beforeEach(async () => {
  const everything = await documents.load(["country", "pair", "program", "session", "batch", "batch_steps"]);
  await documents.commit(
    everything.map(({ kind, id, version }) => ({ kind, id, expected: version, body: null })),
    [],
  );
  await reopen();
  clock.advance(1000);
});

const input = (operator: string, more: Partial<NewPair> = {}): NewPair => ({ country: "UZ", operator, ...more });
const create = (operator: string, more: Partial<NewPair> = {}): PairEdit => ({
  kind: "create",
  input: input(operator, more),
  priority: false,
});
const change = (id: string, change: PairChange): PairEdit => ({ kind: "change", id, version: directory.pair(id)!.version, change });
const pair = (id: string) => directory.pair(id)!;

async function three(): Promise<void> {
  for (const operator of ["a", "b", "c"]) await roster.addPair(input(operator, { tags: ["old"] }), anna);
}

async function edited(what: PairChange): Promise<string> {
  const edits = ["UZ_a", "UZ_b", "UZ_c"].map((id) => change(id, what));
  return (await batches.store(edits, anna, { kind: "edit", reason: "autumn" }))!.id;
}

describe("an undone edit", () => {
  beforeEach(three);

  test("puts every field back that it touched, and leaves those that it did not", async () => {
    const id = await edited({ weight: 7, tags: ["new"], limit: 3 });
    await roster.changePair("UZ_b", { threshold: 0.5, operator_name: "Bee" }, boris);
    await reopen();
    const undo = await batches.undo(id, boris);
    expect(undo).toMatchObject({ kind: "undo", by: "boris", undoes: id, counts: { changed: 3, left: 0 } });
    for (const each of ["UZ_a", "UZ_b", "UZ_c"]) expect(pair(each)).toMatchObject({ weight: 100, tags: ["old"], limit: null });
    expect(pair("UZ_b")).toMatchObject({ threshold: 0.5, operatorName: "Bee" });
    expect((await batches.get(id)).batch.undoneBy).toBe(undo.id);
    const [act] = await documents.acts({ subject: "pair:UZ_a", limit: 1 });
    expect(act).toMatchObject({ actor: "boris", verb: "pair.update", reason: `undo of ${id} by anna`, detail: { weight: 100 } });
  });

  test("leaves a pair that somebody gave another value meanwhile, and names it with who it was", async () => {
    const id = await edited({ weight: 7, limit: 3 });
    await roster.changePair("UZ_b", { weight: 8 }, boris);
    await roster.changePair("UZ_b", { tags: ["x"] }, anna);
    await roster.retirePair("UZ_c", boris);
    const undo = await batches.undo(id, anna);
    expect(undo.counts).toEqual({ changed: 1, created: 0, retired: 0, left: 2 });
    expect(pair("UZ_a")).toMatchObject({ weight: 100, limit: null });
    expect(pair("UZ_b")).toMatchObject({ weight: 8, limit: 3, tags: ["x"] });
    const { steps } = await batches.get(undo.id);
    expect(steps.flatMap(({ pair, what, why }) => (what === "left" ? [[pair, why]] : []))).toEqual([
      ["UZ_b", "weight was changed since by boris"],
      ["UZ_c", "was retired since"],
    ]);
  });

  test("leaves a pair that it would stop though it is high priority by now", async () => {
    await roster.changePair("UZ_a", { active: false }, anna);
    const id = await edited({ active: true, weight: 5 });
    await roster.setPriority("UZ_a", true, boris);
    const { steps } = await batches.get((await batches.undo(id, anna)).id);
    expect(steps[0]).toMatchObject({ pair: "UZ_a", what: "left", why: expect.stringContaining("high priority") });
    expect([pair("UZ_a"), pair("UZ_b").weight]).toEqual([expect.objectContaining({ active: true, priority: true, weight: 5 }), 100]);
  });

  test("is undone once, an undoing not at all, and one with nothing to put back says so and stays", async () => {
    const id = await edited({ weight: 7 });
    for (const each of ["UZ_a", "UZ_b", "UZ_c"]) await roster.changePair(each, { weight: 9 }, boris);
    expect(await refusal(batches.undo(id, anna))).toMatchObject({
      details: { reason: "nothing" },
      message: "Nothing can be put back: UZ_a weight was changed since by boris",
    });
    await roster.changePair("UZ_c", { weight: 7 }, boris);
    const [one, two] = await Promise.allSettled([batches.undo(id, anna), batches.undo(id, boris)]);
    expect([one.status, two.status]).toEqual(["fulfilled", "rejected"]);
    const { undoneBy } = (await batches.get(id)).batch;
    expect(await refusal(batches.undo(id, anna))).toMatchObject({ details: { reason: "undone" } });
    expect(await refusal(batches.undo(undoneBy!, anna))).toMatchObject({ details: { reason: "not_undoable" } });
    expect(await refusal(batches.undo("b_nobody", anna))).toMatchObject({ code: "not_found" });
  });

  test("never takes away what somebody else set, whatever was changed and by whom", async () => {
    const tags = fc.constantFrom("x", "y").map((tag) => [tag]);
    const values: fc.Arbitrary<PairChange> = fc.record(
      { weight: fc.constantFrom(10, 20, 30), limit: fc.constantFrom(null, 4, 5), tags },
      { requiredKeys: [] },
    );
    const others = fc.array(fc.tuple(fc.constantFrom("UZ_a", "UZ_b", "UZ_c"), values), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(values, others, async (mine, theirs) => {
        const ids = ["UZ_a", "UZ_b", "UZ_c"];
        for (const id of ids) await roster.changePair(id, { weight: 100, limit: null, tags: ["old"] }, anna);
        const before = new Map(ids.map((id) => [id, fieldsOf(pair(id))]));
        const id = await edited(mine);
        for (const [other, given] of theirs) await roster.changePair(other, given, boris);
        const seen = new Map(ids.map((id) => [id, fieldsOf(pair(id))]));
        const { steps } = await batches.get(id);
        const undone = await batches.undo(id, anna).catch(() => null);
        for (const step of steps) {
          const touched = Object.entries(step.after);
          const now: Record<string, unknown> = { ...seen.get(step.pair)! };
          const kept = touched.every(([field, value]) => Bun.deepEquals(now[field], value));
          const was: Record<string, unknown> = { ...before.get(step.pair)! };
          const expected = kept && undone ? { ...now, ...Object.fromEntries(touched.map(([field]) => [field, was[field]])) } : now;
          expect({ ...fieldsOf(pair(step.pair)) }).toEqual(expected as never);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("an undone import", () => {
  test("retires what it added, but not what was changed or serves a session by now, and puts the changed ones back", async () => {
    await roster.addProgram(sleeper(), anna);
    await roster.addPair(input("a"), anna);
    const edits = [change("UZ_a", { weight: 4 }), create("x"), create("y"), create("z")];
    const { id, counts } = (await batches.store(edits, anna, { kind: "import" }))!;
    expect(counts).toEqual({ changed: 1, created: 3, retired: 0, left: 0 });
    await roster.changePair("UZ_y", { tags: ["mine"] }, boris);
    await roster.addSession({ program: "program1", pairs: ["UZ_z"] }, boris);
    const undo = await batches.undo(id, anna);
    expect(undo.counts).toEqual({ changed: 1, created: 0, retired: 1, left: 2 });
    expect(directory.pairs().map(({ id, weight }) => [id, weight])).toEqual([
      ["UZ_a", 100],
      ["UZ_y", 100],
      ["UZ_z", 100],
    ]);
    const { steps } = await batches.get(undo.id);
    expect(steps.slice(0, 2).map(({ pair, why }) => [pair, why])).toEqual([
      ["UZ_y", "tags was changed since by boris"],
      ["UZ_z", "program1_UZ_z serves UZ_z by now: retire it on its page"],
    ]);
  });

  test.each<[string, () => Promise<unknown>, string | null]>([
    ["was given high priority and lost it", () => prioritised("UZ_x", true, false), null],
    ["was given another weight and got it back", () => weighed("UZ_x", 5, 100), null],
    ["has high priority now", () => prioritised("UZ_x", true), "UZ_x is high priority and cannot be retired"],
    ["has another weight now", () => weighed("UZ_x", 5), "weight was changed since by boris"],
    ["was retired", () => roster.retirePair("UZ_x", boris), "was retired since"],
    ["was retired and added again, the same as before", () => again("UZ_x"), "was retired and added again since by boris"],
  ])("of a pair it added that since then %s", async (_, meanwhile, why) => {
    const { id } = (await batches.store([create("x"), create("y")], anna, { kind: "import" }))!;
    await meanwhile();
    await reopen();
    const { steps } = await batches.get((await batches.undo(id, anna)).id);
    expect(steps.find(({ pair }) => pair === "UZ_x")?.why).toEqual(why === null ? null : expect.stringContaining(why));
    expect(directory.pairs().map(({ id }) => id)).toEqual(why === null || why === "was retired since" ? [] : ["UZ_x"]);
  });

  test("puts back what stands as the import left it and nothing else, whatever others did meanwhile", async () => {
    const ids = ["UZ_a", "UZ_b", "UZ_x", "UZ_y"];
    const one = fc.constantFrom(...ids);
    const deed = fc.oneof(
      fc.record({ what: fc.constant("weight" as const), id: one, weight: fc.constantFrom(4, 100, 9) }),
      fc.record({ what: fc.constant("threshold" as const), id: one }),
      fc.record({ what: fc.constantFrom("prioritise" as const, "deprioritise" as const, "again" as const, "retire" as const), id: one }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { maxLength: 6 }), async (deeds) => {
        const tag = `t${clock.now()}`;
        clock.advance(1);
        for (const id of ids) {
          if (pair(id)?.priority) await roster.setPriority(id, false, anna);
          if (directory.pairs().some((one) => one.id === id)) await roster.retirePair(id, anna);
        }
        for (const operator of ["a", "b"]) await roster.addPair(input(operator), anna);
        const edits = [change("UZ_a", { weight: 4, tags: [tag] }), change("UZ_b", { weight: 4 }), create("x"), create("y", { weight: 4 })];
        const batch = (await batches.store(edits, anna, { kind: "import" }))!;
        const left = new Map(ids.map((id) => [id, fieldsOf(pair(id))]));
        const others = new Set<string>();
        for (const deed of deeds) {
          const { id } = deed;
          if (deed.what === "again" ? await tried(again(id)) : deed.what === "retire" && (await tried(roster.retirePair(id, boris))))
            others.add(id);
          if (deed.what === "weight") await tried(weighed(id, deed.weight));
          if (deed.what === "threshold") await tried(roster.changePair(id, { threshold: 0.5 }, boris));
          if (deed.what === "prioritise" || deed.what === "deprioritise") await tried(prioritised(id, deed.what === "prioritise"));
        }
        const seen = new Map(ids.map((id) => [id, { ...pair(id) }]));
        await tried(batches.undo(batch.id, anna));
        for (const id of ids) {
          const [was, is] = [seen.get(id)!, pair(id)];
          const added = id === "UZ_x" || id === "UZ_y";
          const touched = added ? Object.keys(left.get(id)!) : id === "UZ_a" ? ["weight", "tags"] : ["weight"];
          const stands = touched.every((field) => Bun.deepEquals(fieldsOf(was)[field as "weight"], left.get(id)![field as "weight"]));
          if (others.has(id) || !stands || (added && was.priority)) expect(is).toEqual(was);
          else if (added) expect(is.retiredAt).not.toBeNull();
          else expect(is).toMatchObject({ weight: 100, tags: [], threshold: was.threshold, priority: was.priority, retiredAt: null });
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** False: it was refused. */
const tried = (what: Promise<unknown>) => what.then(() => true).catch(() => false);

async function prioritised(id: string, ...values: boolean[]): Promise<void> {
  for (const value of values) await roster.setPriority(id, value, boris);
}

async function weighed(id: string, ...values: number[]): Promise<void> {
  for (const weight of values) await roster.changePair(id, { weight }, boris);
}

async function again(id: string): Promise<void> {
  const { weight, tags } = pair(id);
  await roster.retirePair(id, boris);
  await roster.addPair(input(id.slice(3), { weight, tags }), boris);
}

test("the last hundred are kept, and of older ones nothing", async () => {
  await roster.addPair(input("a"), anna);
  for (let i = 1; i <= 103; i++) {
    clock.advance(5);
    await batches.store([change("UZ_a", { weight: i })], anna, { kind: "edit" });
  }
  expect((await batches.list()).length).toBe(100);
  expect((await documents.load(["batch"])).length).toBe(100);
  expect((await documents.load(["batch_steps"])).length).toBe(100);
  await reopen();
  const list = await batches.list();
  expect((await batches.get(list[0]!.id)).steps[0]!.after).toEqual({ weight: 103 });
  expect((await batches.get(list[99]!.id)).steps[0]!.after).toEqual({ weight: 4 });
  expect(await batches.store([], anna, { kind: "edit" })).toBeNull();
});

describe("a thousand pairs", () => {
  const ids = Array.from({ length: 1000 }, (_, i) => `UZ_op${i}`);

  test("are looked at, stored and undone in steps, and everybody has a turn between two of them", async () => {
    let looked = 0;
    let most = 0;
    let turns = 0;
    const counted: Directory = {
      ...directory,
      pair(id) {
        most = Math.max(most, ++looked);
        return directory.pair(id);
      },
    };
    // Somebody else's turn of the event loop, over and over.
    let ticking = true;
    const tick = () => {
      looked = 0;
      turns++;
      if (ticking) setImmediate(tick);
    };
    tick();
    const own = openBatches(documents, counted, clock);
    await own.store(
      ids.map((id) => create(id.slice(3))),
      anna,
      { kind: "import" },
    );
    const preview = await previewPairs({ all: true }, { weight: 7 }, counted, clock.now());
    expect(preview.edits.length).toBe(1000);
    const edit = await own.store(preview.edits, anna, { kind: "edit" });
    await own.undo(edit!.id, anna);
    ticking = false;
    expect(pair("UZ_op999").weight).toBe(100);
    expect(most).toBeLessThanOrEqual(A_STEP * 3);
    expect(turns).toBeGreaterThan((4 * 1000) / A_STEP);
  });

  test("go to the store part by part: what others ask for is done in between, and none of the thousand is there before all are", async () => {
    const sizes: number[] = [];
    let others: Promise<unknown>[] = [];
    const seen: number[] = [];
    const watched: Store = {
      ...store,
      write(name, given) {
        const { changes, acts } = given as { changes?: readonly unknown[]; acts?: readonly unknown[] };
        sizes.push(Math.max(changes?.length ?? 0, acts?.length ?? 0));
        if (name === "documents.stage")
          others.push(documents.commit([{ kind: "setting", id: crypto.randomUUID(), expected: 0, body: {} }], []));
        return store.write(name, given);
      },
    };
    const parts = sqliteDocuments({
      ...watched,
      async write(name, given) {
        const answer = await watched.write(name, given);
        if (name === "documents.stage") {
          await Promise.all(others);
          others = [];
          seen.push((await documents.load(["pair"])).length);
        }
        return answer;
      },
    });
    const mine = await openDirectory(parts);
    const created = await openBatches(parts, mine, clock).store(
      ids.map((id) => create(id.slice(3))),
      anna,
      { kind: "import" },
    );
    expect(created!.counts.created).toBe(1000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
    expect(seen.length).toBeGreaterThanOrEqual(10);
    expect(seen.every((n) => n === 0)).toBe(true);
    expect((await documents.load(["pair"])).length).toBe(1000);
  });

  test("of which one was changed meanwhile: none is stored, and no act is written", async () => {
    await batches.store(
      ids.map((id) => create(id.slice(3))),
      anna,
      { kind: "import" },
    );
    const edits = ids.map((id) => change(id, { weight: 7 }));
    const acts = await documents.acts({ subject: "pair:UZ_op0", limit: 100 });
    await documents.commit([{ kind: "pair", id: "UZ_op998", expected: 1, body: { ...pair("UZ_op998"), weight: 55 } }], []);
    expect(await refusal(batches.store(edits, anna, { kind: "edit" }))).toMatchObject({ code: "conflict", details: { reason: "changed" } });
    await reopen();
    expect([pair("UZ_op0").weight, pair("UZ_op998").weight, (await batches.list()).length]).toEqual([100, 55, 1]);
    expect(await documents.acts({ subject: "pair:UZ_op0", limit: 100 })).toEqual(acts);
  });
});
