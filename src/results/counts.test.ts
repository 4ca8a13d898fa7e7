/** What a counts report adds, rule by rule: an interval as it stands, a cumulative one by its difference, a counter that fell from its new beginning. */

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { counts, NOON } from "../../tests/cast/results.ts";
import { type Addition, addition, type LastCounts } from "./counts.ts";
import type { CountsItem } from "./journal.ts";

type Told = [sent: number, delivered: number, errors?: Record<string, number>, minute?: number];

const cumulative = ([sent, delivered, errors = {}, minute = 0]: Told): CountsItem =>
  counts(sent, delivered, { cumulative: true, errors, at: NOON + minute * 60_000 });

/** What the last of these reports adds, after the ones before. */
function afterAll(reports: readonly CountsItem[]): Addition {
  let last: LastCounts | null = null;
  let added: Addition | null = null;
  for (const item of reports) {
    added = addition(item, item.cumulative ? last : null);
    if (item.cumulative) last = added.next;
  }
  return added!;
}

const failures = (added: Addition) => added.failed.map(({ code, n }) => `${code ?? "-"} ${n}`).join(", ");

const rules: [rule: string, reports: CountsItem[], delivered: number, failed: string][] = [
  ["an interval counts as it stands", [counts(10, 9)], 9, "- 1"],
  ["an interval counts as it stands after another", [counts(10, 9), counts(10, 8)], 8, "- 2"],
  ["the first cumulative report counts whole", [cumulative([10, 9])], 9, "- 1"],
  ["a cumulative report counts by its difference", [cumulative([10, 9]), cumulative([15, 13, {}, 1])], 4, "- 1"],
  ["the same counts again add nothing", [cumulative([10, 9]), cumulative([10, 9, {}, 1])], 0, ""],
  ["a counter that fell began anew: all of it counts", [cumulative([10, 9]), cumulative([4, 3, {}, 1])], 3, "- 1"],
  ["a counter that fell to nothing adds nothing", [cumulative([10, 9]), cumulative([0, 0, {}, 1])], 0, ""],
  ["after a new beginning it goes on by differences", [cumulative([10, 9]), cumulative([4, 3, {}, 1]), cumulative([6, 5, {}, 2])], 2, ""],
  ["one that comes late lies within what a newer one said", [cumulative([15, 13, {}, 2]), cumulative([10, 9, {}, 1])], 0, ""],
  [
    "a late one changes nothing for the next",
    [cumulative([15, 13, {}, 2]), cumulative([10, 9, {}, 1]), cumulative([16, 14, {}, 3])],
    1,
    "",
  ],
  ["a success rate that fell takes nothing back", [cumulative([10, 10]), cumulative([12, 9, {}, 1])], 0, "- 2"],
  ["and is made up for by the next", [cumulative([10, 10]), cumulative([12, 9, {}, 1]), cumulative([16, 14, {}, 2])], 4, ""],
  ["deliveries beyond what was sent since are not believed", [cumulative([10, 0]), cumulative([12, 12, {}, 1])], 2, ""],
  ["failures are split by their codes, the most frequent first", [counts(10, 4, { errors: { a: 1, b: 4 } })], 4, "b 4, a 1, - 1"],
  ["codes beyond the failures (retries) are left out", [counts(10, 8, { errors: { a: 1, b: 5 } })], 8, "b 2"],
  [
    "codes of a cumulative report count by their difference",
    [cumulative([10, 7, { a: 3 }]), cumulative([14, 9, { a: 4, b: 1 }, 1])],
    2,
    "a 1, b 1",
  ],
  ["codes of a new beginning count whole", [cumulative([10, 7, { a: 3 }]), cumulative([2, 0, { a: 2 }, 1])], 0, "a 2"],
  ["an interval leaves the cumulative count alone", [cumulative([10, 9]), counts(5, 5), cumulative([12, 11, {}, 2])], 2, ""],
];

describe("a report of counts", () => {
  for (const [rule, reports, delivered, failed] of rules)
    test(rule, () => {
      const added = afterAll(reports);
      expect([added.delivered, failures(added)]).toEqual([delivered, failed]);
    });

  test("adds up to what was sent, whatever the steps, the rates and the new beginnings", () => {
    const step = fc.record({ sent: fc.nat(50), share: fc.double({ min: 0, max: 1, noNaN: true }), anew: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let [truth, total, sent] = [0, 0, 0];
        let last: LastCounts | null = null;
        for (const [index, { sent: more, share, anew }] of steps.entries()) {
          // Only a counter that falls is seen to begin anew: one that overtook its old count meanwhile looks like one that went on.
          if (anew && more < sent) sent = 0;
          sent += more;
          truth += more;
          const added = addition(cumulative([sent, Math.round(sent * share), {}, index]), last);
          last = added.next;
          const failed = added.failed.reduce((sum, { n }) => sum + n, 0);
          expect(added.delivered).toBeGreaterThanOrEqual(0);
          total += added.delivered + failed;
        }
        expect(total).toBe(truth);
      }),
    );
  });
});
