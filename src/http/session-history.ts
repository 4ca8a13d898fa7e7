/** What a session did: its timeline and its load, for programs. */

import { z } from "zod";
import { titleOf } from "../../views/sessions/timeline.tsx";
import type { Fleet } from "../fleet/fleet.ts";
import { DAY_MS, SAMPLE_MS } from "../fleet/samples.ts";
import { CURSOR, type Moment } from "../fleet/timeline.ts";
import { type Clock, iso } from "../kernel/clock.ts";
import { type Directory, sessionOf } from "../pairs/directory.ts";
import { parameter, query } from "./given.ts";
import type { Route } from "./route.ts";

export interface SessionHistoryServices {
  directory: Directory;
  fleet: Pick<Fleet, "timeline" | "samples">;
  clock: Clock;
}

const page = z.strictObject({
  cursor: z.string().regex(CURSOR, "must be the next_cursor of a page before").optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
const span = z.strictObject({ hours: z.coerce.number().min(0.1).max(24).default(24) });

const momentAnswer = z.object({
  at: z.string(),
  event: z.string().describe("`run.start`, `run.end`, else as in the audit: `session.stop`, `program.update`"),
  title: z.string().describe("The same in words, with what it was done to: `Asked to stop`, `Ended: exit code 3`"),
  by: z.enum(["person", "token", "signalbox", "program", "outside"]),
  who: z.string().nullable(),
  why: z.string().nullable(),
  subject: z.string().nullable().describe("What it was done to, when that is its program or a pair: `program:program1`"),
  run: z.string().nullable(),
  end: z
    .object({
      code: z.number().nullable(),
      words: z.string(),
      outcome: z.string(),
      lasted_seconds: z.number(),
      last_lines: z.array(z.string()),
    })
    .nullable()
    .describe("Of the end of a run"),
});

const loadAnswer = z.object({
  step_seconds: z.number(),
  samples: z.array(z.object({ at: z.string(), cpu: z.number().nullable(), memory_bytes: z.number() })),
});

export function sessionHistoryRoutes({ directory, fleet, clock }: SessionHistoryServices): Route[] {
  return [
    {
      method: "GET",
      path: "/api/sessions/:name/timeline",
      least: "viewer",
      summary: "What happened to it, newest first: starts, ends, wishes, edits; who, why, code, last lines",
      query: page,
      answer: z.object({ moments: z.array(momentAnswer), next_cursor: z.string().nullable() }),
      async handle(context) {
        const { id } = sessionOf(directory, parameter(context, "name"));
        const { moments, nextCursor } = await fleet.timeline(id, query(context, page));
        return context.json({ moments: moments.map(momentShape), next_cursor: nextCursor });
      },
    },
    {
      method: "GET",
      path: "/api/sessions/:name/load",
      least: "viewer",
      summary: "Its processor and memory over the last `hours` (24), a sample a minute, oldest first; no sample where it did not run",
      query: span,
      answer: loadAnswer,
      async handle(context) {
        const { id } = sessionOf(directory, parameter(context, "name"));
        const { hours } = query(context, span);
        const samples = await fleet.samples(id, clock.now() - (hours / 24) * DAY_MS);
        return context.json({
          step_seconds: SAMPLE_MS / 1000,
          samples: samples.map(({ at, cpu, memoryBytes }) => ({ at: iso(at), cpu, memory_bytes: memoryBytes })),
        });
      },
    },
  ];
}

function momentShape(moment: Moment): z.infer<typeof momentAnswer> {
  const { at, event, end, ...rest } = moment;
  const shape = { at: iso(at), event, title: titleOf(moment), ...rest };
  if (end === null) return { ...shape, end };
  const { lastedMs, lastLines, ...told } = end;
  return { ...shape, end: { ...told, lasted_seconds: Math.round(lastedMs / 1000), last_lines: lastLines } };
}
