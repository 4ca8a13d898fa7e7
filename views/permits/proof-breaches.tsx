/** Of the proof of a country: the times its limit was broken, and by whom. */

import type { Breach } from "../../src/permits/breach.ts";
import { dayAndTime, duration, exact } from "../format.ts";
import { Ago } from "../parts.tsx";
import { texts } from "../texts.ts";
import type { NameOf, ProofProps } from "./proof-props.ts";

const own = texts.proof;

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
