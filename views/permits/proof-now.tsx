/** Of the proof of a country: its window now, and the densest one of the last day. */

import type { Density } from "../../src/permits/replay.ts";
import { count, dayAndTime, exact } from "../format.ts";
import { Segments, Strip, Until, Waiting } from "../parts.tsx";
import { texts } from "../texts.ts";
import type { ProofProps } from "./proof-props.ts";

const words = texts.permit;
const own = texts.proof;

export function Now({ code, budget, proof, nested }: Pick<ProofProps, "code" | "budget" | "proof" | "nested">) {
  const seconds = proof.windowMs / 1000;
  return (
    <section class="panel proof-now" id={`proof-now-${code}`}>
      <h2>{own.now}</h2>
      <p class={budget.used > budget.limit ? "proof-figure stop" : "proof-figure"}>
        <b>
          {budget.used}/{budget.limit}
        </b>{" "}
        <span class="quiet">{own.inWindow(seconds)}</span>
      </p>
      <Segments used={budget.used} limit={budget.limit} />
      <p>
        {budget.freeAt === null ? (
          budget.limit === 0 ? (
            own.noLimitSlot
          ) : (
            words.free(Math.max(0, budget.limit - budget.used))
          )
        ) : (
          <>
            {words.nextFree}{" "}
            <b>
              <Until at={budget.freeAt} now={budget.at} />
            </b>
          </>
        )}{" "}
        · <Waiting many={budget.waiting} />
      </p>
      <Strip budget={budget} />
      <p class="proof-axis quiet">
        <span>{own.axisStart(seconds)}</span>
        <span>{own.axisEnd}</span>
      </p>
      <p class="hush">{words.strip(budget.grantsAt.length, seconds)}</p>
      {nested.length > 0 && (
        <p class="quiet">
          {own.nested}{" "}
          {nested.map(({ gateway, use }, i) => (
            <>
              {i > 0 && " · "}
              <a href="/gateways#limits">{gateway ?? own.house}</a>{" "}
              <b class={use.used >= use.limit ? "caution" : undefined}>
                {count(use.used)}/{count(use.limit)}
              </b>
            </>
          ))}
        </p>
      )}
    </section>
  );
}

/** The promise and its proof of the last day. */
export function Kept({ code, day }: Pick<ProofProps, "code" | "day">) {
  return (
    <section class="panel" id={`proof-kept-${code}`}>
      <h2>{own.lastDay}</h2>
      {day === null ? (
        <p class="quiet">{own.counting}</p>
      ) : day.densest === null ? (
        <p class="quiet">{own.nothing}</p>
      ) : (
        <>
          <p class={day.over > 0 ? "proof-verdict stop" : "proof-verdict go"}>{day.over > 0 ? own.notKept : own.kept}</p>
          <dl class="facts">
            <DensityFacts term={own.densest} of={day.densest} />
            {day.worst !== null && day.worst !== day.densest && <DensityFacts term={own.worst} of={day.worst} />}
          </dl>
          <p class="quiet">{own.densestHint}</p>
        </>
      )}
    </section>
  );
}

function DensityFacts({ term, of }: { term: string; of: Density }) {
  return (
    <>
      <dt>{term}</dt>
      <dd>
        <b class={of.count > of.limit ? "stop" : undefined}>{own.ofLimit(of.count, of.limit, of.windowMs / 1000)}</b>{" "}
        <time dateTime={new Date(of.startAt).toISOString()} title={exact(of.startAt)}>
          {own.from(dayAndTime(of.startAt))}
        </time>
      </dd>
    </>
  );
}
