/** Gateways and their budgets, which span countries. */

import { z } from "zod";
import type { Clock } from "../kernel/clock.ts";
import type { Directory } from "../pairs/directory.ts";
import type { Gateway } from "../pairs/gateway.ts";
import { addGateway, changeGateway, gatewayOf } from "../pairs/gateways.ts";
import { gatewayChange, newGateway } from "../pairs/input.ts";
import { readBody } from "./body.ts";
import { actor } from "./caller.ts";
import { created, etag, ifMatch, parameter } from "./given.ts";
import type { Route } from "./route.ts";

export interface GatewayServices {
  directory: Directory;
  clock: Clock;
}

const gatewayAnswer = z.strictObject({
  id: z.string(),
  name: z.string(),
  limit: z.number().nullable().describe("At most this many SMS in any window, of all pairs that name it; null: no limit"),
  window_seconds: z.number(),
  pairs: z.array(z.string()),
  version: z.number(),
});

export function gatewayRoutes({ directory, clock }: GatewayServices): Route[] {
  const shape = ({ id, name, limit, windowSeconds, version }: Gateway): z.infer<typeof gatewayAnswer> => ({
    ...{ id, name, limit, window_seconds: windowSeconds },
    pairs: directory.pairs().flatMap((pair) => (pair.gateway === id ? [pair.id] : [])),
    version,
  });
  return [
    {
      method: "GET",
      path: "/api/gateways",
      least: "viewer",
      summary: "Gateways with their budgets",
      answer: z.strictObject({ gateways: z.array(gatewayAnswer) }),
      handle: (context) => context.json({ gateways: directory.gateways().map(shape) }),
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
  ];
}
