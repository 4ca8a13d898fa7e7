/** GET /api/metrics/summary: the numbers of a range side by side, of each country, operator, pair or program. */

import { z } from "zod";
import { iso } from "../kernel/clock.ts";
import { BY } from "../results/history.ts";
import { INTERVALS } from "../results/steps.ts";
import { query } from "./given.ts";
import { type HistoryServices, historyNumbers, numbersShape } from "./history.ts";
import { askedOf, historyQuery } from "./history-asked.ts";
import type { Route } from "./route.ts";

const asked = historyQuery.extend({ by: z.enum(BY).default("country") }).strict();

const answer = z.object({
  by: z.enum(BY),
  of: historyQuery.pick({ pair: true, country: true, operator: true, program: true }),
  interval: z.enum(INTERVALS).describe("Whose steps the range was widened to"),
  from: z.string(),
  to: z.string(),
  as_of: z.string().describe("What was reported up to here is contained"),
  mature_until: z.string().describe("Later messages may still be answered, and count in no rate"),
  rows: z.array(z.object({ key: z.string().describe("`UZ`, `beeline`, `UZ_beeline` or `program1`"), ...historyNumbers })),
});

export function summaryRoutes(services: HistoryServices): Route[] {
  return [
    {
      method: "GET",
      path: "/api/metrics/summary",
      least: "viewer",
      summary: "Numbers of a range of time, a row for each country, operator, pair or program (`by`) that has some, most sent first",
      query: asked,
      answer,
      async handle(context) {
        const { by, ...given } = query(context, asked);
        const what = askedOf(given, services.clock.now(), services);
        const { interval, from, to, asOf, matureUntil, rows } = await services.past.summary({ ...what, by });
        return context.json({
          ...{ by, of: what.where, interval, from: iso(from), to: iso(to), as_of: iso(asOf), mature_until: iso(matureUntil) },
          rows: rows.map(({ key, ...numbers }) => ({ key, ...numbersShape(numbers) })),
        });
      },
    },
  ];
}
