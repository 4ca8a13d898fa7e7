/** What tells a silent session from one that has nothing to do: who is heard, who has ever sent, and what is free. */

import type { Hearing } from "../fleet/traffic.ts";
import type { Directory } from "../pairs/directory.ts";
import type { Asked } from "../permits/asked.ts";
import type { OpenPermits } from "../permits/permits.ts";
import type { Results } from "../results/results.ts";

/** Whoever asks for a permit is not silent, whatever the answer. */
export function heardBy(traffic: Hearing, asked: Asked, permits: OpenPermits): OpenPermits {
  return {
    ...permits,
    ask(want) {
      traffic.hear(want.session);
      const answer = permits.ask(want);
      asked.hear(want.session, answer);
      return answer;
    },
  };
}

export function hasSent(counters: Results["counters"], program: string): boolean {
  const { attempts, sent, failed } = counters.program(program).total;
  return attempts + sent + failed > 0;
}

/** Asked for every session every other second. */
export function freeSlots(directory: Directory, permits: Pick<OpenPermits, "room">, pairId: string): number {
  const pair = directory.pair(pairId);
  if (!pair?.active || pair.retiredAt !== null || pair.weight === 0 || pair.limit === 0) return 0;
  const { limit, used } = permits.room(pair.country);
  return Math.max(0, limit - used);
}
