/** A question for a permit as programs ask it, checked. */

import { z } from "zod";
import { countryCode, operatorSlug, pairId } from "../pairs/input.ts";
import { MAX_WAIT_MS } from "./permit.ts";

/** What POST /api/permits takes: `{country, operator}` or `{pairs}`. */
export const permitRequest = z.union([
  z.strictObject({
    country: countryCode,
    operator: operatorSlug,
    wait_ms: z.number().int().min(0).max(MAX_WAIT_MS).default(0),
    session: z.string().max(80).optional(),
  }),
  z.strictObject({
    pairs: z.array(pairId).min(1).max(100),
    wait_ms: z.number().int().min(0).max(MAX_WAIT_MS).default(0),
    session: z.string().max(80).optional(),
  }),
]);
