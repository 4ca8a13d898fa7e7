/** GET /api/metrics/realtime: the live numbers of the fleet and of all it is made of, as programs read them. */

import { z } from "zod";
import { type Clock, iso } from "../kernel/clock.ts";
import type { Directory } from "../pairs/directory.ts";
import type { ErrorClasses } from "../results/error-classes.ts";
import type { Counters, Numbers, Rate } from "../results/numbers.ts";
import { pareto } from "../results/pareto.ts";
import { query } from "./given.ts";
import type { Route } from "./route.ts";
import { tallyShape } from "./session-answers.ts";

export interface MetricsServices {
  counters: Counters;
  errorClasses: Pick<ErrorClasses, "classify" | "nameOf">;
  directory: Pick<Directory, "pair" | "pairs" | "countries" | "programs" | "sessions">;
  clock: Clock;
}

const PARTS = ["fleet", "countries", "operators", "pairs", "programs", "sessions"] as const;
type Part = (typeof PARTS)[number];

const asked = z
  .object({
    of: z
      .string()
      .max(100)
      .default("fleet,countries,operators,pairs,programs")
      .describe(`Which lists, with commas: ${PARTS.join(", ")}; all but the sessions when left out`)
      .transform((text) => text.split(",").map((one) => one.trim()))
      .pipe(z.array(z.enum(PARTS))),
  })
  .strict();

export function metricsRoutes({ counters, errorClasses, directory, clock }: MetricsServices): Route[] {
  return [
    {
      method: "GET",
      path: "/api/metrics/realtime",
      least: "viewer",
      summary:
        "Live numbers of the fleet, each country, operator, pair, program and session (`of`): totals, the last minute, success rate with its interval, latency, errors.",
      query: asked,
      handle(context) {
        const { of } = query(context, asked);
        const now = clock.now();
        const shape = (numbers: Numbers) => numbersJson(numbers, errorClasses, now);
        const seen = counters.seen();
        const all = directory.pairs();
        const lists: Record<Part, () => unknown> = {
          fleet() {
            const fleet = counters.fleet();
            return { ...shape(fleet), last_15_minutes: tallyShape(fleet.last15) };
          },
          countries: () =>
            union(
              directory.countries().map(({ code }) => code),
              seen.countries,
            ).map((country) => ({
              country,
              ...shape(counters.country(country)),
            })),
          operators: () =>
            union(
              all.map(({ operator }) => operator),
              seen.operators,
            ).map((operator) => ({
              operator,
              ...shape(counters.operator(operator)),
            })),
          pairs: () =>
            union(
              all.map(({ id }) => id),
              seen.pairs,
            ).map((pair) => ({ pair, ...nameOf(pair, directory), ...shape(counters.pair(pair)) })),
          programs: () =>
            union(
              directory.programs().map(({ name }) => name),
              seen.programs,
            ).map((program) => ({
              program,
              ...shape(counters.program(program)),
            })),
          sessions: () =>
            directory
              .sessions()
              .map(({ id, name, program, pairs }) => ({ session: name, id, program, pairs, ...shape(counters.session(id)) })),
        };
        return context.json({ at: iso(now), ...Object.fromEntries(of.map((part) => [part, lists[part]()])) });
      },
    },
  ];
}

function union(configured: readonly string[], seen: readonly string[]): string[] {
  return [...new Set([...configured, ...seen])].sort();
}

function nameOf(id: string, directory: MetricsServices["directory"]) {
  const pair = directory.pair(id);
  // `UZ_unassigned`: the country is what stands before the first underscore of every pair's id.
  return { country: pair?.country ?? id.slice(0, 2), operator: pair?.operator ?? id.slice(3), operator_name: pair?.operatorName ?? null };
}

const MOST_CODES = 10;

export function numbersJson(numbers: Numbers, classes: MetricsServices["errorClasses"], now: number) {
  return {
    total: tallyShape(numbers.total),
    sent_last_minute: numbers.sentLastMinute,
    success_rate: rateJson(numbers.rate),
    latency: numbers.latency && {
      p50_ms: numbers.latency.p50Ms,
      p90_ms: numbers.latency.p90Ms,
      p99_ms: numbers.latency.p99Ms,
      n: numbers.latency.n,
    },
    last_send_at: numbers.lastSendAt === null ? null : iso(numbers.lastSendAt),
    last_receipt_at: numbers.lastReceiptAt === null ? null : iso(numbers.lastReceiptAt),
    silence: { send_seconds: secondsSince(numbers.lastSendAt, now), receipt_seconds: secondsSince(numbers.lastReceiptAt, now) },
    errors: numbers.errors.slice(0, MOST_CODES).map(({ code, n }) => ({ code, n, class: classes.nameOf(code) })),
    error_classes: pareto(numbers.errors, classes).map(({ name, n, share, upTo }) => ({ class: name, n, share, cumulative: upTo })),
  };
}

/** How long nothing has come; null when nothing ever did. */
function secondsSince(at: number | null, now: number): number | null {
  return at === null ? null : Math.max(0, Math.round((now - at) / 1000));
}

function rateJson(rate: Rate) {
  if (rate.kind === "insufficient") return { value: null, reason: "insufficient sample", n: rate.n, needed: rate.needed };
  const { value, lower, upper, n, windowMs, maturityMs, basis } = rate;
  return { value, lower, upper, n, window_seconds: windowMs / 1000, maturity_seconds: maturityMs / 1000, basis };
}
