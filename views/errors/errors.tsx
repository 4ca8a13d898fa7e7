/** Errors of the last 15 minutes by class, and which code belongs to which class. */

import type { CodeEntry } from "../../src/results/error-classes.ts";
import type { Preset } from "../../src/results/error-presets.ts";
import type { ErrorClass } from "../../src/results/errors.ts";
import type { ParetoClass } from "../../src/results/pareto.ts";
import { FormErrors, type FormState, SelectField, TextField } from "../fields.tsx";
import { Notice, PageHead } from "../frame.tsx";
import { Empty } from "../parts.tsx";
import { texts } from "../texts.ts";
import { Pareto } from "./pareto.tsx";

const words = texts.errors;

export interface ErrorsProps {
  now: number;
  groups: readonly ParetoClass[];
  entries: readonly CodeEntry[];
  version: number;
  classes: readonly ErrorClass[];
  presets: readonly Preset[];
  admin: boolean;
  form: FormState;
  done: boolean;
}

export function ErrorsPage(props: ErrorsProps) {
  const { groups, admin, done, now } = props;
  return (
    <>
      <PageHead title={words.title} crumb={{ href: "/history", text: texts.history.title }} now={now} live={false} />
      {done && <Notice tone="go">{words.done}</Notice>}
      <div class="columns">
        <section class="panel" aria-labelledby="by-class">
          <h2 id="by-class">{words.last15}</h2>
          {groups.length === 0 ? (
            <Empty title={words.noneTitle}>
              <p>{words.none}</p>
            </Empty>
          ) : (
            <Pareto groups={groups} />
          )}
        </section>
        <section class="panel" aria-labelledby="map">
          <h2 id="map">{words.mapTitle}</h2>
          <p class="quiet">{words.mapHint}</p>
          {admin && <MapForm {...props} />}
          <Mapped {...props} />
        </section>
      </div>
      <Classes {...props} />
    </>
  );
}

function MapForm({ form, classes, version, presets }: ErrorsProps) {
  const choices = [...classes.map(({ name, words: said }) => ({ value: name, label: `${name}: ${said}` })), words.unclassifiedChoice];
  return (
    <>
      <form method="post" action="/errors/codes" class="fields">
        <FormErrors form={form} />
        <input type="hidden" name="version" value={version} />
        <div class="pairs-of-fields">
          <TextField form={form} name="code" label={words.code} size={14} required />
          <TextField form={form} name="gateway" label={words.gateway} hint={words.gatewayHint} size={14} />
        </div>
        <SelectField form={form} name="class" label={words.className} choices={choices} />
        <button type="submit" class="main">
          {words.give}
        </button>
      </form>
      <form method="post" action="/errors/presets" class="row preset">
        <input type="hidden" name="version" value={version} />
        <label>
          {words.preset}{" "}
          <select name="preset">
            {presets.map(({ name, words: said }) => (
              <option value={name}>{said}</option>
            ))}
          </select>
        </label>
        <label>
          {words.forGateway} <input type="text" name="gateway" size={10} autocomplete="off" spellcheck={false} />
        </label>
        <button type="submit">{words.addPreset}</button>
      </form>
    </>
  );
}

function Mapped({ entries, admin, version }: ErrorsProps) {
  if (entries.length === 0) return <p class="quiet">{words.noEntries}</p>;
  return (
    <div class="table mapped">
      <table class="dense wide">
        <thead>
          <tr>
            <th scope="col">{words.code}</th>
            <th scope="col">{words.gateway}</th>
            <th scope="col">{words.className}</th>
            {admin && (
              <th scope="col">
                <span class="hush">{words.remove}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr>
              <th scope="row">
                <code>{entry.code}</code>
              </th>
              <td data-label={words.gateway}>{entry.gateway ?? words.every}</td>
              <td data-label={words.className}>{entry.class}</td>
              {admin && (
                <td>
                  <form method="post" action="/errors/removals">
                    <input type="hidden" name="version" value={version} />
                    <input type="hidden" name="code" value={entry.code} />
                    <input type="hidden" name="gateway" value={entry.gateway ?? ""} />
                    <button type="submit" class="plain" aria-label={words.removeOf(entry.code)}>
                      {words.remove}
                    </button>
                  </form>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Classes({ classes }: ErrorsProps) {
  return (
    <section class="panel" aria-labelledby="classes">
      <h2 id="classes">{words.classes}</h2>
      <div class="table">
        <table class="dense wide">
          <thead>
            <tr>
              <th scope="col">{words.className}</th>
              <th scope="col">{words.meaning}</th>
              <th scope="col">{words.blame}</th>
              <th scope="col">{words.retry}</th>
            </tr>
          </thead>
          <tbody>
            {classes.map((one) => (
              <tr>
                <th scope="row">{one.name}</th>
                <td class="wrap" data-label={words.meaning}>
                  {one.words}
                </td>
                <td class="wrap" data-label={words.blame}>
                  {words.blames[one.blame]}
                </td>
                <td data-label={words.retry} class="wrap">
                  {words.retries[one.retry]}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
