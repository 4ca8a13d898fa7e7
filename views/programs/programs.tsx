/** Programs: the list, and the form by which an admin defines one. Of the environment only the names are ever shown. */

import type { Program } from "../../src/pairs/program.ts";
import { AreaField, FormErrors, type FormState, SecretField, SelectField, TextField, TickField } from "../fields.tsx";
import { duration, plural } from "../format.ts";
import { Notice, PageHead } from "../frame.tsx";
import { Empty, Words } from "../parts.tsx";
import { texts } from "../texts.ts";

const words = texts.program;
const columns = words.columns;

export interface ProgramListProps {
  now: number;
  programs: { program: Program; sessions: number; byOutput: boolean }[];
  defines: boolean;
  notice?: string | undefined;
  form: FormState;
}

export function ProgramList(props: ProgramListProps) {
  return (
    <>
      <PageHead title={words.title} tally={<span class="quiet">{words.adminHint}</span>} now={props.now} live={false} />
      {props.notice && <Notice tone="go">{props.notice}</Notice>}
      {props.programs.length === 0 ? (
        <Empty title={words.emptyTitle}>
          <p>{words.empty}</p>
          {!props.defines && <p>{words.emptyViewer}</p>}
        </Empty>
      ) : (
        <div class="table">
          <table class="dense wide">
            <thead>
              <tr>
                <th scope="col">{columns.name}</th>
                <th scope="col">{columns.command}</th>
                <th scope="col">{columns.folder}</th>
                <th scope="col">{columns.restart}</th>
                <th scope="col">{columns.environment}</th>
                <th scope="col" class="number">
                  {columns.sessions}
                </th>
              </tr>
            </thead>
            <tbody>
              {props.programs.map(({ program, sessions, byOutput }) => (
                <tr id={`program-${program.name}`}>
                  <th scope="row" class="wide-cell">
                    <a href={`/programs/${program.name}`}>{program.name}</a>
                  </th>
                  <td data-label={columns.command} class="wrap">
                    <Words of={commandWords(program)} />
                    {program.description && <p class="quiet">{program.description}</p>}
                    {byOutput && (
                      <p class="quiet">
                        <a href={`/programs/${program.name}/patterns`}>{texts.patterns.measured}</a>
                      </p>
                    )}
                  </td>
                  <td data-label={columns.folder} class="wrap">
                    <Words of={program.folder.split(/(?<=\/)/)} between="" />
                  </td>
                  <td data-label={columns.restart} class="wrap">
                    {policyOf(program)}
                  </td>
                  <td data-label={columns.environment} class="wrap">
                    {Object.keys(program.environment).length > 0 ? <Words of={Object.keys(program.environment)} /> : texts.none}
                  </td>
                  <td data-label={columns.sessions} class="number wrap">
                    <a href={`/sessions?q=${program.name}`}>{sessions}</a>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {props.defines && (
        <details class="add" id="add" open={props.programs.length === 0 || Object.keys(props.form.errors).length > 0}>
          <summary>{words.add}</summary>
          <form method="post" action="/programs" class="fields">
            <FormErrors form={props.form} />
            <TextField form={props.form} name="name" label={words.name} hint={words.nameHint} required />
            <ProgramFields form={props.form} />
            <button type="submit" class="main">
              {words.add}
            </button>
          </form>
        </details>
      )}
    </>
  );
}

export interface ProgramPageProps {
  now: number;
  program: Program;
  sessions: string[];
  defines: boolean;
  form: FormState;
  version: number;
  conflict: boolean;
  /** A high-priority pair it runs for. */
  guarded: string | null;
  /** Patterns count what it prints. */
  byOutput: boolean;
  notice?: { tone: "go" | "stop"; text: string } | undefined;
}

export function ProgramPage(props: ProgramPageProps) {
  const { program, form } = props;
  return (
    <>
      <PageHead title={program.name} crumb={{ href: "/programs", text: words.title }} now={props.now} live={false} />
      {props.notice && <Notice tone={props.notice.tone}>{props.notice.text}</Notice>}
      <div class="columns">
        <section class="panel">
          <dl class="facts">
            <dt>{words.template}</dt>
            <dd>
              <Words of={commandWords(program)} />
            </dd>
            <dt>{words.folder}</dt>
            <dd>
              <Words of={program.folder.split(/(?<=\/)/)} between="" />
            </dd>
            <dt>{words.environmentNames}</dt>
            <dd>{Object.keys(program.environment).length > 0 ? <Words of={Object.keys(program.environment)} /> : texts.none}</dd>
            <dt>{words.secrets}</dt>
            <dd>{Object.keys(program.secrets).join(", ") || texts.none}</dd>
            <dt>{words.policy}</dt>
            <dd>{policyOf(program)}</dd>
            <dt>{words.schedule}</dt>
            <dd>{program.schedule === null ? words.scheduleNone : <code>{program.schedule}</code>}</dd>
            <dt>{words.stopSignal}</dt>
            <dd>
              {program.stopSignal}, KILL {duration(program.stopTimeoutMs)}
            </dd>
            <dt>{words.successCodes}</dt>
            <dd>{program.successCodes.join(", ")}</dd>
            <dt>{texts.patterns.title}</dt>
            <dd>
              <a href={`/programs/${program.name}/patterns`}>{texts.patterns.link}</a>{" "}
              <span class="quiet">{props.byOutput ? texts.patterns.measured : texts.patterns.linkHint}</span>
            </dd>
            <dt>{columns.sessions}</dt>
            <dd>
              <a href={`/sessions?q=${program.name}`}>{plural(props.sessions.length, "session", "sessions")}</a> ·{" "}
              <a href={`/history?program=${program.name}`}>{texts.history.title}</a>
            </dd>
          </dl>
          {props.defines && (
            <p class="levers">
              {props.guarded ? (
                <button type="button" class="danger" disabled title={words.protected(props.guarded)}>
                  {words.retire}
                </button>
              ) : (
                <a class="button danger" href={`/programs/${program.name}/retirement`} data-dialog>
                  {words.retire}
                </a>
              )}
            </p>
          )}
        </section>
        {props.defines && (
          <section class="panel">
            <h2>{words.edit(program.name)}</h2>
            <form method="post" action={`/programs/${program.name}/edits`} class="fields">
              {props.conflict && (
                <Notice tone="stop">
                  <b>{words.conflictTitle}.</b> {words.conflictText}
                </Notice>
              )}
              {!props.conflict && <FormErrors form={form} />}
              <input type="hidden" name="version" value={props.version} />
              <p class="hint">
                {words.pendingHint}{" "}
                <a href={`/sessions/actions?action=restart&program=${program.name}&pending=on&rolling=country`}>{words.pendingRestart}</a>
              </p>
              <ProgramFields form={form} secrets={Object.keys(program.secrets)} />
              <button type="submit" class="main">
                {texts.save}
              </button>
            </form>
          </section>
        )}
      </div>
    </>
  );
}

const POLICIES = (["on-failure", "always", "never"] as const).map((value) => ({ value, label: words.policies[value] }));
const ORDERS = (["oldest", "newest"] as const).map((value) => ({ value, label: words.queueOrders[value] }));
const SIGNALS = ["TERM", "INT", "HUP", "QUIT", "USR1", "USR2"].map((value) => ({ value, label: value }));

function ProgramFields({ form, secrets = [] }: { form: FormState; secrets?: readonly string[] }) {
  return (
    <>
      <AreaField form={form} name="template" label={words.template} hint={words.templateHint} rows={2} required />
      <TextField form={form} name="folder" label={words.folder} hint={words.folderHint} required />
      <AreaField form={form} name="environment" label={words.environment} hint={words.environmentHint} rows={4} />
      <SelectField form={form} name="policy" label={words.policy} choices={POLICIES} />
      <div class="pairs-of-fields">
        <TextField form={form} name="first_delay" label={words.firstDelay} numeric size={6} />
        <TextField form={form} name="cap" label={words.cap} numeric size={6} />
        <TextField form={form} name="give_up_after" label={words.giveUpAfter} numeric size={6} />
        <TextField form={form} name="give_up_window" label={words.giveUpWindow} numeric size={6} />
        <SelectField form={form} name="stop_signal" label={words.stopSignal} choices={SIGNALS} />
        <TextField form={form} name="stop_timeout" label={words.stopTimeout} numeric size={6} />
        <TextField form={form} name="success_codes" label={words.successCodes} hint={words.successCodesHint} size={10} />
        <TextField form={form} name="memory_limit" label={words.memoryLimit} hint={words.memoryLimitHint} numeric size={6} />
        <TextField form={form} name="silent_after" label={words.silentAfter} hint={words.silentAfterHint} numeric size={6} />
        <TextField form={form} name="schedule" label={words.schedule} hint={words.scheduleHint} size={14} />
        <SelectField form={form} name="queue_order" label={words.queueOrder} choices={ORDERS} />
        <TextField form={form} name="queue_ttl" label={words.queueTtl} hint={words.queueTtlHint} numeric size={6} />
      </div>
      <TickField form={form} name="silent_restart" label={words.silentRestart} />
      <TickField form={form} name="auto_thaw" label={words.autoThaw} />
      <Secrets form={form} names={secrets} />
      <TextField form={form} name="user" label={words.user} hint={words.userHint} />
      <TextField form={form} name="description" label={words.description} />
    </>
  );
}

function Secrets({ form, names }: { form: FormState; names: readonly string[] }) {
  return (
    <fieldset class="field">
      <legend>{words.secrets}</legend>
      <div class="fields">
        <p class="hint">{words.secretsHint}</p>
        {names.map((name) => (
          <>
            <SecretField form={form} name={`secret_${name}`} label={words.secretReplace(name)} hint={words.secretReplaceHint} />
            <TickField form={form} name={`unset_${name}`} label={words.secretRemove(name)} />
          </>
        ))}
        <div class="pairs-of-fields">
          <TextField form={form} name="new_secret" label={words.secretName} size={14} />
          <SecretField form={form} name="new_secret_value" label={words.secretValue} />
        </div>
      </div>
    </fieldset>
  );
}

/** As somebody would type it: parts with spaces in quotes. */
export function commandOf(program: Pick<Program, "template">): string {
  return commandWords(program).join(" ");
}

function commandWords({ template }: Pick<Program, "template">): string[] {
  return template.map((part) => (/^[^\s"'\\]+$/.test(part) ? part : `"${part.replace(/(["\\])/g, "\\$1")}"`));
}

function policyOf({ restart }: Program): string {
  return words.policyText(restart.policy, duration(restart.firstDelayMs), duration(restart.capMs), restart.giveUpAfter);
}
