/** One operation as it goes on, session by session; and the list of them. */

import { Diamond } from "../board/line.tsx";
import { exact } from "../format.ts";
import { Notice, PageHead } from "../frame.tsx";
import { Ago, Empty } from "../parts.tsx";
import { texts } from "../texts.ts";
import type { OperationProps, StepProps } from "./props.ts";

const words = texts.operation;
const TONE = { running: "", paused: "caution", done: "go", failed: "stop", cancelled: "caution", interrupted: "caution" } as const;
const STEP_TONE = { waiting: "quiet", asked: "", done: "go", refused: "caution", failed: "stop", left: "quiet" } as const;

export function titleOf({ action, steps, rolling }: OperationProps): string {
  const n = steps.filter(({ state }) => state !== "refused").length;
  return `${words.question(words.action[action], n, "").replace("?", "")}${rolling ? `, ${words.rolled(rolling)}` : ""}`;
}

export function OperationPage({
  operation,
  now,
  acts,
  refused,
}: {
  operation: OperationProps;
  now: number;
  acts: boolean;
  refused?: string | undefined;
}) {
  return (
    <div class="asking">
      <PageHead title={titleOf(operation)} crumb={{ href: "/operations", text: words.title }} now={now} live />
      {refused && <Notice tone="stop">{refused}</Notice>}
      <OperationNow operation={operation} now={now} acts={acts} />
      <div class="table">
        <table class="dense">
          <thead>
            <tr>
              <th scope="col">{words.columns.state}</th>
              <th scope="col">{words.columns.session}</th>
              <th scope="col">{words.columns.country}</th>
              <th scope="col">{words.columns.why}</th>
            </tr>
          </thead>
          <tbody id="steps">
            {operation.steps.map((step) => (
              <StepRow step={step} />
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

export function OperationNow({ operation, now, acts }: { operation: OperationProps; now: number; acts: boolean }) {
  const { counts, steps, id, state } = operation;
  const n = steps.length - counts.refused;
  return (
    <section class="panel" id="operation-now">
      <p>
        <b class={TONE[state]}>{words.state_[state]}</b> · {words.progress(counts.done, n)}
        {(["asked", "waiting", "failed", "refused", "left"] as const).map(
          (kind) =>
            counts[kind] > 0 && (
              <>
                {" "}
                · <span class={STEP_TONE[kind]}>{`${counts[kind]} ${words.step[kind]}`}</span>
              </>
            ),
        )}
      </p>
      {n > 0 && <progress value={counts.done + counts.failed + counts.left} max={n} aria-label={words.columns.progress} />}
      {operation.why && <p>{operation.why}</p>}
      <dl class="facts">
        <dt>{words.columns.by}</dt>
        <dd>
          {operation.by}
          {operation.reason && <span class="quiet">: {operation.reason}</span>}
        </dd>
        <dt>{words.selection}</dt>
        <dd>{operation.selection}</dd>
        <dt>{words.began}</dt>
        <dd>
          <Ago at={operation.createdAt} now={now} />
        </dd>
        {operation.until !== null && (
          <>
            <dt>{words.untilLabel}</dt>
            <dd>{exact(operation.until)}</dd>
          </>
        )}
        {operation.endedAt !== null && (
          <>
            <dt>{words.ended}</dt>
            <dd>
              <Ago at={operation.endedAt} now={now} />
            </dd>
          </>
        )}
        {operation.undoes && <Other label={words.undoes} id={operation.undoes} />}
        {operation.undoneBy && <Other label={words.undoneBy} id={operation.undoneBy} />}
      </dl>
      {acts && (
        <div class="levers">
          {state === "running" && operation.endedAt === null && <Pull id={id} noun="pauses" text={words.pause} />}
          {state === "paused" && <Pull id={id} noun="resumptions" text={words.resume} />}
          {(state === "running" || state === "paused") && <Pull id={id} noun="cancellations" text={words.cancel} danger />}
          {operation.undoable && (
            <>
              <Pull id={id} noun="undos" text={words.undo} /> <span class="quiet">{words.undoHint}</span>
            </>
          )}
        </div>
      )}
    </section>
  );
}

function Other({ label, id }: { label: string; id: string }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>
        <a href={`/operations/${id}`}>{id}</a>
      </dd>
    </>
  );
}

function Pull({ id, noun, text, danger = false }: { id: string; noun: string; text: string; danger?: boolean }) {
  return (
    <form method="post" action={`/operations/${id}/${noun}`}>
      <button type="submit" class={danger ? "danger" : undefined}>
        {text}
      </button>
    </form>
  );
}

export function StepRow({ step }: { step: StepProps }) {
  return (
    <tr id={`step-${step.name}`}>
      <td class={STEP_TONE[step.state]}>{words.step[step.state]}</td>
      <th scope="row">
        {step.priority && <Diamond />}
        <a href={`/sessions/${step.name}`}>{step.name}</a>
      </th>
      <td data-label={words.columns.country}>{step.country}</td>
      <td class="wide-cell">{step.why ?? ""}</td>
    </tr>
  );
}

export function OperationList({ operations, now }: { operations: readonly OperationProps[]; now: number }) {
  return (
    <>
      <PageHead title={words.title} crumb={{ href: "/sessions", text: texts.session.title }} now={now} live={false} />
      {operations.length === 0 ? (
        <Empty title={words.emptyTitle}>
          <p>
            {words.empty} <a href="/sessions">{texts.session.title}</a>
          </p>
        </Empty>
      ) : (
        <div class="table">
          <table class="dense">
            <thead>
              <tr>
                <th scope="col">{words.columns.what}</th>
                <th scope="col">{words.columns.state}</th>
                <th scope="col">{words.columns.progress}</th>
                <th scope="col">{words.columns.by}</th>
                <th scope="col">{words.columns.when}</th>
              </tr>
            </thead>
            <tbody>
              {operations.map((operation) => (
                <tr>
                  <th scope="row" class="wide-cell">
                    <a href={`/operations/${operation.id}`}>{titleOf(operation)}</a>
                  </th>
                  <td class={TONE[operation.state]}>{words.state_[operation.state]}</td>
                  <td data-label={words.columns.progress}>
                    {words.progress(operation.counts.done, operation.steps.length - operation.counts.refused)}
                  </td>
                  <td data-label={words.columns.by}>
                    {operation.by}
                    {operation.reason && <span class="quiet">: {operation.reason}</span>}
                  </td>
                  <td data-label={words.columns.when}>
                    <Ago at={operation.createdAt} now={now} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
