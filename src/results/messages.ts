/**
 * Port: messages looked up one by one, by what a person or a gateway knows of them. Lives where the journal lives; never scans it.
 */

import type { KnownMessage } from "./known.ts";
import type { MessageState } from "./message.ts";

/** By one of these: the program's own id, the gateway's (any of its spellings), the keyed hash of a phone number. */
export type Wanted = { messageId: string } | { gatewayMessageIds: readonly string[] } | { phoneHash: string };

/** A report that says another end than the one that stands. */
export interface Contradiction {
  seq: number;
  program: string;
  messageId: string;
  pair: string;
  /** What the message stood at, and what was told against it. */
  stands: MessageState;
  told: MessageState;
  errorCode: string | null;
  at: number;
  receivedAt: number;
}

export interface Messages {
  /** Newest submit first, at most `limit`. */
  find(wanted: Wanted, limit: number): Promise<KnownMessage[]>;
  /** Newest first, with seq < `before`. */
  contradictions(before: number | null, limit: number): Promise<Contradiction[]>;
}

/** Digits that gateways fill up to with zeros. */
const WIDTHS = [0, 4, 6, 8, 10, 12, 16];

/**
 * The spellings one id of a gateway is met in: receipts of SMPP tell in decimal what the submit told in hexadecimal, with or without leading
 * zeros, in any case (Kannel and Jasmin call that msgid type).
 */
export function spellings(id: string): string[] {
  const plain = id.trim();
  const all = new Set([plain, plain.toLowerCase(), plain.toUpperCase()]);
  if (/^[0-9a-f]{1,16}$/i.test(plain)) {
    const bare = plain.replace(/^0+(?=.)/, "");
    const numbers = [bare, BigInt(`0x${bare}`).toString(), ...(/^\d+$/.test(bare) ? [BigInt(bare).toString(16)] : [])];
    for (const number of numbers)
      for (const width of WIDTHS) {
        const padded = number.padStart(width, "0");
        all.add(padded).add(padded.toLowerCase()).add(padded.toUpperCase());
      }
  }
  return [...all];
}
