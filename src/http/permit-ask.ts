/**
 * A request as an ask for a permit. Its signal is made only when somebody looks who may find it aborted, since making one is a twentieth of what
 * a permit costs; Bun makes it aborted when its caller is gone already.
 */

import type { PermitAsk } from "../permits/permit.ts";

export class Ask implements PermitAsk {
  readonly #askedAt = performance.now();

  constructor(
    readonly pairs: string[],
    readonly program: string,
    readonly session: string | null,
    readonly waitMs: number,
    readonly request: Pick<Request, "signal">,
  ) {}

  get signal(): AbortSignal | undefined {
    return this.waitMs > 0 || performance.now() - this.#askedAt > PATIENCE_MS ? this.request.signal : undefined;
  }
}

/** Nobody goes away sooner; who does is like one who goes away while the answer is under way. */
const PATIENCE_MS = 20;
