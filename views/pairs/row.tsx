/** One pair of the list: shown, or edited where it stands. */

import type { Pair } from "../../src/pairs/pair.ts";
import { Diamond } from "../board/line.tsx";
import { FormErrors, type FormState, typedIn } from "../fields.tsx";
import { Lamp, RateBar, RateFigure } from "../parts.tsx";
import { texts } from "../texts.ts";
import { ConflictForm } from "./conflict.tsx";
import { PriorityLever } from "./priority.tsx";
import type { ConflictProps, PairRowProps } from "./props.ts";

const words = texts.pair;
const columns = words.columns;
/** Of the table, with the levers. */
const COLUMNS = 11;

export function Row({ row, acts }: { row: PairRowProps; acts: boolean }) {
  const { pair, shown } = row;
  return (
    <tr id={`pair-${pair.id}`}>
      <td class="wide-cell">
        <b>{pair.country}</b> <span class="quiet">{row.countryName}</span>
      </td>
      <th scope="row" class="wide-cell">
        {pair.priority && <Diamond />}
        <a href={`/pairs/${pair.id}`} title={titleOf(pair)}>
          {pair.operatorName}
        </a>{" "}
        <code class="quiet">{pair.id}</code>
      </th>
      <td data-label={columns.sessions}>
        {shown.lamps.length === 0 ? (
          texts.none
        ) : (
          <span class="lamps">
            {shown.lamps.map((lamp) => (
              <Lamp lamp={lamp} />
            ))}
          </span>
        )}
      </td>
      <td data-label={columns.sent} class="number">
        {shown.sentLastMinute}
      </td>
      <td data-label={columns.rate} class="number">
        <RateFigure rate={shown.rate} tone={shown.tone} />
      </td>
      <td class="bar-column">
        <RateBar rate={shown.rate} tone={shown.tone} />
      </td>
      <td data-label={columns.weight} class="number">
        {pair.weight}
      </td>
      <td data-label={columns.limit} class="number">
        {pair.limit ?? texts.none}
      </td>
      <td data-label={columns.active}>{pair.active ? texts.yes : <span class="caution">{texts.no}</span>}</td>
      <td data-label={columns.tags}>{pair.tags.join(", ") || texts.none}</td>
      {acts && (
        <td class="wide-cell">
          <div class="levers small">
            <a
              class="button"
              href={`/pairs/${pair.id}`}
              hx-get={`/pairs/${pair.id}/edits`}
              hx-target={`#pair-${pair.id}`}
              hx-swap="outerHTML"
              data-edits
            >
              {texts.edit}
              <span class="hush"> {pair.id}</span>
            </a>
            <PriorityLever id={pair.id} priority={pair.priority} back="/pairs" short />
          </div>
        </td>
      )}
    </tr>
  );
}

/** What the filter finds it by besides what stands in the row: public/scripts/lines.js reads titles. */
function titleOf({ id, mccmnc, active }: Pair): string {
  return [id, ...mccmnc, active ? words.activeWord : words.inactiveWord].join(" ");
}

/** `base` is what was saved when the editing began: who changed what is told apart by it. */
export function EditRow({
  row,
  form,
  base,
  conflict,
}: {
  row: PairRowProps;
  form: FormState;
  base: Record<string, string>;
  conflict: ConflictProps | null;
}) {
  const { pair } = row;
  const swaps = { "hx-target": `#pair-${pair.id}`, "hx-swap": "outerHTML" };
  return (
    <tr id={`pair-${pair.id}`} class="editing">
      <td colspan={COLUMNS} class="wide-cell">
        {conflict ? (
          <ConflictForm conflict={conflict} swaps={swaps} />
        ) : (
          <form method="post" action={`/pairs/${pair.id}/edits`} hx-post={`/pairs/${pair.id}/edits`} {...swaps} class="row-form">
            <p class="row-form-title">
              {pair.priority && <Diamond />}
              <b>{pair.operatorName}</b> <code class="quiet">{pair.id}</code>
            </p>
            <FormErrors form={form} />
            <input type="hidden" name="inline" value="on" />
            <input type="hidden" name="version" value={pair.version} />
            {Object.entries(base).map(([name, value]) => (
              <input type="hidden" name={`base.${name}`} value={value} />
            ))}
            <div class="row-form-fields">
              <SmallField id={pair.id} form={form} name="weight" label={words.weight} size={6} />
              <SmallField id={pair.id} form={form} name="threshold" label={words.threshold} size={6} />
              <SmallField id={pair.id} form={form} name="limit" label={words.limit} size={6} />
              <SmallField id={pair.id} form={form} name="tags" label={words.tags} size={18} />
              <label class="row-form-tick">
                <input type="checkbox" name="active" checked={typedIn(form, "active") === "on"} /> {columns.active}
              </label>
              <button type="submit" class="main">
                {texts.save}
              </button>
              <a
                class="button"
                href="/pairs"
                hx-get={`/pairs/${pair.id}/row`}
                hx-target={`#pair-${pair.id}`}
                hx-swap="outerHTML"
                data-leaves
              >
                {texts.cancel}
              </a>
            </div>
            {form.errors.active && <p class="error stop">{form.errors.active}</p>}
          </form>
        )}
      </td>
    </tr>
  );
}

function SmallField({ id, form, name, label, size }: { id: string; form: FormState; name: string; label: string; size: number }) {
  const field = `${name}-${id}`;
  const error = form.errors[name];
  return (
    <div class={error ? "field wrong" : "field"}>
      <label for={field}>{label}</label>
      <input
        type="text"
        id={field}
        name={name}
        value={typedIn(form, name)}
        size={size}
        autocomplete="off"
        spellcheck={false}
        aria-invalid={error ? "true" : undefined}
        aria-describedby={error ? `${field}-error` : undefined}
      />
      {error && (
        <p class="error" id={`${field}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}
