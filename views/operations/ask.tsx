/** Asks before an action on many sessions: which ones, which not and why, where they are. More than one is confirmed by typing their number. */

import { Diamond } from "../board/line.tsx";
import { FormErrors, SelectField, TextField, TickField, typedIn } from "../fields.tsx";
import { Notice, PageHead } from "../frame.tsx";
import { State, whyAfter } from "../parts.tsx";
import { texts } from "../texts.ts";
import type { AskManyProps, ChosenProps } from "./props.ts";
import { UntilFields } from "./until.tsx";

const words = texts.operation;
/** Of the selection; they travel with the confirmation, so that it means the same sessions. */
export const SELECTING = ["q", "program", "country", "tag", "state", "sessions", "pending", "code"] as const;

/** In the order in which they are offered. */
const CHOICES: readonly AskManyProps["action"][] = ["start", "stop", "restart", "thaw", "give_up"];

export function AskMany(props: AskManyProps) {
  const { touched, refused, unchanged } = props;
  const title = titleOf(props);
  return (
    <div class="asking">
      <PageHead title={title} crumb={{ href: "/sessions", text: texts.session.title }} now={0} live={false} />
      {props.notice && <Notice tone="stop">{props.notice}</Notice>}
      <div class="columns">
        <section class="panel">
          {touched.length === 0 ? <p>{words.nothing}</p> : <Confirmation {...props} />}
          {touched.length > 0 && <Chosen title={words.touched(touched.length)} sessions={touched} open />}
          {refused.length > 0 && <Chosen title={words.refused(refused.length)} sessions={refused} open />}
          {unchanged.length > 0 && <Chosen title={words.unchanged(unchanged.length)} sessions={unchanged} />}
        </section>
        <section class="panel">
          <h2>{words.selection}</h2>
          <Selecting {...props} />
          {props.spread.length > 1 && (
            <>
              <h2>{words.spread}</h2>
              <ul class="plain-list">
                {props.spread.map(({ name, sessions }) => (
                  <li>
                    {name} <span class="quiet">{sessions}</span>
                  </li>
                ))}
              </ul>
            </>
          )}
        </section>
      </div>
    </div>
  );
}

function titleOf({ action, touched, spread }: AskManyProps): string {
  const where = spread.length === 1 ? words.inCountry(spread[0]!.name) : spread.length > 1 ? words.inCountries(spread.length) : "";
  return words.question(words.action[action], touched.length, where);
}

function Confirmation(props: AskManyProps) {
  const { action, form, touched } = props;
  const ways = Object.entries(words.rollingChoices).map(([value, label]) => ({ value: value === "none" ? "" : value, label }));
  return (
    <form method="post" action="/sessions/actions" class="fields">
      <FormErrors form={form} />
      <input type="hidden" name="action" value={action} />
      <input type="hidden" name="expected" value={props.hash} />
      {SELECTING.map((name) => typedIn(form, name) && <input type="hidden" name={name} value={typedIn(form, name)} />)}
      <TextField form={form} name="reason" label={words.reason} hint={words.reasonHint} />
      {(action === "start" || action === "stop") && <UntilFields form={form} />}
      {action === "restart" && (
        <>
          <SelectField form={form} name="rolling" label={words.rolling} hint={words.rollingHint} choices={ways} />
          <TextField form={form} name="settle" label={words.settle} numeric size={4} />
        </>
      )}
      {touched.length > 1 && <TextField form={form} name="typed" label={words.typed(touched.length)} numeric size={6} />}
      <p class="row end">
        <a class="button" href={backOf(props)}>
          {texts.cancel}
        </a>
        <button type="submit" class={action === "stop" || action === "give_up" ? "danger" : "main"}>
          {titleOf(props).replace("?", "")}
        </button>
      </p>
    </form>
  );
}

function Selecting({ action, form, choices }: AskManyProps) {
  const any = { value: "", label: words.any };
  const actions = CHOICES.map((value) => ({ value, label: words.action[value] }));
  return (
    <form method="get" action="/sessions/actions" class="fields">
      <SelectField form={{ values: { action }, errors: {} }} name="action" label={words.actionField} choices={actions} />
      <TextField form={form} name="q" label={words.filterWords} />
      <SelectField form={form} name="program" label={words.program} choices={[any, ...choices.program]} />
      <SelectField form={form} name="country" label={words.country} choices={[any, ...choices.country]} />
      {choices.tag.length > 0 && <SelectField form={form} name="tag" label={words.tag} choices={[any, ...choices.tag]} />}
      <SelectField form={form} name="state" label={words.state} choices={[any, ...choices.state]} />
      {typedIn(form, "sessions") && <TextField form={form} name="sessions" label={words.sessions} />}
      {action === "restart" && (
        <>
          <TickField form={form} name="pending" label={words.pending} />
          <TickField form={form} name="code" label={words.changedCode} />
        </>
      )}
      <button type="submit">{words.look}</button>
    </form>
  );
}

function Chosen({ title, sessions, open = false }: { title: string; sessions: readonly ChosenProps[]; open?: boolean }) {
  return (
    <details open={open}>
      <summary>{title}</summary>
      <ul class="plain-list">
        {sessions.map((session) => (
          <li>
            <State lamp={session.lamp} /> {session.priority && <Diamond />}
            <a href={`/sessions/${session.name}`}>{session.name}</a> <span class="quiet">{whyAfter(session.lamp, session.why)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

function backOf({ form }: AskManyProps): string {
  const q = typedIn(form, "q");
  return q ? `/sessions?q=${encodeURIComponent(q)}` : "/sessions";
}
