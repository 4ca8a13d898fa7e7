/** One country: its budget, its last window, its pairs. The same component draws the first paint and every change. */

import { Lamp, RateBar, RateFigure, Segments, Strip, Until } from "../parts.tsx";
import { texts } from "../texts.ts";
import type { BudgetProps, LineProps, PairProps } from "./props.ts";

const words = texts.board;

export function Line({ line }: { line: LineProps }) {
  return (
    <section class="line" id={`line-${line.code}`}>
      <Order line={line} />
      <h3>
        <a href={`/history?country=${line.code}`} title={words.toHistory}>
          <b>{line.code}</b> <span>{line.name}</span>
        </a>
      </h3>
      <Budget code={line.code} budget={line.budget} />
      <ul class="pairs">
        {line.pairs.map((pair) => (
          <Pair pair={pair} />
        ))}
      </ul>
    </section>
  );
}

/** What app.js sorts the lines by. */
export function Order({ line }: { line: Pick<LineProps, "code" | "trouble" | "volume" | "rate"> }) {
  return <data id={`order-${line.code}`} hidden data-trouble={line.trouble} data-volume={line.volume} data-rate={line.rate} />;
}

export function Budget({ code, budget }: { code: string; budget: BudgetProps }) {
  const seconds = budget.windowMs / 1000;
  const said = words.budget(budget.used, budget.limit, seconds);
  const title = budget.broken ? `${said}; ${words.broken}` : budget.waiting > 0 ? `${said}; ${words.waiting(budget.waiting)}` : said;
  return (
    <div class="budget" id={`budget-${code}`} title={title} data-free-at={budget.freeAt ?? undefined}>
      <Segments used={budget.used} limit={budget.limit} />
      <span class={budget.broken ? "used stop" : "used"}>
        {budget.used}/{budget.limit}
        <span class="hush"> {budget.broken ? `${said}; ${words.broken}` : said}</span>
      </span>
      <span class="free">
        {budget.broken ? (
          <a class="stop" href={`/permits/${code}`} aria-label={`${code}: ${words.broken}`}>
            !
          </a>
        ) : (
          budget.freeAt !== null && <Until at={budget.freeAt} now={budget.at} />
        )}
      </span>
      <Strip budget={budget} />
    </div>
  );
}

function Pair({ pair }: { pair: PairProps }) {
  return (
    <li class={pair.active ? "pair" : "pair off"}>
      <Lamps pair={pair} />
      <a class="name" href={`/pairs/${pair.id}`} title={pair.id}>
        {pair.priority && <Diamond />}
        {pair.operatorName}
      </a>
      <Rate pair={pair} />
    </li>
  );
}

export function Lamps({ pair }: { pair: Pick<PairProps, "id" | "lamps"> }) {
  return (
    <span class="lamps" id={`lamps-${pair.id}`}>
      {pair.lamps.map((lamp) => (
        <Lamp lamp={lamp} />
      ))}
      {pair.lamps.length === 0 && (
        <span class="quiet" title={words.noSessionTitle}>
          {texts.none}
        </span>
      )}
    </span>
  );
}

export function Rate({ pair }: { pair: Pick<PairProps, "id" | "rate" | "tone"> }) {
  return (
    <span class="numbers" id={`rate-${pair.id}`}>
      <RateFigure rate={pair.rate} tone={pair.tone} />
      <RateBar rate={pair.rate} tone={pair.tone} />
    </span>
  );
}

export function Diamond() {
  return (
    <span class="diamond" title={words.priority}>
      <i aria-hidden="true">◆</i>
      <span class="hush">{words.priority} </span>
    </span>
  );
}
