/** The page of history: whose and which range stand in its address. Its charts are told anew while it shows now. */

import type { Context } from "hono";
import { z } from "zod";
import { HistoryPage } from "../../views/history/page.tsx";
import type { HistoryProps } from "../../views/history/props.ts";
import { texts } from "../../views/texts.ts";
import { AppError } from "../kernel/errors.ts";
import { atWallTime, wallTime, type Zone } from "../kernel/zone.ts";
import { BY, type By, type Where } from "../results/history.ts";
import type { Past } from "../results/past.ts";
import { INTERVALS } from "../results/steps.ts";
import { query } from "./given.ts";
import { type HistoryServices, historyCsv } from "./history.ts";
import { askedOf, type HistoryAsked, type HistoryQuery, historyQuery } from "./history-asked.ts";
import { byRows, MOST_ROWS, waysOf } from "./history-by.ts";
import { chartsOf, errorRows, markRows, rowsOf } from "./history-charts.ts";
import { marksOf } from "./history-marks.ts";
import { liveNumbers } from "./live-numbers.ts";
import { type PageServices, page } from "./page.tsx";
import type { Env, Route } from "./route.ts";

const words = texts.history;

export type HistoryPageServices = PageServices & HistoryServices;

export function historyPageRoutes(services: HistoryPageServices): Route[] {
  const on = (path: string, summary: string, handle: (context: Context<Env>) => Promise<Response>): Route => {
    return { method: "GET", path, least: "viewer", summary, page: true, handle };
  };
  return [
    on("/history", "Numbers over a range of time as charts and as a table", (context) => show(context, services)),
    on("/history/charts", "The charts of a page of history, as they are now", (context) => again(context, services)),
    on("/history/sheet", "What a page of history shows as CSV", async (context) => {
      const { asked, past } = await read(context, services);
      return historyCsv(context, asked, past, services.past.zone);
    }),
  ];
}

/** Of the page: what its parts are told apart by, in the table. */
const pageQuery = historyQuery.extend({ by: z.enum(BY).optional() });

interface Read {
  given: z.infer<typeof pageQuery>;
  asked: HistoryAsked;
  past: Past;
}

const USUAL = { from: "-24h", to: "now", interval: "auto" } as const;

async function read(context: Context<Env>, services: HistoryPageServices, range: Partial<typeof USUAL> = {}): Promise<Read> {
  const given = typedIn({ ...query(context, pageQuery), ...range }, context.req.query("of"), services.past.zone);
  const asked = askedOf(given, services.clock.now(), services);
  return { given, asked, past: await services.past.read(asked) };
}

/** The form names whose with one field, and times as people type them, by the clocks of the time zone. */
function typedIn<Q extends HistoryQuery>(given: Q, of: string | undefined, zone: Zone): Q {
  const moment = (text: string) => {
    const wall = WALL.test(text.trim()) ? Date.parse(utc(text.trim())) : Number.NaN;
    return Number.isNaN(wall) ? text.trim() : String(atWallTime(zone, wall) / 1000);
  };
  const typed = { ...given, from: moment(given.from), to: moment(given.to) };
  const named = /^(pair|country|operator|program):(.+)$/.exec(of ?? "");
  return named ? { ...typed, [named[1]!]: named[2] } : typed;
}

const WALL = /^\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d)?)?$/;

function utc(text: string): string {
  const [day, time = "00:00"] = text.split(/[ T]/);
  return `${day}T${time.length === 5 ? `${time}:00` : time}Z`;
}

/** A range that cannot be read is told above the usual one, and what was typed stays. */
async function readOrUsual(context: Context<Env>, services: HistoryPageServices): Promise<Read & { refused: string | null }> {
  try {
    return { ...(await read(context, services)), refused: null };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "invalid") throw error;
    return { ...(await read(context, services, USUAL)), refused: error.message };
  }
}

async function show(context: Context<Env>, services: HistoryPageServices): Promise<Response> {
  const { given, asked, past, refused } = await readOrUsual(context, services);
  const { where } = asked;
  const { zone } = services.past;
  const now = services.clock.now();
  const ways = waysOf(where);
  const by = ways.find((way) => way === given.by) ?? ways[0];
  const [marks, summary] = await Promise.all([
    marksOf(services, where, past.from, past.to),
    by ? services.past.summary({ ...asked, by }) : null,
  ]);
  const own = by === given.by ? by : undefined;
  const base = baseOf(where, given.interval, own);
  const span = past.to - past.from;
  const toNow = given.to === "now" || given.to === "";
  const href = (from: number | string, to: number | string | null) => `${base}from=${from}${to === null ? "" : `&to=${to}`}`;
  const same = href(given.from, toNow ? null : given.to).replaceAll("+", "%2B");
  const name = nameOf(where, services);
  /** The same range, of somebody else. */
  const range = (its: Where, way?: By) => {
    return `${baseOf(its, given.interval, way)}from=${encodeURIComponent(given.from)}${toNow ? "" : `&to=${encodeURIComponent(given.to)}`}`;
  };
  const props: HistoryProps = {
    name,
    of: Object.entries(where)[0]?.join(":") ?? "",
    narrowed: [...Object.entries(where).slice(1), ...(own ? [["by", own] as [string, string]] : [])],
    home: homeOf(where, services),
    choices: choicesOf(services),
    now,
    timeZone: zone.name,
    past,
    span: { from: wallTime(zone, past.from), to: wallTime(zone, Math.min(past.to, now)) },
    from: refused === null ? shown(given.from, asked.from, zone) : (context.req.query("from") ?? USUAL.from),
    to: refused === null ? shown(given.to, asked.to, zone) : (context.req.query("to") ?? USUAL.to),
    refused,
    interval: given.interval,
    intervals: ["auto", ...INTERVALS],
    ranges: Object.entries(words.rangeOf).map(([from, label]) => ({
      label,
      href: href(from, null),
      current: toNow && from === given.from,
    })),
    earlier: href((past.from - span) / 1000, past.from / 1000),
    later:
      past.to >= now
        ? null
        : past.to + span >= now
          ? href(`-${Math.round(span / 60_000)}m`, null)
          : href(past.to / 1000, (past.to + span) / 1000),
    csv: same.replace("/history?", "/history/sheet?"),
    refresh: toNow ? same.replace("/history?", "/history/charts?") : null,
    zoom: baseOf(where, "auto", own),
    live: toNow ? liveOf(where, services) : null,
    by: summary && {
      by: by!,
      ways: ways.map((way) => ({ by: way, href: `${range(where, way)}#by` })),
      rows: byRows(where, by!, summary, services.directory).map(({ where: its, ...row }) => ({ ...row, href: range(its) })),
      more: Math.max(0, summary.rows.length - MOST_ROWS),
    },
    charts: chartsOf(past, marks, services.errorClasses.nameOf, zone),
    rows: rowsOf(past, zone),
    errors: errorRows(past, services.errorClasses.nameOf),
    marks: markRows(marks, zone),
  };
  const title = `${words.title}: ${name}`;
  return page(context, services, { title, nav: "history", charts: true, status: refused ? 400 : 200, body: <HistoryPage {...props} /> });
}

async function again(context: Context<Env>, services: HistoryPageServices): Promise<Response> {
  const { asked, past } = await read(context, services);
  const marks = await marksOf(services, asked.where, past.from, past.to);
  return context.json(chartsOf(past, marks, services.errorClasses.nameOf, services.past.zone));
}

function baseOf(where: Where, interval: string, by?: By): string {
  const parameters = new URLSearchParams({ ...where, ...(interval === "auto" ? {} : { interval }), ...(by && { by }) });
  return `/history?${parameters}${parameters.size > 0 ? "&" : ""}`;
}

function shown(given: string, at: number, zone: Zone): string {
  return given === "now" || given === "" || given.startsWith("-") ? given : wallTime(zone, at);
}

function nameOf({ pair, country, operator, program }: Where, { directory }: HistoryPageServices): string {
  const named = pair ? directory.pair(pair) : undefined;
  const parts = [
    pair ? (named ? `${named.country} ${named.operatorName}` : pair) : null,
    country ? directory.country(country).name : null,
    operator ?? null,
    program ?? null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? words.fleet : parts.join(", ");
}

function liveOf({ pair, country, operator, program }: Where, services: HistoryPageServices): HistoryProps["live"] {
  const { counters } = services;
  if ([pair, country, operator, program].filter((one) => one !== undefined).length > 1) return null;
  if (pair) return liveNumbers(counters.pair(pair), services);
  if (country) return liveNumbers(counters.country(country), services);
  if (operator) return liveNumbers(counters.operator(operator), services);
  return liveNumbers(program ? counters.program(program) : counters.fleet(), services);
}

function homeOf({ pair, program }: Where, { directory }: HistoryPageServices): string | null {
  if (pair && directory.pair(pair)?.retiredAt === null) return `/pairs/${pair}`;
  return program && !pair && directory.program(program) ? `/programs/${program}` : null;
}

function choicesOf({ directory, counters }: HistoryPageServices): HistoryProps["choices"] {
  const pairs = directory.pairs();
  const others = counters.seen().pairs.filter((id) => !pairs.some((pair) => pair.id === id));
  const operators = [...new Set([...pairs.map(({ operator }) => operator), ...counters.seen().operators])].sort();
  const countries = directory.countries().sort((a, b) => a.name.localeCompare(b.name));
  return [
    { label: words.groups.country, choices: countries.map(({ code, name }) => ({ value: `country:${code}`, label: `${name} (${code})` })) },
    {
      label: words.groups.pair,
      choices: [
        ...pairs.map(({ id, country, operatorName }) => ({ value: `pair:${id}`, label: `${country} ${operatorName}` })),
        ...others.map((id) => ({ value: `pair:${id}`, label: id })),
      ],
    },
    { label: words.groups.operator, choices: operators.map((slug) => ({ value: `operator:${slug}`, label: slug })) },
    { label: words.groups.program, choices: directory.programs().map(({ name }) => ({ value: `program:${name}`, label: name })) },
  ].filter(({ choices }) => choices.length > 0);
}
