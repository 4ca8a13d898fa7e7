/** Posts receipts as they fall due to an address that was told, in their order, again and again until it takes them. */

import { z } from "zod";
import type { Inbox, ListedReceipt } from "./inbox.ts";

export const callbackForm = z.strictObject({
  /** Like http://127.0.0.1:8080/api/receipts/sim; `sim` is the name programs report as `gateway`. */
  url: z.url(),
  /** Sent as Bearer. */
  token: z.string().min(1).max(500).optional(),
});
export type CallbackChange = z.infer<typeof callbackForm>;

const LOOK_EVERY_MS = 100;
const AGAIN_AFTER_MS = 1_000;
const ANSWER_WITHIN_MS = 10_000;
const MOST = 100;
/** Answers that will not change when asked again: what was posted is given up. */
const REFUSED = new Set([400, 404, 405, 413, 415, 422]);

export type Callback = ReturnType<typeof openCallback>;

export function openCallback(inbox: Inbox) {
  let to: CallbackChange | null = null;
  let posted = 0;
  let failed = 0;
  let after = 0;
  let timer: Timer | null = null;

  /** One post at a time, so that their order is the receipts'. Nothing runs while no address is set. */
  async function look(): Promise<void> {
    const here = to;
    if (!here) return;
    const due = inbox.receipts(null, after, MOST);
    const taken = due.length === 0 || (await post(here, due));
    if (taken && due.length > 0) {
      after = due.at(-1)!.seq;
      posted += due.length;
    }
    if (!taken) failed++;
    if (to === here) timer = setTimeout(() => void look(), !taken ? AGAIN_AFTER_MS : due.length === MOST ? 0 : LOOK_EVERY_MS);
  }

  async function post({ url, token }: CallbackChange, due: readonly ListedReceipt[]): Promise<boolean> {
    const headers: Record<string, string> = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
    const body = JSON.stringify(due.map(inTheirWords));
    try {
      const { ok, status } = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
      return ok || REFUSED.has(status);
    } catch {
      return false;
    }
  }

  function set(change: CallbackChange | null): void {
    if (timer) clearTimeout(timer);
    timer = null;
    to = change;
    void look();
  }

  return {
    set,
    /** The token is nobody's business. */
    told: () => ({ url: to?.url ?? null, posted, failed_posts: failed }),
    close: () => set(null),
  };
}

function inTheirWords({ id, status, error }: ListedReceipt) {
  const state = status === "failed" ? "undelivered" : status;
  return { gateway_message_id: id, state, ...(error && { error_code: error.code }) };
}
