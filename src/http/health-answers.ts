/** What health.ts answers, for the reference. Apart from it, because a start needs health and no schemas. */

import { z } from "zod";

const healthz = z.object({ status: z.enum(["ok", "stalled"]), stalled: z.array(z.string()), version: z.string() });
const readyz = z.object({
  status: z.enum(["ready", "not_ready"]),
  reasons: z.array(z.string()),
  version: z.string(),
  loops: z.array(z.object({ name: z.string(), runs: z.number(), failures: z.number(), last_ok_at: z.string().nullable() })),
});

/** By path. */
export const HEALTH_ANSWERS: Readonly<Record<string, z.ZodType>> = { "/healthz": healthz, "/readyz": readyz };
