/** Gateways and their budgets, which span countries. */

import { z } from "zod";
import type { Clock } from "../kernel/clock.ts";
import type { Directory } from "../pairs/directory.ts";
import type { Gateway } from "../pairs/gateway.ts";
import { addGateway, changeGateway, gatewayOf, pairsThrough, removeGateway } from "../pairs/gateways.ts";
import { gatewayChange, newGateway } from "../pairs/input.ts";
import type { SharedUse } from "../permits/limiter.ts";
import type { Permits } from "../permits/permit.ts";
import { readBody } from "./body.ts";
import { actor } from "./caller.ts";
import { created, etag, ifMatch, parameter } from "./given.ts";
import type { Route } from "./route.ts";

export interface GatewayServices {
  directory: Directory;
  clock: Clock;
  permits: Pick<Permits, "shared">;
  /** Where the limit of the house was set: `--house-limit`, a line of the file, `default`. */
  houseFrom: string;
}

const use = z.strictObject({ used: z.number(), next_free_ms: z.number().describe("0: a slot is free now") }).nullable();
const gatewayAnswer = z.strictObject({
  id: z.string(),
  name: z.string(),
  limit: z.number().nullable().describe("At most this many SMS in any window, of all pairs that name it; null: no limit"),
  window_seconds: z.number(),
  pairs: z.array(z.string()),
  now: use.describe("What its window holds; null: it has no limit"),
  version: z.number(),
});
const houseAnswer = z.strictObject({
  limit: z.number().nullable().describe("Of all countries together, the setting house_limit; null: no limit"),
  window_seconds: z.number(),
  from: z.string().describe("Where it was set: a flag, a variable, a line of the file, default"),
  now: use,
});

export function gatewayRoutes({ directory, clock, permits, houseFrom }: GatewayServices): Route[] {
  const shape = ({ id, name, limit, windowSeconds, version }: Gateway): z.infer<typeof gatewayAnswer> => ({
    ...{ id, name, limit, window_seconds: windowSeconds },
    pairs: pairsThrough(directory, id),
    now: nowOf(permits.shared().gateways[id]),
    version,
  });
  function house(): z.infer<typeof houseAnswer> {
    const found = permits.shared().house;
    return { limit: found?.limit ?? null, window_seconds: (found?.windowMs ?? 60_000) / 1000, from: houseFrom, now: nowOf(found) };
  }
  return [
    {
      method: "GET",
      path: "/api/gateways",
      least: "viewer",
      summary: "Gateways with their budgets and what is used of them, and the budget of all countries together",
      answer: z.strictObject({ gateways: z.array(gatewayAnswer), house: houseAnswer }),
      handle: (context) => context.json({ gateways: directory.gateways().map(shape), house: house() }),
    },
    {
      method: "POST",
      path: "/api/gateways",
      least: "admin",
      summary: "Add a gateway",
      body: newGateway,
      answer: gatewayAnswer,
      async handle(context) {
        const gateway = await addGateway(directory, clock, await readBody(context, newGateway), actor(context));
        return context.json(shape(gateway), 201, created(`/api/gateways/${gateway.id}`, gateway.version));
      },
    },
    {
      method: "GET",
      path: "/api/gateways/:id",
      least: "viewer",
      summary: "One gateway; its ETag goes into If-Match of a change",
      answer: gatewayAnswer,
      handle(context) {
        const gateway = gatewayOf(directory, parameter(context, "id"));
        return context.json(shape(gateway), 200, etag(gateway.version));
      },
    },
    {
      method: "PATCH",
      path: "/api/gateways/:id",
      least: "admin",
      summary: "Change a gateway's name or budget, from now on; takes If-Match",
      body: gatewayChange,
      answer: gatewayAnswer,
      async handle(context) {
        const change = await readBody(context, gatewayChange);
        const gateway = await changeGateway(directory, clock, parameter(context, "id"), change, actor(context), ifMatch(context));
        return context.json(shape(gateway), 200, etag(gateway.version));
      },
    },
    {
      method: "DELETE",
      path: "/api/gateways/:id",
      least: "admin",
      summary: "Remove a gateway that no pair names, with its limit; takes If-Match; 409 `in_use` while pairs go through it",
      async handle(context) {
        await removeGateway(directory, clock, parameter(context, "id"), actor(context), ifMatch(context));
        return context.body(null, 204);
      },
    },
  ];
}

function nowOf(found: SharedUse | null | undefined): z.infer<typeof use> {
  return found ? { used: found.used, next_free_ms: Number.isFinite(found.nextFreeMs) ? Math.ceil(found.nextFreeMs) : 0 } : null;
}
