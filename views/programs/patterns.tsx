/** How a program is measured by what it prints: its patterns, what they found, and the box in which they are tried over lines. */

import { AreaField, FormErrors, type FormState, SelectField } from "../fields.tsx";
import { count } from "../format.ts";
import { Notice, PageHead } from "../frame.tsx";
import { Empty } from "../parts.tsx";
import { texts } from "../texts.ts";

const words = texts.patterns;

export interface PatternRow {
  state: string;
  regex: string;
  matched: number;
  off: string | null;
}

export interface TrialRow {
  text: string;
  /** From 1; null: no pattern matched. */
  pattern: number | null;
  state: string | null;
  groups: [string, string][];
  pair: string | null;
  message: string | null;
  n: number;
}

export interface TrialProps {
  lines: TrialRow[];
  matched: number;
  counted: [string, number][];
  leftOut: number;
  tookMs: number;
}

export interface PatternsPageProps {
  program: string;
  now: number;
  rows: PatternRow[];
  ids: "program" | "run";
  found: {
    lines: number;
    accepted: number;
    duplicate: number;
    rejected: number;
    lastRejection: string | null;
    skippedBytes: number;
    cutLines: number;
    lastMatch: string | null;
    alsoPosts: boolean;
  } | null;
  sessions: string[];
  presets: { id: string; title: string }[];
  defines: boolean;
  tries: boolean;
  form: FormState;
  version: number;
  trial: TrialProps | null;
  notice: { tone: "go" | "stop"; text: string } | null;
}

export function PatternsPage(props: PatternsPageProps) {
  const { program } = props;
  return (
    <>
      <PageHead title={words.title} crumb={{ href: `/programs/${program}`, text: program }} now={props.now} live={false} />
      {props.notice && <Notice tone={props.notice.tone}>{props.notice.text}</Notice>}
      {props.trial && <Tried trial={props.trial} />}
      {props.rows.length === 0 ? (
        <Empty title={words.emptyTitle}>
          <p>{words.empty}</p>
          {!props.defines && <p>{words.emptyViewer}</p>}
        </Empty>
      ) : (
        <InForce rows={props.rows} found={props.found} ids={props.ids} />
      )}
      {props.tries && <PatternsForm {...props} />}
    </>
  );
}

function InForce({ rows, found, ids }: Pick<PatternsPageProps, "rows" | "found" | "ids">) {
  return (
    <>
      <div class="table">
        <table class="dense wide patterns-table">
          <thead>
            <tr>
              <th scope="col" class="number">
                {words.columns.place}
              </th>
              <th scope="col">{words.columns.state}</th>
              <th scope="col">{words.columns.regex}</th>
              <th scope="col" class="number">
                {words.columns.matched}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ state, regex, matched, off }, index) => (
              <tr>
                <td class="number" data-label={words.columns.place}>
                  {index + 1}
                </td>
                <th scope="row" data-label={words.columns.state}>
                  {state}
                </th>
                <td class="wrap" data-label={words.columns.regex}>
                  <code class="wrap">{regex}</code>
                  {off !== null && <p class="stop">{words.off(off)}</p>}
                </td>
                <td class="number" data-label={words.columns.matched}>
                  {count(matched)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {found && (
        <p class="quiet">
          {words.found(found.lines, found.accepted, found.lastMatch)} {found.duplicate > 0 && words.duplicate(found.duplicate)}{" "}
          {found.skippedBytes > 0 && <b class="stop">{words.skipped(found.skippedBytes)}</b>}{" "}
          {found.cutLines > 0 && words.cutLines(found.cutLines)} {ids === "run" && words.idsRun}
        </p>
      )}
      {found?.alsoPosts && <p class="stop">{words.alsoPosts}</p>}
      {found && found.rejected > 0 && <p class="stop">{words.rejected(found.rejected, found.lastRejection ?? "")}</p>}
    </>
  );
}

/** One form: what is tried is what stands in it, saved or not. */
function PatternsForm(props: PatternsPageProps) {
  const { form, program } = props;
  return (
    <form method="post" action={`/programs/${program}/patterns`} class="columns patterns">
      <section class="panel">
        <h2>{words.edit}</h2>
        <div class="fields">
          <FormErrors form={form} />
          <input type="hidden" name="version" value={props.version} />
          <AreaField form={form} name="patterns" label={words.patterns} hint={words.patternsHint} rows={9} />
          <p class="hint">{words.groupsHint}</p>
          <p class="hint">
            {words.presets}{" "}
            {props.presets.map(({ id, title }) => (
              <a href={`/programs/${program}/patterns?preset=${id}`}>{title}</a>
            ))}
          </p>
          <SelectField
            form={form}
            name="ids"
            label={words.ids}
            choices={[
              { value: "program", label: words.idsChoices.program },
              { value: "run", label: words.idsChoices.run },
            ]}
          />
          {props.defines && (
            <button type="submit" class="main">
              {texts.save}
            </button>
          )}
        </div>
      </section>
      <section class="panel">
        <h2>{words.test}</h2>
        <div class="fields">
          <AreaField form={form} name="lines" label={words.lines} hint={words.linesHint} rows={9} />
          <SelectField
            form={form}
            name="session"
            label={words.session}
            choices={[{ value: "", label: words.noSession }, ...props.sessions.map((name) => ({ value: name, label: name }))]}
          />
          <button type="submit" formaction={`/programs/${program}/patterns/trials`}>
            {words.try}
          </button>
        </div>
      </section>
    </form>
  );
}

function Tried({ trial }: { trial: TrialProps }) {
  const { lines, counted } = trial;
  return (
    <section class="panel tried" id="tried">
      <h2>{words.tried}</h2>
      {lines.length === 0 ? (
        <p class="quiet">{words.noLines}</p>
      ) : (
        <>
          <p role="status">
            <b>{words.triedMatched(trial.matched, lines.length)}</b>{" "}
            {counted.length > 0 ? words.triedCounts(counted.map(([state, n]) => `${n} ${state}`).join(", ")) : words.triedNothing}{" "}
            <span class="quiet">{words.triedTook(trial.tookMs)}</span>
          </p>
          {trial.leftOut > 0 && <p class="stop">{words.leftOut(trial.leftOut)}</p>}
          <div class="table">
            <table class="dense wide">
              <thead>
                <tr>
                  <th scope="col">{words.columns.line}</th>
                  <th scope="col">{words.columns.pattern}</th>
                  <th scope="col">{words.columns.taken}</th>
                  <th scope="col">{words.columns.counts}</th>
                </tr>
              </thead>
              <tbody>
                {lines.map((line) => (
                  <tr class={line.pattern === null ? "unmatched" : undefined}>
                    <td class="wrap" data-label={words.columns.line}>
                      <code class="wrap">{line.text}</code>
                    </td>
                    <td class="wrap" data-label={words.columns.pattern}>
                      {line.pattern === null ? <span class="quiet">{words.noPattern}</span> : `${line.pattern}. ${line.state}`}
                    </td>
                    <td class="wrap" data-label={words.columns.taken}>
                      {line.groups.map(([name, value]) => `${name} ${value}`).join(", ") || texts.none}
                    </td>
                    <td class="wrap" data-label={words.columns.counts}>
                      {line.n === 0 ? texts.none : words.counts(line.n, line.message ?? "", line.pair ?? "")}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </section>
  );
}
