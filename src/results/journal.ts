/**
 * Port: the journal, between arrival and every number. Always local.
 *
 * `append` takes a whole request: in one transaction each item is checked against what is known of its message, moves it or not, and the
 * resulting deltas are journalled with ascending `seq`. It resolves when all is on disk (group commit), one outcome per item in order;
 * nothing of it is visible before. Throws `unavailable` when the disk is full or the writer is away, and then nothing was stored.
 * The same item twice is `duplicate` for ever (as long as its message is kept), across restarts too.
 */

import type { KnownMessage } from "./known.ts";
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
  /** Of a message in several parts: which one this report speaks of, from 1. Left out when it speaks of the whole. */
  part?: number;
  parts?: number;
  /** Its error blames the recipient: it stays out of the success rate. */
  excused?: boolean;
  /** Who told it, when that is not the message's own program and session; and what was sent, masked. */
  note?: { by: string; body: string | null };
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
  /** Codes of `errors` that blame the recipient. */
  excused?: string[];
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
  /** `receipts`: one message with its own story; `attempts`: a counts report, final at once. */
  basis: "receipts" | "attempts";
  /** submit to delivered, ms; null when it says nothing about latency. */
  latencyMs: number | null;
  errorCode: string | null;
  /** The code of the state it left, so that what that code counted for can be taken back. */
  fromErrorCode: string | null;
  /** `EXCUSED_TO` and `EXCUSED_FROM`, added: which of the two states blames the recipient. */
  excused: number;
  permitId: string | null;
  /** The report's own time and our wall time of its arrival. */
  at: number;
  receivedAt: number;
}

export const EXCUSED_TO = 1;
export const EXCUSED_FROM = 2;

export type Outcome = { kind: "new"; deltas: Delta[] } | { kind: "duplicate" } | { kind: "rejected"; field: string; message: string };

/** One line of a message's story: a report that came, and what it did. */
export interface StoryLine {
  seq: number;
  from: MessageState | null;
  to: MessageState;
  errorCode: string | null;
  at: number;
  receivedAt: number;
  /** Why it moved nothing (`contradiction`, `lower_rank`, `same`, `part`, `converted`), or null when it did. */
  kept: string | null;
  latencyMs: number | null;
  permitId: string | null;
  /** Who told it, when it was not the message's own program and session: `session:...`, `gateway:...`, `signalbox`. */
  toldBy: string | null;
  /** The state that was told, when it is not `to`: the receipt of one part proves the whole submitted. */
  told: MessageState | null;
  part: number | null;
  parts: number | null;
  /** What a gateway sent, masked and cut. */
  body: string | null;
}

export interface Journal {
  append(items: readonly Item[], receivedAt: number): Promise<Outcome[]>;
  /** Deltas with seq > `after`, oldest first, at most `limit`. */
  since(after: number, limit: number): Promise<Delta[]>;
  /** The highest seq, 0 when empty. */
  lastSeq(): Promise<number>;
  /** What is known of a message and all that was reported of it, oldest first; null when the id is not known. */
  story(program: string, messageId: string): Promise<{ message: KnownMessage; lines: StoryLine[] } | null>;
  /** Resolves when every append asked for before is on disk or has failed, also one whose answer was not waited for. */
  settled(): Promise<void>;
}
