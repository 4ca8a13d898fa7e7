/** Percentiles and medians of a sample. Pure. */

/** Nearest rank; `share` is 0-1. NaN for an empty sample. */
export function percentile(sample: ArrayLike<number>, share: number): number {
  if (sample.length === 0) return Number.NaN;
  const sorted = Float64Array.from(sample).sort();
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))]!;
}

export function median(sample: ArrayLike<number>): number {
  return percentile(sample, 0.5);
}

export function ms(figure: number): string {
  return `${figure.toFixed(figure < 10 ? 2 : figure < 100 ? 1 : 0)} ms`;
}
