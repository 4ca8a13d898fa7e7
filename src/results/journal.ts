/**
 * Port: the journal, between arrival and every number. Always local.
 *
 * `append` takes a whole request: in one transaction each item is checked against what is known of its message, moves it or not, and the
 * resulting deltas are journalled with ascending `seq`. It resolves when all is on disk (group commit), one outcome per item in order;
 * nothing of it is visible before. Throws `unavailable` when the disk is full or the writer is away, and then nothing was stored.
 * The same item twice is `duplicate` for ever (as long as its message is kept), across restarts too.
 */

import type { MessageState } from "./message.ts";

/** A message report, checked: what the journal stores. */
export interface MessageItem {
  kind: "message";
  program: string;
  session: string | null;
  pair: string;
  country: string;
  messageId: string;
  state: MessageState;
  /** The program's time, ms. */
  at: number;
  permitId: string | null;
  errorCode: string | null;
  gateway: string | null;
  gatewayMessageId: string | null;
  phoneHash: string | null;
  phoneMask: string | null;
  convertedAt: number | null;
}

/** A counts report, checked and (if cumulative) still as it came: the journal differences it. */
export interface CountsItem {
  kind: "counts";
  program: string;
  session: string;
  pair: string;
  country: string;
  at: number;
  cumulative: boolean;
  sent: number;
  delivered: number;
  failed: number;
  errors: Record<string, number>;
}

export type Item = MessageItem | CountsItem;

/** What changed: `n` messages of a pair went from one state to another. The unit every number is folded from. */
export interface Delta {
  seq: number;
  program: string;
  session: string | null;
  pair: string;
  country: string;
  /** Wall ms of the submit: the bucket it counts in. */
  submitAt: number;
  from: MessageState | null;
  to: MessageState;
  n: number;
  /** submit to delivered, ms; null when it says nothing about latency. */
  latencyMs: number | null;
  errorCode: string | null;
  permitId: string | null;
  /** The report's own time and our wall time of its arrival. */
  at: number;
  receivedAt: number;
}

export type Outcome = { kind: "new"; deltas: Delta[] } | { kind: "duplicate" } | { kind: "rejected"; field: string; message: string };

/** Deltas summed for a start: one row per (pair, program, session, 10-second bucket, from, to, errorCode). */
export interface FoldedDelta {
  program: string;
  session: string | null;
  pair: string;
  country: string;
  submitAt: number;
  from: MessageState | null;
  to: MessageState;
  n: number;
  errorCode: string | null;
  latencies: number[];
}

export interface Journal {
  append(items: readonly Item[], receivedAt: number): Promise<Outcome[]>;
  /** Deltas with seq > `after`, oldest first, at most `limit`. */
  since(after: number, limit: number): Promise<Delta[]>;
  /** The highest seq, 0 when empty. */
  lastSeq(): Promise<number>;
  /** Everything received at or after `receivedAt`, folded into 10-second submit buckets. */
  folded(receivedAt: number): Promise<FoldedDelta[]>;
}
