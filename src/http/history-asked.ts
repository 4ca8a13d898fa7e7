/** What somebody asks of history: of whom, from when to when, how fine. The same words in the API, the CSV and the address of the page. */

import { z } from "zod";
import { invalid, notFound } from "../kernel/errors.ts";
import type { Directory } from "../pairs/directory.ts";
import type { Where } from "../results/history.ts";
import type { Counters } from "../results/numbers.ts";
import { INTERVALS, type Interval } from "../results/steps.ts";
import { readTime } from "../results/time.ts";

const UNITS_MS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const AGO = /^-(\d{1,6})([mhdw])$/;

const moment = z
  .string()
  .max(40)
  .describe("RFC 3339 with an offset, seconds since 1970, or back from now: `-90m`, `-24h`, `-7d`, `-4w`; `now`");

export const historyQuery = z.object({
  pair: z.string().max(60).optional().describe("UZ_uzmobile"),
  country: z
    .string()
    .regex(/^[A-Za-z]{2}$/, "must be two letters")
    .transform((code) => code.toUpperCase())
    .optional(),
  operator: z.string().max(60).optional().describe("A slug, in every country that has it"),
  program: z.string().max(60).optional(),
  from: moment.default("-24h"),
  to: moment.default("now"),
  interval: z
    .enum(["auto", ...INTERVALS])
    .default("auto")
    .describe("auto: the finest with at most 1,000 points"),
});
export type HistoryQuery = z.infer<typeof historyQuery>;

export interface HistoryAsked {
  where: Where;
  from: number;
  to: number;
  interval: Interval | "auto";
}

export interface HistoryPlaces {
  directory: Pick<Directory, "pair" | "pairs" | "program" | "countries">;
  counters: Pick<Counters, "seen">;
}

/** Throws `invalid` for a time that cannot be read, `not_found` for somebody who never was. */
export function askedOf(given: HistoryQuery, now: number, places: HistoryPlaces): HistoryAsked {
  const { pair, country, operator, program } = given;
  const where: Where = {};
  if (pair) where.pair = pair;
  if (country) where.country = country;
  if (operator) where.operator = operator.toLowerCase();
  if (program) where.program = program;
  known(where, places);
  return { where, from: momentOf("from", given.from, now), to: momentOf("to", given.to, now), interval: given.interval };
}

export function momentOf(field: "from" | "to", text: string, now: number): number {
  if (text === "now" || text === "") return now;
  const ago = AGO.exec(text);
  if (ago) return now - Number(ago[1]) * UNITS_MS[ago[2]!]!;
  // A + in an address is a space.
  const at = readTime(/^\d+(\.\d+)?$/.test(text) ? Number(text) : text.replace(/ (\d\d:\d\d)$/, "+$1"));
  if (at !== null) return at;
  const words = "must be RFC 3339 with an offset, seconds since 1970, or like -24h, -7d, now";
  throw invalid(`${field}: ${words}`, [{ field, message: words }]);
}

function known({ pair, country, operator, program }: Where, { directory, counters }: HistoryPlaces): void {
  const seen = counters.seen();
  if (pair && !directory.pair(pair) && !seen.pairs.includes(pair)) throw notFound(`There is no pair ${pair}`);
  if (program && !directory.program(program) && !seen.programs.includes(program)) throw notFound(`There is no program ${program}`);
  if (country && !directory.countries().some(({ code }) => code === country) && !seen.countries.includes(country))
    throw notFound(`There is no country ${country} here`);
  if (operator && !directory.pairs().some((one) => one.operator === operator) && !seen.operators.includes(operator))
    throw notFound(`There is no operator ${operator}`);
}
