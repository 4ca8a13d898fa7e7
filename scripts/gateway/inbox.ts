/** The messages a gateway has taken and the receipts that are due: told in the order in which they fall due, each logged when it is told first. */

import type { Clock } from "../../src/kernel/clock.ts";
import type { GatewayLog } from "./log.ts";
import type { Fate, Receipt } from "./profile.ts";

// at 10,000 messages a minute this is an hour; older ids read as unknown, older receipts are no longer listed
const REMEMBERED_MESSAGES = 600_000;
const REMEMBERED_RECEIPTS = 600_000;

interface Due {
  id: string;
  pair: string;
  receipt: Receipt;
  atUptimeMs: number;
  told: boolean;
}

export interface ListedReceipt {
  seq: number;
  id: string;
  pair: string;
  status: Receipt["outcome"];
  error: Fate["error"];
}

export type Inbox = ReturnType<typeof openInbox>;

export function openInbox(clock: Clock, log: GatewayLog) {
  /** All receipts of a message, in the order of their times. */
  const messages = new Map<string, Due[]>();
  const waiting: Due[] = [];
  let listed: Due[] = [];
  /** Receipts that fell off the front of `listed`. */
  let forgotten = 0;

  function take(id: string, pair: string, fate: Fate, arrivedUptimeMs: number): void {
    const dues = fate.receipts.map((receipt) => ({ id, pair, receipt, atUptimeMs: arrivedUptimeMs + receipt.afterMs, told: false }));
    ripen();
    for (const due of dues) waiting.splice(placeOf(due.atUptimeMs), 0, due);
    messages.set(id, dues);
    if (messages.size > REMEMBERED_MESSAGES) messages.delete(messages.keys().next().value!);
  }

  /** Behind those of the same time: what was sent first is told first. */
  function placeOf(atUptimeMs: number): number {
    let [low, high] = [0, waiting.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (waiting[middle]!.atUptimeMs <= atUptimeMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The newest receipt of a message that is due; null while none is, undefined for an id nobody knows. */
  function status(id: string): Receipt | null | undefined {
    const dues = messages.get(id);
    if (!dues) return undefined;
    const due = dues.findLast((one) => one.atUptimeMs <= clock.uptimeMs());
    if (due) tell(due);
    return due?.receipt ?? null;
  }

  /** Receipts after the one numbered `after`, oldest first. Nothing is used up: whoever asks again with the same number gets the same. */
  function receipts(pair: string | null, after: number, limit: number): ListedReceipt[] {
    ripen();
    const found: ListedReceipt[] = [];
    for (let index = Math.max(0, after - forgotten); index < listed.length && found.length < limit; index++) {
      const due = listed[index]!;
      if (pair !== null && due.pair !== pair) continue;
      tell(due);
      found.push({ seq: forgotten + index + 1, id: due.id, pair: due.pair, status: due.receipt.outcome, error: due.receipt.error });
    }
    return found;
  }

  function ripen(): void {
    const ready = placeOf(clock.uptimeMs());
    if (ready > 0) listed.push(...waiting.splice(0, ready));
    // Cut seldom, because each cut copies.
    if (listed.length < 2 * REMEMBERED_RECEIPTS) return;
    forgotten += listed.length - REMEMBERED_RECEIPTS;
    listed = listed.slice(-REMEMBERED_RECEIPTS);
  }

  function tell(due: Due): void {
    if (due.told) return;
    due.told = true;
    const { id, pair, receipt } = due;
    const at = { uptime_ms: clock.uptimeMs(), wall_ms: clock.now() };
    if (receipt.outcome === "buffered") log.write({ kind: "buffered", id, pair, ...at });
    else log.write({ kind: "receipt", id, pair, ...at, outcome: receipt.outcome, error_code: receipt.error?.code ?? null });
  }

  return { take, status, receipts };
}
