/** All sessions in one dense table; on the phone each row is a card. */

import { Diamond } from "../board/line.tsx";
import type { TallyProps } from "../board/props.ts";
import { type Choice, FormErrors, type FormState, SelectField, TextField } from "../fields.tsx";
import { count, mebibytes, percent } from "../format.ts";
import { Notice, PageHead } from "../frame.tsx";
import { ManyPanel } from "../operations/panel.tsx";
import { Ago, Empty, Filter, FirstSteps, RateFigure, State, Tally } from "../parts.tsx";
import { texts } from "../texts.ts";
import { Levers } from "./levers.tsx";
import type { SessionProps } from "./props.ts";
import { wishWords } from "./wish.ts";

const words = texts.session;
const columns = words.columns;

export interface SessionListProps {
  now: number;
  tally: TallyProps[];
  sessions: SessionProps[];
  total: number;
  query: string;
  acts: boolean;
  /** The reader may define programs. */
  defines: boolean;
  notice?: string | undefined;
  form: FormState;
  programs: Choice[];
  pairs: Choice[];
}

export function SessionList(props: SessionListProps) {
  return (
    <>
      <PageHead
        title={words.title}
        tally={<Tally tally={props.tally} />}
        filter={props.total > 0 && <Filter query={props.query} hint={words.filterHint} />}
        now={props.now}
        live
      />
      {props.notice && <Notice tone="go">{props.notice}</Notice>}
      {props.total === 0 ? (
        <Empty title={words.emptyTitle}>
          {props.pairs.length > 0 && props.programs.length > 0 ? (
            <p>{words.empty}</p>
          ) : (
            <FirstSteps programs={props.programs.length} mayAdd={props.acts} mayDefine={props.defines} />
          )}
        </Empty>
      ) : (
        <div class="table">
          <table class="dense wide session-table">
            <thead>
              <tr>
                <th scope="col">{columns.state}</th>
                <th scope="col">{columns.name}</th>
                <th scope="col">{columns.pairs}</th>
                <th scope="col">{columns.wanted}</th>
                <th scope="col" class="number">
                  {columns.uptime}
                </th>
                <th scope="col" class="number">
                  {columns.pid}
                </th>
                <th scope="col" class="number">
                  {columns.cpu}
                </th>
                <th scope="col" class="number">
                  {columns.memory}
                </th>
                <th scope="col" class="number">
                  {columns.restarts}
                </th>
                <th scope="col" class="number">
                  {columns.sent}
                </th>
                <th scope="col" class="number">
                  {columns.delivered}
                </th>
                <th scope="col" class="number">
                  {columns.failed}
                </th>
                <th scope="col" class="number">
                  {columns.rate}
                </th>
                {props.acts && <th scope="col">{columns.actions}</th>}
              </tr>
            </thead>
            <tbody id="sessions" data-sort="trouble" data-filtered>
              {props.sessions.map((session) => (
                <SessionRow session={session} now={props.now} acts={props.acts} />
              ))}
            </tbody>
          </table>
          <p class="no-match" id="no-match" hidden={props.sessions.length > 0}>
            {texts.noMatch} <a href="/sessions">{texts.clearFilter}</a>
          </p>
        </div>
      )}
      {props.acts && props.total > 0 && <ManyPanel query={props.query} />}
      {props.acts && props.pairs.length > 0 && (
        <details class="add" id="add" open={props.total === 0 || Object.keys(props.form.errors).length > 0}>
          <summary>{words.add}</summary>
          <form method="post" action="/sessions" class="fields">
            <p class="hint">{words.addHint}</p>
            <FormErrors form={props.form} />
            <SelectField form={props.form} name="program" label={words.program} choices={props.programs} />
            <SelectField form={props.form} name="pairs" label={words.pairs} hint={words.pairsHint} choices={props.pairs} many rows={8} />
            <TextField form={props.form} name="name" label={words.name} hint={words.nameHint} />
            <button type="submit" class="main">
              {words.add}
            </button>
          </form>
        </details>
      )}
      {props.total > 0 && (
        <p class="quiet">
          {words.byHand} <a href="/strangers">{texts.nav.strangers}</a>
        </p>
      )}
    </>
  );
}

export function SessionRow({ session, now, acts }: { session: SessionProps; now: number; acts: boolean }) {
  const { total } = session;
  return (
    <tr id={`row-${session.id}`} data-trouble={session.trouble} data-name={session.name}>
      <td class="wide-cell" title={session.why}>
        <State lamp={session.lamp} />
      </td>
      <th scope="row" class="wide-cell">
        <a href={`/sessions/${session.name}`} class="opens" title={session.name}>
          {session.name}
        </a>
      </th>
      <td data-label={columns.pairs}>
        {session.pairs.slice(0, 2).map((pair, i) => (
          <>
            {i > 0 && ", "}
            {pair.priority && <Diamond />}
            <a href={`/pairs/${pair.id}`}>{pair.id}</a>
          </>
        ))}
        {session.pairs.length > 2 && ` +${session.pairs.length - 2}`}
      </td>
      <td data-label={columns.wanted} title={wishWords(session)}>
        {words.wanted[session.wanted]}
        {session.wanted === "down" && <span class="quiet"> {wishWords(session)}</span>}
      </td>
      <td data-label={columns.uptime} class="number">
        {session.pid !== null && session.startedAt !== null ? <Ago at={session.startedAt} now={now} /> : texts.none}
      </td>
      <td data-label={columns.pid} class="number">
        {session.pid ?? texts.none}
      </td>
      <td data-label={columns.cpu} class="number">
        {session.cpu === null ? texts.none : `${percent(session.cpu, 1)}%`}
      </td>
      <td data-label={columns.memory} class="number">
        {session.memoryBytes === null ? texts.none : mebibytes(session.memoryBytes)}
      </td>
      <td data-label={columns.restarts} class="number">
        {session.restarts}
      </td>
      <td data-label={columns.sent} class="number">
        {count(total.sent)}
      </td>
      <td data-label={columns.delivered} class="number">
        {count(total.delivered)}
      </td>
      <td data-label={columns.failed} class="number">
        {count(total.failed + total.undelivered)}
      </td>
      <td data-label={columns.rate} class="number">
        <RateFigure rate={session.rate} tone={session.tone} />
      </td>
      {acts && (
        <td class="wide-cell">
          <Levers session={session} back="/sessions" small />
        </td>
      )}
    </tr>
  );
}
