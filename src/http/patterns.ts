/** The patterns by which a program's output is measured, over the API: read, replaced, tried over lines. What leaves is masked. */

import { z } from "zod";
import { shown } from "../fleet/output-lines.ts";
import type { Clock } from "../kernel/clock.ts";
import { iso } from "../kernel/clock.ts";
import { notFound } from "../kernel/errors.ts";
import { type Directory, programOf, sessionOf } from "../pairs/directory.ts";
import { patternsInput, trialInput } from "../results/patterns/input.ts";
import type { Metering } from "../results/patterns/metered.ts";
import { type Groups, PATTERN_STATES, type Pattern, PRESETS } from "../results/patterns/pattern.ts";
import type { Printed } from "../results/patterns/printed.ts";
import type { Rulebook } from "../results/patterns/rulebook.ts";
import { lastLines, type Trial, tryPatterns } from "../results/patterns/trial.ts";
import { readBody } from "./body.ts";
import { actor } from "./caller.ts";
import { etag, ifMatch, parameter } from "./given.ts";
import type { Route } from "./route.ts";

export interface PatternServices {
  directory: Directory;
  clock: Clock;
  patterns: {
    rulebook: Rulebook;
    metering: Pick<Metering, "of">;
    printed: Printed;
    plain: (line: string) => string;
    phoneMask: (number: string) => string;
  };
}

const patternShape = z.object({ regex: z.string(), state: z.enum(PATTERN_STATES) });
const presetShape = z.object({ id: z.string(), title: z.string(), patterns: z.array(patternShape) });
const patternsAnswer = z.object({
  program: z.string(),
  patterns: z.array(
    patternShape.extend({
      matched: z.number().describe("Lines since Signalbox started"),
      off: z.string().nullable().describe("Why it is switched off until the patterns are changed"),
    }),
  ),
  ids: z.string().describe("`program`: message ids are unique for ever; `run`: they begin anew with each start"),
  lines: z.number().describe("Read since Signalbox started"),
  accepted: z.number(),
  duplicate: z.number(),
  rejected: z.number(),
  last_rejection: z.string().nullable(),
  skipped_bytes: z.number().describe("Cut away before they were read"),
  cut_lines: z.number().describe("Longer than what is looked at of a line"),
  last_match_at: z.string().nullable(),
  also_posts: z.boolean().describe("It posts results too, and may be counted twice"),
  version: z.number(),
  updated_at: z.string().nullable(),
  updated_by: z.string().nullable(),
});
const trialAnswer = z.object({
  lines: z.array(
    z.object({
      text: z.string(),
      pattern: z.number().nullable().describe("Place of the pattern that matched, from 1"),
      state: z.string().nullable(),
      groups: z.record(z.string(), z.string()),
      pair: z.string().nullable(),
      message_id: z.string().nullable(),
      n: z.number(),
    }),
  ),
  matched: z.number(),
  counted: z.record(z.string(), z.number()).describe("Messages by the state they would be reported in"),
  left_out: z.number().describe("Lines that were not looked at, because the time was over"),
  took_ms: z.number(),
});

export function patternRoutes(services: PatternServices): Route[] {
  const { directory, patterns } = services;

  return [
    {
      method: "GET",
      path: "/api/patterns/presets",
      least: "viewer",
      summary: "Patterns for phrases that many programs print",
      answer: z.object({ presets: z.array(presetShape) }),
      handle: (context) => context.json({ presets: PRESETS }),
    },
    {
      method: "GET",
      path: "/api/programs/:name/patterns",
      least: "viewer",
      summary: "The patterns a program's output is measured by, and what they found; the ETag goes into If-Match of a change",
      answer: patternsAnswer,
      handle(context) {
        const { name } = programOf(directory, parameter(context, "name"));
        return context.json(shapeOf(name, patterns), 200, etag(patterns.rulebook.version(name)));
      },
    },
    {
      method: "PUT",
      path: "/api/programs/:name/patterns",
      least: "admin",
      summary: "Replace the patterns of a program; an empty list ends the measuring of its output; takes If-Match",
      body: patternsInput,
      answer: patternsAnswer,
      async handle(context) {
        const { name } = programOf(directory, parameter(context, "name"));
        await patterns.rulebook.set(name, await readBody(context, patternsInput), actor(context), ifMatch(context));
        return context.json(shapeOf(name, patterns), 200, etag(patterns.rulebook.version(name)));
      },
    },
    {
      method: "POST",
      path: "/api/programs/:name/patterns/test",
      least: "operator",
      summary:
        "Try patterns over lines, or over the last ones of a session: what matches, what is taken from it, what would be counted. Stores nothing",
      body: trialInput,
      answer: trialAnswer,
      async handle(context) {
        const { name } = programOf(directory, parameter(context, "name"));
        const given = await readBody(context, trialInput);
        return context.json(trialShape(await trialOf(services, name, given), patterns.phoneMask));
      },
    },
  ];
}

/** Throws `not_found` when the session is not one of the program's. */
export function trialOf(
  { directory, patterns, clock }: PatternServices,
  program: string,
  given: z.infer<typeof trialInput>,
): Promise<Trial> {
  const session = given.session === undefined ? undefined : sessionOf(directory, given.session);
  if (session && session.program !== program) throw notFound(`Session ${given.session} of ${program}`);
  const set = patterns.rulebook.of(program);
  const first = session ?? directory.sessions().find((other) => other.program === program);
  const pairs = (first?.pairs ?? []).flatMap((id) => directory.pair(id) ?? []);
  return tryPatterns(
    {
      lines: given.lines ?? (session ? lastLines(patterns.printed, session.id, given.tail) : []),
      patterns: given.patterns ?? set?.patterns ?? [],
      ids: given.ids ?? set?.ids ?? "program",
      pairs: pairs.length > 0 ? pairs : [SOME_PAIR],
      plain: patterns.plain,
    },
    clock,
  );
}

/** A program without a session yet: what would be counted, is counted for some pair. */
const SOME_PAIR = { id: "(its pair)", country: "", operator: "", operatorName: "" };

export function groupsShown(groups: Groups, phoneMask: (number: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, name === "phone" ? phoneMask(value) : shown(value)]));
}

function trialShape(trial: Trial, phoneMask: (number: string) => string): z.infer<typeof trialAnswer> {
  return {
    lines: trial.lines.map(({ text, pattern, state, groups, pair, message, n }) => ({
      text: shown(text),
      pattern: pattern === null ? null : pattern + 1,
      state,
      groups: groupsShown(groups, phoneMask),
      pair,
      message_id: message === null ? null : shown(message),
      n,
    })),
    matched: trial.matched,
    counted: trial.counted as Record<string, number>,
    left_out: trial.leftOut,
    took_ms: Math.round(trial.tookMs * 10) / 10,
  };
}

function shapeOf(program: string, { rulebook, metering }: PatternServices["patterns"]): z.infer<typeof patternsAnswer> {
  const set = rulebook.of(program);
  const found = metering.of(program);
  return {
    program,
    patterns: (set?.patterns ?? []).map((pattern: Pattern, index) => ({
      ...pattern,
      matched: found?.matched[index] ?? 0,
      off: found?.off.get(index) ?? null,
    })),
    ids: set?.ids ?? "program",
    lines: found?.lines ?? 0,
    accepted: found?.accepted ?? 0,
    duplicate: found?.duplicate ?? 0,
    rejected: found?.rejected ?? 0,
    last_rejection: found?.lastRejection ?? null,
    skipped_bytes: found?.skippedBytes ?? 0,
    cut_lines: found?.cutLines ?? 0,
    last_match_at: found?.lastMatchAt ? iso(found.lastMatchAt) : null,
    also_posts: found?.alsoPosts ?? false,
    version: rulebook.version(program),
    updated_at: set ? iso(set.updatedAt) : null,
    updated_by: set?.updatedBy ?? null,
  };
}
