/** Countries with what may be sent to them; a row is a form. */

import type { Country } from "../../src/pairs/country.ts";
import { FormErrors, type FormState, TextField, typedIn } from "../fields.tsx";
import { plural } from "../format.ts";
import { Notice, PageHead } from "../frame.tsx";
import { Empty, Filter } from "../parts.tsx";
import { texts } from "../texts.ts";

const words = texts.country;

export interface CountriesProps {
  rows: { country: Country; pairs: number }[];
  total: number;
  query: string;
  acts: boolean;
  notice: { tone: "go" | "stop"; text: string } | null;
  /** The form that came back, and of which country; the code is empty for one that is not listed. */
  wrong: { code: string; form: FormState } | null;
}

export function CountriesPage(props: CountriesProps) {
  const { rows, total, wrong } = props;
  const fresh = wrong && !rows.some(({ country }) => country.code === wrong.code) ? wrong.form : { values: {}, errors: {} };
  return (
    <>
      <PageHead
        title={words.title}
        crumb={{ href: "/permits", text: texts.permit.title }}
        tally={<span class="quiet">{plural(total, "country", "countries")}</span>}
        filter={total > 0 && <Filter query={props.query} hint={words.filterHint} />}
        now={0}
        live={false}
      />
      {props.notice && <Notice tone={props.notice.tone}>{props.notice.text}</Notice>}
      {total === 0 ? (
        <Empty title={words.emptyTitle}>
          <p>{words.empty}</p>
        </Empty>
      ) : (
        <>
          <p class="quiet">
            {words.hint} <a href="/gateways">{texts.gateways.link}</a>
          </p>
          <div class="table">
            <table class="dense wide limit-rows countries-table">
              <thead>
                <tr>
                  <th scope="col">{words.columns.country}</th>
                  <th scope="col" class="number">
                    {words.columns.pairs}
                  </th>
                  <th scope="col">
                    {words.columns.limit} / {words.columns.window}
                  </th>
                </tr>
              </thead>
              <tbody data-filtered>
                {rows.map(({ country, pairs }) => (
                  <Row country={country} pairs={pairs} acts={props.acts} form={wrong?.code === country.code ? wrong.form : null} />
                ))}
              </tbody>
            </table>
          </div>
          <p class="no-match" id="no-match" hidden={rows.length > 0}>
            {texts.noMatch} <a href="/countries">{texts.clearFilter}</a>
          </p>
        </>
      )}
      {props.acts && <Another form={fresh} />}
    </>
  );
}

function Row({ country, pairs, acts, form }: { country: Country; pairs: number; acts: boolean; form: FormState | null }) {
  const { code, name, limit, windowSeconds, version } = country;
  return (
    <tr id={`country-${code}`}>
      <th scope="row" class="wide-cell">
        <b>{code}</b> <a href={`/pairs?q=${encodeURIComponent(code)}`}>{name}</a>
        {version > 0 && <span class="quiet"> · {words.own}</span>}
        {pairs > 0 && (
          <>
            <span class="quiet"> · </span>
            <a href={`/history?country=${code}`}>{texts.history.title}</a>
          </>
        )}
      </th>
      <td class="number wide-cell" data-label={words.columns.pairs}>
        {pairs > 0 ? pairs : words.noPairs}
      </td>
      <td class="wide-cell">
        {acts ? (
          <form method="post" action={`/countries/${code}/budgets`} class="inline-form">
            <input type="hidden" name="version" value={version} />
            <Small code={code} name="limit" label={words.columns.limit} value={limit} form={form} />
            <Small code={code} name="window_seconds" label={words.columns.window} value={windowSeconds} form={form} />
            <button type="submit">
              {texts.save}
              <span class="hush"> {name}</span>
            </button>
          </form>
        ) : (
          `${limit} / ${windowSeconds} s`
        )}
        {form && <p class="stop">{[...new Set(Object.values(form.errors))].join(" ")}</p>}
      </td>
    </tr>
  );
}

function Small(props: { code: string; name: "limit" | "window_seconds"; label: string; value: number; form: FormState | null }) {
  const { code, name, label, value, form } = props;
  const id = `${name}-${code}`;
  const wrong = form?.errors[name] !== undefined;
  return (
    <div class={wrong ? "field wrong" : "field"}>
      <label for={id}>
        <span class="hush">{code} </span>
        {label}
      </label>
      <input
        type="text"
        inputmode="numeric"
        id={id}
        name={name}
        size={7}
        value={form ? typedIn(form, name) : String(value)}
        autocomplete="off"
        title={label}
        aria-invalid={wrong ? "true" : undefined}
      />
    </div>
  );
}

function Another({ form }: { form: FormState }) {
  return (
    <details class="add" id="add" open={Object.keys(form.errors).length > 0}>
      <summary>{words.set}</summary>
      <form method="post" action="/countries" class="fields">
        <FormErrors form={form} />
        <TextField form={form} name="code" label={words.code} hint={words.codeHint} size={4} required upper />
        <TextField form={form} name="limit" label={words.limit} hint={words.limitHint} numeric size={7} required />
        <TextField form={form} name="window_seconds" label={words.window} numeric size={7} required />
        <button type="submit" class="main">
          {texts.save}
        </button>
      </form>
    </details>
  );
}
