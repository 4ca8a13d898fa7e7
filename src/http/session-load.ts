/** A session's processor and memory of the last day as charts and as a table. Pure. */

import type { ChartMark, ChartSpec } from "../../views/charts/chart.tsx";
import type { LoadProps, LoadRow } from "../../views/sessions/load.tsx";
import { texts } from "../../views/texts.ts";
import type { RunRecord } from "../fleet/fleet.ts";
import { DAY_MS, SAMPLE_MS, type Sample } from "../fleet/samples.ts";

const HALF_HOUR_MS = 1_800_000;
const MEBIBYTE = 1_048_576;
/** As many as a chart can show apart; a crash loop has more. */
export const MARKED_RUNS = 100;

const words = texts.session.load;

export function loadProps(samples: readonly Sample[], runs: readonly RunRecord[], now: number): LoadProps {
  const to = now - (now % SAMPLE_MS);
  const from = to - DAY_MS;
  const shown = samples.filter(({ at }) => at >= from && at < to);
  const marks = marksOf(runs).filter(({ at }) => at >= from && at <= now);
  return { rows: rowsOf(shown, marks), charts: { cpu: cpuChart(shown, marks, from, to), memory: memoryChart(shown, marks, from, to) } };
}

function cpuChart(samples: readonly Sample[], marks: ChartMark[], from: number, to: number): ChartSpec {
  const values = spread(samples, from, to, ({ cpu }) => (cpu === null ? null : Math.round(cpu * 1000) / 10));
  return { from, to, stepMs: SAMPLE_MS, series: [{ label: texts.session.columns.cpu, unit: "percent", colour: "cold", values }], marks };
}

function memoryChart(samples: readonly Sample[], marks: ChartMark[], from: number, to: number): ChartSpec {
  const values = spread(samples, from, to, ({ memoryBytes }) => Math.round((10 * memoryBytes) / MEBIBYTE) / 10);
  return { from, to, stepMs: SAMPLE_MS, series: [{ label: texts.session.columns.memory, unit: "mebibytes", colour: "go", values }], marks };
}

/** A value for each minute; null where none was measured. */
function spread(samples: readonly Sample[], from: number, to: number, measure: (sample: Sample) => number | null): (number | null)[] {
  const values = new Array<number | null>((to - from) / SAMPLE_MS).fill(null);
  for (const sample of samples) values[Math.floor((sample.at - from) / SAMPLE_MS)] = measure(sample);
  return values;
}

function marksOf(runs: readonly RunRecord[]): ChartMark[] {
  return runs.flatMap((run): ChartMark[] => {
    const start: ChartMark = { at: run.startedAt, label: words.marks.start, tone: "go" };
    if (run.endedAt === null) return [start];
    const asked = run.outcome === "stopped" || run.outcome === "success";
    return [{ at: run.endedAt, label: words.marks.end(run.exitWords ?? ""), tone: asked ? "quiet" : "stop" }, start];
  });
}

/** Newest first; a half hour in which nothing was measured and nothing happened has no row. */
function rowsOf(samples: readonly Sample[], marks: readonly ChartMark[]): LoadRow[] {
  const rows = new Map<number, { samples: Sample[]; marks: string[] }>();
  const rowAt = (at: number) => {
    const begin = at - (at % HALF_HOUR_MS);
    const row = rows.get(begin) ?? { samples: [], marks: [] };
    rows.set(begin, row);
    return row;
  };
  for (const sample of samples) rowAt(sample.at).samples.push(sample);
  for (const mark of marks) rowAt(mark.at).marks.unshift(mark.label);
  if (samples.length === 0) return [];
  return [...rows]
    .sort(([a], [b]) => b - a)
    .map(([at, row]) => {
      const shares = row.samples.flatMap(({ cpu }) => (cpu === null ? [] : [cpu]));
      return {
        at,
        cpu: shares.length === 0 ? null : shares.reduce((sum, share) => sum + share, 0) / shares.length,
        cpuMost: shares.length === 0 ? null : Math.max(...shares),
        memoryBytes: row.samples.length === 0 ? null : Math.max(...row.samples.map(({ memoryBytes }) => memoryBytes)),
        marks: briefly(row.marks),
      };
    });
}

/** A crash loop's half hour: the last few, and how many more. */
function briefly(marks: readonly string[]): string[] {
  const MOST = 4;
  return marks.length <= MOST ? [...marks] : [`${marks.length - MOST} more`, ...marks.slice(-MOST)];
}
