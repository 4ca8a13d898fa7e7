/** One pair: what it is, its sessions, its priority, and the form that changes it. Two who edit at once see the difference. */

import type { Pair } from "../../src/pairs/pair.ts";
import type { SharedUse } from "../../src/permits/limiter.ts";
import type { Numbers } from "../../src/results/numbers.ts";
import type { ParetoClass } from "../../src/results/pareto.ts";
import type { PairProps } from "../board/props.ts";
import { FormErrors, type FormState, TextField, TickField } from "../fields.tsx";
import { Notice, PageHead } from "../frame.tsx";
import { LiveNumbers } from "../numbers/live.tsx";
import { RateBar, RateFigure, rateTitle, State } from "../parts.tsx";
import { texts } from "../texts.ts";
import { ConflictForm } from "./conflict.tsx";

import { PriorityLever } from "./priority.tsx";
import type { ConflictProps } from "./props.ts";

const words = texts.pair;

export interface PairPageProps {
  now: number;
  pair: Pair;
  shown: PairProps;
  /** Those that were added, to choose from. */
  gateways: string[];
  /** What is used of its gateway's limit; null: it has none. */
  through: SharedUse | null;
  numbers: Numbers;
  /** Its errors of the last 15 minutes. */
  errors: readonly ParetoClass[];
  countryName: string;
  acts: boolean;
  form: FormState;
  /** The version the form was made from: sent back as If-Match. */
  version: number;
  /** What was saved when the form was made, by field. */
  base: Record<string, string>;
  conflict: ConflictProps | null;
  /** Of the catalogue of networks: what looks wrong and is taken all the same. */
  warnings: { field: string; message: string }[];
  notice?: { tone: "go" | "stop"; text: string } | undefined;
}

export function PairPage(props: PairPageProps) {
  const { pair, shown } = props;
  return (
    <>
      <PageHead
        title={`${pair.country} ${pair.operatorName}`}
        crumb={{ href: "/pairs", text: words.title }}
        tally={
          <>
            <code class="quiet">{pair.id}</code>
            <a href={`/history?pair=${pair.id}`}>{texts.history.title}</a>
          </>
        }
        now={props.now}
        live={false}
      />
      {props.notice && <Notice tone={props.notice.tone}>{props.notice.text}</Notice>}
      <div class="columns">
        <section class="panel">
          <h2>{words.sessions}</h2>
          {shown.lamps.length === 0 ? (
            <p class="quiet">{words.noSessions}</p>
          ) : (
            <ul class="plain-list">
              {shown.lamps.map((lamp) => (
                <li>
                  <State lamp={lamp} /> <a href={`/sessions/${lamp.session}`}>{lamp.session}</a>
                </li>
              ))}
            </ul>
          )}
          {props.warnings.length > 0 && (
            <>
              <h2>{words.warningsTitle}</h2>
              <ul class="plain-list caution">
                {props.warnings.map(({ message }) => (
                  <li>{message}</li>
                ))}
              </ul>
            </>
          )}
          <h2>{words.columns.rate}</h2>
          <p>
            <RateFigure rate={shown.rate} tone={shown.tone} /> <span class="quiet">{rateTitle(shown.rate)}</span>
          </p>
          <RateBar rate={shown.rate} tone={shown.tone} />
          {pair.gateway !== null && (
            <>
              <h2>{words.gateway}</h2>
              <p>
                <a href="/gateways#limits">{pair.gateway}</a>{" "}
                <span class="quiet">
                  {props.through
                    ? words.gatewayUse(props.through.used, props.through.limit, props.through.windowMs / 1000)
                    : texts.gateways.limits.unlimited}
                </span>
              </p>
            </>
          )}
          <h2>{words.prioritySection}</h2>
          <p>{pair.priority ? words.priorityOn : words.priorityOff}</p>
          {props.acts && (
            <div class="row">
              <PriorityLever id={pair.id} priority={pair.priority} back={`/pairs/${pair.id}`} />
              {pair.priority ? (
                <button type="button" class="danger" disabled title={words.protected}>
                  {words.retire}
                </button>
              ) : (
                <a class="button danger" href={`/pairs/${pair.id}/retirement`} data-dialog>
                  {words.retire}
                </a>
              )}
            </div>
          )}
        </section>
        {props.acts && (
          <section class="panel">
            <h2>{words.edit(pair.id)}</h2>
            {props.conflict ? <ConflictForm conflict={props.conflict} /> : <EditForm {...props} />}
          </section>
        )}
      </div>
      <LiveNumbers numbers={props.numbers} groups={props.errors} now={props.now} />
    </>
  );
}

function EditForm({ pair, form, version, base, gateways }: PairPageProps) {
  return (
    <form method="post" action={`/pairs/${pair.id}/edits`} class="fields">
      <FormErrors form={form} />
      <datalist id="gateway-ids">
        {gateways.map((id) => (
          <option value={id} />
        ))}
      </datalist>
      <input type="hidden" name="version" value={version} />
      {Object.entries(base).map(([name, value]) => (
        <input type="hidden" name={`base.${name}`} value={value} />
      ))}
      <TextField form={form} name="operator_name" label={words.operatorName} required />
      <div class="pairs-of-fields">
        <TextField form={form} name="weight" label={words.weight} hint={words.weightHint} numeric size={8} required />
        <TextField form={form} name="threshold" label={words.threshold} hint={words.thresholdHint} numeric size={8} />
        <TextField form={form} name="limit" label={words.limit} hint={words.limitHint} numeric size={8} />
        <TextField form={form} name="window_seconds" label={words.window} hint={words.windowHint} numeric size={8} />
        <TextField form={form} name="gateway" label={words.gateway} hint={words.gatewayHint} size={16} list="gateway-ids" />
      </div>
      <TextField form={form} name="mccmnc" label={words.mccmnc} hint={words.mccmncHint} />
      <TextField form={form} name="tags" label={words.tags} hint={words.tagsHint} />
      <TickField form={form} name="active" label={words.active} />
      <button type="submit" class="main">
        {texts.save}
      </button>
    </form>
  );
}
