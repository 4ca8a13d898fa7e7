/** Many pairs in one act of storing: all of them or none, each against the version it was looked at. */

import { createHash } from "node:crypto";
import { type Act, type Actor, act } from "../kernel/act.ts";
import { AppError, conflict } from "../kernel/errors.ts";
import { type Change, type Directory, pairOf } from "./directory.ts";
import { refuseIdle, refuseIfIdled } from "./guard.ts";
import type { NewPair, PairChange } from "./input.ts";
import { changePair, createPair, type Pair, pairIdOf } from "./pair.ts";

/** What is to become of one pair. */
export type PairEdit =
  | { kind: "create"; input: NewPair; priority: boolean }
  | { kind: "change"; id: string; version: number; change: PairChange };

/** Stands for exactly these edits of exactly these versions. */
export function hashOf(edits: readonly PairEdit[]): string {
  return createHash("sha256").update(JSON.stringify(edits)).digest("hex").slice(0, 12);
}

/** Throws what a single change would throw; then nothing is stored. */
export async function storeEdits(
  directory: Directory,
  edits: readonly PairEdit[],
  actor: Actor,
  now: number,
  reason?: string | null,
): Promise<void> {
  const changes: Change[] = [];
  const acts: Act[] = [];
  for (const edit of edits) {
    const value = edit.kind === "create" ? born(directory, edit, now) : changed(directory, edit, now);
    changes.push({ kind: "pair", value });
    const verb = edit.kind === "create" ? "pair.create" : "pair.update";
    const detail = edit.kind === "create" ? { ...edit.input, priority: edit.priority } : { ...edit.change };
    acts.push(act(actor, now, verb, `pair:${value.id}`, { reason, detail }));
  }
  if (changes.length > 0) await directory.commit(changes, acts);
}

/** A retired pair comes back under its own id, so that its numbers stay in one line. */
export function born(directory: Directory, { input, priority }: Extract<PairEdit, { kind: "create" }>, now: number): Pair {
  const id = pairIdOf(input.country, input.operator);
  const before = directory.pair(id);
  if (before && before.retiredAt === null) throw conflict(`Pair ${id} exists already`, "exists");
  const pair = { ...createPair(input, now), priority, version: before?.version ?? 0, createdAt: before?.createdAt ?? now };
  if (priority) refuseIdle(pair, directory.country(pair.country));
  return pair;
}

/** Throws 409 `changed` for another version, `high_priority` when the change would stop a pair that must not be. */
export function changed(directory: Directory, { id, version, change }: Extract<PairEdit, { kind: "change" }>, now: number): Pair {
  const pair = pairOf(directory, id);
  if (version !== pair.version)
    throw new AppError("conflict", `Pair ${id} was changed by somebody else meanwhile. Look at it again, then save.`, {
      reason: "changed",
    });
  refuseIfIdled(pair, change);
  return changePair(pair, change, now);
}
