/** Until when a stop or a start shall hold: presets, or a time of one's own. */

import { type FormState, SelectField, TextField } from "../fields.tsx";
import { texts } from "../texts.ts";

const words = texts.operation;

export function UntilFields({ form }: { form: FormState }) {
  return (
    <>
      <SelectField
        form={form}
        name="until"
        label={words.until}
        choices={Object.entries(words.untilChoices).map(([value, label]) => ({ value, label }))}
      />
      <TextField form={form} name="until_at" label={words.untilCustom} hint={words.untilCustomHint} />
    </>
  );
}
