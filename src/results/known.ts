/** What is known of one message, and what one more report makes of it. Pure; every journal applies it under its own lock. */

import type { MessageItem } from "./journal.ts";
import { type MessageState, transition } from "./message.ts";

export interface KnownMessage {
  program: string;
  messageId: string;
  session: string | null;
  pair: string;
  country: string;
  state: MessageState;
  /** The code that came with the present state. */
  errorCode: string | null;
  /** When it was submitted; before that report, when it was first heard of. */
  submitAt: number;
  /** Every (state, code) that was told of it, in order, compact: see `entryOf`. */
  seen: string;
  permitId: string | null;
  gateway: string | null;
  gatewayMessageId: string | null;
  phoneHash: string | null;
  phoneMask: string | null;
  convertedAt: number | null;
}

export type Verdict =
  | { kind: "duplicate" }
  | { kind: "rejected"; field: string; message: string }
  /** Stored in the message's story, changes no number. */
  | { kind: "kept"; why: "lower_rank" | "same" | "contradiction" | "converted"; next: KnownMessage }
  | { kind: "moved"; from: MessageState | null; fromErrorCode: string | null; latencyMs: number | null; next: KnownMessage };

/** A message lives through a handful of reports; a program that sends more is looping. */
const MOST_REPORTS = 64;

export function report(known: KnownMessage | null, item: MessageItem): Verdict {
  const entry = entryOf(item);
  if (known === null) {
    const next: KnownMessage = {
      program: item.program,
      messageId: item.messageId,
      session: item.session,
      pair: item.pair,
      country: item.country,
      state: item.state,
      errorCode: item.errorCode,
      submitAt: item.at,
      seen: entry,
      permitId: item.permitId,
      gateway: item.gateway,
      gatewayMessageId: item.gatewayMessageId,
      phoneHash: item.phoneHash,
      phoneMask: item.phoneMask,
      convertedAt: item.convertedAt,
    };
    return { kind: "moved", from: null, fromErrorCode: null, latencyMs: null, next };
  }
  // The first report fixes the pair. One that came before its pair was set up stays under "unassigned", so that no number moves.
  if (known.pair !== item.pair && !(known.country === item.country && isUnassigned(known.pair, known.country)))
    return { kind: "rejected", field: "operator", message: `message ${item.messageId} was first reported for ${known.pair}` };

  const converts = item.convertedAt !== null && known.convertedAt === null;
  const repeated = known.seen.includes(entry);
  if (repeated && !converts) return { kind: "duplicate" };
  if (!repeated && reportsIn(known.seen) >= MOST_REPORTS)
    return { kind: "rejected", field: "state", message: `message ${item.messageId} has ${MOST_REPORTS} different reports already` };

  const next: KnownMessage = {
    ...known,
    seen: repeated ? known.seen : known.seen + entry,
    permitId: known.permitId ?? item.permitId,
    gateway: known.gateway ?? item.gateway,
    gatewayMessageId: known.gatewayMessageId ?? item.gatewayMessageId,
    phoneHash: known.phoneHash ?? item.phoneHash,
    phoneMask: known.phoneMask ?? item.phoneMask,
    convertedAt: known.convertedAt ?? item.convertedAt,
  };
  if (repeated) return { kind: "kept", why: "converted", next };
  const step = transition(known.state, item.state);
  if (step.kind === "keep") return { kind: "kept", why: step.why, next };
  next.state = item.state;
  next.errorCode = item.errorCode;
  if (item.state === "submitted") next.submitAt = item.at;
  return { kind: "moved", from: known.state, fromErrorCode: known.errorCode, latencyMs: latencyOf(known, item), next };
}

/** Submit to delivered by the program's own times. A delivery without a known submit says nothing about latency. */
function latencyOf(known: KnownMessage, item: MessageItem): number | null {
  if (item.state !== "delivered" || known.state === "attempt") return null;
  return Math.max(0, item.at - known.submitAt);
}

/** Where results of a country's unknown operators are counted, until somebody sets the pair up. */
export function unassignedPair(country: string): string {
  return `${country}_unassigned`;
}

export function isUnassigned(pair: string, country: string): boolean {
  return pair === unassignedPair(country);
}

const LETTERS: Record<MessageState, string> = {
  attempt: "a",
  blocked: "b",
  failed: "f",
  submitted: "s",
  buffered: "u",
  delivered: "d",
  undelivered: "n",
  rejected: "r",
  expired: "x",
  unknown: "k",
};

/** `d0;` = delivered with code 0. Begins with `;` too, so that no entry is found inside another; codes hold no `;` (result.ts). */
function entryOf(item: MessageItem): string {
  return `;${LETTERS[item.state]}${item.errorCode ?? ""};`;
}

function reportsIn(seen: string): number {
  let n = 0;
  for (let i = 0; i < seen.length; i++) if (seen.charCodeAt(i) === 59) n++;
  return n / 2;
}
