/** The board: five numbers, what is always on, and one line per country. */

import type { Tone } from "../../src/fleet/states.ts";
import type { Rate } from "../../src/results/numbers.ts";
import { count, duration, interval, percent, seconds } from "../format.ts";
import { PageHead } from "../frame.tsx";
import { Empty, Filter, FirstSteps, Lamp, Parts, RateBar, RateFigure, rateTitle, Sign, Tally } from "../parts.tsx";
import { texts } from "../texts.ts";
import { Line } from "./line.tsx";
import type { BoardProps, FiguresProps, LampProps, PairProps, Sort } from "./props.ts";

const words = texts.board;
const SORTS: readonly Sort[] = ["trouble", "country", "volume", "rate"];
const NAMED_PROBLEMS = 3;
const NAMED_ERRORS = 2;

export function Board({ board, mayEdit, mayDefine }: { board: BoardProps; mayEdit: boolean; mayDefine: boolean }) {
  const { totals } = board;
  return (
    <>
      <PageHead
        title={words.title}
        tally={<Tally tally={board.tally} />}
        filter={
          totals.pairs > 0 && (
            <Filter query={board.query} hint={words.filterHint} keep={board.sort === "trouble" ? {} : { sort: board.sort }} />
          )
        }
        now={board.now}
        live
      />
      {totals.pairs === 0 ? (
        <Empty title={words.emptyTitle}>
          <FirstSteps programs={totals.programs} mayAdd={mayEdit} mayDefine={mayDefine} />
        </Empty>
      ) : (
        <>
          <Figures figures={board.figures} />
          <section class="always" aria-labelledby="always-title">
            <h2 id="always-title">
              {words.alwaysOn} <small>{words.alwaysOnHint}</small>
            </h2>
            <AlwaysOn pairs={board.always} />
          </section>
          <h2 id="lines-title" class="lines-title">
            {words.lines} <small>{words.linesHint(totals.pairs, totals.countries, totals.sessions)}</small>
            <SortLinks sort={board.sort} query={board.query} />
          </h2>
          <div class="lines" id="lines" data-sort={board.sort} data-filtered>
            {board.lines.map((line) => (
              <Line line={line} />
            ))}
          </div>
          <p class="no-match" id="no-match" hidden={board.lines.length > 0}>
            {texts.noMatch} <a href="/">{texts.clearFilter}</a>
          </p>
        </>
      )}
    </>
  );
}

function SortLinks({ sort, query }: { sort: Sort; query: string }) {
  const href = (to: Sort) => `/?${new URLSearchParams({ ...(query ? { q: query } : {}), sort: to })}`;
  return (
    <small class="sorts">
      {words.sortedBy}{" "}
      {SORTS.map((to) => (
        <>
          <a href={href(to)} aria-current={to === sort ? "true" : undefined}>
            {words.sorts[to]}
          </a>{" "}
        </>
      ))}
    </small>
  );
}

export function AlwaysOn({ pairs }: { pairs: readonly PairProps[] }) {
  return (
    <ul class="cards" id="always-on" data-filtered>
      {pairs.map((pair) => (
        <li class="card">
          <p class="card-head">
            <span class="lamps">
              {pair.lamps.map((lamp) => (
                <Lamp lamp={lamp} />
              ))}
            </span>
            <a class="name" href={`/pairs/${pair.id}`} title={pair.id}>
              <b>{pair.country}</b> {pair.operatorName}
            </a>
          </p>
          <p class="card-rate" title={rateTitle(pair.rate)}>
            <RateFigure rate={pair.rate} tone={pair.tone} /> <span class="quiet">{besideRate(pair.rate)}</span>
          </p>
          <RateBar rate={pair.rate} tone={pair.tone} />
          <p class="card-foot quiet">
            <Parts of={[words.lastMinute(pair.sentLastMinute), ...(pair.p90Ms === null ? [] : [words.p90(seconds(pair.p90Ms))])]} />
          </p>
        </li>
      ))}
    </ul>
  );
}

function besideRate(rate: Rate): string {
  if (rate.kind === "rate") return texts.rate.of(rate.n);
  return rate.n === 0 ? texts.rate.empty : texts.rate.few;
}

export function Figures({ figures }: { figures: FiguresProps }) {
  const { rate, latency, problems } = figures;
  return (
    <dl class="figures" id="figures">
      <Figure label={words.sentLastMinute} value={count(figures.sentLastMinute)} rest={[words.ofPermits(figures.possible)]} />
      {rate.kind === "rate" ? (
        <Figure
          label={words.delivered(duration(rate.windowMs))}
          value={percent(rate.value, 1)}
          unit="%"
          tone={figures.rateTone}
          rest={[`n = ${count(rate.n)}`, interval(rate.lower, rate.upper)]}
          title={rateTitle(rate)}
        />
      ) : (
        <Figure
          label={words.delivered("15 min")}
          value={texts.none}
          rest={rate.n === 0 ? [texts.rate.empty] : [texts.rate.n(rate.n), texts.rate.few]}
          title={rateTitle(rate)}
          tone="quiet"
        />
      )}
      <Figure
        label={words.failed}
        value={count(figures.failed)}
        tone={figures.failed > 0 ? "caution" : undefined}
        rest={
          figures.errors.length === 0
            ? [words.noFailures]
            : figures.errors.slice(0, NAMED_ERRORS).map((error) => `${error.name.replaceAll("_", " ")} ${percent(error.share)}%`)
        }
      />
      {latency ? (
        <Figure
          label={words.latency}
          value={seconds(latency.p90Ms)}
          unit=" s"
          rest={words.latencyRest(seconds(latency.p50Ms), seconds(latency.p99Ms), latency.n)}
        />
      ) : (
        <Figure label={words.latency} value={texts.none} rest={[words.noLatency]} tone="quiet" />
      )}
      <Problems problems={problems} />
    </dl>
  );
}

/** The number stands like the others; the worst of them have the room beside it. */
function Problems({ problems }: { problems: readonly LampProps[] }) {
  const rest = problems.length - NAMED_PROBLEMS;
  return (
    <div class={problems.length > 0 ? "figure problems named" : "figure problems"}>
      <dt>{words.problems}</dt>
      <dd>
        <b class={problems.length > 0 ? "stop" : "go"}>{count(problems.length)}</b>
        <span class="quiet">{problems.length === 0 ? words.noProblems : rest > 0 ? words.andMore(rest) : ""}</span>
        <ul>
          {problems.slice(0, NAMED_PROBLEMS).map((lamp) => (
            <li>
              <Sign state={lamp.state} tone={lamp.tone} />
              <a href={`/sessions/${lamp.session}`} class="opens">
                {lamp.session}
              </a>{" "}
              <span class={`word ${lamp.tone}`}>{lamp.word}</span>
            </li>
          ))}
        </ul>
      </dd>
    </div>
  );
}

function Figure(props: { label: string; value: string; unit?: string; rest: readonly string[]; tone?: Tone | undefined; title?: string }) {
  return (
    <div class="figure" title={props.title ?? props.rest.join(" · ")}>
      <dt>{props.label}</dt>
      <dd>
        <b class={props.tone}>
          {props.value}
          {props.unit && <small>{props.unit}</small>}
        </b>
        <span class="quiet">
          <Parts of={props.rest} />
        </span>
      </dd>
    </div>
  );
}
