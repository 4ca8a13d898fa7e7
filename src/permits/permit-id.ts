/** How permits are numbered and named. Apart from permit.ts, so that the store's Workers start without the schemas. */

/** Numbers of a millisecond: a number divided by this is the wall ms of its grant, or later. */
export const PER_MS = 4096;

/**
 * A permit's number: 41 bits of wall ms and 12 bits of count, so 4,096 a millisecond and below 2^53. Always above the last one given, also
 * when the wall clock goes back, so numbers stand in the order of the grants and a table keyed by them only ever appends.
 */
export function nextPermitNumber(last: number, now: number): number {
  return Math.max(last + 1, Math.floor(now) * PER_MS);
}

/** `p_` and the number in base 36. By table: `toString(36)` of so large a number takes longer than the rest of a take. */
export function permitIdOf(number: number): string {
  pairs ??= Array.from({ length: PAIRS }, (_, n) => n.toString(36).padStart(2, "0"));
  const high = Math.floor(number / FOUR);
  const low = number - high * FOUR;
  const head = Math.floor(high / FOUR);
  if (head === 0) return `p_${number.toString(36)}`;
  // Changes once in eight days.
  if (head !== lastHead) {
    lastHead = head;
    prefix = `p_${head.toString(36)}`;
  }
  const middle = high - head * FOUR;
  const upper = (middle / PAIRS) | 0;
  const lower = (low / PAIRS) | 0;
  return prefix + pairs[upper]! + pairs[middle - upper * PAIRS]! + pairs[lower]! + pairs[low - lower * PAIRS]!;
}

/** How many two and four digits tell apart. */
const PAIRS = 36 ** 2;
const FOUR = 36 ** 4;
let pairs: string[] | null = null;
let lastHead = 0;
let prefix = "";

/** The number of an id, or null when no permit can have it. By hand: a pattern and `parseInt` take four times as long, and each permit pays. */
export function permitNumberOf(id: string): number | null {
  const { length } = id;
  if (length < 3 || length > LONGEST_ID || id.charCodeAt(0) !== P || id.charCodeAt(1) !== UNDERSCORE) return null;
  let number = 0;
  for (let at = 2; at < length; at++) {
    const code = id.charCodeAt(at);
    const digit = code >= ZERO && code <= ZERO + 9 ? code - ZERO : code >= A && code <= A + 25 ? code - A + 10 : -1;
    // One with a leading zero would be a second name of the same permit.
    if (digit < 0 || (digit === 0 && number === 0)) return null;
    number = number * 36 + digit;
  }
  return number <= Number.MAX_SAFE_INTEGER ? number : null;
}

const LONGEST_ID = 13;
const P = 112;
const UNDERSCORE = 95;
const ZERO = 48;
const A = 97;
