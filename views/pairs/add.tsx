/** The form that adds a pair; known operators of the country are suggested while one types. */

import { type Choice, FormErrors, type FormState, TextField, TicksField } from "../fields.tsx";
import { texts } from "../texts.ts";

const words = texts.pair;

export function AddPair({ form, programs, open }: { form: FormState; programs: Choice[]; open: boolean }) {
  return (
    <details class="add" id="add" open={open || Object.keys(form.errors).length > 0}>
      <summary>{words.add}</summary>
      <form method="post" action="/pairs" class="fields">
        <FormErrors form={form} />
        <TextField form={form} name="country" label={words.country} hint={words.countryHint} size={4} required upper />
        <TextField form={form} name="operator" label={words.operator} hint={words.operatorHint} required />
        <TextField form={form} name="operator_name" label={words.operatorName} hint={words.operatorNameHint} list="known-operators" />
        <TextField form={form} name="mccmnc" label={words.mccmnc} hint={words.mccmncHint} list="known-networks" />
        <Suggestions operators={[]} />
        <TextField form={form} name="tags" label={words.tags} hint={words.tagsHint} />
        <TicksField
          form={form}
          name="programs"
          label={words.programs}
          hint={words.programsHint}
          choices={programs}
          none={words.noPrograms}
        />
        <button type="submit" class="main">
          {words.add}
        </button>
      </form>
    </details>
  );
}

export interface SuggestedOperator {
  name: string;
  mccmnc: string[];
  operational: boolean;
  status: string;
}

/** Fetched when a country was typed: the list of the world's networks is read for nobody who only looks at the page. */
export function Suggestions({ operators }: { operators: readonly SuggestedOperator[] }) {
  return (
    <div
      id="suggestions"
      hx-get="/pairs/operators"
      hx-trigger="change from:#country"
      hx-include="#country"
      hx-target="this"
      hx-swap="outerHTML"
      hidden
    >
      <datalist id="known-operators">
        {operators.map(({ name, mccmnc, operational, status }) => (
          <option value={name}>{[mccmnc.join(" "), operational ? "" : status.toLowerCase()].filter(Boolean).join(", ")}</option>
        ))}
      </datalist>
      <datalist id="known-networks">
        {operators.map(({ name, mccmnc, operational, status }) => (
          <option value={mccmnc.join(" ")}>{operational ? name : `${name}, ${status.toLowerCase()}`}</option>
        ))}
      </datalist>
    </div>
  );
}
