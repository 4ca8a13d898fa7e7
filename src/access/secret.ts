/** Random secrets and what may be kept of them: 256 bits, so that a plain SHA-256 is enough (nothing to guess, nothing to slow down). */

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** 43 characters that fit a URL, a header and a file. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

export function hashOf(secret: string): string {
  // Asked at every request of a program: a third of what createHash costs.
  return Bun.SHA256.hash(secret, "hex");
}

/** HMAC-SHA256 of a text, as text. */
export function seal(key: Uint8Array, text: string): string {
  return createHmac("sha256", key).update(text).digest("base64url");
}

/** Whether it is the seal of that text; takes the same time wherever it differs. */
export function isSeal(key: Uint8Array, text: string, given: string): boolean {
  const right = Buffer.from(seal(key, text));
  const shown = Buffer.from(given);
  return right.length === shown.length && timingSafeEqual(right, shown);
}
