/** Emergency holds over HTTP: what is held now, a hold at once, and its end before its time. */

import { z } from "zod";
import { type Clock, iso } from "../kernel/clock.ts";
import { invalid } from "../kernel/errors.ts";
import { readCountry } from "../pairs/country.ts";
import { pairId } from "../pairs/input.ts";
import { ALL, type Hold } from "../permits/hold.ts";
import type { Holds } from "../permits/holds.ts";
import { readBody } from "./body.ts";
import { actor } from "./caller.ts";
import { created, parameter } from "./given.ts";
import type { Route } from "./route.ts";

export interface HoldServices {
  holds: Pick<Holds, "list" | "place" | "lift">;
  clock: Clock;
}

/** `all`, a country or a pair, as an admin types it. */
export const held = z
  .string()
  .trim()
  .transform((text, context) => {
    if (text.toLowerCase() === ALL) return ALL;
    const country = text.length === 2 ? readCountry(text) : null;
    if (country !== null) return country;
    if (pairId.safeParse(text).success) return text;
    context.addIssue({ code: "custom", message: "must be all, a country like UZ or a pair like UZ_uzmobile" });
    return z.NEVER;
  });

export const holdReason = z.string().trim().min(1, "must say why").max(500);

const newHold = z.strictObject({
  what: held.describe("`all`, a country like UZ or a pair like UZ_uzmobile"),
  reason: holdReason,
  until: z.iso.datetime({ offset: true }).optional().describe("At most 24 h from now"),
  for_seconds: z.number().int().min(1).max(86_400).optional().describe("Instead of `until`"),
});

const holdAnswer = z.strictObject({
  id: z.string(),
  scope: z.enum(["all", "country", "pair"]),
  what: z.string(),
  reason: z.string(),
  by: z.string(),
  at: z.string(),
  until: z.string(),
});

export function holdRoutes({ holds, clock }: HoldServices): Route[] {
  return [
    {
      method: "GET",
      path: "/api/holds",
      least: "viewer",
      summary: "What is held now, why, by whom and until when",
      answer: z.strictObject({ holds: z.array(holdAnswer) }),
      handle: (context) => context.json({ holds: holds.list().map(shape) }),
    },
    {
      method: "POST",
      path: "/api/holds",
      least: "admin",
      summary: "Hold a country, a pair or everything, high priority too; what is held already gets the new reason and end",
      body: newHold,
      answer: holdAnswer,
      async handle(context) {
        const { what, reason, until, for_seconds } = await readBody(context, newHold);
        if ((until === undefined) === (for_seconds === undefined))
          throw invalid("A hold needs an end: until or for_seconds", [{ field: "until", message: "must be there, or for_seconds" }]);
        const forMs = until === undefined ? for_seconds! * 1000 : Date.parse(until) - clock.now();
        const hold = await holds.place({ what, reason, forMs }, actor(context));
        return context.json(shape(hold), 201, created(`/api/holds/${hold.id}`));
      },
    },
    {
      method: "DELETE",
      path: "/api/holds/:id",
      least: "admin",
      summary: "End a hold before its time",
      async handle(context) {
        await holds.lift(parameter(context, "id"), actor(context));
        return new Response(null, { status: 204 });
      },
    },
  ];
}

function shape({ id, scope, what, reason, by, at, until }: Hold): z.infer<typeof holdAnswer> {
  return { id, scope, what, reason, by, at: iso(at), until: iso(until) };
}
