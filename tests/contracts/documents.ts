/** What every store of configuration must do. */

import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Act } from "../../src/kernel/act.ts";
import type { Documents } from "../../src/pairs/documents.ts";
import { refusal } from "../cast/refusal.ts";

const created = (subject: string): Act => ({
  at: 1000,
  actor: "anna",
  from: "10.0.0.7",
  verb: "pair.create",
  subject,
  reason: "new route",
  detail: { weight: 3 },
});

export function documentsContract(name: string, open: () => Promise<Documents>): void {
  test(`${name}: gives back what was committed, with the next version`, async () => {
    const documents = await open();
    await documents.commit([{ kind: "pair", id: "UZ_a", expected: 0, body: { weight: 1, name: "Ўзбек & Co" } }], []);
    await documents.commit([{ kind: "pair", id: "UZ_a", expected: 1, body: { weight: 2 } }], []);
    expect(await documents.load(["pair"])).toContainEqual({ kind: "pair", id: "UZ_a", version: 2, body: { weight: 2 } });
  });

  test(`${name}: loads only the kinds asked for`, async () => {
    const documents = await open();
    await documents.commit([{ kind: "program", id: "p9", expected: 0, body: {} }], []);
    expect((await documents.load(["country"])).filter((document) => document.kind !== "country")).toEqual([]);
  });

  test(`${name}: refuses a change of a version that is not there any more`, async () => {
    const documents = await open();
    await documents.commit([{ kind: "pair", id: "UZ_b", expected: 0, body: { weight: 1 } }], []);
    await documents.commit([{ kind: "pair", id: "UZ_b", expected: 1, body: { weight: 2 } }], []);
    expect(await refusal(documents.commit([{ kind: "pair", id: "UZ_b", expected: 1, body: { weight: 3 } }], []))).toMatchObject({
      code: "conflict",
    });
    expect(await refusal(documents.commit([{ kind: "pair", id: "UZ_b", expected: 0, body: { weight: 3 } }], []))).toMatchObject({
      code: "conflict",
    });
  });

  test(`${name}: commits all changes and acts, or none`, async () => {
    const documents = await open();
    await documents.commit([{ kind: "pair", id: "UZ_c", expected: 0, body: {} }], []);
    const half = documents.commit(
      [
        { kind: "pair", id: "UZ_d", expected: 0, body: {} },
        { kind: "pair", id: "UZ_c", expected: 7, body: {} },
      ],
      [created("pair:UZ_d")],
    );
    expect(await refusal(half)).toMatchObject({ code: "conflict" });
    expect((await documents.load(["pair"])).some((document) => document.id === "UZ_d")).toBe(false);
    expect(await documents.acts({ subject: "pair:UZ_d", limit: 10 })).toEqual([]);
  });

  test(`${name}: commits thousands with their acts, or none of them`, async () => {
    const documents = await open();
    const changes = (expected: number) =>
      Array.from({ length: 1_234 }, (_, i) => ({ kind: "hold" as const, id: `h${i}`, expected, body: { i, expected } }));
    const acts = changes(0).map(({ id }) => created(`hold:${id}`));
    await documents.commit(changes(0), acts);
    expect((await documents.load(["hold"])).length).toBe(1_234);
    expect((await documents.acts({ subject: "hold:h1233", limit: 5 })).length).toBe(1);
    const last = changes(1).with(-1, { ...changes(1).at(-1)!, expected: 9 });
    expect(await refusal(documents.commit(last, acts))).toMatchObject({ code: "conflict" });
    expect((await documents.load(["hold"])).every(({ version }) => version === 1)).toBe(true);
    expect((await documents.acts({ subject: "hold:h0", limit: 5 })).length).toBe(1);
  });

  test(`${name}: loads those of the ids asked for`, async () => {
    const documents = await open();
    for (const id of ["UZ_g", "UZ_h", "UZ_i"]) await documents.commit([{ kind: "pair", id, expected: 0, body: {} }], []);
    expect((await documents.load(["pair"], ["UZ_g", "UZ_i", "UZ_nobody"])).map(({ id }) => id).sort()).toEqual(["UZ_g", "UZ_i"]);
    expect(await documents.load(["pair"], [])).toEqual([]);
  });

  test(`${name}: deletes only the version that was read`, async () => {
    const documents = await open();
    await documents.commit([{ kind: "pair", id: "UZ_e", expected: 0, body: {} }], []);
    expect(await refusal(documents.commit([{ kind: "pair", id: "UZ_e", expected: 3, body: null }], []))).toMatchObject({
      code: "conflict",
    });
    await documents.commit([{ kind: "pair", id: "UZ_e", expected: 1, body: null }], []);
    expect((await documents.load(["pair"])).some((document) => document.id === "UZ_e")).toBe(false);
  });

  test(`${name}: tells acts newest first, whole, by subject`, async () => {
    const documents = await open();
    await documents.commit(
      [],
      [created("pair:UZ_f"), { ...created("pair:UZ_f"), at: 2000, verb: "pair.update", reason: null, detail: null }],
    );
    const acts = await documents.acts({ subject: "pair:UZ_f", limit: 10 });
    expect(acts.map((act) => act.verb)).toEqual(["pair.update", "pair.create"]);
    expect(acts[1]).toEqual(created("pair:UZ_f"));
    expect((await documents.acts({ subject: "pair:UZ_f", limit: 1 })).length).toBe(1);
    await documents.commit([], [{ ...created("program:of_f"), at: 3000 }, created("program:other")]);
    const several = await documents.acts({ subject: ["program:of_f", "pair:UZ_f"], limit: 10 });
    expect(several.map((act) => act.at)).toEqual([3000, 2000, created("x").at]);
    expect(await documents.acts({ subject: ["program:of_f", "pair:UZ_f"], before: 3000, limit: 1 })).toEqual([several[1]!]);
  });

  test(`${name}: of many writers of one version exactly one wins`, async () => {
    const documents = await open();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 12 }), fc.uuid(), async (writers, id) => {
        await documents.commit([{ kind: "session", id, expected: 0, body: {} }], []);
        const tries = await Promise.allSettled(
          Array.from({ length: writers }, (_, writer) => documents.commit([{ kind: "session", id, expected: 1, body: { writer } }], [])),
        );
        expect(tries.filter((one) => one.status === "fulfilled").length).toBe(1);
      }),
      { numRuns: 30 },
    );
  });
}
