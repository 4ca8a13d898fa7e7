/** Many pairs in one act of storing: all of them or none, each against the version it was looked at; kept, so that it can be undone. */

import { type Act, type Actor, act } from "../kernel/act.ts";
import type { Clock } from "../kernel/clock.ts";
import { conflict, notFound } from "../kernel/errors.ts";
import { timeId } from "../kernel/id.ts";
import { lazily } from "../kernel/lazily.ts";
import { inSteps } from "../kernel/steps.ts";
import { type Batch, type Since, type Step, stepOf, undoneStep } from "./batch.ts";
import { goneRows, type Head, headIn, headRow, stepRowIds, stepRows, stepsIn } from "./batch-rows.ts";
import type { Directory } from "./directory.ts";
import type { DocumentChange, Documents } from "./documents.ts";
import { actOfEdit, afterEdit, type PairEdit } from "./many.ts";
import type { Pair } from "./pair.ts";

export interface Batches {
  /** Throws what a single change would throw; then nothing is stored. Null: there was nothing to do. */
  store(
    edits: readonly PairEdit[],
    actor: Actor,
    as: { kind: "edit" | "import"; reason?: string | null | undefined },
  ): Promise<Batch | null>;
  /** Newest first, the last hundred. */
  list(): Promise<Batch[]>;
  /** Throws `not_found`. */
  get(id: string): Promise<{ batch: Batch; steps: Step[] }>;
  /**
   * Puts back what the batch did, as a batch of its own; what cannot be put back is left and stands in it with the reason. Throws `conflict`:
   * `not_undoable` for an undoing, `undone` when it was undone already, `nothing` when nothing can be put back.
   */
  undo(id: string, actor: Actor): Promise<Batch>;
}

const KEPT = 100;

interface Edited {
  edit: PairEdit;
  after: Pair;
}

/** Nothing is read before somebody asks. */
export function openBatches(documents: Pick<Documents, "load" | "acts">, directory: Directory, clock: Clock): Batches {
  const heads = lazily(async () => new Map((await documents.load(["batch"])).map((row) => [row.id, headIn(row)])));

  async function find(id: string): Promise<Head> {
    const found = (await heads()).get(id);
    if (!found) throw notFound(`Change of many pairs ${id}`);
    return found;
  }

  async function stepsOf(batch: Batch): Promise<Step[]> {
    const ids = stepRowIds(batch);
    return stepsIn(ids, await documents.load(["batch_steps"], ids));
  }

  function newBatch(kind: Batch["kind"], { name, from }: Actor, reason: string | null, undoes: string | null = null): Batch {
    const at = clock.now();
    const counts = { changed: 0, created: 0, retired: 0, left: 0 };
    return { id: timeId("b", at), kind, by: name, from, reason, at, counts, undoes, undoneBy: null };
  }

  /** The pairs, their acts, the batch with its steps, what became of the one it undoes, and the oldest that goes: one transaction. */
  async function keep(batch: Batch, edited: readonly Edited[], acts: readonly Act[], left: readonly Step[] = []): Promise<Batch> {
    const known = await heads();
    const steps = [...left, ...(await inSteps(edited, ({ edit, after }) => stepOf(edit, directory.pair(after.id), after)))];
    const counted: Batch = { ...batch, counts: { ...batch.counts } };
    for (const { what } of steps) counted.counts[what]++;
    const beside: DocumentChange[] = [headRow(counted, 0), ...stepRows(batch.id, steps)];
    const undone = batch.undoes === null ? undefined : known.get(batch.undoes);
    if (undone) beside.push(headRow({ ...undone.batch, undoneBy: batch.id }, undone.version));
    const oldest = known.size < KEPT ? undefined : known.get([...known.keys()].sort()[0]!);
    if (oldest && oldest !== undone) beside.push(...goneRows(oldest, await documents.load(["batch_steps"], stepRowIds(oldest.batch))));
    await directory.commit(
      edited.map(({ after }) => ({ kind: "pair", value: after })),
      acts,
      beside,
    );
    for (const { kind, id, expected, body } of beside) {
      if (kind !== "batch") continue;
      if (body === null) known.delete(id);
      else known.set(id, headIn({ kind, id, version: expected + 1, body }));
    }
    return counted;
  }

  const actsOf = (edited: readonly Edited[], actor: Actor, { at, reason }: Batch) =>
    inSteps(edited, ({ edit, after }) => actOfEdit(edit, after, actor, at, reason));

  /** By the acts of the pairs that have another version by now: each version has one. */
  async function sinceThen(steps: readonly Step[]): Promise<Since> {
    const later = await inSteps(steps, ({ pair, version }) => (directory.pair(pair)?.version ?? version) - version);
    const subjects = steps.flatMap(({ pair }, i) => (later[i]! > 0 ? [`pair:${pair}`] : []));
    const limit = later.reduce((sum, n) => sum + n, 0);
    const of = Map.groupBy(limit === 0 ? [] : await documents.acts({ subject: subjects, limit }), ({ subject }) => subject);
    const newest = (pair: string, fits: (act: Act) => boolean) => of.get(`pair:${pair}`)?.find(fits)?.actor ?? null;
    return {
      changed: (pair, fields) => newest(pair, ({ detail }) => detail !== null && fields.some((field) => field in detail)),
      madeAnew: (pair) => newest(pair, ({ verb }) => verb === "pair.create"),
    };
  }

  return {
    store: (edits, actor, { kind, reason = null }) =>
      directory.inTurn(async () => {
        if (edits.length === 0) return null;
        const batch = newBatch(kind, actor, kind === "import" ? "import" : reason);
        const edited = await inSteps(edits, (edit) => ({ edit, after: afterEdit(directory, edit, batch.at) }));
        return keep(batch, edited, await actsOf(edited, actor, batch));
      }),
    async list() {
      return [...(await heads()).values()].map(({ batch }) => batch).sort((a, b) => (a.id < b.id ? 1 : -1));
    },
    async get(id) {
      const { batch } = await find(id);
      return { batch, steps: await stepsOf(batch) };
    },
    undo: (id, actor) =>
      directory.inTurn(async () => {
        const { batch: undone } = await find(id);
        if (undone.kind === "undo") throw conflict("What was put back is not undone again: change the pairs anew", "not_undoable");
        if (undone.undoneBy !== null) throw conflict(`It was undone already: ${undone.undoneBy}`, "undone");
        const batch = newBatch("undo", actor, `undo of ${id} by ${undone.by}`, id);
        const steps = await stepsOf(undone);
        const since = await sinceThen(steps);
        const looked = await inSteps(steps, (step) => undoneStep(step, directory, since, batch.at));
        const back = looked.flatMap((one) => ("edit" in one ? [one] : []));
        const left = looked.flatMap((one) => ("left" in one ? [one.left] : []));
        if (back.length === 0) throw conflict(`Nothing can be put back: ${left[0]?.pair} ${left[0]?.why}`, "nothing");
        const detail = { by: batch.id, pairs: back.length, left: left.length };
        const told = act(actor, batch.at, "batch.undo", `batch:${id}`, { detail });
        return keep(batch, back, [...(await actsOf(back, actor, batch)), told], left);
      }),
  };
}
