/** Promise 3, in one place: what may not be done to a high-priority pair, whoever asks and by whatever path. */

import { conflict } from "../kernel/errors.ts";
import type { Directory } from "./directory.ts";
import type { Pair } from "./pair.ts";
import type { Session } from "./session.ts";

/** The high-priority pairs a session serves. */
export function priorityPairs(directory: Directory, session: Session): Pair[] {
  return session.pairs.flatMap((id) => {
    const pair = directory.pair(id);
    return pair?.priority && pair.retiredAt === null ? [pair] : [];
  });
}

/** Throws 409 `high_priority` when one of the pairs is; `deed` completes the sentence: "cannot be stopped". */
export function refuseIfPriority(pairs: readonly Pair[], deed: string): void {
  const pair = pairs.find((candidate) => candidate.priority && candidate.retiredAt === null);
  if (!pair) return;
  throw conflict(`${pair.id} is high priority and ${deed}. Take its priority away first; that is an act of its own.`, "high_priority");
}
