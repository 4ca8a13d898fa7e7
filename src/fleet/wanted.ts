/** What a session is effectively asked to be: its wish, its pairs' priority, and whether there is anything to run. Pure. */

import { SIGNALBOX } from "../kernel/act.ts";
import type { Pair } from "../pairs/pair.ts";
import type { Program } from "../pairs/program.ts";
import type { Session } from "../pairs/session.ts";

export interface Wanted {
  up: boolean;
  /** It serves a high-priority pair: nothing leaves it down. */
  priority: boolean;
  /** Completes "stopped": "by anna: maintenance". */
  why: string;
  by: string;
  reason: string | null;
}

/** Pairs that a policy mutes get no permits; their sessions go on, so that a probe costs no start. */
export function wantedOf(session: Session, program: Program | undefined, pairs: readonly Pair[]): Wanted {
  const { by, reason, state } = session.desired;
  const priorityPair = pairs.find((pair) => pair.priority && pair.retiredAt === null);
  // It follows from what somebody did to something else, and the act of that says who.
  const no = (why: string, who: string = SIGNALBOX.name): Wanted => ({ up: false, priority: false, why, by: who, reason: why });
  if (session.retiredAt !== null) return no("retired", session.retiredBy);
  if (!program || program.retiredAt !== null) return no(`program ${session.program} is gone`);
  if (priorityPair) {
    const asked = state === "up" ? { by, reason } : { by: "signalbox", reason: `${priorityPair.id} is high priority` };
    return { up: true, priority: true, why: `${priorityPair.id} is high priority`, ...asked };
  }
  if (!pairs.some((pair) => pair.active && pair.retiredAt === null)) return no(`${session.pairs.join(", ")} switched off`);
  return { up: state === "up", priority: false, why: `by ${by}${reason ? `: ${reason}` : ""}`, by, reason };
}
