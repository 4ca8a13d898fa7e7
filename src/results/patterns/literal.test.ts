import { expect, test } from "bun:test";
import fc from "fast-check";
import { RE2JS } from "re2js";
import { literalOf } from "./literal.ts";
import { PRESETS } from "./pattern.ts";

test("the presets' phrases are found", () => {
  expect(PRESETS[0]!.patterns.map(({ regex }) => literalOf(regex))).toEqual([
    "sent successfully",
    "submitted successfully",
    " failed, error ",
    " pending",
    "error ",
  ]);
});

const NONE = ["(?i)sent", "sent|done", "(sent)", "se?", "\\d+", "x{3}", "\\Qsent\\E", "(?i:sent)", "\\x41bcd"];
for (const regex of NONE) test(`${regex} needs no text for sure`, () => expect(literalOf(regex)).toBeNull());

test("whatever matches holds the text", () => {
  const atom = fc.constantFrom(
    "abc",
    "ab",
    "d",
    "\\.",
    ".",
    "[a-d]",
    "[]a]",
    "[^)]",
    "(ab)",
    "(?:a|bc)",
    "(?<n>a(b)?)",
    "\\d",
    "\\b",
    " ",
    "(?i:AB)",
    "(?i)",
  );
  const quantifier = fc.constantFrom("", "", "", "?", "*", "+", "{2}", "{0,1}", "+?", "??");
  const regex = fc.array(fc.tuple(atom, quantifier), { minLength: 1, maxLength: 6 });
  const line = fc.array(fc.constantFrom("abc", "ab", "a", "b", "c", "d", ".", " ", "]", ")", "1", "AB"), { maxLength: 12 });
  let compared = 0;
  fc.assert(
    fc.property(regex, fc.array(line, { minLength: 10, maxLength: 10 }), (parts, lines) => {
      const source = parts.map((part) => part.join("")).join("");
      const literal = literalOf(source);
      if (literal === null) return;
      let compiled: RE2JS;
      try {
        compiled = RE2JS.compile(source);
      } catch {
        return;
      }
      for (const text of lines.map((one) => one.join("")))
        if (compiled.matcher(text).find()) {
          compared++;
          expect(text).toContain(literal);
        }
    }),
    { numRuns: 3_000 },
  );
  expect(compared).toBeGreaterThan(100);
});
