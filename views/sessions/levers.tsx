/** Start, stop, restart: a form each. A lever that cannot be pulled says why. What ends traffic is confirmed first, on a page of its own without JavaScript. */

import { Notice } from "../frame.tsx";
import { UntilFields } from "../operations/until.tsx";
import { texts } from "../texts.ts";
import type { Lever, SessionProps } from "./props.ts";

const words = texts.session;

export function Levers({ session, back, small = false }: { session: SessionProps; back?: string; small?: boolean }) {
  const { levers } = session;
  const base = `/sessions/${session.name}`;
  const query = back ? `?back=${encodeURIComponent(back)}` : "";
  // Three fixed places, so that nothing jumps when a state changes; what cannot be done is greyed.
  return (
    <div class={small ? "levers small" : "levers"}>
      {levers.start.ready ? (
        <form method="post" action={`${base}/starts`}>
          {back && <input type="hidden" name="back" value={back} />}
          <button type="submit" class="go">
            {session.retries ? words.tryNow : words.start}
            <span class="hush"> {session.name}</span>
          </button>
        </form>
      ) : (
        <Greyed text={words.start} lever={levers.start} />
      )}
      {levers.stop.ready ? (
        <a class="button danger" href={`${base}/stop${query}`} data-dialog>
          {words.stop}
          <span class="hush"> {session.name}</span>
        </a>
      ) : (
        <Greyed text={words.stop} lever={levers.stop} />
      )}
      {levers.restart.ready ? (
        <a class="button" href={`${base}/restart${query}`} data-dialog>
          {words.restart}
          <span class="hush"> {session.name}</span>
        </a>
      ) : (
        <Greyed text={words.restart} lever={levers.restart} />
      )}
      {!small && session.thaws && <Deed session={session} back={back} noun="thaws" text={words.thaw} />}
      {!small && session.surrenders && <Deed session={session} back={back} noun="surrenders" text={words.giveUp} />}
    </div>
  );
}

/** A lever that is there only while it can be pulled. */
function Deed({ session, back, noun, text }: { session: SessionProps; back: string | undefined; noun: string; text: string }) {
  return (
    <form method="post" action={`/sessions/${session.name}/${noun}`}>
      {back && <input type="hidden" name="back" value={back} />}
      <button type="submit">
        {text}
        <span class="hush"> {session.name}</span>
      </button>
    </form>
  );
}

function Greyed({ text, lever }: { text: string; lever: Lever }) {
  return (
    <button type="button" disabled title={lever.ready ? undefined : lever.why}>
      {text}
    </button>
  );
}

export interface ConfirmProps {
  title: string;
  text: string;
  action: string;
  button: string;
  danger: boolean;
  /** Where "Cancel" and success lead. */
  back: string;
  /** The refusal, when it cannot be done. */
  refused?: string | undefined;
  reason?: boolean;
  /** Asks until when: it turns round by itself then. */
  until?: boolean;
  hidden?: Record<string, string>;
}

/** Asks before it acts, naming what it touches. A page without JavaScript, a dialog with. */
export function Confirm(props: ConfirmProps) {
  return (
    <form class="confirm" method="post" action={props.action}>
      <h2 id="dialog-title">{props.title}</h2>
      {props.refused ? <Notice tone="stop">{props.refused}</Notice> : <p>{props.text}</p>}
      {Object.entries({ ...props.hidden, back: props.back }).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      {props.reason && !props.refused && (
        <div class="field">
          <label for="reason">{words.reason}</label>
          <input type="text" id="reason" name="reason" maxlength={500} autocomplete="off" aria-describedby="reason-hint" />
          <p class="hint" id="reason-hint">
            {words.reasonHint}
          </p>
        </div>
      )}
      {props.until && !props.refused && <UntilFields form={{ values: {}, errors: {} }} />}
      <p class="row end">
        <a class="button" href={props.back} data-close>
          {texts.cancel}
        </a>
        {!props.refused && (
          <button type="submit" class={props.danger ? "danger" : "main"}>
            {props.button}
          </button>
        )}
      </p>
    </form>
  );
}
