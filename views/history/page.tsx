/** History of a pair, country, operator, program or the fleet: what it came to, charts over the range, what happened meanwhile, and all of it as a table. */

import type { Tone } from "../../src/fleet/states.ts";
import type { PastNumbers } from "../../src/results/past.ts";
import { Chart } from "../charts/chart.tsx";
import { count, exact, interval, percent, seconds } from "../format.ts";
import { Notice, PageHead } from "../frame.tsx";
import { LiveNumbers } from "../numbers/live.tsx";
import { Empty, Parts } from "../parts.tsx";
import { texts } from "../texts.ts";
import { HistoryParts } from "./made-of.tsx";
import { HISTORY_CHARTS, type HistoryProps } from "./props.ts";
import { HistoryTable } from "./table.tsx";

const words = texts.history;

export function HistoryPage(props: HistoryProps) {
  const { past } = props;
  const empty = past.points.every((point) => point.gap);
  return (
    <>
      <PageHead
        title={props.name}
        crumb={{ href: "/history", text: words.title }}
        tally={
          <>
            {props.home && (
              <a class="quiet" href={props.home}>
                {words.home}
              </a>
            )}
            <a class="quiet" href="/errors">
              {texts.errors.link}
            </a>
          </>
        }
        now={props.now}
        live={false}
      />
      {props.refused && <Notice tone="stop">{words.refused(props.refused)}</Notice>}
      <Range {...props} />
      {empty ? (
        <Empty title={words.emptyTitle}>
          <p>{words.empty}</p>
        </Empty>
      ) : (
        <>
          <Figures total={past.total} before={past.before} />
          <Charts {...props} />
        </>
      )}
      {props.by && props.by.rows.length > 0 && <HistoryParts {...props.by} total={past.total} />}
      <div class="columns history-more">
        {props.live && <LiveNumbers {...props.live} />}
        {props.errors.length > 0 && <Errors errors={props.errors} />}
        {props.marks.length > 0 && <Marks marks={props.marks} />}
      </div>
      {!empty && <HistoryTable rows={props.rows} zoom={props.zoom} csv={props.csv} stepMs={past.stepMs} timeZone={props.timeZone} />}
    </>
  );
}

function Range(props: HistoryProps) {
  return (
    <div class="panel history-range">
      <nav class="ranges" aria-label={words.ranges}>
        <a href={props.earlier} rel="prev">
          <span aria-hidden="true">‹</span> {words.earlier}
        </a>
        {props.ranges.map(({ label, href, current }) => (
          <a href={href} aria-current={current ? "true" : undefined}>
            {label}
          </a>
        ))}
        {props.later && (
          <a href={props.later} rel="next">
            {words.later} <span aria-hidden="true">›</span>
          </a>
        )}
      </nav>
      <form method="get" action="/history" class="history-asked">
        <div class="field">
          <label for="of">{words.of}</label>
          <select id="of" name="of">
            <option value="" selected={props.of === ""}>
              {words.fleet}
            </option>
            {props.choices.map((group) => (
              <optgroup label={group.label}>
                {group.choices.map(({ value, label }) => (
                  <option value={value} selected={value === props.of}>
                    {label}
                  </option>
                ))}
              </optgroup>
            ))}
          </select>
        </div>
        <div class="field">
          <label for="from">{words.from}</label>
          <input
            type="text"
            id="from"
            name="from"
            value={props.from}
            size={17}
            autocomplete="off"
            spellcheck={false}
            title={words.timeHint(props.timeZone)}
          />
        </div>
        <div class="field">
          <label for="to">{words.to}</label>
          <input
            type="text"
            id="to"
            name="to"
            value={props.to}
            size={17}
            autocomplete="off"
            spellcheck={false}
            title={words.timeHint(props.timeZone)}
          />
        </div>
        <div class="field">
          <label for="interval">{words.interval}</label>
          <select id="interval" name="interval">
            {props.intervals.map((name) => (
              <option value={name} selected={name === props.interval}>
                {name === "auto" ? words.auto(props.past.interval) : name}
              </option>
            ))}
          </select>
        </div>
        {props.narrowed.map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <button type="submit">{words.show}</button>
      </form>
      <p class="quiet">
        {words.span(props.span.from, props.span.to, props.past.interval)} · {words.timeHint(props.timeZone)}
      </p>
    </div>
  );
}

function Figures({ total, before }: { total: PastNumbers; before: PastNumbers }) {
  const past = before.attempts > 0;
  const was = (text: string) => (past ? [words.before(text)] : []);
  const { rate, latency } = total;
  return (
    <dl class="figures history-figures">
      <Figure
        label={words.sent}
        value={count(total.sent)}
        rest={[words.perMinute(pace(total.sentPerMinute)), ...was(count(before.sent))]}
      />
      <Figure
        label={words.delivered}
        value={rate ? percent(rate.value, 1) : texts.none}
        unit={rate ? "%" : ""}
        rest={
          rate
            ? [
                `n = ${count(rate.n)}`,
                interval(rate.lower, rate.upper),
                ...was(before.rate ? `${percent(before.rate.value, 1)}%` : texts.none),
              ]
            : [words.noRate]
        }
        title={rate ? texts.rate.basis[rate.basis] : undefined}
      />
      <Figure
        label={words.lost}
        value={count(total.undelivered + total.failed)}
        tone={total.undelivered + total.failed > 0 ? "caution" : undefined}
        rest={[...words.lostRest(total.undelivered, total.failed), ...was(count(before.undelivered + before.failed))]}
      />
      <Figure
        label={words.latency}
        value={latency ? seconds(latency.p90Ms) : texts.none}
        unit={latency ? " s" : ""}
        rest={
          latency
            ? [
                `p50 ${seconds(latency.p50Ms)}`,
                `p99 ${seconds(latency.p99Ms)}`,
                ...was(before.latency ? `${seconds(before.latency.p90Ms)} s` : texts.none),
              ]
            : [texts.board.noLatency]
        }
      />
    </dl>
  );
}

interface FigureProps {
  label: string;
  value: string;
  unit?: string;
  rest: readonly string[];
  tone?: Tone | undefined;
  title?: string | undefined;
}

function Figure({ label, value, unit, rest, tone, title }: FigureProps) {
  return (
    <div class="figure" title={title}>
      <dt>{label}</dt>
      <dd>
        <b class={tone}>
          {value}
          {unit && <small>{unit}</small>}
        </b>
        <span class="quiet">
          <Parts of={rest} />
        </span>
      </dd>
    </div>
  );
}

function Charts({ charts, refresh, zoom }: HistoryProps) {
  return (
    <section class="panel" aria-label={words.charts}>
      <div class="charts wide-charts">
        {HISTORY_CHARTS.map((name) => (
          <Chart
            name={name}
            title={words.chartOf[name].title}
            hint={words.chartOf[name].hint}
            spec={charts[name]}
            refresh={refresh ?? undefined}
            zoom={zoom}
          />
        ))}
      </div>
      <p class="quiet plot-hint">{words.chartsHint}</p>
    </section>
  );
}

function Errors({ errors }: { errors: HistoryProps["errors"] }) {
  return (
    <section class="panel" aria-labelledby="errors-title">
      <h2 id="errors-title">{words.errorsTitle}</h2>
      <table class="dense">
        <thead>
          <tr>
            <th scope="col">{words.columns.code}</th>
            <th scope="col">{words.columns.class}</th>
            <th scope="col" class="number">
              {words.columns.messages}
            </th>
            <th scope="col" class="number">
              {words.columns.share}
            </th>
          </tr>
        </thead>
        <tbody>
          {errors.map((error) => (
            <tr>
              <th scope="row" class="wrap">
                {error.code}
              </th>
              <td>{error.name}</td>
              <td class="number">{count(error.n)}</td>
              <td class="number">{percent(error.share)}%</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Marks({ marks }: { marks: HistoryProps["marks"] }) {
  return (
    <section class="panel history-marks" aria-labelledby="marks-title">
      <h2 id="marks-title">{words.marksTitle}</h2>
      <ul class="plain-list" tabindex={0} aria-label={words.marksList}>
        {marks.map((mark) => (
          <li>
            <time class="quiet" dateTime={new Date(mark.at).toISOString()} title={exact(mark.at)}>
              {mark.time}
            </time>{" "}
            <span class={mark.tone === "stop" ? "stop" : undefined}>{mark.words}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** `350`, `4.2`, `0.03`. */
function pace(perMinute: number): string {
  return perMinute >= 100 ? count(Math.round(perMinute)) : perMinute >= 1 ? perMinute.toFixed(1) : String(Number(perMinute.toPrecision(1)));
}
