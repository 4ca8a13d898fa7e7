/** What can be done with a session's record: rename it, release it, delete it. At the foot of its page. */

import { FormErrors, type FormState, TextField } from "../fields.tsx";
import { texts } from "../texts.ts";
import type { SessionProps } from "./props.ts";

const words = texts.session;

export function RecordLevers({ session }: { session: SessionProps }) {
  const base = `/sessions/${session.name}`;
  return (
    <p class="row">
      <a class="button" href={`${base}/name`} data-dialog>
        {words.rename}
      </a>
      {session.adopted && (
        <a class="button" href={`${base}/release`} data-dialog>
          {words.release}
        </a>
      )}
      {session.levers.retire.ready && (
        <a class="button danger" href={`${base}/retirement`} data-dialog>
          {words.retire}
        </a>
      )}
    </p>
  );
}

export function Rename({ name, form }: { name: string; form: FormState }) {
  return (
    <form class="confirm" method="post" action={`/sessions/${name}/name`}>
      <h2 id="dialog-title">{words.renameTitle(name)}</h2>
      <FormErrors form={form} />
      <p>{words.renameText}</p>
      <TextField form={form} name="name" label={words.name} />
      <p class="row end">
        <a class="button" href={`/sessions/${name}`} data-close>
          {texts.cancel}
        </a>
        <button type="submit" class="main">
          {words.rename}
        </button>
      </p>
    </form>
  );
}
