/** Which sessions an action is for, as people say it, checked. */

import { z } from "zod";
import { countryCode, operatorSlug, pairId, programName } from "../pairs/input.ts";
import { LAMPS, type SessionState } from "./states.ts";

const states = z.enum(Object.keys(LAMPS) as [SessionState, ...SessionState[]]);

/** Every condition that is given must hold. `all` stands alone, so that a forgotten condition never means everything. */
export const selectionFilter = z
  .strictObject({
    q: z.string().trim().min(1).max(100).describe("Words, as on the page of sessions"),
    program: programName,
    country: countryCode,
    operator: operatorSlug,
    pair: pairId,
    tag: z.string().trim().toLowerCase().min(1).max(30).describe("Of one of its pairs"),
    state: z.union([states, z.array(states).min(1).max(20)]).describe("As observed"),
    priority: z.boolean(),
    restart_pending: z.boolean().describe("Its program was edited since it started"),
    code_changed: z.boolean().describe("Its program's folder changed since it started"),
    sessions: z.array(z.string().max(60)).min(1).max(1000).describe("By name or id"),
    all: z.literal(true).describe("Every session"),
  })
  .partial()
  .refine((filter) => Object.keys(filter).length > 0, "must hold a condition, or all: true");
export type SelectionFilter = z.infer<typeof selectionFilter>;
