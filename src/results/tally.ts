/** What one delta does to the sums of a bucket: the one place where states become numbers. Pure. */

import { type Delta, EXCUSED_FROM, EXCUSED_TO } from "./journal.ts";
import type { MessageState } from "./message.ts";
import type { Tally } from "./numbers.ts";

/** Sums lie side by side in one array; these are their places. */
export const ATTEMPTS = 0;
export const SENT = 1;
export const DELIVERED = 2;
export const UNDELIVERED = 3;
export const FAILED = 4;
export const BLOCKED = 5;
/** Final, not delivered, and not the recipient's fault: counts against the route. */
export const AGAINST = 6;
/** Accepted by the gateway, no final yet: overdue once mature. */
export const OPEN = 7;
/** Of delivered + against: those that counts reports only told as success or failure. */
export const WORDS = 8;
export const FIELDS = 9;

export type Sums = Int32Array | Float64Array;

const SENT_STATES: ReadonlySet<MessageState> = new Set([
  "submitted",
  "buffered",
  "delivered",
  "undelivered",
  "rejected",
  "expired",
  "unknown",
]);

/** Whether this delta is the one that made its message count as sent. A counts report speaks of sent messages only. */
export function isSend({ from, to, basis }: Delta): boolean {
  if (basis === "attempts") return true;
  return SENT_STATES.has(to) && (from === null || !SENT_STATES.has(from));
}

/** Adds a delta to the sums that begin at `offset`. */
export function applyDelta(sums: Sums, offset: number, delta: Delta): void {
  const { from, to, n } = delta;
  // An attempt stays counted where it was made; leaving the state takes nothing back.
  if (from === null) sums[offset + ATTEMPTS]! += n;
  if (isSend(delta)) sums[offset + SENT]! += n;
  if (from !== null) applyState(sums, offset, from, -n, (delta.excused & EXCUSED_FROM) !== 0, delta.basis);
  applyState(sums, offset, to, n, (delta.excused & EXCUSED_TO) !== 0, delta.basis);
}

function applyState(sums: Sums, offset: number, state: MessageState, n: number, excused: boolean, basis: Delta["basis"]): void {
  switch (state) {
    case "attempt":
      return;
    case "submitted":
    case "buffered":
      sums[offset + OPEN]! += n;
      return;
    case "delivered":
      sums[offset + DELIVERED]! += n;
      if (basis === "attempts") sums[offset + WORDS]! += n;
      return;
    case "blocked":
      sums[offset + BLOCKED]! += n;
      return;
    case "failed":
      sums[offset + FAILED]! += n;
      // With receipts, a failed gateway call stays out of the rate: the message never took the route.
      if (basis === "attempts" && !excused) {
        sums[offset + AGAINST]! += n;
        sums[offset + WORDS]! += n;
      }
      return;
    default:
      sums[offset + UNDELIVERED]! += n;
      if (!excused) sums[offset + AGAINST]! += n;
  }
}

export function tallyOf(sums: Sums): Tally {
  return {
    attempts: sums[ATTEMPTS]!,
    sent: sums[SENT]!,
    delivered: sums[DELIVERED]!,
    undelivered: sums[UNDELIVERED]!,
    failed: sums[FAILED]!,
    blocked: sums[BLOCKED]!,
    pending: sums[OPEN]!,
  };
}
