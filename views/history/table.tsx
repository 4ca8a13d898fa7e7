/** History as a table, newest first: what the charts draw, for those who read and for those without JavaScript. A step leads into itself. */

import { count, exact, interval, percent } from "../format.ts";
import { texts } from "../texts.ts";
import { Head, latencyWords } from "./cells.tsx";
import type { HistoryRow } from "./props.ts";

const words = texts.history;
const { columns } = words;
const MINUTE_MS = 60_000;

interface TableProps {
  rows: readonly HistoryRow[];
  zoom: string;
  csv: string;
  stepMs: number;
  timeZone: string;
}

export function HistoryTable({ rows, zoom, csv, stepMs, timeZone }: TableProps) {
  return (
    <details class="history-table">
      <summary>{texts.chart.table}</summary>
      <p class="row">
        <a class="button" href={csv} download="">
          {words.csv}
        </a>{" "}
        <span class="quiet">{words.tableHint}</span>
      </p>
      <section class="table" tabindex={0} aria-label={texts.chart.table}>
        <table class="dense">
          <thead>
            <tr>
              <th scope="col">{columns.from(timeZone)}</th>
              <Head text={columns.sent} />
              <Head text={columns.delivered} />
              <Head text={columns.undelivered} />
              <Head text={columns.failed} />
              <Head text={columns.pending} />
              <Head text={columns.rate} />
              <Head text={columns.interval} />
              <Head text={columns.latency} />
              <th scope="col">{columns.errors}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) =>
              row.kind === "gap" ? (
                <tr class="gap">
                  <td>{row.words}</td>
                  <td colspan={9} class="quiet">
                    {words.nothing(row.until)}
                  </td>
                </tr>
              ) : (
                <Step row={row} zoom={stepMs > MINUTE_MS ? zoom : null} />
              ),
            )}
          </tbody>
        </table>
      </section>
    </details>
  );
}

function Step({ row, zoom }: { row: Extract<HistoryRow, { kind: "step" }>; zoom: string | null }) {
  const { at, to, numbers, mature } = row;
  const { rate, latency } = numbers;
  const time = (
    <time dateTime={new Date(at).toISOString()} title={exact(at)}>
      {row.words}
    </time>
  );
  return (
    <tr>
      <td>{zoom ? <a href={`${zoom}from=${at / 1000}&to=${to / 1000}`}>{time}</a> : time}</td>
      <td class="number">{count(numbers.sent)}</td>
      <td class="number">{count(numbers.delivered)}</td>
      <td class="number">{count(numbers.undelivered)}</td>
      <td class="number">{count(numbers.failed)}</td>
      <td class="number">{count(numbers.pending)}</td>
      <td class="number" title={mature ? undefined : words.young}>
        {rate ? `${percent(rate.value, 1)}%` : texts.none}
        {!mature && <span class="quiet"> {words.youngMark}</span>}
      </td>
      <td class="number">{rate ? interval(rate.lower, rate.upper) : ""}</td>
      <td class="number">{latency ? latencyWords(latency) : texts.none}</td>
      <td class="wrap">{row.errors}</td>
    </tr>
  );
}
