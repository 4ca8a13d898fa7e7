/** What programs printed, over the API: the end of a run, what stands before, what is found in it, all of it. Everything masked. */

import { z } from "zod";
import type { Fleet } from "../fleet/fleet.ts";
import type { Found } from "../fleet/output-search.ts";
import { type Directory, sessionOf } from "../pairs/directory.ts";
import { parameter, query } from "./given.ts";
import type { Route } from "./route.ts";
import { streamOf } from "./stream-of.ts";

export interface OutputServices {
  directory: Directory;
  fleet: Pick<Fleet, "output" | "outputs">;
}

export const runId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "must be the id of a run");
const outputQuery = z.object({
  run: runId.optional(),
  tail: z.coerce.number().int().min(0).max(100_000).default(100),
  search: z.string().max(200).optional(),
  around: z.coerce.number().int().min(0).max(10).optional(),
  before: z.string().max(40).optional(),
});
const textQuery = z.object({ run: runId.optional() });

const line = z.object({ number: z.number().describe("Counted from the first line that is kept"), text: z.string(), matches: z.boolean() });
const outputAnswer = z.object({
  run: z.string().nullable(),
  lines: z.array(z.string()),
  earlier: z.string().nullable().optional().describe("Give it as `before` to get the lines before these; null: there are none"),
  matches: z.number().optional().describe("With `search`: lines of the run that hold it"),
  places: z.array(z.array(line)).optional().describe("With `search` and `around`: where, with so many lines before and after"),
});

/** Read from the end; more is read from the beginning, like a search. */
const MOST_OF_STRETCH = 1_000;
const MOST_PLACES = 1_000;

export function outputRoutes({ directory, fleet }: OutputServices): Route[] {
  return [
    {
      method: "GET",
      path: "/api/sessions/:name/output",
      least: "viewer",
      summary:
        "The last lines of a run, numbers and codes masked: `tail` of them, of `run` or the newest, `before` what was read; with `search` only those that hold it, how many there are, and the lines `around`",
      query: outputQuery,
      answer: outputAnswer,
      async handle(context) {
        const session = sessionOf(directory, parameter(context, "name"));
        const { run, tail, search, around, before } = query(context, outputQuery);
        if (search) {
          const found = await fleet.outputs.search(session.id, {
            run,
            text: search,
            around: around ?? 0,
            most: around === undefined ? tail : Math.min(tail, MOST_PLACES),
          });
          return context.json({
            run: found.run,
            lines: tail === 0 ? [] : matching(found).slice(-tail),
            matches: found.matches,
            ...(around === undefined ? {} : { places: found.places }),
          });
        }
        const stretch = fleet.outputs.stretch(session.id, { run, lines: Math.min(tail, MOST_OF_STRETCH), before });
        if (tail <= MOST_OF_STRETCH || before !== undefined) return context.json(stretch);
        const lines = await fleet.output(session.id, { tail, ...(run === undefined ? {} : { run }) });
        return context.json({ run: stretch.run, lines });
      },
    },
    {
      method: "GET",
      path: "/api/sessions/:name/output/runs",
      least: "viewer",
      summary: "Runs whose output is kept, newest first",
      answer: z.object({ runs: z.array(z.object({ run: z.string(), bytes: z.number() })) }),
      handle: (context) => context.json({ runs: fleet.outputs.runs(sessionOf(directory, parameter(context, "name")).id) }),
    },
    {
      method: "GET",
      path: "/api/sessions/:name/output/text",
      least: "viewer",
      summary: "All that is kept of a run, as text to be saved; numbers and codes masked",
      query: textQuery,
      handle(context) {
        const session = sessionOf(directory, parameter(context, "name"));
        const { run, pieces } = fleet.outputs.text(session.id, query(context, textQuery).run);
        return new Response(streamOf(pieces), {
          headers: {
            "content-type": "text/plain; charset=utf-8",
            "content-disposition": `attachment; filename="${session.name}${run === null ? "" : `-${run}`}.log"`,
            "cache-control": "no-store",
          },
        });
      },
    },
  ];
}

function matching({ places }: Found): string[] {
  return places.flat().flatMap(({ text, matches }) => (matches ? [text] : []));
}
