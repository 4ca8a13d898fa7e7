/** GET /api/history: the numbers of a range of time as points, for programs and spreadsheets. */

import type { Context } from "hono";
import { z } from "zod";
import { type Clock, iso } from "../kernel/clock.ts";
import type { Zone } from "../kernel/zone.ts";
import type { ErrorClasses } from "../results/error-classes.ts";
import type { Latency } from "../results/numbers.ts";
import type { Past, PastNumbers, PastReader } from "../results/past.ts";
import { INTERVALS } from "../results/steps.ts";
import { parameter, query } from "./given.ts";
import { askedOf, type HistoryAsked, type HistoryPlaces, historyQuery } from "./history-asked.ts";
import { writeHistoryCsv } from "./history-csv.ts";
import { type HistoryMark, type MarkSources, marksOf, markWords } from "./history-marks.ts";
import type { Env, Route } from "./route.ts";
import { tallyShape } from "./session-answers.ts";

export interface HistoryServices extends HistoryPlaces, MarkSources {
  directory: HistoryPlaces["directory"] & MarkSources["directory"];
  past: PastReader;
  errorClasses: Pick<ErrorClasses, "nameOf">;
  clock: Clock;
}

export const historyNumbers = {
  attempts: z.number(),
  sent: z.number(),
  delivered: z.number(),
  undelivered: z.number(),
  failed: z.number(),
  blocked: z.number(),
  pending: z.number(),
  sent_per_minute: z.number(),
  success_rate: z
    .object({ value: z.number(), lower: z.number(), upper: z.number(), n: z.number(), basis: z.enum(["receipts", "attempts"]) })
    .nullable()
    .describe("Of mature messages, with its Wilson 95% interval; null when none counts"),
  latency: z.object({ p50_ms: z.number(), p90_ms: z.number(), p99_ms: z.number(), n: z.number() }).nullable(),
};
const answer = z.object({
  of: z.object({
    pair: z.string().optional(),
    country: z.string().optional(),
    operator: z.string().optional(),
    program: z.string().optional(),
  }),
  interval: z.enum(INTERVALS),
  step_seconds: z.number().describe("Days are 23 or 25 hours long when clocks change: `to` of a point has it"),
  time_zone: z.string().describe("Whose days and quarters of days steps of 1d and 6h are"),
  from: z.string(),
  to: z.string(),
  as_of: z.string().describe("What was reported up to here is contained"),
  mature_until: z.string().describe("Later messages may still be answered, and count in no rate"),
  points: z.array(
    z.object({
      at: z.string(),
      to: z.string(),
      ...historyNumbers,
      mature: z.boolean(),
      gap: z.boolean().describe("Nothing was counted"),
      errors: z.record(z.string(), z.number()).describe("By class; `unclassified` for codes without one"),
    }),
  ),
  total: z.object(historyNumbers),
  before: z.object(historyNumbers).describe("Of the range of the same length before"),
  errors: z.array(z.object({ code: z.string(), class: z.string(), n: z.number() })),
  marks: z.array(
    z.object({
      at: z.string(),
      event: z.string(),
      subject: z.string(),
      who: z.string().nullable(),
      why: z.string().nullable(),
      words: z.string(),
    }),
  ),
});

const asked = historyQuery.extend({ format: z.enum(["json", "csv"]).default("json") }).strict();
type Asked = z.infer<typeof asked>;
const ofPair = asked.omit({ pair: true, country: true, operator: true });
const ofCountry = asked.omit({ pair: true, country: true });

export function historyRoutes(services: HistoryServices): Route[] {
  async function tell(context: Context<Env>, { format, ...given }: Asked): Promise<Response> {
    const what = askedOf(given, services.clock.now(), services);
    const past = await services.past.read(what);
    if (format === "csv") return historyCsv(context, what, past, services.past.zone);
    const marks = await marksOf(services, what.where, past.from, past.to);
    return context.json({ ...shape(what, past, marks, services.errorClasses.nameOf), time_zone: services.past.zone.name });
  }

  return [
    {
      method: "GET",
      path: "/api/metrics/pairs/:id",
      least: "viewer",
      summary: "A pair over a range of time, as `/api/history` tells it",
      query: ofPair,
      answer,
      handle: (context) => tell(context, { ...query(context, ofPair), pair: parameter(context, "id") }),
    },
    {
      method: "GET",
      path: "/api/metrics/countries/:code",
      least: "viewer",
      summary: "A country over a range of time, as `/api/history` tells it",
      query: ofCountry,
      answer,
      handle: (context) => tell(context, { ...query(context, ofCountry), country: parameter(context, "code").toUpperCase() }),
    },
    {
      method: "GET",
      path: "/api/history",
      least: "viewer",
      summary:
        "Numbers over a range of time, at most 1,000 points, of a pair, country, operator, program or the fleet; JSON or CSV (`format`)",
      query: asked,
      answer,
      handle: (context) => tell(context, query(context, asked)),
    },
  ];
}

export async function historyCsv(context: Context<Env>, { where }: HistoryAsked, past: Past, zone: Zone): Promise<Response> {
  const name = Object.values(where).join("-") || "fleet";
  return context.body(await writeHistoryCsv(past, zone), 200, {
    "content-type": "text/csv; charset=utf-8; header=present",
    "content-disposition": `attachment; filename="history-${name.replaceAll(/[^\w-]/g, "_")}-${past.interval}.csv"`,
    "cache-control": "no-store",
  });
}

function shape(
  { where }: HistoryAsked,
  past: Past,
  marks: readonly HistoryMark[],
  nameOf: NameOf,
): Omit<z.infer<typeof answer>, "time_zone"> {
  const errors = errorsByStep(past, nameOf);
  return {
    of: where,
    interval: past.interval,
    step_seconds: past.stepMs / 1000,
    from: iso(past.from),
    to: iso(past.to),
    as_of: iso(past.asOf),
    mature_until: iso(past.matureUntil),
    points: past.points.map((point, step) => ({
      at: iso(point.at),
      to: iso(point.to),
      ...numbersShape(point),
      mature: point.mature,
      gap: point.gap,
      errors: errors.get(step) ?? {},
    })),
    total: numbersShape(past.total),
    before: numbersShape(past.before),
    errors: past.errors.map(({ code, n }) => ({ code, class: nameOf(code), n })),
    marks: marks.map((mark) => ({ ...markShape(mark), words: markWords(mark) })),
  };
}

function markShape({ at, event, subject, who, why }: HistoryMark) {
  return { at: iso(at), event, subject, who, why };
}

export function numbersShape(point: PastNumbers) {
  return {
    ...tallyShape(point),
    sent_per_minute: Math.round(point.sentPerMinute * 1000) / 1000,
    success_rate: point.rate,
    latency: point.latency && latencyShape(point.latency),
  };
}

function latencyShape({ p50Ms, p90Ms, p99Ms, n }: Latency) {
  return { p50_ms: p50Ms, p90_ms: p90Ms, p99_ms: p99Ms, n };
}

/** The class of a code. */
export type NameOf = ErrorClasses["nameOf"];

/** By place of the point: how many by class. */
export function errorsByStep({ errors }: Pick<Past, "errors">, nameOf: NameOf): Map<number, Record<string, number>> {
  const steps = new Map<number, Record<string, number>>();
  for (const { code, steps: told } of errors) {
    const name = nameOf(code);
    for (const [step, n] of told) {
      const classes = steps.get(step) ?? {};
      classes[name] = (classes[name] ?? 0) + n;
      steps.set(step, classes);
    }
  }
  return steps;
}
