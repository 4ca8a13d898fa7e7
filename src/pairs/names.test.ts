/** Names are what people and machines address things by: reversible and never two things at once, in addresses, screens and streams. */

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { operatorSlug, pairId, programName, sessionName } from "./input.ts";
import { pairIdOf } from "./pair.ts";
import { defaultSessionName } from "./session.ts";

const program = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,29}$/);
const operator = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,39}$/);
const country = fc.constantFrom("UZ", "UA", "IN", "GB");
const pair = fc.tuple(country, operator);
const session = fc.tuple(program, pair);
/** From few letters, so that two are often nearly the same. */
const short = fc.stringMatching(/^[ab][ab-]{0,2}$/);
const near = fc.tuple(short, fc.tuple(country, short));
const nameOf = ([name, [code, slug]]: [string, [string, string]]) => defaultSessionName(name, pairIdOf(code, slug));

describe("a name", () => {
  test("of a session is one that may be given by hand too, and stands in an address as it is", () => {
    fc.assert(
      fc.property(session, (given) => {
        const name = nameOf(given);
        expect(sessionName.safeParse(name).success).toBe(true);
        expect(encodeURIComponent(name)).toBe(name);
      }),
    );
  });

  test("of a pair stands in an address as it is, and is read back to the same country and operator", () => {
    fc.assert(
      fc.property(pair, ([code, slug]) => {
        const id = pairIdOf(code, slug);
        expect(pairId.safeParse(id).success).toBe(true);
        expect(encodeURIComponent(id)).toBe(id);
        // Exactly one underscore: an operator holds none.
        expect(id.split("_")).toEqual([code, slug]);
      }),
    );
  });

  test("of two sessions is never the same, however long program and operator are", () => {
    fc.assert(
      fc.property(near, near, (one, other) => {
        const same = one[0] === other[0] && one[1].join() === other[1].join();
        expect(nameOf(one) === nameOf(other)).toBe(same);
      }),
      { numRuns: 2000 },
    );
    const long = (end: string) => nameOf(["p".repeat(30), ["IN", `${"o".repeat(35)}${end}`]]);
    expect(long("north")).not.toBe(long("south"));
    expect([long("north").length, long("south").length]).toEqual([60, 60]);
  });

  test("that fits is whole: program, country and operator", () => {
    fc.assert(
      fc.property(session, (given) => {
        const [name, [code, slug]] = given;
        const whole = `${name}_${code}_${slug}`;
        if (whole.length <= 60) expect(nameOf(given)).toBe(whole);
        else expect(nameOf(given)).toMatch(/-[a-z0-9]{8}$/);
      }),
    );
  });
});

test.each(["a_b", "a b", "a&b", "мегафон", "a/b", "", "-a", "a".repeat(41)])(
  "%j is no operator: it belongs into the operator's name",
  (text) => {
    expect(operatorSlug.safeParse(text).success).toBe(false);
  },
);

test.each(["a_b", "9a", "a b", "", "a/b"])("%j is no program", (text) => {
  expect(programName.safeParse(text).success).toBe(false);
});
