/** Live numbers of a pair, country, operator, program or all: how well, how much, how fast, how long since, and what went wrong. */

import type { Numbers } from "../../src/results/numbers.ts";
import type { ParetoClass } from "../../src/results/pareto.ts";
import { Pareto } from "../errors/pareto.tsx";
import { count, seconds } from "../format.ts";
import { Ago, rateTitle } from "../parts.tsx";
import { texts } from "../texts.ts";

const words = texts.numbers;

export interface LiveNumbersProps {
  numbers: Numbers;
  groups: readonly ParetoClass[];
  now: number;
}

export function LiveNumbers({ numbers, groups, now }: LiveNumbersProps) {
  const { total, latency, lastSendAt, lastReceiptAt, rate } = numbers;
  return (
    <section class="panel" aria-labelledby="numbers">
      <h2 id="numbers">{words.title}</h2>
      <dl class="facts">
        <dt>{words.rate}</dt>
        <dd>{rateTitle(rate)}</dd>
        <dt>{words.sentLastMinute}</dt>
        <dd>{count(numbers.sentLastMinute)}</dd>
        <dt>{words.total}</dt>
        <dd>{words.of(total)}</dd>
        <dt>{words.latency}</dt>
        <dd>
          {latency === null
            ? words.noLatency
            : words.percentiles(seconds(latency.p50Ms), seconds(latency.p90Ms), seconds(latency.p99Ms), latency.n)}
        </dd>
        <dt>{words.lastSend}</dt>
        <dd>{lastSendAt === null ? texts.never : <Ago at={lastSendAt} now={now} />}</dd>
        <dt>{words.lastReceipt}</dt>
        <dd>{lastReceiptAt === null ? texts.never : <Ago at={lastReceiptAt} now={now} />}</dd>
      </dl>
      <h2>{texts.errors.last15}</h2>
      {groups.length === 0 ? <p class="quiet">{texts.errors.none}</p> : <Pareto groups={groups} />}
    </section>
  );
}
