/** POST /api/receipts/{gateway}: what a gateway, or a script between, tells of messages by the gateway's own ids. */

import { z } from "zod";
import { invalid } from "../kernel/errors.ts";
import { MOST_BYTES, MOST_ITEMS } from "../results/ingest.ts";
import { receiptForm } from "../results/receipt.ts";
import type { Receipts } from "../results/receipts.ts";
import { check, readText } from "./body.ts";
import { parameter } from "./given.ts";
import { readItems } from "./results.ts";
import type { Route } from "./route.ts";

const gatewayName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,39}$/i, "must be a name of letters, digits, dots and dashes, like smsc1");

const answer = z.object({
  accepted: z.int(),
  duplicate: z.int(),
  waiting: z.int().describe("For an id that no message has yet: kept, and told to the message when it comes"),
  rejected: z.array(z.object({ index: z.int(), field: z.string(), message: z.string() })),
});

export function receiptRoutes({ receipts }: { receipts: Receipts }): Route[] {
  return [
    {
      method: "POST",
      path: "/api/receipts/:gateway",
      least: { scope: "results" },
      summary: `Receipts by the gateway's own message ids: one, an array, or NDJSON, at most ${MOST_ITEMS}. Answered when all is on disk.`,
      body: z.union([receiptForm, z.array(receiptForm).max(MOST_ITEMS)]),
      answer,
      async handle(context) {
        const gateway = check(gatewayName, parameter(context, "gateway"));
        const { items } = readItems(await readText(context, MOST_BYTES), context.req.header("content-type"));
        const taken = await receipts.accept(gateway, items);
        const [first] = taken.rejected;
        if (first && taken.rejected.length === items.length)
          throw invalid(
            `Nothing was accepted. ${first.field}: ${first.message}`,
            taken.rejected.map(({ index, field, message }) => ({ field: `[${index}].${field}`, message })),
          );
        return context.json(taken, 202);
      },
    },
  ];
}
