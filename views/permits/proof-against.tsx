/** Of the proof of a country: what became of the permits that were granted, and what was refused. */

import { count } from "../format.ts";
import { texts } from "../texts.ts";
import type { ProofProps } from "./proof-props.ts";
import { stateOf } from "./proof-slots.tsx";

const words = texts.permit;
const own = texts.proof;

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
