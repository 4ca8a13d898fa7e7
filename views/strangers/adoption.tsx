/** Asks what a stranger runs, filled in with what it looks like. A page without JavaScript, a dialog with. */

import { type Choice, FormErrors, type FormState, SelectField, TextField } from "../fields.tsx";
import { Notice } from "../frame.tsx";
import { texts } from "../texts.ts";
import type { StrangerProps } from "./props.ts";

const words = texts.stranger;

export interface AdoptionProps {
  stranger: StrangerProps;
  form: FormState;
  programs: Choice[];
  pairs: Choice[];
}

export function Adoption({ stranger, form, programs, pairs }: AdoptionProps) {
  const refused = stranger.refusal;
  const missing = programs.length === 0 || pairs.length === 0 ? words.nothingToChoose : null;
  return (
    <form class="confirm" method="post" action={`/strangers/${stranger.address}/adoption`}>
      <h2 id="dialog-title">{words.adoptTitle(stranger.name)}</h2>
      {refused || missing ? <Notice tone="stop">{refused ?? missing}</Notice> : <p>{words.adoptText(stranger.pid ?? 0)}</p>}
      {stranger.command && (
        <p class="wrap">
          <code>{stranger.command}</code>
        </p>
      )}
      {!refused && !missing && (
        <>
          <FormErrors form={form} />
          <SelectField form={form} name="program" label={words.program} hint={stranger.readFrom} choices={programs} />
          <SelectField form={form} name="pairs" label={words.pairs} hint={words.pairsHint} choices={pairs} many rows={8} />
          <TextField form={form} name="name" label={words.name} hint={words.nameHint} />
        </>
      )}
      <p class="row end">
        <a class="button" href="/strangers" data-close>
          {texts.cancel}
        </a>
        {!refused && !missing && (
          <button type="submit" class="main">
            {words.adopt}
          </button>
        )}
      </p>
    </form>
  );
}
