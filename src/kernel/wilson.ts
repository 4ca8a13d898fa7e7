/** How far a share of a small sample can be trusted: the Wilson score interval. Pure. Source: E. B. Wilson, JASA 22 (1927), 209-212. */

// Two-sided 95% of the normal distribution.
const Z = 1.959963984540054;

export interface Interval {
  lower: number;
  upper: number;
}

/** The 95% interval of `successes / n`, both ends 0-1. With n = 0 nothing is known: 0-1. */
export function wilson(successes: number, n: number): Interval {
  if (n <= 0) return { lower: 0, upper: 1 };
  const share = successes / n;
  const zz = Z * Z;
  const middle = share + zz / (2 * n);
  const margin = Z * Math.sqrt((share * (1 - share) + zz / (4 * n)) / n);
  const scale = 1 + zz / n;
  // The share lies in its interval, also where rounding would leave 57 of 57 just outside of it.
  return { lower: Math.max(0, Math.min(share, (middle - margin) / scale)), upper: Math.min(1, Math.max(share, (middle + margin) / scale)) };
}
