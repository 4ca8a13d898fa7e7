/** The limits that span countries: each gateway's and the house's, what is used of them now, and which pairs go through each. */

import type { Gateway } from "../../src/pairs/gateway.ts";
import type { SharedUse } from "../../src/permits/limiter.ts";
import { FormErrors, type FormState, TextField, typedIn } from "../fields.tsx";
import { count, plural } from "../format.ts";
import { Segments, Until } from "../parts.tsx";
import { texts } from "../texts.ts";

const words = texts.gateways.limits;

/** Of a gateway that somebody added, or that pairs name all the same. */
export interface GatewayRowProps {
  id: string;
  /** Null: pairs name it, and it has neither name nor limit yet. */
  gateway: Gateway | null;
  pairs: number;
  countries: number;
  use: SharedUse | null;
}

export interface LimitsProps {
  now: number;
  rows: GatewayRowProps[];
  house: { use: SharedUse | null; from: string; pairs: number; countries: number };
  /** Whether the reader may change them. */
  defines: boolean;
  /** The form that came back, and of which gateway; empty: the one that adds. */
  wrong: { id: string; form: FormState } | null;
}

export function Limits(props: LimitsProps) {
  const { now, rows, house, defines, wrong } = props;
  const fresh = wrong?.id === "" ? wrong.form : { values: {}, errors: {} };
  return (
    <section id="limits" aria-labelledby="limits-title">
      <h2 id="limits-title">
        {words.title} <small>{words.hint}</small>
      </h2>
      <div class="table">
        <table class="dense wide limit-rows gateway-limits">
          <thead>
            <tr>
              <th scope="col">{words.columns.gateway}</th>
              <th scope="col">{words.columns.use}</th>
              <th scope="col">{words.columns.pairs}</th>
              <th scope="col">{defines ? words.columns.form : words.columns.limit}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row row={row} now={now} defines={defines} form={wrong?.id === row.id ? wrong.form : null} />
            ))}
            <tr>
              <th scope="row" class="wide-cell">
                {words.house}
              </th>
              <td class="wide-cell" data-label={words.columns.use}>
                <Use id="house" use={house.use} now={now} />
              </td>
              <td class="wide-cell" data-label={words.columns.pairs}>
                {house.pairs === 0 ? (
                  <span class="quiet">{words.noPairs}</span>
                ) : (
                  <a href="/pairs">{words.through(house.pairs, house.countries)}</a>
                )}
              </td>
              <td class="wide-cell wrap">
                {house.use ? words.inWindow(house.use.limit, house.use.windowMs / 1000) : words.none}{" "}
                <span class="quiet">{house.use ? words.houseFrom(house.from) : words.houseHow}</span>
              </td>
            </tr>
          </tbody>
        </table>
      </div>
      {defines && <Another form={fresh} first={rows.length === 0} />}
    </section>
  );
}

/** Its id is where the page's stream puts the next drawing. */
export function Use({ id, use, now }: { id: string; use: SharedUse | null; now: number }) {
  return (
    <div class="gateway-use" id={`gateway-use-${id}`}>
      {use === null ? (
        <span class="quiet">{words.unlimited}</span>
      ) : (
        <>
          <p>
            <b class={use.used > use.limit ? "stop" : undefined}>
              {count(use.used)}/{count(use.limit)}
            </b>{" "}
            <span class="quiet">
              {use.nextFreeMs === 0 ? (
                words.free(Math.max(0, use.limit - use.used))
              ) : (
                <>
                  {words.nextFree} <Until at={now + use.nextFreeMs} now={now} />
                </>
              )}
            </span>
          </p>
          <Segments used={use.used} limit={use.limit} />
        </>
      )}
    </div>
  );
}

function Row({ row, now, defines, form }: { row: GatewayRowProps; now: number; defines: boolean; form: FormState | null }) {
  const { id, gateway, pairs, countries } = row;
  return (
    <tr id={`gateway-${id}`}>
      <th scope="row" class="wide-cell">
        <b>{id}</b> {gateway !== null && gateway.name !== id && <span class="quiet">{gateway.name}</span>}
      </th>
      <td class="wide-cell" data-label={words.columns.use}>
        <Use id={id} use={row.use} now={now} />
      </td>
      <td class="wide-cell" data-label={words.columns.pairs}>
        {pairs === 0 ? (
          <span class="quiet">{words.noPairs}</span>
        ) : (
          <a href={`/pairs?q=${encodeURIComponent(id)}`}>{words.through(pairs, countries)}</a>
        )}
      </td>
      <td class="wide-cell">
        {defines ? <LimitForm row={row} form={form} /> : <Said gateway={gateway} />}
        {form && <p class="stop">{[...new Set(Object.values(form.errors))].join(" ")}</p>}
      </td>
    </tr>
  );
}

function Said({ gateway }: { gateway: Gateway | null }) {
  const limit = gateway?.limit ?? null;
  return <>{limit === null ? words.none : words.inWindow(limit, gateway?.windowSeconds ?? 60)}</>;
}

function LimitForm({ row, form }: { row: GatewayRowProps; form: FormState | null }) {
  const { id, gateway, pairs } = row;
  const value = (name: string, saved: string) => (form ? typedIn(form, name) : saved);
  return (
    <div class="row">
      <form method="post" action={gateway ? `/gateways/${id}/edits` : "/gateways"} class="inline-form">
        {gateway ? <input type="hidden" name="version" value={gateway.version} /> : <input type="hidden" name="id" value={id} />}
        <Small id={id} name="name" label={words.name} size={12} value={value("name", gateway?.name ?? id)} form={form} />
        <Small id={id} name="limit" label={words.limit} size={7} value={value("limit", String(gateway?.limit ?? ""))} form={form} />
        <Small
          id={id}
          name="window_seconds"
          label={words.window}
          size={6}
          value={value("window_seconds", String(gateway?.windowSeconds ?? 60))}
          form={form}
        />
        <button type="submit">
          {texts.save}
          <span class="hush"> {id}</span>
        </button>
      </form>
      {gateway && pairs === 0 && (
        <form method="post" action={`/gateways/${id}/removals`} class="inline-form">
          <input type="hidden" name="version" value={gateway.version} />
          <button type="submit" class="danger">
            {words.remove}
            <span class="hush"> {id}</span>
          </button>
        </form>
      )}
    </div>
  );
}

function Small(props: { id: string; name: string; label: string; size: number; value: string; form: FormState | null }) {
  const { id, name, label, size, value } = props;
  const field = `${name}-${id}`;
  const wrong = props.form?.errors[name] !== undefined;
  return (
    <div class={wrong ? "field wrong" : "field"}>
      <label for={field}>
        <span class="hush">{id} </span>
        {label}
      </label>
      <input
        type="text"
        inputmode={name === "name" ? undefined : "numeric"}
        id={field}
        name={name}
        size={size}
        value={value}
        placeholder={name === "limit" ? words.none : undefined}
        autocomplete="off"
        spellcheck={false}
        title={label}
        aria-invalid={wrong ? "true" : undefined}
      />
    </div>
  );
}

function Another({ form, first }: { form: FormState; first: boolean }) {
  return (
    <details class="add" id="add" open={first || Object.keys(form.errors).length > 0}>
      <summary>{words.add}</summary>
      <form method="post" action="/gateways" class="fields">
        <FormErrors form={form} />
        <div class="pairs-of-fields">
          <TextField form={form} name="id" label={words.id} hint={words.idHint} size={16} required />
          <TextField form={form} name="name" label={words.name} hint={words.nameHint} />
          <TextField form={form} name="limit" label={words.limit} hint={words.limitHint} numeric size={8} />
          <TextField form={form} name="window_seconds" label={words.window} hint={words.windowHint} numeric size={8} />
        </div>
        <button type="submit" class="main">
          {words.addButton}
        </button>
      </form>
    </details>
  );
}

/** `3 gateways` */
export function tallyOf(rows: readonly GatewayRowProps[]): string {
  return plural(rows.length, "gateway", "gateways");
}
