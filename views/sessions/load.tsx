/** Processor and memory of the last day: two charts, and the same as a table of half hours. */

import { Chart, type ChartSpec } from "../charts/chart.tsx";
import { clockTime, exact, mebibytes, percent } from "../format.ts";
import { texts } from "../texts.ts";

const words = texts.session.load;

export interface LoadProps {
  /** Half hours with anything in them, newest first. */
  rows: LoadRow[];
  charts: Record<"cpu" | "memory", ChartSpec>;
}

export interface LoadRow {
  at: number;
  /** Mean and most, share of a core. */
  cpu: number | null;
  cpuMost: number | null;
  memoryBytes: number | null;
  /** What happened to its runs in that half hour: "started, ended". */
  marks: string[];
}

export function SessionLoad({ name, load }: { name: string; load: LoadProps }) {
  const refresh = `/sessions/${name}/load`;
  return (
    <section class="panel load" aria-labelledby="load-title">
      <h2 id="load-title">{words.title}</h2>
      {load.rows.length === 0 ? (
        <p class="quiet">{words.empty}</p>
      ) : (
        <>
          <div class="charts">
            <Chart name="cpu" title={texts.session.columns.cpu} hint={words.cpuHint} spec={load.charts.cpu} refresh={refresh} />
            <Chart name="memory" title={texts.session.columns.memory} hint={words.memoryHint} spec={load.charts.memory} refresh={refresh} />
          </div>
          <p class="quiet plot-hint">{words.marksHint}</p>
          <LoadTable rows={load.rows} />
        </>
      )}
    </section>
  );
}

function LoadTable({ rows }: { rows: readonly LoadRow[] }) {
  const { columns } = words;
  return (
    <details>
      <summary>{texts.chart.table}</summary>
      <table class="dense">
        <thead>
          <tr>
            <th scope="col">{columns.from}</th>
            <th scope="col" class="number">
              {columns.cpu}
            </th>
            <th scope="col" class="number">
              {columns.cpuMost}
            </th>
            <th scope="col" class="number">
              {columns.memory}
            </th>
            <th scope="col">{columns.runs}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              <td>
                <time dateTime={new Date(row.at).toISOString()} title={exact(row.at)}>
                  {clockTime(row.at).slice(0, 5)}
                </time>
              </td>
              <td class="number">{row.cpu === null ? texts.none : `${percent(row.cpu, 1)}%`}</td>
              <td class="number">{row.cpuMost === null ? texts.none : `${percent(row.cpuMost, 1)}%`}</td>
              <td class="number">{row.memoryBytes === null ? texts.none : mebibytes(row.memoryBytes)}</td>
              <td class="wrap">{row.marks.join(", ")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
