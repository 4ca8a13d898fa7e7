import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fakeClock } from "../../kernel/clock.ts";
import { faultOf, openEngine } from "./engine.ts";
import { PRESETS } from "./pattern.ts";
import { patternsText, readPatterns } from "./text.ts";

const real = () => performance.now();

test("the preset reads the lines programs print today", () => {
  const { patterns } = PRESETS[0]!;
  const engine = openEngine(patterns, real);
  const lines = readFileSync(join(import.meta.dir, "../../../tests/cast/output-sample.log"), "utf8")
    .trim()
    .split("\n");
  expect(
    lines.flatMap((line) => {
      const found = engine.match(line);
      return found ? [{ state: patterns[found.index]!.state, ...found.groups }] : [];
    }),
  ).toEqual([
    { state: "submitted", message_id: "a81f3c", phone: "+998901234567" },
    { state: "delivered", message_id: "a81f3c" },
    { state: "submitted", message_id: "a81f3d", phone: "+998907654321" },
    { state: "buffered", message_id: "a81f3d" },
    { state: "failed", phone: "+998905550000", code: "30003" },
    { state: "submitted", message_id: "a81f3e", phone: "+998901112233" },
    { state: "undelivered", message_id: "a81f3e", code: "30008" },
  ]);
});

test("the preset's phrases alone, without numbers and ids, are enough", () => {
  const engine = openEngine(PRESETS[0]!.patterns, real);
  expect(["OTP sent successfully", "submitted successfully", "error 30003"].map((line) => engine.match(line)?.index)).toEqual([0, 1, 4]);
});

test("a pattern that would backtrack for ever is just slow with its line", () => {
  for (const regex of ["(a+)+$", "(a|a)*b", "(x+x+)+y", "(.*)*=(.*)*$"]) {
    const engine = openEngine([{ regex, state: "submitted" }], real);
    const began = performance.now();
    engine.match(`${"a".repeat(4_000)}!`);
    engine.match("x".repeat(4_000));
    expect(performance.now() - began).toBeLessThan(1_000);
  }
});

test("one that is slow all the same is switched off with its reason, and the others go on", () => {
  const clock = fakeClock();
  let slow = true;
  const engine = openEngine(
    [
      { regex: "a", state: "submitted" },
      { regex: "b", state: "delivered" },
    ],
    () => {
      if (slow) clock.advance(30);
      return clock.uptimeMs();
    },
  );
  expect(engine.match("b")?.index).toBe(1);
  slow = false;
  expect(engine.match("a")?.index).toBe(0); // a pause of the machine is not the pattern's
  slow = true;
  for (let i = 0; i < 3; i++) engine.match("a");
  slow = false;
  expect(engine.off.get(0)).toBe("took 30 ms for a line of 1 characters, 3 times in a row");
  expect(engine.match("a")).toBeNull();
  expect(engine.match("b")?.index).toBe(1);
});

const FAULTS: [regex: string, says: RegExp | null][] = [
  ["sent (?<message_id>\\w+)", null],
  ["sent (?P<message_id>\\w+)", null],
  ["(?<mesage_id>\\w+)", /knows no group mesage_id/],
  ["(unclosed", /no regular expression of RE2/],
  ["(a)\\1", /no regular expression of RE2/],
  ["(?=ahead)", /no regular expression of RE2/],
  ["x*", /matches an empty line/],
];
for (const [regex, says] of FAULTS)
  test(`${regex} is ${says ? "refused" : "taken"}`, () => {
    const fault = faultOf(regex, real);
    if (says) expect(fault).toMatch(says);
    else expect(fault).toBeNull();
  });

test("patterns as text read back as they were, and what is wrong names its line", () => {
  const { patterns } = PRESETS[0]!;
  expect(readPatterns(`# mine\n\n${patternsText(patterns)}\n`).patterns).toEqual([...patterns]);
  expect(readPatterns("submitted ok\nsent hello\ndelivered").faults.map(({ line }) => line)).toEqual([2, 3]);
});
