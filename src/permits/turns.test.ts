/** What docs/pacing.md promises of the turns between pairs, tried with weights, priorities and comings and goings of any kind. */

import { expect, test } from "bun:test";
import fc from "fast-check";
import { createPair, type Pair } from "../pairs/pair.ts";
import { type Candidate, DEFAULT_FLOOR_PCT, openTurns, type Turns } from "./turns.ts";

function pairOf(operator: string, weight = 100, priority = false): Pair {
  return { ...createPair({ country: "UZ", operator }, 0), weight, priority };
}

/** Those of the pairs that wait, each as if it had come when it was served last. */
function world(pairs: readonly Pair[], turns: Turns = openTurns()) {
  const arrivals = new Map(pairs.map((pair, i) => [pair, i]));
  const served = new Map(pairs.map((pair) => [pair, 0]));
  let arrival = pairs.length;
  return {
    served,
    serve(waiting: readonly Pair[] = pairs): Pair {
      const candidates: Candidate[] = waiting.map((pair) => ({ pair, arrival: arrivals.get(pair)! }));
      const pair = waiting[turns.next("UZ", candidates)]!;
      turns.note(pair);
      served.set(pair, served.get(pair)! + 1);
      arrivals.set(pair, arrival++);
      return pair;
    },
  };
}

const weights: number[][] = [
  [100, 100],
  [100, 200, 300],
  [1000, 1],
  [7, 11, 13, 17],
  [100, 100, 100, 100, 100, 100, 100, 100, 100, 100],
  [0.5, 2],
];
for (const own of weights) {
  test(`over 1,000 grants pairs of weight ${own.join(" : ")} get their shares within 5%`, () => {
    const pairs = own.map((weight, i) => pairOf(`o${i}`, weight));
    const { serve, served } = world(pairs);
    for (let i = 0; i < 1_000; i++) serve();
    const sum = own.reduce((all, weight) => all + weight, 0);
    for (const pair of pairs)
      expect(Math.abs(served.get(pair)! - (1_000 * pair.weight) / sum)).toBeLessThanOrEqual(Math.max(1, (50 * pair.weight) / sum));
  });
}

test("equal pairs take turns", () => {
  const { serve } = world(["a", "b", "c"].map((name) => pairOf(name)));
  expect(Array.from({ length: 6 }, () => serve().operator).join("")).toBe("abcabc");
});

test("a pair that asked for nothing all day saves one message, not a day of them", () => {
  const [quiet, busy] = [pairOf("quiet"), pairOf("busy")];
  const { serve } = world([quiet, busy]);
  serve([quiet]);
  for (let i = 0; i < 1_000; i++) serve([busy]);
  const next = Array.from({ length: 20 }, () => serve());
  expect(next.filter((pair) => pair === quiet)).toHaveLength(11);
});

test("a pair that had all slots while nobody else asked owes nobody more than one", () => {
  const [early, late] = [pairOf("early"), pairOf("late")];
  const { serve } = world([early, late]);
  for (let i = 0; i < 1_000; i++) serve([early]);
  const next = Array.from({ length: 20 }, () => serve());
  expect(next.filter((pair) => pair === early).length).toBeGreaterThanOrEqual(9);
});

test("high priority gets at least three of any ten slots while it waits, whatever its weight", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ weight: fc.integer({ min: 1, max: 1000 }), high: fc.boolean() }), { minLength: 2, maxLength: 12 }),
      (own) => {
        const pairs = own.map(({ weight, high }, i) => pairOf(`o${i}`, weight, high || i === 0));
        const { serve } = world(pairs);
        const order = Array.from({ length: 200 }, () => serve().priority);
        for (let from = 0; from + 10 <= order.length; from++)
          expect(order.slice(from, from + 10).filter(Boolean).length).toBeGreaterThanOrEqual(3);
      },
    ),
    { numRuns: 200, seed: 4 },
  );
});

test("the floor is no ceiling, and takes nothing from others while no high priority waits", () => {
  const [high, low] = [pairOf("high", 300, true), pairOf("low", 100)];
  const both = world([high, low]);
  for (let i = 0; i < 1_000; i++) both.serve();
  expect(both.served.get(high)).toBe(750);
  const others = world([low, pairOf("other")]);
  for (let i = 0; i < 100; i++) others.serve();
  expect(others.served.get(low)).toBe(50);
});

test("the slots of the floor are shared by weight between the pairs of high priority", () => {
  const [one, three, rest] = [pairOf("one", 1, true), pairOf("three", 3, true), pairOf("rest", 1000)];
  const { serve, served } = world([one, three, rest]);
  for (let i = 0; i < 1_000; i++) serve();
  expect(served.get(rest)).toBeGreaterThan(690);
  expect(Math.abs(served.get(three)! / served.get(one)! - 3)).toBeLessThan(0.15);
});

/** The bound of docs/pacing.md: slots of others before a waiting pair's own. */
function bound(pair: Pair, others: readonly Pair[], high: boolean): number {
  const natural = others.reduce((sum, other) => sum + other.weight / pair.weight + 2, 0);
  return high ? (natural + 1) / (1 - DEFAULT_FLOOR_PCT / 100) : natural;
}

test("every waiting pair is served within the bound the docs state, whoever comes and goes", () => {
  let longest = 0;
  const moves = fc.array(fc.record({ mask: fc.nat(4095), n: fc.integer({ min: 1, max: 25 }) }), { minLength: 5, maxLength: 40 });
  const cast = fc.array(fc.record({ weight: fc.integer({ min: 1, max: 1000 }), high: fc.boolean() }), { minLength: 2, maxLength: 12 });
  fc.assert(
    fc.property(cast, fc.nat(11), moves, (own, watched, script) => {
      const pairs = own.map(({ weight, high }, i) => pairOf(`o${i}`, weight, high));
      const patient = pairs[watched % pairs.length]!;
      const others = pairs.filter((pair) => pair !== patient);
      const { serve } = world(pairs);
      let passed = 0;
      for (const { mask, n } of script) {
        const waiting = pairs.filter((pair, i) => pair === patient || (mask >> i) % 2 === 1);
        for (let i = 0; i < n; i++) {
          passed = serve(waiting) === patient ? 0 : passed + 1;
          longest = Math.max(
            longest,
            passed /
              bound(
                patient,
                others,
                others.some((pair) => pair.priority),
              ),
          );
          expect(passed).toBeLessThanOrEqual(
            bound(
              patient,
              others,
              others.some((pair) => pair.priority),
            ),
          );
        }
      }
    }),
    { numRuns: 2_000, seed: 20_261_120 },
  );
  // A bound that nobody comes near would say little.
  expect(longest).toBeGreaterThan(0.4);
});

test("a new weight counts from the next slot, also for a pair that had paid the price of a small one", () => {
  const turns = openTurns();
  const [small, other] = [pairOf("a", 1), pairOf("b", 100)];
  turns.note(small);
  const raised = { ...small, weight: 100 };
  const { serve } = world([raised, other], turns);
  expect(Array.from({ length: 6 }, () => serve()).filter((pair) => pair === raised)).toHaveLength(3);
});
