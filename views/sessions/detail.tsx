/** One session, whole: beside the board in the drawer and on its own page. Its parts are replaced as they change. */

import type { RunRecord } from "../../src/fleet/fleet.ts";
import { Diamond } from "../board/line.tsx";
import { count, duration, mebibytes, percent } from "../format.ts";
import { Ago, Parts, RateBar, RateFigure, rateTitle, State, Until, whyAfter } from "../parts.tsx";
import { texts } from "../texts.ts";
import { Levers } from "./levers.tsx";
import type { PermitProps, SessionDetailProps, SessionProps } from "./props.ts";
import { OutputHead } from "./tail.tsx";
import { wishWords } from "./wish.ts";

const words = texts.session;
export const OUTPUT_LINES = 200;

/** In the drawer: a head of its own, and a way to the whole page. */
export function SessionDrawer({
  detail,
  notice,
}: {
  detail: SessionDetailProps;
  notice?: { tone: "go" | "stop"; text: string } | undefined;
}) {
  const { session } = detail;
  return (
    <div class="session" data-topic={`session:${session.name}`} data-session={session.name}>
      <div class="drawer-head">
        <h2>{session.name}</h2>
        <a class="quiet" href={`/sessions/${session.name}`}>
          {words.fullPage}
        </a>
        <button type="button" class="plain" data-close aria-label={texts.close}>
          ✕
        </button>
      </div>
      {notice && (
        <p class={`notice ${notice.tone}`} role={notice.tone === "stop" ? "alert" : "status"}>
          {notice.text}
        </p>
      )}
      <SessionDetail detail={detail} />
    </div>
  );
}

export function SessionDetail({ detail }: { detail: SessionDetailProps }) {
  return (
    <div class="detail">
      <SessionNow detail={detail} />
      <section class="output" aria-labelledby="output-title">
        <OutputHead id={detail.session.id} name={detail.session.name} lines={OUTPUT_LINES} />
        <Output id={detail.session.id} lines={detail.output} />
      </section>
      <Runs id={detail.session.id} runs={detail.runs} now={detail.now} />
    </div>
  );
}

/** The state sentence, the levers and the figures: what changes from second to second. */
export function SessionNow({ detail }: { detail: Pick<SessionDetailProps, "session" | "permits" | "now" | "acts"> }) {
  const { session, now } = detail;
  return (
    <section class="now" id={`${session.id}-now`}>
      <p class="sentence">
        <State lamp={session.lamp} /> <span>{whyAfter(session.lamp, session.why)}</span>
        {session.lamp.state === "duplicate" && (
          <>
            {" "}
            <a href="/strangers">{words.twin}</a>
          </>
        )}
        {session.nextTryAt !== null && (
          <span class="quiet">
            {" "}
            ({words.nextTry} <Until at={session.nextTryAt} now={now} />)
          </span>
        )}
        {session.killAt !== null && (
          <span class="quiet">
            {" "}
            ({words.killIn} <Until at={session.killAt} now={now} />)
          </span>
        )}
      </p>
      {session.runsAs !== null && session.runsAs !== session.name && <p class="quiet">{words.runsAs(session.runsAs)}</p>}
      {session.restartPending && (
        <p class="quiet">
          {words.restartPending} {detail.acts && <RestartLinks session={session} which="pending" />}
        </p>
      )}
      {session.codeChanged !== null && (
        <p class="quiet">
          {words.codeChanged(session.codeChanged)} {detail.acts && <RestartLinks session={session} which="code" />}
        </p>
      )}
      {detail.acts ? <Levers session={session} /> : <p class="quiet">{words.viewerHint}</p>}
      {!session.levers.stop.ready && detail.acts && session.pairs.some((pair) => pair.priority) && (
        <p class="quiet">
          <Diamond /> {session.levers.stop.why}
        </p>
      )}
      <Facts session={session} now={now} />
      <dl class="counts">
        <Counted label={words.tally.sent} n={session.total.sent} />
        <Counted label={words.tally.delivered} n={session.total.delivered} />
        <Counted label={words.tally.failed} n={session.total.failed + session.total.undelivered} />
        <Counted label={words.tally.pending} n={session.total.pending} />
        <div>
          <dt>{words.columns.rate}</dt>
          <dd title={rateTitle(session.rate)}>
            <RateFigure rate={session.rate} tone={session.tone} />
          </dd>
        </div>
      </dl>
      <RateBar rate={session.rate} tone={session.tone} />
      <Permits permits={detail.permits} now={now} />
      {session.lastLines.length > 0 && (
        <>
          <h3>{words.lastLines}</h3>
          <pre class="lines-of-output" tabindex={0}>
            {session.lastLines.join("\n")}
          </pre>
        </>
      )}
    </section>
  );
}

/** To the page that asks first: for this one, or for all of its program that wait for the same. */
function RestartLinks({ session, which }: { session: SessionProps; which: "pending" | "code" }) {
  const of = (query: Record<string, string>) => `/sessions/actions?${new URLSearchParams({ action: "restart", ...query })}`;
  return (
    <>
      <a href={of({ sessions: session.name })}>{words.restartIt}</a> ·{" "}
      <a href={of({ program: session.program, [which]: "on" })}>{words.restartAll(session.program)}</a>
    </>
  );
}

function Facts({ session, now }: { session: SessionProps; now: number }) {
  const lives = session.pid !== null;
  return (
    <dl class="facts">
      <dt>{words.columns.wanted}</dt>
      <dd>
        {words.wanted[session.wanted]} <span class="quiet">{wishWords(session)}</span>
      </dd>
      <dt>{words.program}</dt>
      <dd>
        <a href={`/programs/${session.program}`}>{session.program}</a>
      </dd>
      <dt>{words.pairs}</dt>
      <dd>
        {session.pairs.map((pair, i) => (
          <>
            {i > 0 && ", "}
            {pair.priority && <Diamond />}
            <a href={`/pairs/${pair.id}`}>{pair.id}</a>
          </>
        ))}
      </dd>
      <dt>{words.runningFor}</dt>
      <dd>{lives && session.startedAt !== null ? <Ago at={session.startedAt} now={now} /> : texts.none}</dd>
      <dt>{words.columns.pid}</dt>
      <dd>{session.pid ?? texts.none}</dd>
      <dt>{words.screenPid}</dt>
      <dd>{session.screenPid === null ? texts.none : <code>{words.screenHint(session.screenPid)}</code>}</dd>
      <dt>
        {words.columns.cpu}, {words.columns.memory.toLowerCase()}
      </dt>
      <dd>
        {session.cpu === null ? texts.none : `${percent(session.cpu, 1)}%`},{" "}
        {session.memoryBytes === null ? texts.none : mebibytes(session.memoryBytes)}
      </dd>
      <dt>{words.restarts}</dt>
      <dd>{session.restarts}</dd>
      {session.exit !== null && (
        <>
          <dt>{words.lastExit}</dt>
          <dd>
            {session.exit.words}{" "}
            <span class="quiet">
              <Ago at={session.exit.at} now={now} />
            </span>
          </dd>
        </>
      )}
    </dl>
  );
}

function Permits({ permits, now }: { permits: PermitProps; now: number }) {
  const { granted, refused, waiting, since } = permits;
  const reasons = Object.entries(refused).filter(([, n]) => n > 0);
  return (
    <p class="asked">
      <b>{words.permits.title}</b>{" "}
      <Parts
        of={[
          words.permits.granted(granted),
          ...reasons.map(([reason, n]) => words.permits.refused(n, reason)),
          words.permits.waiting(waiting),
        ]}
      />
      <span class="quiet">
        {words.permits.since} <Ago at={since} now={now} />
      </span>
    </p>
  );
}

function Counted({ label, n }: { label: string; n: number }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{count(n)}</dd>
    </div>
  );
}

/** New lines are appended; app.js keeps the last few hundred and follows the end while the reader is there. */
export function Output({ id, lines }: { id: string; lines: readonly string[] }) {
  return (
    <pre
      class="lines-of-output tail"
      id={`${id}-output`}
      tabindex={0}
      role="log"
      aria-live="off"
      aria-label={words.output}
      data-empty={words.outputEmpty}
    >
      {lines.length > 0 && `${lines.join("\n")}\n`}
    </pre>
  );
}

export function Runs({ id, runs, now }: { id: string; runs: readonly RunRecord[]; now: number }) {
  const columns = words.historyColumns;
  return (
    <section class="runs" id={`${id}-runs`}>
      <h3>{words.history}</h3>
      {runs.length === 0 ? (
        <p class="quiet">{words.historyEmpty}</p>
      ) : (
        <table class="dense">
          <thead>
            <tr>
              <th scope="col">{columns.started}</th>
              <th scope="col">{columns.by}</th>
              <th scope="col" class="number">
                {columns.lasted}
              </th>
              <th scope="col">{columns.exit}</th>
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <tr>
                <td>
                  <Ago at={run.startedAt} now={now} />
                </td>
                <td class="wrap by" title={run.reason ?? undefined}>
                  {run.startedBy}
                </td>
                <td class="number">{duration((run.endedAt ?? now) - run.startedAt)}</td>
                <td class="wrap">
                  {run.endedAt === null ? <span class="go">{words.stillRuns}</span> : (run.exitWords ?? run.outcome ?? texts.none)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
