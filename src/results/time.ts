/** Times as programs write them: RFC 3339 with an offset, or seconds since 1970. */

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:?\d\d)$/;

// As seconds this is the year 5138, so whatever is larger was meant as milliseconds (JavaScript, time.time() * 1000).
const MOST_SECONDS = 1e11;

/** Wall ms, whole; null when it cannot be told (a time without its offset may mean any of 24 hours). */
export function readTime(value: string | number): number | null {
  if (typeof value === "number") {
    if (!Number.isFinite(value) || value < 0) return null;
    return Math.trunc(value > MOST_SECONDS ? value : value * 1000);
  }
  if (!RFC3339.test(value)) return null;
  const at = Date.parse(value.replace(" ", "T"));
  return Number.isNaN(at) ? null : at;
}
