/** Of the proof of a country: who holds its slots, and who waits for one. */

import type { Holder } from "../../src/permits/permit.ts";
import { count, duration } from "../format.ts";
import { texts } from "../texts.ts";
import type { NameOf, ProofProps } from "./proof-props.ts";

const words = texts.permit;
const own = texts.proof;

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
