/** What is to become of many pairs: each edit against the version it was looked at. Pure; `batches.store` does all of them or none. */

import { createHash } from "node:crypto";
import { type Act, type Actor, act } from "../kernel/act.ts";
import { AppError, conflict } from "../kernel/errors.ts";
import { type Directory, pairOf } from "./directory.ts";
import { refuseIdle, refuseIfIdled, refuseIfPriority } from "./guard.ts";
import type { NewPair, PairChange } from "./input.ts";
import { changePair, createPair, type Pair, pairIdOf } from "./pair.ts";

/** What is to become of one pair. */
export type PairEdit =
  | { kind: "create"; input: NewPair; priority: boolean }
  | { kind: "change"; id: string; version: number; change: PairChange }
  | { kind: "retire"; id: string; version: number };

/** Stands for exactly these edits of exactly these versions, as many as were added. */
export function openEditHash(): { add(edit: PairEdit): void; digest(): string } {
  const hash = createHash("sha256");
  return {
    add: (edit) => hash.update(`${JSON.stringify(edit)}\n`),
    digest: () => hash.digest("hex").slice(0, 12),
  };
}

/** The pair as it would be. Throws what a single change would throw. */
export function afterEdit(directory: Directory, edit: PairEdit, now: number): Pair {
  if (edit.kind === "create") return born(directory, edit, now);
  return edit.kind === "change" ? changed(directory, edit, now) : retired(directory, edit, now);
}

const VERBS = { create: "pair.create", change: "pair.update", retire: "pair.retire" } as const;

export function actOfEdit(edit: PairEdit, { id }: Pair, actor: Actor, now: number, reason: string | null): Act {
  const detail =
    edit.kind === "create" ? { ...edit.input, priority: edit.priority } : edit.kind === "change" ? { ...edit.change } : undefined;
  return act(actor, now, VERBS[edit.kind], `pair:${id}`, { reason, detail });
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
  const pair = ofVersion(directory, id, version);
  refuseIfIdled(pair, change);
  return changePair(pair, change, now);
}

/** As it was before it was made. Sessions are nobody's to end here: throws `conflict` with reason `in_use` while some serve it. */
function retired(directory: Directory, { id, version }: Extract<PairEdit, { kind: "retire" }>, now: number): Pair {
  const pair = ofVersion(directory, id, version);
  refuseIfPriority([pair], "cannot be retired");
  const sessions = directory.sessionsOfPair(id).map(({ name }) => name);
  if (sessions.length > 0) throw conflict(`${sessions.join(", ")} serves ${id} by now: retire it on its page`, "in_use");
  return { ...pair, active: false, retiredAt: now, updatedAt: now };
}

function ofVersion(directory: Directory, id: string, version: number): Pair {
  const pair = pairOf(directory, id);
  if (version === pair.version) return pair;
  const words = `Pair ${id} was changed by somebody else meanwhile. Look at it again, then save.`;
  throw new AppError("conflict", words, { reason: "changed" });
}
