/** The points of a past as charts and as rows of a table. Pure. */

import type { ChartMark, ChartSeries, ChartSpec } from "../../views/charts/chart.tsx";
import type { HistoryChart, HistoryProps, HistoryRow } from "../../views/history/props.ts";
import { texts } from "../../views/texts.ts";
import { wallTime, type Zone } from "../kernel/zone.ts";
import type { Past, PastPoint } from "../results/past.ts";
import { errorsByStep, type NameOf } from "./history.ts";
import { type HistoryMark, markWords } from "./history-marks.ts";

const words = texts.history;
/** As many lines as can be told apart; the table has them all. */
const MOST_LINES = 100;
const CLASS_COLOURS = ["stop", "caution", "cold", "soft", "go"] as const;

export function chartsOf(past: Past, marks: readonly HistoryMark[], nameOf: NameOf, zone: Zone): Record<HistoryChart, ChartSpec> {
  const { points, from, to, stepMs } = past;
  const starts = points.map(({ at }) => at);
  // Clocks changed meanwhile.
  const uneven = starts.some((at, step) => at !== from + step * stepMs);
  const lines = marks.slice(0, MOST_LINES).map((mark): ChartMark => ({ at: mark.at, label: markWords(mark), tone: toneOf(mark) }));
  const chart = (series: ChartSeries[], more: Partial<ChartSpec> = {}): ChartSpec => ({
    ...{ from, to, stepMs, series, marks: lines, zone: zone.name },
    ...(uneven ? { starts } : {}),
    ...(past.matureUntil < to ? { youngFrom: Math.max(from, past.matureUntil) } : {}),
    ...more,
  });
  const values = (read: (point: PastPoint) => number | null) => points.map((point) => (point.gap ? null : read(point)));
  const rates = values(({ rate }) => rate && percent(rate.value));
  const counted = (label: string, colour: ChartSeries["colour"], read: (point: PastPoint) => number): ChartSeries => {
    return { label, unit: "count", colour, line: true, values: values(read) };
  };
  const latency = (
    label: string,
    colour: ChartSeries["colour"],
    read: (latency: NonNullable<PastPoint["latency"]>) => number,
  ): ChartSeries => {
    return { label, unit: "seconds", colour, line: true, values: values((point) => point.latency && read(point.latency) / 1000) };
  };
  return {
    rate: chart(
      [
        {
          ...{ label: words.series.rate, unit: "percent", colour: "go", line: true, values: rates },
          band: { lower: values(({ rate }) => rate && percent(rate.lower)), upper: values(({ rate }) => rate && percent(rate.upper)) },
        },
      ],
      { least: floorOf(rates), most: 100 },
    ),
    messages: chart([
      { ...counted(words.series.sent, "cold", ({ sent }) => sent), line: false },
      counted(words.series.delivered, "go", ({ delivered }) => delivered),
      counted(words.series.undelivered, "stop", ({ undelivered }) => undelivered),
      counted(words.series.failed, "caution", ({ failed }) => failed),
    ]),
    latency: chart([
      latency("p50", "go", ({ p50Ms }) => p50Ms),
      latency("p90", "cold", ({ p90Ms }) => p90Ms),
      latency("p99", "soft", ({ p99Ms }) => p99Ms),
    ]),
    pace: chart([
      { label: words.series.pace, unit: "count", colour: "cold", values: values(({ sentPerMinute }) => rounded(sentPerMinute)) },
    ]),
    errors: chart(errorSeries(past, nameOf), { bars: true }),
  };
}

/** The classes most are of, and the rest together. */
function errorSeries(past: Past, nameOf: NameOf): ChartSeries[] {
  const steps = errorsByStep(past, nameOf);
  const totals = new Map<string, number>();
  for (const { code, n } of past.errors) totals.set(nameOf(code), (totals.get(nameOf(code)) ?? 0) + n);
  const classes = [...totals].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  const named = classes.slice(0, CLASS_COLOURS.length);
  const valuesOf = (is: (name: string) => boolean) =>
    past.points.map((point, step) => {
      if (point.gap) return null;
      return Object.entries(steps.get(step) ?? {}).reduce((sum, [name, n]) => (is(name) ? sum + n : sum), 0);
    });
  const series = named.map((name, place): ChartSeries => {
    return { label: spaced(name), unit: "count", colour: CLASS_COLOURS[place]!, values: valuesOf((one) => one === name) };
  });
  const rest = valuesOf((name) => !named.includes(name));
  // A chart without a series has no scale.
  if (series.length === 0 || classes.length > named.length)
    series.push({ label: words.series.rest, unit: "count", colour: "edge", values: rest });
  return series;
}

/** Newest first; steps in which nothing was counted are one row. */
export function rowsOf(past: Past, zone: Zone): HistoryRow[] {
  const rows: HistoryRow[] = [];
  const errors = new Map<number, string[]>();
  for (const { code, steps } of past.errors) for (const [step, n] of steps) errors.set(step, [...(errors.get(step) ?? []), `${code} ${n}`]);
  // Days are named by their date, shorter steps by the time they begin.
  const words = (at: number) => (past.interval === "1d" ? wallTime(zone, at).slice(0, 10) : wallTime(zone, at).slice(5));
  for (const [step, { at, to, mature, gap, ...numbers }] of past.points.entries()) {
    const last = rows.at(-1);
    if (!gap) rows.push({ kind: "step", at, to, words: words(at), numbers, mature, errors: (errors.get(step) ?? []).join(", ") });
    else if (last?.kind === "gap") last.until = words(to);
    else rows.push({ kind: "gap", words: words(at), until: words(to) });
  }
  return rows.reverse();
}

export function errorRows(past: Past, nameOf: NameOf): HistoryProps["errors"] {
  const total = past.errors.reduce((sum, { n }) => sum + n, 0);
  return past.errors.map(({ code, n }) => ({ code, name: spaced(nameOf(code)), n, share: n / total }));
}

export function markRows(marks: readonly HistoryMark[], zone: Zone): HistoryProps["marks"] {
  return marks.map((mark) => ({ at: mark.at, time: wallTime(zone, mark.at).slice(5), words: markWords(mark), tone: toneOf(mark) }));
}

function spaced(name: string): string {
  return name.replaceAll("_", " ");
}

function toneOf({ event, trouble }: HistoryMark): ChartMark["tone"] {
  if (trouble) return "stop";
  return event === "run.start" ? "go" : event.startsWith("hold.") ? "caution" : "quiet";
}

/** A tenth below the lowest: a rate moves between 80 and 100, seen from 0 it stands still. */
function floorOf(percents: readonly (number | null)[]): number {
  const lowest = Math.min(100, ...percents.filter((one) => one !== null));
  return Math.max(0, Math.floor((lowest - 10) / 10) * 10);
}

function percent(ratio: number): number {
  return Math.round(ratio * 1000) / 10;
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
