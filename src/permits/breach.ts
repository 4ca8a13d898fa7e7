/**
 * A broken limit: one episode in which grants and uncontrolled sends of a country together were more than its limit in some window. The
 * limiter grants nothing meanwhile; what broke it were sends that asked nobody. Begins when it is seen, ends when the window holds it again.
 *
 * Port: `save` writes the episode as it stands, and acts in the same transaction; it survives `kill -9`. Newest first.
 */

import type { Act } from "../kernel/act.ts";
import type { UncontrolledReason } from "./grants.ts";

export interface Breach {
  /** In the order they began. */
  id: number;
  country: string;
  beganAt: number;
  /** Null while it lasts. */
  endedAt: number | null;
  /** The fullest window of it: how many, of these without a permit of their own, and the limit then. */
  most: number;
  uncontrolled: number;
  limit: number;
  windowMs: number;
  /** Who sent without a permit in that window, most first. */
  by: Culprit[];
}

export interface Culprit {
  pair: string;
  program: string;
  /** Id; null: its token names none. */
  session: string | null;
  reason: UncontrolledReason;
  n: number;
}

export interface BreachRows {
  save(breach: Breach, acts: readonly Act[]): Promise<void>;
  recent(country: string | null, limit: number): Promise<Breach[]>;
  /** Those that had not ended when Signalbox went down. */
  open(): Promise<Breach[]>;
}
