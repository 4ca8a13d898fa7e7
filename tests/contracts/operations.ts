/** What every keeper of operations promises. */

import { expect, test } from "bun:test";
import type { Operation, OperationRows } from "../../src/fleet/operation.ts";
import { act } from "../../src/kernel/act.ts";
import type { Documents } from "../../src/pairs/documents.ts";
import { anna } from "../cast/people.ts";

export function anOperation(id: string, change: Partial<Operation> = {}): Operation {
  const before = { state: "up" as const, by: "boris", reason: null, at: 1, until: null };
  const untouched = { why: null, run: null, askedAt: null, seenRun: null, seenAt: null };
  const step = { session: "s_1", name: "one", country: "UZ", priority: false, lane: "UZ", batch: 0, state: "waiting" as const, before };
  return {
    ...{ id, action: "stop", rolling: null, settleMs: 0, width: 10, filter: { q: 'it\'s "quoted"' }, by: "anna", from: "self" },
    ...{ reason: null, until: 99, state: "running", why: null, createdAt: 5, endedAt: null, bootId: "boot-1", wordAt: 12.5 },
    ...{ undoes: null, undoneBy: null, steps: [{ ...step, ...untouched, wish: { state: "down", reason: null, until: 99 } }] },
    ...change,
  };
}

export function operationsContract(open: () => Promise<{ rows: OperationRows; documents: Documents }>): void {
  test("gives back what was saved, newest first, no more than asked for", async () => {
    const { rows } = await open();
    for (const id of ["o_1", "o_3", "o_2"]) await rows.save(anOperation(id), []);
    expect((await rows.recent(2)).map(({ id }) => id)).toEqual(["o_3", "o_2"]);
    expect((await rows.recent(10)).at(-1)).toEqual(anOperation("o_1"));
  });

  test("saved anew it is replaced", async () => {
    const { rows } = await open();
    await rows.save(anOperation("o_1"), []);
    await rows.save(anOperation("o_1", { state: "done", endedAt: 7 }), []);
    expect(await rows.recent(10)).toEqual([anOperation("o_1", { state: "done", endedAt: 7 })]);
  });

  test("its acts are written with it", async () => {
    const { rows, documents } = await open();
    await rows.save(anOperation("o_1"), [act(anna, 5, "operation.begin", "operation:o_1", { detail: { sessions: 1 } })]);
    expect(await documents.acts({ subject: "operation:o_1", limit: 5 })).toMatchObject([{ verb: "operation.begin", actor: "anna" }]);
  });
}
