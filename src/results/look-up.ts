/** What a person types to find messages: a program's id, a gateway's id or a phone number, told apart by trying. The number itself is never kept. */

import type { KnownMessage } from "./known.ts";
import { type Messages, spellings } from "./messages.ts";
import type { Phone } from "./phone.ts";

export interface Found {
  messages: KnownMessage[];
  /** The mask of the number that was looked for, when what was typed may be one. */
  phoneMask: string | null;
  /** There are more than were asked for. */
  more: boolean;
}

/** Fewer digits are nobody's phone number. */
const LEAST_DIGITS = 7;

export async function lookUp(
  { messages, phone }: { messages: Messages; phone(number: string): Phone },
  typed: string,
  limit: number,
): Promise<Found> {
  const number = phoneIn(typed);
  const hashed = number === null ? null : phone(number);
  const lists = await Promise.all([
    messages.find({ messageId: typed }, limit + 1),
    messages.find({ gatewayMessageIds: spellings(typed) }, limit + 1),
    hashed ? messages.find({ phoneHash: hashed.hash }, limit + 1) : [],
  ]);
  const all = new Map(lists.flat().map((message) => [`${message.program}\n${message.messageId}`, message]));
  const newest = [...all.values()].sort((a, b) => b.submitAt - a.submitAt);
  return { messages: newest.slice(0, limit), phoneMask: hashed?.mask ?? null, more: newest.length > limit };
}

/** The text when it may be a phone number, `+998 (90) 123-45-67`; else null. */
export function phoneIn(text: string): string | null {
  return /^\+?[\d\s().-]+$/.test(text) && text.replaceAll(/\D/g, "").length >= LEAST_DIGITS ? text : null;
}
