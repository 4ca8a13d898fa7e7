/** Broken limits over the API: when, how many, by whom; newest first. */

import { z } from "zod";
import { iso } from "../kernel/clock.ts";
import type { Directory } from "../pairs/directory.ts";
import { countryCode } from "../pairs/input.ts";
import type { Breach } from "../permits/breach.ts";
import type { Breaches } from "../permits/breaches.ts";
import { query } from "./given.ts";
import type { Route } from "./route.ts";

export interface BreachServices {
  breaches: Pick<Breaches, "recent">;
  directory: Pick<Directory, "session">;
}

const breachQuery = z.strictObject({ country: countryCode.optional(), limit: z.coerce.number().int().min(1).max(1000).default(100) });

const breachAnswer = z.object({
  id: z.number(),
  country: z.string(),
  began_at: z.string(),
  ended_at: z.string().nullable().describe("Null while it lasts"),
  most: z.number().describe("Grants and uncontrolled sends in the fullest window of it"),
  uncontrolled: z.number(),
  limit: z.number(),
  window_ms: z.number(),
  by: z.array(z.object({ pair: z.string(), program: z.string(), session: z.string().nullable(), reason: z.string(), n: z.number() })),
});

export function breachRoutes({ breaches, directory }: BreachServices): Route[] {
  return [
    {
      method: "GET",
      path: "/api/permits/breaches",
      least: "viewer",
      summary: "Times a limit was broken by sends without a permit: when, how many, by whom; newest first, of one `country` or of all",
      query: breachQuery,
      answer: z.object({ breaches: z.array(breachAnswer) }),
      async handle(context) {
        const { country, limit } = query(context, breachQuery);
        const found = await breaches.recent(country ?? null, limit);
        return context.json({ breaches: found.map((breach) => shape(breach, directory)) });
      },
    },
  ];
}

function shape(breach: Breach, directory: Pick<Directory, "session">): z.infer<typeof breachAnswer> {
  const { id, country, beganAt, endedAt, most, uncontrolled, limit, windowMs, by } = breach;
  return {
    id,
    country,
    began_at: iso(beganAt),
    ended_at: endedAt === null ? null : iso(endedAt),
    most,
    uncontrolled,
    limit,
    window_ms: windowMs,
    by: by.map((culprit) => ({ ...culprit, session: culprit.session && (directory.session(culprit.session)?.name ?? culprit.session) })),
  };
}
