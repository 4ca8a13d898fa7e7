/** A permit: the right to hand one message of one pair to the gateway within its lease; granted by the limiter, never refunded. */

import type { Topic } from "../kernel/topic.ts";
import type { BudgetName, BudgetUse, Shared } from "./limiter.ts";

export type RefusalReason = "rate" | "queue_full" | "paused" | "inactive" | "held" | "unknown_pair" | "expired" | "limiter_down";

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
  | {
      granted: true;
      permitId: string;
      pair: string;
      /** What is left of the lease as this is answered, whole ms: counted from the answer it is never too long by our own doing. */
      leaseMs: number;
      /** Slots of the country left after this one. */
      remaining: number;
      /** CLOCK_BOOTTIME of the grant: a program on this machine sees from it how old the permit is. */
      grantedUptimeMs: number;
      bootId: string;
    }
  | { granted: false; reason: RefusalReason; retryAfterMs: number | null; message: string; budget?: BudgetName };

export const MAX_WAIT_MS = 60_000;

/** One granted slot as it stands on disk and in the window. Uptimes are CLOCK_BOOTTIME ms of the boot named. */
export interface Grant {
  permitId: string;
  country: string;
  pair: string;
  /** That of its pair when it was granted; null: the pair names none. */
  gateway: string | null;
  program: string;
  session: string | null;
  bootId: string;
  grantedUptimeMs: number;
  leaseMs: number;
  /** Wall time, for people. */
  grantedAt: number;
  /** Uptime from which its message is known to be handed over: the arrival of the result that named it. Null while nothing came. */
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
  /** ms until a slot is free, 0 when one is, and 0 when the limit is 0, since then no time brings one. */
  nextFreeMs: number;
  waiting: number;
  /** Grants of the last window, whose slots still count, in the order those end. */
  grants: Holder[];
  uncontrolled: number;
  refused: Record<string, number>;
}

/** A slot that is taken: by whom, for how long, and whether a result came. */
export interface Holder {
  permitId: string;
  pair: string;
  program: string;
  /** Id; null: its token names none. */
  session: string | null;
  ageMs: number;
  reported: boolean;
  /** Its lease still runs: the message may leave any moment. */
  open: boolean;
  abandoned: boolean;
}

/** Those who wait for one pair. */
export interface Waiting {
  pair: string;
  n: number;
  /** Of the first of them. */
  forMs: number;
}

export interface Permits {
  ask(ask: PermitAsk): Promise<PermitAnswer>;
  proof(country: string): CountryProof;
  /** Who waits in the country, the longest first. */
  waiters(country: string): Waiting[];
  /** What a pair lies in beside its country's budget: its own limit, its gateway's, the house's. */
  nested(pair: string): readonly BudgetUse[];
  /** What gateways and the house use of their limits now. */
  shared(): Shared;
  /** New results, in the journal's order: consumes permits, frees slots, finds uncontrolled sends. */
  settle(results: readonly SettledResult[]): void;
  totals(): { granted: number; refused: Record<string, number>; uncontrolled: number };
  /** A country whose window or queue changed. */
  changed: Topic<string>;
  /** New waits are refused, present ones end with `limiter_down`. For shutdown. */
  close(): void;
}

/** What the limiter needs to know of a new result. `n` messages were handed over, at the latest when this arrived (see `handsOver`). */
export interface SettledResult {
  seq: number;
  pair: string;
  program: string;
  session: string | null;
  permitId: string | null;
  /** 0: nothing was handed over; only the mark moves up to `seq`. */
  n: number;
  /** The program's own wall time of the send: where an uncontrolled one counts. Null when it gave none: on arrival. */
  at: number | null;
  /**
   * When it says it handed over (its `attempt`, told before the gateway was called); null when it never said, and then nothing is late.
   * Left out: `at` is taken for it, which wrongs a program whose gateway takes seconds to answer.
   */
  handedOverAt?: number | null;
  /** Uptime of its arrival, this boot. For a journal row replayed after a start: uptime now, since later is always safe. */
  arrivedUptimeMs: number;
}

/**
 * Whether a change of a message's state tells that it was handed to the gateway, for the first time. An `attempt` may be told before the
 * call, and a `blocked` message never got that far: neither frees a slot, neither is a send.
 */
export function handsOver(from: string | null, to: string): boolean {
  return (from === null || from === "attempt") && to !== "attempt" && to !== "blocked";
}
