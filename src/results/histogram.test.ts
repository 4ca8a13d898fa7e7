import { expect, test } from "bun:test";
import fc from "fast-check";
import { CLASSES, classOf, percentilesOf } from "./histogram.ts";

const histogramOf = (all: readonly number[]): Float64Array => {
  const counts = new Float64Array(CLASSES);
  for (const ms of all) counts[classOf(ms)]!++;
  return counts;
};

test("a percentile read from the classes is at most a fifth off the nearest rank", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 100, max: 86_000_000 }), { minLength: 1, maxLength: 300 }), (all) => {
      const sorted = [...all].sort((a, b) => a - b);
      const read = percentilesOf(histogramOf(all))!;
      expect(read.n).toBe(all.length);
      for (const [share, told] of [
        [0.5, read.p50Ms],
        [0.9, read.p90Ms],
        [0.99, read.p99Ms],
      ] as const) {
        const rank = sorted[Math.ceil(all.length * share - 1e-9) - 1]!;
        expect(told / rank).toBeGreaterThan(0.83);
        expect(told / rank).toBeLessThan(1.2);
      }
    }),
    { examples: [[[100]], [[86_000_000]]] },
  );
});

test("nothing counted says nothing, quicker than the quickest class reads as 100 ms, and longer than a day reads as a day", () => {
  expect(percentilesOf(histogramOf([3]))).toMatchObject({ p50Ms: 100, p99Ms: 100 });
  expect(percentilesOf(histogramOf([]))).toBeNull();
  const { p50Ms } = percentilesOf(histogramOf([400_000_000]))!;
  expect(p50Ms).toBeGreaterThan(86_000_000);
});
