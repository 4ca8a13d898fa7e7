/** One change to all pairs a filter means, over the API: shown first, made only as shown, all of it or nothing. */

import { z } from "zod";
import type { Clock } from "../kernel/clock.ts";
import { conflict, invalid } from "../kernel/errors.ts";
import type { Batch } from "../pairs/batch.ts";
import type { Batches } from "../pairs/batches.ts";
import type { Directory } from "../pairs/directory.ts";
import { type PairsPreview, pairFilter, pairsChange, previewPairs } from "../pairs/selection.ts";
import { readBody } from "./body.ts";
import { actor } from "./caller.ts";
import type { Route } from "./route.ts";

export interface PairEditServices {
  directory: Directory;
  batches: Batches;
  clock: Clock;
}

const order = z.strictObject({
  filter: pairFilter,
  change: pairsChange.describe("Priority is not among it: giving and taking it are acts of their own"),
  reason: z.string().trim().max(500).optional(),
  preview: z.boolean().default(false),
  expected: z
    .union([z.number().int().min(0), z.string().max(40)])
    .optional()
    .describe("The hash of the preview, or its count: what is changed must be what was shown"),
});
const answer = z.object({
  applied: z.boolean(),
  batch: z.string().nullable().describe("What was done, to be looked at and undone: /api/pairs/batches/{id}"),
  hash: z.string(),
  count: z.number(),
  touched: z.array(z.object({ pair: z.string(), changes: z.array(z.object({ field: z.string(), from: z.unknown(), to: z.unknown() })) })),
  refused: z.array(z.object({ pair: z.string(), why: z.string() })),
  unchanged: z.array(z.string()),
});

export function pairEditRoutes({ directory, batches, clock }: PairEditServices): Route[] {
  return [
    {
      method: "POST",
      path: "/api/pairs/edits",
      least: "operator",
      summary: "Change all pairs a filter means: with `preview` tells which and how; else needs `expected`, and changes all or none",
      body: order,
      answer,
      async handle(context) {
        const { filter, change, reason, preview, expected } = await readBody(context, order, 256 * 1024);
        const shown = await previewPairs(filter, change, directory, clock.now());
        if (preview) return context.json(shape(shown, null));
        refuseUnseen(shown, expected);
        return context.json(shape(shown, await batches.store(shown.edits, actor(context), { kind: "edit", reason })));
      },
    },
  ];
}

/** Throws `invalid` when nobody looked, `conflict` when it is not what they saw. */
function refuseUnseen({ hash, touched }: PairsPreview, expected: string | number | undefined): void {
  if (expected === undefined)
    throw invalid("Look first: ask with preview: true, then send its hash or its count as expected", [
      { field: "expected", message: "must be the hash or the count of the preview" },
    ]);
  if (expected !== hash && expected !== touched.length)
    throw conflict(`It would change ${touched.length} pairs, not what was expected: look again`, "changed");
  if (touched.length === 0) throw conflict("No pair of this selection would be changed", "nothing");
}

function shape({ hash, touched, refused, unchanged }: PairsPreview, batch: Batch | null): z.infer<typeof answer> {
  return {
    applied: batch !== null,
    batch: batch?.id ?? null,
    hash,
    count: touched.length,
    touched: touched.map(({ pair, changes }) => ({ pair: pair.id, changes })),
    refused: refused.map(({ pair, why }) => ({ pair: pair.id, why })),
    unchanged: unchanged.map(({ id }) => id),
  };
}
