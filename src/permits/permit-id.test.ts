import { expect, test } from "bun:test";
import fc from "fast-check";
import { nextPermitNumber, permitIdOf, permitNumberOf } from "./permit-id.ts";

test("an id is its number in base 36, and gives the number back", () => {
  fc.assert(
    fc.property(fc.oneof(fc.maxSafeNat(), fc.integer({ min: 1, max: 36 ** 8 + 10 })), (number) => {
      fc.pre(number > 0);
      expect(permitIdOf(number)).toBe(`p_${number.toString(36)}`);
      expect(permitNumberOf(permitIdOf(number))).toBe(number);
    }),
    { numRuns: 2_000 },
  );
});

test("only what an id can be has a number", () => {
  const likely = fc.stringMatching(/^(p_|P_|p)?[0-9a-zA-Z_ ]{0,14}$/);
  const asAPattern = (id: string) => (/^p_[1-9a-z][0-9a-z]{0,10}$/.test(id) ? Number.parseInt(id.slice(2), 36) : Number.NaN);
  fc.assert(
    fc.property(fc.oneof(likely, fc.string()), (id) => {
      expect(permitNumberOf(id)).toBe(Number.isSafeInteger(asAPattern(id)) ? asAPattern(id) : null);
    }),
    { numRuns: 5_000 },
  );
});

test("numbers ascend also when the wall clock goes back", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 41 - 1 })), (clocks) => {
      let last = 0;
      for (const now of clocks) {
        const next = nextPermitNumber(last, now);
        expect(next).toBeGreaterThan(last);
        last = next;
      }
    }),
  );
});
