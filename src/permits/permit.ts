/** A permit: the right to hand one message of one pair to the gateway within its lease; granted by the limiter, never refunded. */

import { z } from "zod";
import { countryCode } from "../pairs/country.ts";
import { operatorSlug, pairId } from "../pairs/pair.ts";

export type RefusalReason = "rate" | "queue_full" | "paused" | "inactive" | "held" | "unknown_pair" | "limiter_down";

export interface PermitAsk {
  /** Whoever of these gets a slot first. One or more pairs. */
  pairs: string[];
  program: string;
  session: string | null;
  waitMs: number;
  /** Aborted when the caller went away: frees the place in the queue. */
  signal?: AbortSignal;
}

export type PermitAnswer =
  | { granted: true; permitId: string; pair: string; leaseMs: number; remaining: number }
  | { granted: false; reason: RefusalReason; retryAfterMs: number | null; message: string };

export const MAX_WAIT_MS = 60_000;

/** What POST /api/permits takes: `{country, operator}` or `{pairs}`. */
export const permitRequest = z.union([
  z.strictObject({
    country: countryCode,
    operator: operatorSlug,
    wait_ms: z.number().int().min(0).max(MAX_WAIT_MS).default(0),
    session: z.string().max(80).optional(),
  }),
  z.strictObject({
    pairs: z.array(pairId).min(1).max(100),
    wait_ms: z.number().int().min(0).max(MAX_WAIT_MS).default(0),
    session: z.string().max(80).optional(),
  }),
]);

/** One granted slot as it stands on disk and in the window. Uptimes are CLOCK_BOOTTIME ms of the boot named. */
export interface Grant {
  permitId: string;
  country: string;
  pair: string;
  program: string;
  session: string | null;
  bootId: string;
  grantedUptimeMs: number;
  leaseMs: number;
  /** Wall time, for people. */
  grantedAt: number;
  /** Uptime at which its first result arrived, or null. */
  reportedUptimeMs: number | null;
  /** The caller was gone before the answer. */
  abandoned: boolean;
}

/** What a country's window looks like now: the proof view and the board's ten segments. */
export interface CountryProof {
  country: string;
  limit: number;
  windowMs: number;
  used: number;
  /** ms until a slot is free, 0 when one is. */
  nextFreeMs: number;
  waiting: number;
  /** Grants of the last window: age in ms, pair, whether a result came. */
  grants: { permitId: string; pair: string; ageMs: number; reported: boolean }[];
  uncontrolled: number;
  refused: Record<string, number>;
}

export interface Permits {
  ask(ask: PermitAsk): Promise<PermitAnswer>;
  proof(country: string): CountryProof;
  /** New results, in the journal's order: consumes permits, frees slots, finds uncontrolled sends. */
  settle(deltas: readonly SettledResult[]): void;
  totals(): { granted: number; refused: Record<string, number>; uncontrolled: number };
  /** New waits are refused, present ones end with `limiter_down`. For shutdown. */
  close(): void;
}

/** What the limiter needs to know of a new result. `n` messages were handed over, at the latest when this arrived. */
export interface SettledResult {
  seq: number;
  pair: string;
  program: string;
  session: string | null;
  permitId: string | null;
  n: number;
  /** The program's own wall time of the send. */
  at: number;
  /** Uptime of its arrival, this boot. */
  arrivedUptimeMs: number;
}
