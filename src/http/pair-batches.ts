/** What was done to many pairs at once, and undoing it, over the API. */

import { z } from "zod";
import { iso } from "../kernel/clock.ts";
import type { Batch, Step } from "../pairs/batch.ts";
import type { Batches } from "../pairs/batches.ts";
import { actor } from "./caller.ts";
import { parameter } from "./given.ts";
import type { Route } from "./route.ts";

const batchAnswer = z.object({
  id: z.string(),
  kind: z.enum(["edit", "import", "undo"]),
  by: z.string(),
  reason: z.string().nullable(),
  at: z.string(),
  changed: z.number(),
  created: z.number(),
  retired: z.number(),
  left: z.number().describe("Of an undo: pairs that somebody else changed since, left as they are"),
  undoes: z.string().nullable(),
  undone_by: z.string().nullable().describe("The batch that undid it"),
});
const fields = z.record(z.string(), z.unknown());
const stepAnswer = z.object({
  pair: z.string(),
  what: z.enum(["changed", "created", "retired", "left"]),
  before: fields.describe("Only the fields that it touched"),
  after: fields,
  why: z.string().nullable().describe("Why it was left"),
});
const wholeAnswer = batchAnswer.extend({ pairs: z.array(stepAnswer) });

export function pairBatchRoutes({ batches }: { batches: Batches }): Route[] {
  const whole = async (id: string): Promise<z.infer<typeof wholeAnswer>> => {
    const { batch, steps } = await batches.get(id);
    return { ...shape(batch), pairs: steps.map(shapeOfStep) };
  };
  return [
    {
      method: "GET",
      path: "/api/pairs/batches",
      least: "viewer",
      summary: "Bulk edits, imports and undos, newest first, the last hundred",
      answer: z.object({ batches: z.array(batchAnswer) }),
      handle: async (context) => context.json({ batches: (await batches.list()).map(shape) }),
    },
    {
      method: "GET",
      path: "/api/pairs/batches/:id",
      least: "viewer",
      summary: "One of them, with what became of each pair",
      answer: wholeAnswer,
      handle: async (context) => context.json(await whole(parameter(context, "id"))),
    },
    {
      method: "POST",
      path: "/api/pairs/batches/:id/undo",
      least: "operator",
      summary: "Put back what it did; pairs that somebody else changed since are left and named",
      answer: wholeAnswer,
      async handle(context) {
        const { id } = await batches.undo(parameter(context, "id"), actor(context));
        return context.json(await whole(id), 201, { location: `/api/pairs/batches/${id}` });
      },
    },
  ];
}

function shape({ id, kind, by, reason, at, counts, undoes, undoneBy }: Batch): z.infer<typeof batchAnswer> {
  return { id, kind, by, reason, at: iso(at), ...counts, undoes, undone_by: undoneBy };
}

function shapeOfStep({ pair, what, before, after, why }: Step): z.infer<typeof stepAnswer> {
  return { pair, what, before: { ...before }, after: { ...after }, why };
}
