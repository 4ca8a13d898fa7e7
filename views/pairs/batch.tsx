/** What was done to many pairs at once, pair by pair, and the button that undoes it; and the list of such acts. */

import type { Child } from "hono/jsx";
import type { Batch, Step } from "../../src/pairs/batch.ts";
import { Notice, PageHead } from "../frame.tsx";
import { Ago, Empty } from "../parts.tsx";
import { texts } from "../texts.ts";
import { Changes, PairName } from "./changes.tsx";

const words = texts.pair.batch;
const TONE = { changed: "", created: "go", retired: "", left: "caution" } as const;

export interface BatchPageProps {
  batch: Batch;
  /** Drawn already: there may be thousands. */
  rows: Child;
  now: number;
  acts: boolean;
  /** Why it was not undone. */
  refused: string | null;
}

export function BatchPage({ batch, rows, now, acts, refused }: BatchPageProps) {
  const { id, kind, counts, undoes, undoneBy } = batch;
  return (
    <div class="asking">
      <PageHead title={titleOf(batch)} crumb={{ href: "/pairs/batches", text: words.title }} now={now} live={false} />
      {refused && <Notice tone="stop">{refused}</Notice>}
      {counts.left > 0 && <Notice tone="stop">{words.leftNotice(counts.left)}</Notice>}
      <section class="panel">
        <dl class="facts">
          <dt>{words.by}</dt>
          <dd>
            {batch.by}
            {batch.reason && <span class="quiet">: {batch.reason}</span>}
          </dd>
          <dt>{words.when}</dt>
          <dd>
            <Ago at={batch.at} now={now} />
          </dd>
          {undoes && (
            <>
              <dt>{words.undoes}</dt>
              <dd>
                <a href={`/pairs/batches/${undoes}`}>{undoes}</a>
              </dd>
            </>
          )}
          {undoneBy && (
            <>
              <dt>{words.undoneBy}</dt>
              <dd>
                <a href={`/pairs/batches/${undoneBy}`}>{undoneBy}</a>
              </dd>
            </>
          )}
        </dl>
        <p class="quiet">{words.effect}</p>
        {acts && kind !== "undo" && undoneBy === null && (
          <form method="post" action={`/pairs/batches/${id}/undos`} class="row">
            <button type="submit">{words.undo}</button> <span class="quiet">{words.undoHint}</span>
          </form>
        )}
      </section>
      <div class="table">
        <table class="dense wide import-table">
          <thead>
            <tr>
              <th scope="col">{words.pair}</th>
              <th scope="col">{words.what}</th>
              <th scope="col">{words.fields}</th>
            </tr>
          </thead>
          <tbody>{rows}</tbody>
        </table>
      </div>
    </div>
  );
}

export function BatchRow({ step }: { step: Step }) {
  const after: Record<string, unknown> = step.after;
  return (
    <tr>
      <th scope="row">
        <PairName id={step.pair} />
      </th>
      <td class={TONE[step.what]} data-label={words.what}>
        {words.done[step.what]}
      </td>
      <td class="wide-cell wrap">
        {step.why ?? <Changes changes={Object.entries(step.before).map(([field, from]) => ({ field, from, to: after[field] }))} />}
      </td>
    </tr>
  );
}

export function titleOf({ kind, counts }: Batch): string {
  const { changed, created, retired, left } = counts;
  return `${words.kinds[kind]}: ${words.counts(changed, created, retired, left)}`;
}

export function BatchList({ batches, now }: { batches: readonly Batch[]; now: number }) {
  return (
    <>
      <PageHead title={words.title} crumb={{ href: "/pairs", text: texts.pair.title }} now={now} live={false} />
      {batches.length === 0 ? (
        <Empty title={words.emptyTitle}>
          <p>
            {words.empty} <a href="/pairs/edits">{texts.pair.many.open}</a>
          </p>
        </Empty>
      ) : (
        <div class="table">
          <table class="dense wide">
            <thead>
              <tr>
                <th scope="col">{words.what}</th>
                <th scope="col">{words.by}</th>
                <th scope="col">{words.when}</th>
                <th scope="col">{words.undoneBy}</th>
              </tr>
            </thead>
            <tbody>
              {batches.map((batch) => (
                <tr>
                  <th scope="row" class="wide-cell">
                    <a href={`/pairs/batches/${batch.id}`}>{titleOf(batch)}</a>
                  </th>
                  <td class="wrap" data-label={words.by}>
                    {batch.by}
                    {batch.reason && <span class="quiet">: {batch.reason}</span>}
                  </td>
                  <td data-label={words.when}>
                    <Ago at={batch.at} now={now} />
                  </td>
                  <td data-label={words.undoneBy}>
                    {batch.undoneBy ? <a href={`/pairs/batches/${batch.undoneBy}`}>{words.yes}</a> : texts.none}
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
