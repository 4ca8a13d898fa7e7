/** The numbers people see of pairs, sessions, countries and the fleet, read from memory; counters.ts folds them from the journal's deltas. */

import type { Topic } from "../kernel/topic.ts";

/** Messages by what became of them; `sent` = accepted by the gateway, whatever came after. */
export interface Tally {
  attempts: number;
  sent: number;
  delivered: number;
  undelivered: number;
  failed: number;
  blocked: number;
  /** Sent and without a final yet. undelivered + rejected + expired + unknown are all in `undelivered`. */
  pending: number;
}

/** A success rate with all that is needed to believe it. Formula: docs/architecture.md, "Success rate". */
export type Rate =
  | {
      kind: "rate";
      /** delivered / counted, 0-1, and its Wilson 95% interval. */
      value: number;
      lower: number;
      upper: number;
      n: number;
      /** Window of submit times looked at, ms. */
      windowMs: number;
      /** M: a message counts once it is this old, ms. */
      maturityMs: number;
      /** `receipts`: delivery receipts; `attempts`: the program only says success or failure. */
      basis: "receipts" | "attempts";
    }
  | { kind: "insufficient"; n: number; needed: number };

export interface Latency {
  p50Ms: number;
  p90Ms: number;
  p99Ms: number;
  n: number;
}

export interface Numbers {
  /** Since the count began (all time). */
  total: Tally;
  /** Messages submitted in the last 60 s. */
  sentLastMinute: number;
  rate: Rate;
  /** Submit to delivered, or null before the first receipt. */
  latency: Latency | null;
  lastSendAt: number | null;
  lastReceiptAt: number | null;
  /** Error codes of the last 15 min, most frequent first. */
  errors: { code: string; n: number }[];
}

export interface FleetNumbers extends Numbers {
  /** Over the last 15 min by submit time. */
  last15: Tally;
}

export type Glance = Pick<Numbers, "sentLastMinute" | "rate" | "latency">;

export interface Counters {
  pair(id: string): Numbers;
  /** What the board shows of a pair, every second. */
  glance(pairId: string): Glance;
  /** Another one after every result of the pair, before its numbers are worked out anew. */
  version(pairId: string): number;
  session(id: string): Numbers;
  country(code: string): Numbers;
  /** A slug, in every country that has it. */
  operator(slug: string): Numbers;
  program(name: string): Numbers;
  fleet(): FleetNumbers;
  /** Everything that was ever counted, `UZ_unassigned` and retired pairs too. */
  seen(): { pairs: string[]; countries: string[]; operators: string[]; programs: string[] };
  /** Pair ids whose numbers changed, at most once a second. */
  changed: Topic<readonly string[]>;
}
