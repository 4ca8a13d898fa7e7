/** Fields of a form: a label, what is wrong beside it, a hint; what was typed stays. */

import type { Child } from "hono/jsx";
import { texts } from "./texts.ts";

export interface FormState {
  /** As typed, by field; several for checkboxes and lists. */
  values: Record<string, string | string[]>;
  /** What is wrong, by field; `""`: with the whole. */
  errors: Record<string, string>;
}

interface FieldProps {
  form: FormState;
  name: string;
  label: string;
  hint?: string;
}

export function typedIn(form: FormState, name: string): string {
  const value = form.values[name];
  return typeof value === "string" ? value : "";
}

export function valuesOf(form: FormState, name: string): string[] {
  const value = form.values[name];
  return value === undefined ? [] : typeof value === "string" ? [value] : value;
}

/** The sentence about the whole form, above it. */
export function FormErrors({ form }: { form: FormState }) {
  const whole = form.errors[""];
  const any = Object.keys(form.errors).length > 0;
  if (!any) return null;
  return (
    <p class="notice stop" role="alert">
      {whole ?? texts.form.failed}
    </p>
  );
}

function describedBy(props: FieldProps): string | undefined {
  const ids = [props.form.errors[props.name] ? `${props.name}-error` : "", props.hint ? `${props.name}-hint` : ""].filter(Boolean);
  return ids.length > 0 ? ids.join(" ") : undefined;
}

function Around({ props, children }: { props: FieldProps; children: Child }) {
  const error = props.form.errors[props.name];
  return (
    <div class={error ? "field wrong" : "field"}>
      <label for={props.name}>{props.label}</label>
      {children}
      {error && (
        <p class="error" id={`${props.name}-error`}>
          {error}
        </p>
      )}
      {props.hint && (
        <p class="hint" id={`${props.name}-hint`}>
          {props.hint}
        </p>
      )}
    </div>
  );
}

export function TextField(
  props: FieldProps & { required?: boolean; numeric?: boolean; size?: number; readonly?: boolean; list?: string; upper?: boolean },
) {
  return (
    <Around props={props}>
      <input
        type="text"
        id={props.name}
        name={props.name}
        value={typedIn(props.form, props.name)}
        inputmode={props.numeric ? "decimal" : undefined}
        required={props.required}
        readonly={props.readonly}
        size={props.size}
        list={props.list}
        autocomplete="off"
        autocapitalize={props.upper ? "characters" : "none"}
        spellcheck={false}
        aria-invalid={props.form.errors[props.name] ? "true" : undefined}
        aria-describedby={describedBy(props)}
      />
    </Around>
  );
}

/** Never shows what is kept or was typed. */
export function SecretField(props: FieldProps) {
  return (
    <Around props={props}>
      <input
        type="password"
        id={props.name}
        name={props.name}
        autocomplete="new-password"
        aria-invalid={props.form.errors[props.name] ? "true" : undefined}
        aria-describedby={describedBy(props)}
      />
    </Around>
  );
}

export function AreaField(props: FieldProps & { rows: number; required?: boolean }) {
  return (
    <Around props={props}>
      <textarea
        id={props.name}
        name={props.name}
        rows={props.rows}
        required={props.required}
        spellcheck={false}
        autocomplete="off"
        aria-invalid={props.form.errors[props.name] ? "true" : undefined}
        aria-describedby={describedBy(props)}
      >
        {typedIn(props.form, props.name)}
      </textarea>
    </Around>
  );
}

export interface Choice {
  value: string;
  label: string;
}

export function SelectField(props: FieldProps & { choices: readonly Choice[]; many?: boolean; rows?: number }) {
  const chosen = valuesOf(props.form, props.name);
  return (
    <Around props={props}>
      <select
        id={props.name}
        name={props.name}
        multiple={props.many}
        size={props.rows}
        aria-invalid={props.form.errors[props.name] ? "true" : undefined}
        aria-describedby={describedBy(props)}
      >
        {props.choices.map((choice) => (
          <option value={choice.value} selected={chosen.includes(choice.value)}>
            {choice.label}
          </option>
        ))}
      </select>
    </Around>
  );
}

/** One tick; sent as `on` or not at all. */
export function TickField(props: FieldProps) {
  const error = props.form.errors[props.name];
  return (
    <div class={error ? "field tick wrong" : "field tick"}>
      <label>
        <input
          type="checkbox"
          name={props.name}
          checked={typedIn(props.form, props.name) === "on"}
          aria-describedby={error ? `${props.name}-error` : undefined}
        />{" "}
        {props.label}
      </label>
      {error && (
        <p class="error" id={`${props.name}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

export function TicksField(props: FieldProps & { choices: readonly Choice[]; none: string }) {
  const chosen = valuesOf(props.form, props.name);
  const error = props.form.errors[props.name];
  return (
    <fieldset class={error ? "field ticks wrong" : "field ticks"} aria-describedby={describedBy(props)}>
      <legend>{props.label}</legend>
      <div class="row">
        {props.choices.length === 0 && <span class="quiet">{props.none}</span>}
        {props.choices.map((choice) => (
          <label>
            <input type="checkbox" name={props.name} value={choice.value} checked={chosen.includes(choice.value)} /> {choice.label}
          </label>
        ))}
      </div>
      {error && (
        <p class="error" id={`${props.name}-error`}>
          {error}
        </p>
      )}
      {props.hint && (
        <p class="hint" id={`${props.name}-hint`}>
          {props.hint}
        </p>
      )}
    </fieldset>
  );
}
