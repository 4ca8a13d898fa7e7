/** The proof: for each country what of its budget is used, by whom, when the next slot is free, and what was refused. */

import type { CountryProof } from "../../src/permits/permit.ts";
import type { BudgetProps } from "../board/props.ts";
import type { FormState } from "../fields.tsx";
import { count, duration } from "../format.ts";
import { Notice, PageHead } from "../frame.tsx";
import { Empty, Filter, FirstSteps, Segments, Strip, Until, Waiting } from "../parts.tsx";
import { texts } from "../texts.ts";

const words = texts.permit;

export interface PermitCardProps {
  code: string;
  name: string;
  budget: BudgetProps;
  proof: CountryProof;
  version: number;
}

export interface PermitsProps {
  now: number;
  cards: PermitCardProps[];
  total: number;
  query: string;
  acts: boolean;
  /** How many there are, and whether the reader may define one: for an empty house. */
  programs: number;
  defines: boolean;
  granted: number;
  refused: number;
  notice?: string | undefined;
  /** The form that came back, and of which country. */
  wrong: { code: string; form: FormState } | null;
}

export function PermitsPage(props: PermitsProps) {
  return (
    <>
      <PageHead
        title={words.title}
        tally={<Totals granted={props.granted} refused={props.refused} />}
        filter={props.total > 0 && <Filter query={props.query} hint={words.filterHint} />}
        now={props.now}
        live
      />
      {props.notice && <Notice tone="go">{props.notice}</Notice>}
      {props.wrong && (
        <Notice tone="stop">
          {props.wrong.code}: {Object.values(props.wrong.form.errors).join("; ")}
        </Notice>
      )}
      {props.total === 0 ? (
        <Empty title={words.emptyTitle}>
          <p>{words.empty}</p>
          <FirstSteps programs={props.programs} mayAdd={props.acts} mayDefine={props.defines} />
        </Empty>
      ) : (
        <>
          <p class="quiet">
            {words.hint} <a href="/holds">{texts.hold.title}</a> · <a href="/countries">{texts.country.link}</a> ·{" "}
            <a href="/gateways">{texts.gateways.link}</a>
          </p>
          <div class="proofs" id="permits" data-filtered>
            {props.cards.map((card) => (
              <PermitCard card={card} acts={props.acts} typed={props.wrong?.code === card.code ? props.wrong.form : null} />
            ))}
          </div>
          <p class="no-match" id="no-match" hidden={props.cards.length > 0}>
            {texts.noMatch} <a href="/permits">{texts.clearFilter}</a>
          </p>
        </>
      )}
    </>
  );
}

export function Totals({ granted, refused }: { granted: number; refused: number }) {
  return (
    <span class="quiet" id="permit-totals">
      {words.totals(granted, refused)}
    </span>
  );
}

export function PermitCard({ card, acts, typed }: { card: PermitCardProps; acts: boolean; typed: FormState | null }) {
  const { budget, proof } = card;
  const over = proof.grants.length + proof.uncontrolled > proof.limit && proof.uncontrolled > 0;
  return (
    <section class="proof" id={`proof-${card.code}`}>
      <div class="proof-head">
        <h2>
          <a href={`/permits/${card.code}`}>
            <b>{card.code}</b> {card.name}
          </a>
        </h2>
        <p class="proof-used">
          <b class={budget.used > budget.limit ? "stop" : undefined}>
            {budget.used}/{budget.limit}
          </b>{" "}
          <span class="quiet">{words.used}</span>
        </p>
      </div>
      <Segments used={budget.used} limit={budget.limit} />
      <p class="proof-next">
        {budget.freeAt === null ? (
          words.free(Math.max(0, budget.limit - budget.used))
        ) : (
          <>
            {words.nextFree} <Until at={budget.freeAt} now={budget.at} />
          </>
        )}{" "}
        · <Waiting many={budget.waiting} />
      </p>
      <Strip budget={budget} />
      <p class="hush">{words.strip(budget.grantsAt.length, budget.windowMs / 1000)}</p>
      {over && <p class="stop">{words.over(proof.grants.length + proof.uncontrolled, proof.limit)}</p>}
      <p class="quiet">
        {words.refused}:{" "}
        {Object.entries(proof.refused)
          .filter(([, n]) => n > 0)
          .map(([reason, n]) => `${words.reasons[reason] ?? reason} ${count(n)}`)
          .join(" · ") || words.noRefusals}
        {proof.uncontrolled > 0 && (
          <>
            {" · "}
            <span class="caution" title={words.uncontrolledTitle}>
              {words.uncontrolled} {proof.uncontrolled}
            </span>
          </>
        )}
      </p>
      <details>
        <summary>{words.grants}</summary>
        {proof.grants.length === 0 ? (
          <p class="quiet">{words.noGrants}</p>
        ) : (
          <ol class="grants">
            {proof.grants.map((grant) => (
              <li title={grant.permitId}>
                <span>{grant.pair}</span> <time data-since={Math.round(budget.at - grant.ageMs)}>{duration(grant.ageMs)}</time>{" "}
                <span class={grant.reported ? "go" : "quiet"}>{grant.reported ? words.reported : words.open}</span>
              </li>
            ))}
          </ol>
        )}
      </details>
      {acts && (
        <details open={typed !== null}>
          <summary>{words.change}</summary>
          <form method="post" action={`/permits/${card.code}/limits`} class="inline-form">
            <input type="hidden" name="version" value={card.version} />
            <LimitField code={card.code} name="limit" label={words.limit} typed={typed} value={proof.limit} />
            <LimitField code={card.code} name="window_seconds" label={words.window} typed={typed} value={proof.windowMs / 1000} />
            <button type="submit">
              {texts.save}
              <span class="hush"> {card.code}</span>
            </button>
          </form>
        </details>
      )}
    </section>
  );
}

function LimitField(props: { code: string; name: "limit" | "window_seconds"; label: string; typed: FormState | null; value: number }) {
  const id = `${props.name}-${props.code}`;
  const error = props.typed?.errors[props.name];
  const typed = props.typed?.values[props.name];
  return (
    <div class={error ? "field wrong" : "field"}>
      <label for={id}>{props.label}</label>
      <input
        type="text"
        inputmode="numeric"
        id={id}
        name={props.name}
        size={6}
        value={typeof typed === "string" ? typed : String(props.value)}
        aria-invalid={error ? "true" : undefined}
        aria-describedby={error ? `${id}-error` : undefined}
      />
      {error && (
        <p class="error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}
