/** What a range is made of: countries, operators, pairs or programs side by side, the busiest first; each leads into its own history. */

import type { PastNumbers } from "../../src/results/past.ts";
import { count, interval, percent } from "../format.ts";
import { texts } from "../texts.ts";
import { Head, latencyWords } from "./cells.tsx";
import type { HistoryBy } from "./props.ts";

const words = texts.history;
const { columns } = words;

export function HistoryParts({ by, ways, rows, more, total }: HistoryBy & { total: PastNumbers }) {
  return (
    <section class="panel history-parts" id="by" aria-labelledby="by-title">
      <div class="row between">
        <h2 id="by-title">{words.byTitle[by]}</h2>
        {ways.length > 1 && (
          <nav class="ranges" aria-label={words.ways}>
            {ways.map((way) => (
              <a href={way.href} aria-current={way.by === by ? "true" : undefined}>
                {words.byOf[way.by]}
              </a>
            ))}
          </nav>
        )}
      </div>
      <section class="table" tabindex={0} aria-label={words.byTable}>
        <table class="dense wide">
          <thead>
            <tr>
              <th scope="col">{words.byColumn[by]}</th>
              <Head text={columns.sent} />
              <Head text={columns.share} />
              <Head text={columns.delivered} />
              <Head text={columns.undelivered} />
              <Head text={columns.failed} />
              <Head text={columns.pending} />
              <Head text={columns.rate} />
              <Head text={columns.interval} />
              <Head text={columns.latency} />
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, href, numbers }) => (
              <tr>
                <th scope="row" class="wide-cell">
                  <a href={href}>{name}</a>
                </th>
                <td class="number" data-label={columns.sent}>
                  {count(numbers.sent)}
                </td>
                <td class="number" data-label={columns.share}>
                  {total.sent > 0 ? `${percent(numbers.sent / total.sent, 1)}%` : ""}
                </td>
                <td class="number" data-label={columns.delivered}>
                  {count(numbers.delivered)}
                </td>
                <td class="number" data-label={columns.undelivered}>
                  {count(numbers.undelivered)}
                </td>
                <td class="number" data-label={columns.failed}>
                  {count(numbers.failed)}
                </td>
                <td class="number" data-label={columns.pending}>
                  {count(numbers.pending)}
                </td>
                <Rate rate={numbers.rate} />
                <Latency latency={numbers.latency} />
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p class="quiet">
        {words.tableHint} {more > 0 && words.moreRows(rows.length, more)}
      </p>
    </section>
  );
}

/** Below 30 a rate says little, and is grey. */
function Rate({ rate }: Pick<PastNumbers, "rate">) {
  if (!rate)
    return (
      <>
        <td class="number" data-label={columns.rate}>
          {texts.none}
        </td>
        <td />
      </>
    );
  const young = rate.n < LEAST;
  return (
    <>
      <td
        class={young ? "number quiet wide-cell" : "number wide-cell"}
        data-label={columns.rate}
        title={young ? texts.rate.insufficient(rate.n, LEAST) : `n = ${count(rate.n)}`}
      >
        {percent(rate.value, 1)}%
      </td>
      <td class="number quiet wide-cell" data-label={columns.interval}>
        {interval(rate.lower, rate.upper)}
      </td>
    </>
  );
}

const LEAST = 30;

function Latency({ latency }: Pick<PastNumbers, "latency">) {
  if (!latency)
    return (
      <td class="number" data-label={columns.latency}>
        {texts.none}
      </td>
    );
  return (
    <td class="number wide-cell" data-label={columns.latency}>
      {latencyWords(latency)}
    </td>
  );
}
