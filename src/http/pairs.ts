/** Pairs over the API: read, add, change, retire, and the priority that no path may stop. */

import { z } from "zod";
import { iso } from "../kernel/clock.ts";
import { inSteps } from "../kernel/steps.ts";
import { type Directory, pairOf } from "../pairs/directory.ts";
import { countryCode, newPair, operatorSlug, pairChange, programName, tag } from "../pairs/input.ts";
import type { Pair } from "../pairs/pair.ts";
import type { Roster } from "../pairs/roster.ts";
import { selectPairs } from "../pairs/selection.ts";
import { readBody } from "./body.ts";
import { actor } from "./caller.ts";
import { created, etag, ifMatch, parameter, query } from "./given.ts";
import type { Route } from "./route.ts";

export interface PairServices {
  directory: Directory;
  roster: Roster;
}

const pairAnswer = z.object({
  id: z.string(),
  country: z.string(),
  operator: z.string(),
  operator_name: z.string(),
  mccmnc: z.array(z.string()),
  weight: z.number(),
  threshold: z.number().nullable(),
  limit: z.number().nullable(),
  window_seconds: z.number().nullable(),
  gateway: z.string().nullable(),
  active: z.boolean(),
  priority: z.boolean(),
  tags: z.array(z.string()),
  sessions: z.array(z.string()).describe("Names of the sessions that serve it"),
  version: z.number().describe("Send it back as If-Match"),
  created_at: z.string(),
  updated_at: z.string(),
});

const yesNo = z.enum(["true", "false"]).transform((text) => text === "true");
const listQuery = z
  .strictObject({ q: z.string().trim().min(1).max(100), country: countryCode, operator: operatorSlug, tag, active: yesNo, priority: yesNo })
  .partial();

const added = pairAnswer.extend({
  warnings: z
    .array(z.object({ field: z.string(), message: z.string() }))
    .describe("What looks wrong and was taken all the same: a network that is not operational, a name near to a known one"),
});

const addition = newPair.extend({
  programs: z.array(programName).max(50).optional().describe("Start a session of each of these for the pair"),
});
const why = z.strictObject({ reason: z.string().trim().max(500).optional() });

export function pairRoutes({ directory, roster }: PairServices): Route[] {
  const shape = (pair: Pair) => shapeOf(pair, directory);

  return [
    {
      method: "GET",
      path: "/api/pairs",
      least: "viewer",
      summary: "All pairs, by country and operator, or those that match `q`, `country`, `operator`, `tag`, `active`, `priority`",
      query: listQuery,
      answer: z.object({ pairs: z.array(pairAnswer) }),
      async handle(context) {
        const filter = query(context, listQuery);
        const asked = Object.keys(filter).length > 0;
        return context.json({ pairs: await inSteps(asked ? await selectPairs(filter, directory) : directory.pairs(), shape) });
      },
    },
    {
      method: "POST",
      path: "/api/pairs",
      least: "operator",
      summary: "Add a pair, and with `programs` a session of each for it",
      body: addition,
      answer: added,
      async handle(context) {
        const { programs, ...input } = await readBody(context, addition);
        const pair = await roster.addPair(input, actor(context), programs);
        const { openCatalogue } = await import("../pairs/open-catalogue.ts");
        const warnings = (await openCatalogue()).warnings(pair);
        return context.json({ ...shape(pair), warnings }, 201, created(`/api/pairs/${pair.id}`, pair.version));
      },
    },
    {
      method: "GET",
      path: "/api/pairs/:id",
      least: "viewer",
      summary: "One pair; its ETag goes into If-Match of a change",
      answer: pairAnswer,
      handle(context) {
        const pair = pairOf(directory, parameter(context, "id"));
        return context.json(shape(pair), 200, etag(pair.version));
      },
    },
    {
      method: "PATCH",
      path: "/api/pairs/:id",
      least: "operator",
      summary: "Change the named fields; takes If-Match",
      body: pairChange,
      answer: pairAnswer,
      async handle(context) {
        const change = await readBody(context, pairChange);
        const pair = await roster.changePair(parameter(context, "id"), change, actor(context), ifMatch(context));
        return context.json(shape(pair), 200, etag(pair.version));
      },
    },
    {
      method: "DELETE",
      path: "/api/pairs/:id",
      least: "operator",
      summary: "Retire a pair: its traffic ends, its numbers stay",
      body: why,
      async handle(context) {
        const { reason } = await readBody(context, why);
        await roster.retirePair(parameter(context, "id"), actor(context), reason);
        return new Response(null, { status: 204 });
      },
    },
    {
      method: "PUT",
      path: "/api/pairs/:id/priority",
      least: "operator",
      summary: "Make a pair high priority: no path stops it from then on",
      body: why,
      async handle(context) {
        const { reason } = await readBody(context, why);
        await roster.setPriority(parameter(context, "id"), true, actor(context), reason);
        return new Response(null, { status: 204 });
      },
    },
    {
      method: "DELETE",
      path: "/api/pairs/:id/priority",
      least: "operator",
      summary: "Take the priority away",
      body: why,
      async handle(context) {
        const { reason } = await readBody(context, why);
        await roster.setPriority(parameter(context, "id"), false, actor(context), reason);
        return new Response(null, { status: 204 });
      },
    },
  ];
}

function shapeOf(pair: Pair, directory: Directory): z.infer<typeof pairAnswer> {
  return {
    id: pair.id,
    country: pair.country,
    operator: pair.operator,
    operator_name: pair.operatorName,
    mccmnc: pair.mccmnc,
    weight: pair.weight,
    threshold: pair.threshold,
    limit: pair.limit,
    window_seconds: pair.windowSeconds,
    gateway: pair.gateway,
    active: pair.active,
    priority: pair.priority,
    tags: pair.tags,
    sessions: directory.sessionsOfPair(pair.id).map((session) => session.name),
    version: pair.version,
    created_at: iso(pair.createdAt),
    updated_at: iso(pair.updatedAt),
  };
}
