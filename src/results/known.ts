/** What is known of one message, and what one more report makes of it. Pure; every journal applies it under its own lock. */

import { EXCUSED_FROM, EXCUSED_TO, type MessageItem } from "./journal.ts";
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
  | { kind: "kept"; why: "lower_rank" | "same" | "contradiction" | "part" | "converted"; next: KnownMessage }
  | {
      kind: "moved";
      from: MessageState | null;
      fromErrorCode: string | null;
      /** Of the states that were left and reached: whether their error blames the recipient. See `EXCUSED_TO`. */
      excused: number;
      latencyMs: number | null;
      /** `next.state` is where it moved to: not always what was told, when that was of one part. */
      next: KnownMessage;
    };

/** A message lives through a handful of reports; a program that sends more is looping. */
const MOST_REPORTS = 64;

export function report(known: KnownMessage | null, item: MessageItem): Verdict {
  const entry = entryOf(item);
  // The parts of a message come one by one: it is delivered with the last of them, and any of them proves that it was submitted.
  const waits = item.state === "delivered" && isPart(item) && !areOthersDelivered(known?.seen ?? "", item);
  if (known === null) {
    const next: KnownMessage = {
      program: item.program,
      messageId: item.messageId,
      session: item.session,
      pair: item.pair,
      country: item.country,
      state: waits ? "submitted" : item.state,
      errorCode: waits ? null : item.errorCode,
      submitAt: item.at,
      seen: entry + markOf(item),
      permitId: item.permitId,
      gateway: item.gateway,
      gatewayMessageId: item.gatewayMessageId,
      phoneHash: item.phoneHash,
      phoneMask: item.phoneMask,
      convertedAt: item.convertedAt,
    };
    return { kind: "moved", from: null, fromErrorCode: null, excused: item.excused ? EXCUSED_TO : 0, latencyMs: null, next };
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
    seen: repeated ? known.seen : known.seen + entry + markOf(item),
    permitId: known.permitId ?? item.permitId,
    gateway: known.gateway ?? item.gateway,
    gatewayMessageId: known.gatewayMessageId ?? item.gatewayMessageId,
    phoneHash: known.phoneHash ?? item.phoneHash,
    phoneMask: known.phoneMask ?? item.phoneMask,
    convertedAt: known.convertedAt ?? item.convertedAt,
  };
  if (repeated) return { kind: "kept", why: "converted", next };
  const step = transition(known.state, waits ? "submitted" : item.state);
  if (step.kind === "keep") return { kind: "kept", why: waits ? "part" : step.why, next };
  next.state = step.to;
  next.errorCode = waits ? null : item.errorCode;
  if (item.state === "submitted") next.submitAt = item.at;
  const excused = (item.excused ? EXCUSED_TO : 0) + (isExcused(known) ? EXCUSED_FROM : 0);
  return { kind: "moved", from: known.state, fromErrorCode: known.errorCode, excused, latencyMs: latencyOf(known, step.to, item.at), next };
}

/** Submit to delivered by the program's own times. A delivery without a known submit says nothing about latency. */
function latencyOf(known: KnownMessage, to: MessageState, at: number): number | null {
  if (to !== "delivered" || known.state === "attempt") return null;
  return Math.max(0, at - known.submitAt);
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

/**
 * `;d0;` = delivered with code 0, `;2d0;` = its second part was. Begins with `;` too, so that no entry is found inside another; codes hold
 * no `;` (result.ts). A `!` after it: excused.
 */
function entryOf(item: MessageItem): string {
  return `;${isPart(item) ? item.part : ""}${LETTERS[item.state]}${item.errorCode ?? ""};`;
}

function markOf(item: MessageItem): string {
  return item.excused ? "!" : "";
}

/** Whether the present state came with an error that blames the recipient, as that was seen then. */
function isExcused({ seen, state, errorCode }: KnownMessage): boolean {
  if (!seen.includes("!")) return false;
  const own = `${LETTERS[state]}${errorCode ?? ""}`;
  const entries = seen.split(";");
  return entries.some((entry, place) => entry.replace(/^\d+/, "") === own && entries[place + 1] === "!");
}

function isPart(item: MessageItem): item is MessageItem & { part: number; parts: number } {
  return item.part !== undefined && item.parts !== undefined && item.parts > 1;
}

function areOthersDelivered(seen: string, { part, parts }: { part: number; parts: number }): boolean {
  for (let other = 1; other <= parts; other++) if (other !== part && !seen.includes(`;${other}${LETTERS.delivered}`)) return false;
  return true;
}

function reportsIn(seen: string): number {
  let n = 0;
  for (let i = 0; i < seen.length; i++) if (seen.charCodeAt(i) === 59) n++;
  return n / 2;
}
