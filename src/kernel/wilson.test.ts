import { expect, test } from "bun:test";
import { wilson } from "./wilson.ts";

// successes, n, lower, upper: to four digits, as R's prop.test(correct = FALSE) gives them.
const KNOWN: [number, number, number, number][] = [
  [24, 30, 0.6269, 0.9049],
  [40, 50, 0.6696, 0.8876],
  [80, 100, 0.7112, 0.8666],
  [27, 30, 0.7438, 0.9654],
  [90, 100, 0.8256, 0.9448],
  [18, 30, 0.4232, 0.7541],
  [60, 100, 0.502, 0.6906],
  [8, 10, 0.4902, 0.9433],
];

for (const [successes, n, lower, upper] of KNOWN)
  test(`${successes} of ${n} lies between ${lower} and ${upper}`, () => {
    const interval = wilson(successes, n);
    expect(interval.lower).toBeCloseTo(lower, 4);
    expect(interval.upper).toBeCloseTo(upper, 4);
  });

test("never leaves 0-1, and knows nothing without a sample", () => {
  expect(wilson(0, 0)).toEqual({ lower: 0, upper: 1 });
  expect(wilson(0, 5).lower).toBe(0);
  expect(wilson(5, 5).upper).toBe(1);
});

test("the share itself is never outside of its interval", () => {
  for (let n = 1; n <= 500; n++)
    for (const successes of [0, 1, Math.floor(n / 2), n - 1, n]) {
      const { lower, upper } = wilson(successes, n);
      expect(lower).toBeLessThanOrEqual(successes / n);
      expect(upper).toBeGreaterThanOrEqual(successes / n);
    }
});
