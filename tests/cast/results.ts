/** Results that tests share: one message, one counts report, each changed in the fields a test speaks of. */

import type { CountsItem, MessageItem } from "../../src/results/journal.ts";

/** Noon of the fake clock's day. */
export const NOON = Date.UTC(2026, 0, 5, 12);

export function message(messageId: string, state: MessageItem["state"], more: Partial<MessageItem> = {}): MessageItem {
  return {
    kind: "message",
    program: "program1",
    session: "s_1",
    pair: "UZ_uzmobile",
    country: "UZ",
    messageId,
    state,
    at: NOON,
    permitId: null,
    errorCode: null,
    gateway: null,
    gatewayMessageId: null,
    phoneHash: null,
    phoneMask: null,
    convertedAt: null,
    ...more,
  };
}

export function counts(sent: number, delivered: number, more: Partial<CountsItem> = {}): CountsItem {
  return {
    kind: "counts",
    program: "program2",
    session: "s_2",
    pair: "UZ_uzmobile",
    country: "UZ",
    at: NOON,
    cumulative: false,
    sent,
    delivered,
    failed: sent - delivered,
    errors: {},
    ...more,
  };
}
