/** The proof of one country: what its window holds and who holds it, who waits, what became of the permits, and whether the limit was ever broken. */

import type { Breach } from "../../src/permits/breach.ts";
import type { SharedUse } from "../../src/permits/limiter.ts";
import type { CountryProof, Holder, Waiting } from "../../src/permits/permit.ts";
import type { Density, Verdict } from "../../src/permits/replay.ts";
import type { BudgetProps } from "../board/props.ts";
import { count, dayAndTime, duration, exact } from "../format.ts";
import { PageHead } from "../frame.tsx";
import { Ago, Segments, Strip, Until } from "../parts.tsx";
import { texts } from "../texts.ts";

const words = texts.permit;
const own = texts.proof;

/** A link and a word for a session by its id; null: nobody we know. */
export type NameOf = (session: string) => string | null;

export interface Nested {
  gateway: string | null;
  use: SharedUse;
}

export interface ProofProps {
  now: number;
  code: string;
  name: string;
  budget: BudgetProps;
  proof: CountryProof;
  /** Limits that span countries and that its pairs must keep to as well; the house's has no id. */
  nested: Nested[];
  waiters: Waiting[];
  /** Null: it is being counted. */
  day: Verdict | null;
  breaches: Breach[];
  nameOf: NameOf;
}

export function ProofPage(props: ProofProps) {
  const { code, name } = props;
  return (
    <>
      <PageHead title={`${code} ${name}`} crumb={{ href: "/permits", text: words.title }} now={props.now} live />
      <Broken {...props} />
      <div class="columns proof-page">
        <Now {...props} />
        <Kept {...props} />
        <Against {...props} />
        <Holders {...props} />
        <div class="proof-side">
          <Waiters {...props} />
          <Breaches {...props} />
        </div>
      </div>
      <section class="panel proof-ledger">
        <h2>{own.ledger}</h2>
        <p class="quiet">{own.ledgerHint}</p>
        <LedgerForm code={code} />
        <p class="quiet">
          {own.verify} <code>signalbox permits verify --country {code}</code>
        </p>
      </section>
    </>
  );
}

/** Stands while the limit is broken, and takes no room otherwise. */
export function Broken({ code, breaches, now, nameOf }: Pick<ProofProps, "code" | "breaches" | "now" | "nameOf">) {
  const lasting = breaches.find((breach) => breach.endedAt === null);
  return (
    <div id={`proof-broken-${code}`}>
      {lasting && (
        <p class="notice stop" role="alert">
          <b>{own.broken(lasting.most, lasting.limit, lasting.windowMs / 1000)}</b> {own.brokenBy}{" "}
          <Culprits breach={lasting} nameOf={nameOf} />{" "}
          <span class="quiet">
            <Ago at={lasting.beganAt} now={now} /> {own.ago}
          </span>
        </p>
      )}
    </div>
  );
}

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
        ·{" "}
        <span class={budget.waiting > 0 ? "caution" : "quiet"}>
          {budget.waiting > 0 ? words.waiting(budget.waiting) : words.nobodyWaits}
        </span>
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

export function Holders({ code, budget, proof, nameOf }: Pick<ProofProps, "code" | "budget" | "proof" | "nameOf">) {
  return (
    <section class="panel proof-holders" id={`proof-holders-${code}`}>
      <h2>{words.grants}</h2>
      {proof.grants.length === 0 ? (
        <p class="quiet">{words.noGrants}</p>
      ) : (
        <section class="table" tabindex={0} aria-label={words.grants}>
          <table class="dense">
            <thead>
              <tr>
                <th scope="col">{own.columns.pair}</th>
                <th scope="col" class="proof-program">
                  {own.columns.program}
                </th>
                <th scope="col">{own.columns.session}</th>
                <th scope="col" class="number">
                  {own.columns.age}
                </th>
                <th scope="col">{own.columns.result}</th>
              </tr>
            </thead>
            <tbody>
              {proof.grants.slice(-MOST_ROWS).map((holder) => (
                <HolderRow holder={holder} at={budget.at} nameOf={nameOf} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {proof.grants.length > MOST_ROWS && <p class="quiet">{own.more(proof.grants.length - MOST_ROWS)}</p>}
      {proof.uncontrolled > 0 && (
        <p class="caution" title={words.uncontrolledTitle}>
          {own.andUncontrolled(proof.uncontrolled)}
        </p>
      )}
    </section>
  );
}

/** A limit of thousands is no table to read. */
const MOST_ROWS = 60;

function HolderRow({ holder, at, nameOf }: { holder: Holder; at: number; nameOf: NameOf }) {
  const { state, tone } = stateOf(holder);
  return (
    <tr title={holder.permitId}>
      <th scope="row">
        <a href={`/pairs/${holder.pair}`}>{holder.pair}</a>
      </th>
      <td class="proof-program">{holder.program}</td>
      <td>
        <SessionLink id={holder.session} nameOf={nameOf} />
      </td>
      <td class="number">
        <time data-since={Math.round(at - holder.ageMs)}>{duration(holder.ageMs)}</time>
      </td>
      <td class={tone} title={own.stateTitles[state]}>
        {own.states[state]}
      </td>
    </tr>
  );
}

export function stateOf({ reported, open, abandoned }: Holder): { state: "reported" | "abandoned" | "open" | "silent"; tone: string } {
  if (reported) return { state: "reported", tone: "go" };
  if (abandoned) return { state: "abandoned", tone: "caution" };
  return open ? { state: "open", tone: "quiet" } : { state: "silent", tone: "caution" };
}

function SessionLink({ id, nameOf }: { id: string | null; nameOf: NameOf }) {
  const name = id === null ? null : nameOf(id);
  return name === null ? <span class="quiet">{id ?? texts.none}</span> : <a href={`/sessions/${name}`}>{name}</a>;
}

export function Waiters({ code, waiters, budget }: Pick<ProofProps, "code" | "waiters" | "budget">) {
  return (
    <section class="panel" id={`proof-waiters-${code}`}>
      <h2>{own.waiters}</h2>
      {waiters.length === 0 ? (
        <p class="quiet">{own.nobody}</p>
      ) : (
        <section class="table" tabindex={0} aria-label={own.waiters}>
          <table class="dense">
            <thead>
              <tr>
                <th scope="col">{own.columns.pair}</th>
                <th scope="col" class="number">
                  {own.columns.waiting}
                </th>
                <th scope="col" class="number">
                  {own.columns.longest}
                </th>
              </tr>
            </thead>
            <tbody>
              {waiters.slice(0, MOST_ROWS).map(({ pair, n, forMs }) => (
                <tr>
                  <th scope="row">
                    <a href={`/pairs/${pair}`}>{pair}</a>
                  </th>
                  <td class="number">{count(n)}</td>
                  <td class="number">
                    <time data-since={Math.round(budget.at - forMs)}>{duration(forMs)}</time>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </section>
  );
}

/** Grants against results: the window and the last day side by side, and what was refused. */
export function Against({ code, proof, day }: Pick<ProofProps, "code" | "proof" | "day">) {
  const states = proof.grants.map((holder) => stateOf(holder).state);
  const inWindow = (state: string) => states.filter((one) => one === state).length;
  const rows: [label: string, inWindow: number, inDay: number | null, tone?: string][] = [
    [own.granted, proof.grants.length, day?.grants ?? null],
    [own.reported, inWindow("reported"), day?.reported ?? null],
    [own.unreported, inWindow("open") + inWindow("silent"), day && day.grants - day.reported - day.abandoned],
    [own.abandoned, inWindow("abandoned"), day?.abandoned ?? null],
    [words.uncontrolled, proof.uncontrolled, day?.uncontrolled ?? null, "caution"],
  ];
  const reasons = Object.entries(day?.uncontrolledBy ?? {}).sort(([, a], [, b]) => b - a);
  const refused = Object.entries(proof.refused).filter(([, n]) => n > 0);
  return (
    <section class="panel" id={`proof-against-${code}`}>
      <h2>{own.against}</h2>
      <table class="dense">
        <thead>
          <tr>
            <td />
            <th scope="col" class="number">
              {own.columns.window(proof.windowMs / 1000)}
            </th>
            <th scope="col" class="number">
              {own.columns.day}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([label, now, then, tone]) => (
            <tr>
              <th scope="row">{label}</th>
              <td class={tone && now > 0 ? `number ${tone}` : "number"}>{count(now)}</td>
              <td class={tone && then ? `number ${tone}` : "number"}>{then === null ? "…" : count(then)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {reasons.length > 0 && (
        <p class="quiet">
          {own.because} {reasons.map(([reason, n]) => `${own.reasons[reason] ?? reason} ${count(n)}`).join(" · ")}
        </p>
      )}
      <h2>{own.refusedSince}</h2>
      {refused.length === 0 ? (
        <p class="quiet">{words.noRefusals}</p>
      ) : (
        <dl class="facts">
          {refused.map(([reason, n]) => (
            <>
              <dt>{words.reasons[reason] ?? reason}</dt>
              <dd>{count(n)}</dd>
            </>
          ))}
        </dl>
      )}
    </section>
  );
}

export function Breaches({ code, breaches, nameOf }: Pick<ProofProps, "code" | "breaches" | "nameOf">) {
  return (
    <section class="panel" id={`proof-breaches-${code}`}>
      <h2>{own.breaches}</h2>
      {breaches.length === 0 ? (
        <p class="quiet">{own.noBreaches}</p>
      ) : (
        <ol class="breaches">
          {breaches.map((breach) => (
            <li>
              <p>
                <time dateTime={new Date(breach.beganAt).toISOString()} title={exact(breach.beganAt)}>
                  {dayAndTime(breach.beganAt)}
                </time>{" "}
                <b class="stop">{own.ofLimit(breach.most, breach.limit, breach.windowMs / 1000)}</b>{" "}
                <span class={breach.endedAt === null ? "stop" : "quiet"}>
                  {breach.endedAt === null ? own.lasts : own.lasted(duration(breach.endedAt - breach.beganAt))}
                </span>
              </p>
              <p class="quiet">
                <Culprits breach={breach} nameOf={nameOf} />
              </p>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function Culprits({ breach, nameOf }: { breach: Breach; nameOf: NameOf }) {
  return (
    <>
      {breach.by.map(({ pair, program, session, reason, n }, i) => {
        const name = session === null ? null : nameOf(session);
        return (
          <>
            {i > 0 && "; "}
            {name === null ? program : <a href={`/sessions/${name}`}>{name}</a>} {own.sent(n, pair, own.reasons[reason] ?? reason)}
          </>
        );
      })}
    </>
  );
}

function LedgerForm({ code }: { code: string }) {
  return (
    <form method="get" action={`/api/permits/${code}/ledger`} class="inline-form">
      <div class="field">
        <label for="ledger-from">{own.fromDay}</label>
        <input type="datetime-local" id="ledger-from" name="from" step="1" />
      </div>
      <div class="field">
        <label for="ledger-to">{own.toDay}</label>
        <input type="datetime-local" id="ledger-to" name="to" step="1" />
      </div>
      <button type="submit" name="format" value="csv">
        {own.csv}
      </button>
      <button type="submit" name="format" value="ndjson">
        {own.ndjson}
      </button>
    </form>
  );
}
