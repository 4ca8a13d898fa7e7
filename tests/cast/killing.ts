/** Kills Signalbox at moments nobody chose, and starts it again. */

import type { Sample } from "./sample.ts";
import { until } from "./until.ts";

export interface Killing {
  times: number;
  seed: number;
  /** Between two kills, ms after it was ready. */
  leastMs: number;
  mostMs: number;
  onKill?: (nth: number) => void;
}

export async function killAtRandom(sample: Sample, { times, seed, leastMs, mostMs, onKill }: Killing): Promise<void> {
  let state = seed;
  for (let nth = 1; nth <= times; nth++) {
    // A linear congruential generator (Numerical Recipes): the same moments for a seed.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const due = performance.now() + leastMs + (state / 2 ** 32) * (mostMs - leastMs);
    await until("the moment has come", () => performance.now() >= due, mostMs + 1000);
    await sample.kill9();
    onKill?.(nth);
    await sample.serve();
  }
}
