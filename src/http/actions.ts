/** One action on many sessions over the API: shown first, begun only as shown, followed as an operation, and undone. */

import type { Context } from "hono";
import { z } from "zod";
import { countsOf, type Operation } from "../fleet/operation.ts";
import type { Operations } from "../fleet/operations.ts";
import { ACTIONS, type Candidate, countryOf, isPriority, type Order, type Preview } from "../fleet/selection.ts";
import { selectionFilter } from "../fleet/selection-filter.ts";
import type { SessionState } from "../fleet/states.ts";
import type { Actor } from "../kernel/act.ts";
import { iso } from "../kernel/clock.ts";
import { invalid } from "../kernel/errors.ts";
import { readBody } from "./body.ts";
import { actor } from "./caller.ts";
import { created, parameter } from "./given.ts";
import type { Env, Route } from "./route.ts";

export const DEFAULT_SETTLE_SECONDS = 10;

const order = z.strictObject({
  filter: selectionFilter,
  action: z.enum(ACTIONS).describe("`thaw` is for frozen terminals, `give_up` for sessions that wait for a retry"),
  reason: z.string().trim().max(500).optional(),
  until: z.iso.datetime({ offset: true }).optional().describe("For start and stop: when the wish ends and turns into its opposite"),
  rolling: z.enum(["country", "session"]).optional().describe("Restarts only: one after the other, stopping at the first failure"),
  settle_seconds: z
    .number()
    .min(0)
    .max(600)
    .default(DEFAULT_SETTLE_SECONDS)
    .describe("Rolling: how long a restarted one must run before the next"),
  preview: z.boolean().default(false),
  expected: z
    .union([z.number().int().min(0), z.string().max(40)])
    .optional()
    .describe("The hash of the preview, or its count: whatever is to be begun must be what was shown"),
});

const entry = z.object({ name: z.string(), country: z.string(), pairs: z.array(z.string()), priority: z.boolean(), state: z.string() });
const left = entry.extend({ why: z.string() });
const previewAnswer = z.object({
  action: z.string(),
  hash: z.string(),
  count: z.number(),
  touched: z.array(entry),
  refused: z.array(left),
  unchanged: z.array(left),
  spread: z.array(z.object({ country: z.string(), sessions: z.number() })),
});

const counts = z.object({
  waiting: z.number(),
  asked: z.number(),
  done: z.number(),
  refused: z.number(),
  failed: z.number(),
  left: z.number(),
});
const operationAnswer = z.object({
  id: z.string(),
  action: z.enum([...ACTIONS, "undo"]),
  rolling: z.enum(["country", "session"]).nullable(),
  filter: selectionFilter,
  by: z.string(),
  reason: z.string().nullable(),
  until: z.string().nullable(),
  state: z.enum(["running", "paused", "done", "failed", "cancelled", "interrupted"]),
  why: z.string().nullable(),
  created_at: z.string(),
  ended_at: z.string().nullable(),
  undoes: z.string().nullable(),
  undone_by: z.string().nullable(),
  counts,
});
const stepAnswer = z.object({ session: z.string(), name: z.string(), country: z.string(), state: z.string(), why: z.string().nullable() });
const wholeAnswer = operationAnswer.extend({ steps: z.array(stepAnswer) });

export function actionRoutes(operations: Operations): Route[] {
  const lever = (noun: string, summary: string, pull: (id: string, by: Actor) => Promise<Operation>): Route => ({
    method: "POST",
    path: `/api/operations/:id/${noun}`,
    least: "operator",
    summary,
    answer: wholeAnswer,
    handle: async (context) => context.json(wholeShape(await pull(parameter(context, "id"), actor(context)))),
  });
  return [
    {
      method: "POST",
      path: "/api/sessions/actions",
      least: "operator",
      summary:
        "Start, stop or restart all sessions a filter means: with `preview` tells which; else needs `expected` and begins an operation",
      body: order,
      answer: z.union([previewAnswer, wholeAnswer]),
      handle: (context) => begin(operations, context),
    },
    {
      method: "GET",
      path: "/api/operations",
      least: "viewer",
      summary: "Actions on many sessions, newest first, with how far each has come",
      answer: z.object({ operations: z.array(operationAnswer) }),
      handle: (context) => context.json({ operations: operations.list().map(shape) }),
    },
    {
      method: "GET",
      path: "/api/operations/:id",
      least: "viewer",
      summary: "One of them, session by session",
      answer: wholeAnswer,
      handle: (context) => context.json(wholeShape(operations.get(parameter(context, "id")))),
    },
    lever("pauses", "Ask no further session until it is resumed", operations.pause),
    lever("resumptions", "Go on after a pause", operations.resume),
    lever("cancellations", "Ask no further session at all", operations.cancel),
    {
      method: "POST",
      path: "/api/operations/:id/undos",
      least: "operator",
      summary: "Put back what each session was asked for before a start or a stop, as an operation of its own",
      answer: wholeAnswer,
      async handle(context) {
        const back = await operations.undo(parameter(context, "id"), actor(context));
        return context.json(wholeShape(back), 202, created(`/api/operations/${back.id}`));
      },
    },
  ];
}

async function begin(operations: Operations, context: Context<Env>): Promise<Response> {
  const { preview, expected, ...given } = await readBody(context, order);
  if (given.rolling && given.action !== "restart")
    throw invalid("rolling is for restarts", [{ field: "rolling", message: "is for restarts" }]);
  if (given.until !== undefined && given.action !== "start" && given.action !== "stop")
    throw invalid("until is for start and stop", [{ field: "until", message: "is for start and stop" }]);
  const asked: Order = {
    action: given.action,
    filter: given.filter,
    reason: given.reason || null,
    until: given.until === undefined ? null : Date.parse(given.until),
    rolling: given.rolling ?? null,
    settleMs: given.rolling ? given.settle_seconds * 1000 : 0,
  };
  if (preview) return context.json(previewShape(operations.preview(asked)));
  if (expected === undefined)
    throw invalid("Look first: ask with preview: true, then send its hash or its count as expected", [
      { field: "expected", message: "must be the hash or the count of the preview" },
    ]);
  const operation = await operations.begin(asked, expected, actor(context));
  return context.json(wholeShape(operation), 202, created(`/api/operations/${operation.id}`));
}

function previewShape(preview: Preview): z.infer<typeof previewAnswer> {
  const { action, hash, touched, refused, unchanged, spread } = preview;
  return {
    action,
    hash,
    count: touched.length,
    touched: touched.map(entryShape),
    refused: refused.map(({ candidate, why }) => ({ ...entryShape(candidate), why })),
    unchanged: unchanged.map(({ candidate, why }) => ({ ...entryShape(candidate), why })),
    spread,
  };
}

function entryShape(candidate: Candidate): z.infer<typeof entry> {
  const { session, pairs, status } = candidate;
  const state: SessionState = status?.state ?? "starting";
  return { name: session.name, country: countryOf(candidate), pairs: session.pairs, priority: isPriority(pairs), state };
}

function shape(operation: Operation): z.infer<typeof operationAnswer> {
  const { id, action, rolling, filter, by, reason, until, state, why, createdAt, endedAt, undoes, undoneBy } = operation;
  return {
    ...{ id, action, rolling, filter, by, reason, state, why, undoes },
    until: until === null ? null : iso(until),
    created_at: iso(createdAt),
    ended_at: endedAt === null ? null : iso(endedAt),
    undone_by: undoneBy,
    counts: countsOf(operation),
  };
}

function wholeShape(operation: Operation): z.infer<typeof wholeAnswer> {
  return {
    ...shape(operation),
    steps: operation.steps.map(({ session, name, country, state, why }) => ({ session, name, country, state, why })),
  };
}
