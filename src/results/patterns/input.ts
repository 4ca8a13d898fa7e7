/** What people may say of patterns, checked. The regular expressions themselves are checked by the engine. */

import { z } from "zod";
import { MOST_PATTERNS, MOST_REGEX, PATTERN_STATES } from "./pattern.ts";

const pattern = z.strictObject({
  regex: z.string().min(1, "must not be empty").max(MOST_REGEX, `must be at most ${MOST_REGEX} characters`),
  state: z.enum(PATTERN_STATES, `must be one of ${PATTERN_STATES.join(", ")}`),
});

/** What PUT /api/programs/{name}/patterns takes. */
export const patternsInput = z.strictObject({
  patterns: z.array(pattern).max(MOST_PATTERNS, `must be at most ${MOST_PATTERNS}`),
  ids: z.enum(["program", "run"], "must be program or run").default("program"),
});

export const MOST_TRIAL_LINES = 1_000;

/** What POST /api/programs/{name}/patterns/test takes: lines, or the session whose last lines are taken; patterns, or those in force. */
export const trialInput = z.strictObject({
  lines: z.array(z.string().max(100_000)).max(MOST_TRIAL_LINES, `must be at most ${MOST_TRIAL_LINES}`).optional(),
  session: z.string().max(80).optional(),
  tail: z.number().int().min(1).max(MOST_TRIAL_LINES).default(200),
  patterns: patternsInput.shape.patterns.optional(),
  ids: patternsInput.shape.ids.unwrap().optional(),
});
