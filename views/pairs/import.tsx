/** The import of pairs: a file or its text first, then line by line what it would do, with a confirmation. */

import type { Line } from "../../src/pairs/import.ts";
import { FormErrors, type FormState, TextField } from "../fields.tsx";
import { Notice, PageHead } from "../frame.tsx";
import { texts } from "../texts.ts";
import { Changes, fieldWord, PairName } from "./changes.tsx";
import type { ImportProps } from "./props.ts";

const words = texts.pair.import;
const COLUMNS = "country operator operator_name mccmnc weight threshold limit window_seconds gateway active priority tags".split(" ");
const TONE = { create: "go", change: "caution", unchanged: "quiet", error: "stop" } as const;

export function ImportPage(props: ImportProps) {
  return (
    <div class="asking import">
      <PageHead title={words.title} crumb={{ href: "/pairs", text: texts.pair.title }} now={0} live={false} />
      {props.notice && <Notice tone="stop">{props.notice}</Notice>}
      {props.refused && (
        <div class="notice stop" role="alert">
          <p>{props.refused.sentence}</p>
        </div>
      )}
      {props.plan === null ? <Choosing form={props.form} /> : <Planned {...props} plan={props.plan} />}
    </div>
  );
}

function Choosing({ form }: { form: FormState }) {
  const error = form.errors.text;
  return (
    <form method="post" action="/pairs/imports" enctype="multipart/form-data" class="fields panel">
      <p>{words.hint}</p>
      <p class="quiet">
        {words.columns}{" "}
        {COLUMNS.map((name, i) => (
          <>
            <code>{i < COLUMNS.length - 1 ? `${name},` : name}</code>
            <wbr />
          </>
        ))}
      </p>
      <FormErrors form={form} />
      <div class="field">
        <label for="file">{words.file}</label>
        <input type="file" id="file" name="file" accept=".csv,.json,.txt,text/csv,application/json" />
      </div>
      <div class={error ? "field wrong" : "field"}>
        <label for="text">{words.text}</label>
        <textarea
          id="text"
          name="text"
          rows={8}
          spellcheck={false}
          autocomplete="off"
          aria-describedby={error ? "text-error" : "text-hint"}
        >
          {typeof form.values.text === "string" ? form.values.text : ""}
        </textarea>
        {error && (
          <p class="error" id="text-error">
            {error}
          </p>
        )}
        <p class="hint" id="text-hint">
          {words.textHint}
        </p>
      </div>
      <button type="submit" class="main">
        {words.look}
      </button>
    </form>
  );
}

function Planned(props: ImportProps & { plan: NonNullable<ImportProps["plan"]> }) {
  const { told, unchanged, counts } = props.plan;
  return (
    <>
      <p>
        <b>{words.counts(counts.create, counts.change, counts.unchanged, counts.error)}</b>
      </p>
      <Confirmation {...props} />
      {told !== null && (
        <div class="table">
          <table class="dense wide import-table">
            <thead>
              <tr>
                <th scope="col" class="number">
                  {words.line}
                </th>
                <th scope="col">{words.pair}</th>
                <th scope="col">{words.verdict}</th>
                <th scope="col">{words.what}</th>
              </tr>
            </thead>
            <tbody>{told}</tbody>
          </table>
        </div>
      )}
      {unchanged.length > 0 && (
        <details>
          <summary>{words.unchangedLines(unchanged.length)}</summary>
          <p class="quiet">{unchanged.join(", ")}</p>
        </details>
      )}
    </>
  );
}

export function ImportLine({ line }: { line: Line }) {
  return (
    <tr id={`line-${line.line}`}>
      <td class="number" data-label={words.line}>
        {line.line}
      </td>
      <th scope="row">{line.verdict === "change" && line.pair ? <PairName id={line.pair} /> : (line.pair ?? texts.none)}</th>
      <td class={TONE[line.verdict]} data-label={words.verdict}>
        {words.verdicts[line.verdict]}
      </td>
      <td class="wide-cell wrap">
        <Changes changes={line.changes} />
        {line.errors.map(({ field, message }) => (
          <p class="stop">
            {field && <b>{fieldWord(field)} </b>}
            {message}
          </p>
        ))}
        {line.warnings.map(({ message }) => (
          <p class="caution">{message}</p>
        ))}
      </td>
    </tr>
  );
}

function Confirmation({ form, text, plan }: ImportProps & { plan: NonNullable<ImportProps["plan"]> }) {
  const { counts, hash } = plan;
  const n = counts.create + counts.change;
  const bad = counts.error > 0;
  const wrong = form.errors.good_lines;
  if (n === 0)
    return (
      <p>
        {bad ? words.nothingGood : words.nothing} <a href="/pairs/import">{words.again}</a>
      </p>
    );
  return (
    <form method="post" action="/pairs/imports" enctype="multipart/form-data" class="fields panel">
      <FormErrors form={form} />
      <input type="hidden" name="expected" value={hash} />
      <input type="hidden" name="text" value={text} />
      {bad && (
        <div class={wrong ? "field tick wrong" : "field tick"}>
          <p class="stop" id="good_lines-error">
            {words.bad(counts.error)}
          </p>
          <label>
            <input type="checkbox" name="good_lines" checked={form.values.good_lines === "on"} aria-describedby="good_lines-error" />{" "}
            {words.goodLines}
          </label>
        </div>
      )}
      {n > 1 && <TextField form={form} name="typed" label={words.typed(n)} numeric size={6} />}
      <p class="row end">
        <a class="button" href="/pairs/import">
          {words.again}
        </a>
        <button type="submit" class="main">
          {words.do(n)}
        </button>
      </p>
    </form>
  );
}
