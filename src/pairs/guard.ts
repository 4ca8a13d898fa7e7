/** Promise 3, in one place: what may not be done to a high-priority pair, whoever asks and by whatever path. */

import { conflict } from "../kernel/errors.ts";
import type { Country } from "./country.ts";
import type { Directory } from "./directory.ts";
import type { PairChange } from "./input.ts";
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

/** A change that would end its traffic is a stop. */
export function refuseIfIdled(pair: Pair, change: PairChange): void {
  if (change.active === false) refuseIfPriority([pair], "cannot be switched off");
  if (change.weight === 0) refuseIfPriority([pair], "cannot have weight 0");
  if (change.limit === 0) refuseIfPriority([pair], "cannot have limit 0");
}

/** High priority means traffic: a pair that may send nothing cannot have it. */
export function refuseIdle(pair: Pair, country: Country): void {
  const why = !pair.active
    ? "is switched off"
    : pair.weight === 0
      ? "has weight 0"
      : pair.limit === 0
        ? "has limit 0"
        : country.limit === 0
          ? "lies in a country with limit 0"
          : null;
  if (why) throw conflict(`${pair.id} ${why}; mend that before giving it high priority`, "idle");
}
