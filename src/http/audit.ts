/** Who did what to what, when, from where and why: the acts, newest first. */

import { z } from "zod";
import type { Act } from "../kernel/act.ts";
import { iso } from "../kernel/clock.ts";
import type { Documents } from "../pairs/documents.ts";
import { query } from "./given.ts";
import type { Route } from "./route.ts";

export interface AuditServices {
  documents: Pick<Documents, "acts">;
}

const filter = z.strictObject({
  subject: z.string().max(200).optional().describe("kind:id, like pair:UZ_uzmobile"),
  actor: z.string().max(200).optional(),
  before: z.iso.datetime({ offset: true }).optional(),
  cursor: z
    .string()
    .regex(/^\d{1,15}\.\d{1,6}$/, "must be the next_cursor of a page before")
    .optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

const actAnswer = z.object({
  at: z.string(),
  actor: z.string(),
  from: z.string(),
  verb: z.string(),
  subject: z.string(),
  reason: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()).nullable(),
});

export function auditRoutes({ documents }: AuditServices): Route[] {
  return [
    {
      method: "GET",
      path: "/api/audit",
      least: "admin",
      summary: "Who did what to what, when, from where and why; newest first",
      query: filter,
      answer: z.object({ acts: z.array(actAnswer), next_cursor: z.string().nullable() }),
      async handle(context) {
        const { subject, actor, before, cursor, limit } = query(context, filter);
        const from = cursor === undefined ? null : readCursor(cursor);
        const found = await documents.acts({
          subject,
          actor,
          // Several acts may share a millisecond: the cursor's own is read again, and what was shown of it is skipped.
          before: from ? from.at + 1 : before === undefined ? undefined : Date.parse(before),
          limit: limit + (from?.shown ?? 0),
        });
        const acts = found.slice(from?.shown ?? 0);
        return context.json({ acts: acts.map(shape), next_cursor: acts.length < limit ? null : nextCursor(found) });
      },
    },
  ];
}

function readCursor(cursor: string): { at: number; shown: number } {
  const [at, shown] = cursor.split(".");
  return { at: Number(at), shown: Number(shown) };
}

/** The time of the last one shown, and how many of that time were. */
function nextCursor(found: readonly Act[]): string | null {
  const last = found.at(-1);
  return last ? `${last.at}.${found.filter((act) => act.at === last.at).length}` : null;
}

function shape(act: Act): z.infer<typeof actAnswer> {
  return { ...act, at: iso(act.at) };
}
