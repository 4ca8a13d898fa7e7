/** The catalogue of mobile networks: which operators a country has, with their MCC and MNC. */

import { z } from "zod";
import { countryCode } from "../pairs/input.ts";
import { openCatalogue } from "../pairs/open-catalogue.ts";
import { query } from "./given.ts";
import type { Route } from "./route.ts";

const asked = z.strictObject({ country: countryCode, q: z.string().max(100).default("") });
const answer = z.object({
  operators: z.array(
    z.object({
      name: z.string(),
      mccmnc: z.array(z.string()).describe("As strings: 405037 is not 40537"),
      operational: z.boolean(),
      status: z.string(),
    }),
  ),
});

export function operatorRoutes(): Route[] {
  return [
    {
      method: "GET",
      path: "/api/operators",
      least: "viewer",
      summary: "The catalogue: known operators of a `country` with their networks, the working ones first; `q` filters by words",
      query: asked,
      answer,
      async handle(context) {
        const { country, q } = query(context, asked);
        const catalogue = await openCatalogue();
        return context.json({ operators: catalogue.operators(country, q.trim()) });
      },
    },
  ];
}
