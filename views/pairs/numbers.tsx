/** The live numbers of a pair: how much, how fast, how long since, and what went wrong. */

import type { Numbers } from "../../src/results/numbers.ts";
import type { ParetoClass } from "../../src/results/pareto.ts";
import { Pareto } from "../errors/pareto.tsx";
import { count, seconds } from "../format.ts";
import { Ago } from "../parts.tsx";
import { texts } from "../texts.ts";

const words = texts.pair.numbers;

export function PairNumbers({ numbers, groups, now }: { numbers: Numbers; groups: readonly ParetoClass[]; now: number }) {
  const { total, latency, lastSendAt, lastReceiptAt } = numbers;
  return (
    <section class="panel" aria-labelledby="numbers">
      <h2 id="numbers">{words.title}</h2>
      <dl class="facts">
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
