/** Countries and their budgets. */

import { z } from "zod";
import type { Country } from "../pairs/country.ts";
import type { Directory } from "../pairs/directory.ts";
import { countryChange, countryCode } from "../pairs/input.ts";
import type { Roster } from "../pairs/roster.ts";
import { check, readBody } from "./body.ts";
import { actor } from "./caller.ts";
import { etag, ifMatch, parameter } from "./given.ts";
import type { Route } from "./route.ts";

export interface CountryServices {
  directory: Directory;
  roster: Roster;
}

const countryAnswer = z.object({
  code: z.string(),
  name: z.string(),
  limit: z.number().describe("At most this many SMS in any window"),
  window_seconds: z.number(),
  version: z.number(),
});

const path = z.object({ code: countryCode });

export function countryRoutes({ directory, roster }: CountryServices): Route[] {
  return [
    {
      method: "GET",
      path: "/api/countries",
      least: "viewer",
      summary: "Countries that have pairs or a budget of their own",
      answer: z.object({ countries: z.array(countryAnswer) }),
      handle: (context) => context.json({ countries: directory.countries().map(shape) }),
    },
    {
      method: "GET",
      path: "/api/countries/:code",
      least: "viewer",
      summary: "One country, with the usual budget when it has none of its own; its ETag goes into If-Match of a change",
      answer: countryAnswer,
      handle(context) {
        const { code } = check(path, { code: parameter(context, "code") });
        const country = directory.country(code);
        return context.json(shape(country), 200, etag(country.version));
      },
    },
    {
      method: "PATCH",
      path: "/api/countries/:code",
      least: "operator",
      summary: "Change a country's budget; takes If-Match",
      body: countryChange,
      answer: countryAnswer,
      async handle(context) {
        const { code } = check(path, { code: parameter(context, "code") });
        const change = await readBody(context, countryChange);
        const country = await roster.changeCountry(code, change, actor(context), ifMatch(context));
        return context.json(shape(country), 200, etag(country.version));
      },
    },
  ];
}

function shape(country: Country): z.infer<typeof countryAnswer> {
  const { code, name, limit, windowSeconds, version } = country;
  return { code, name, limit, window_seconds: windowSeconds, version };
}
