/** What ties results to permits: each new hand-over settles one, and those of before the start are settled first. */

import type { Clock } from "../kernel/clock.ts";
import { handsOver } from "../permits/permit.ts";
import type { OpenPermits } from "../permits/permits.ts";
import type { Delta, Journal } from "../results/journal.ts";

/** Results that were journalled but not settled when we went down. They arrived before now, so counting them from now is on the safe side. */
export async function settleRest(journal: Journal, permits: OpenPermits, clock: Clock, settle: Settle): Promise<void> {
  let mark = permits.mark;
  for (;;) {
    const deltas = await journal.since(mark, 5000);
    if (deltas.length === 0) return;
    settle(deltas, clock.uptimeMs());
    mark = deltas.at(-1)!.seq;
  }
}

export type Settle = (deltas: readonly Delta[], arrivedUptimeMs: number) => void;

/** Only hand-overs have something to settle, but the mark must follow the rest too, or a start would read all of it again. */
const MARK_EVERY = 1_000;

export function settler(permits: OpenPermits): Settle {
  let marked = permits.mark;
  return (deltas, arrivedUptimeMs) => {
    const last = deltas.at(-1);
    const markDue = last !== undefined && last.seq - marked >= MARK_EVERY;
    const results = deltas
      .filter((delta) => handsOver(delta.from, delta.to) || (markDue && delta === last))
      .map(({ seq, pair, program, session, permitId, n, at, from, to, submitAt }) => {
        // An attempt told before the call dates the hand-over better than the gateway's answer, which may take seconds.
        const handedOverAt = from === "attempt" ? submitAt : null;
        return { seq, pair, program, session, permitId, n: handsOver(from, to) ? n : 0, at, arrivedUptimeMs, handedOverAt };
      });
    if (results.length === 0) return;
    marked = results.at(-1)!.seq;
    permits.settle(results);
  };
}
