/** How permits are numbered and named. Apart from permit.ts, so that the store's Workers start without the schemas. */

/**
 * A permit's number: 41 bits of wall ms and 12 bits of count, so 4,096 a millisecond and below 2^53. Always above the last one given, also
 * when the wall clock goes back, so numbers stand in the order of the grants and a table keyed by them only ever appends.
 */
export function nextPermitNumber(last: number, now: number): number {
  return Math.max(last + 1, Math.floor(now) * 4096);
}

/** `p_` and the number in base 36. */
export function permitIdOf(number: number): string {
  return `p_${number.toString(36)}`;
}

/** The number of an id, or null when no permit can have it. */
export function permitNumberOf(id: string): number | null {
  if (!/^p_[1-9a-z][0-9a-z]{0,10}$/.test(id)) return null;
  const number = Number.parseInt(id.slice(2), 36);
  return Number.isSafeInteger(number) ? number : null;
}
