import { expect, test } from "bun:test";
import { utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { ownFolder } from "../../tests/cast/folder.ts";
import { searchIn, stretchOf, TAIL_BYTES, tailOf } from "./output.ts";

const folder = ownFolder("output");
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

test("the tail goes over the parts of a run, masked, with or without a last newline", () => {
  const earlier = file("earlier", "one\r\ntwo\r\n");
  const current = file("current", "three +998901234567\r\n\x1b[31mfour");
  expect(tailOf([earlier, current], 3)).toEqual(["two", "three +99890••••67", "four"]);
  expect(tailOf([earlier, current], 100)).toHaveLength(4);
  expect(tailOf([earlier, current], 0)).toEqual([]);
  expect(tailOf([join(folder, "none")], 5)).toEqual([]);
});

test("the tail of a long file begins with a whole line", () => {
  const lines = Array.from({ length: 30_000 }, (_, i) => `line ${i} ${"x".repeat(20)}`);
  const tail = tailOf([file("long", `${lines.join("\n")}\n`)], 100_000);
  expect(tail.length).toBeLessThan(30_000);
  expect(tail.length * 30).toBeGreaterThan(TAIL_BYTES * 0.8);
  expect(tail[0]).toBe(lines.at(-tail.length)!);
  expect(tail.at(-1)).toBe(lines.at(-1)!);
});

test("a search sees the masked text only: who may not read a number cannot find it either", async () => {
  const path = file("searched", "sent to +998901234567\nERROR one\nfine\nerror two\n");
  expect(await searchIn([path], "error", 10)).toEqual(["ERROR one", "error two"]);
  expect(await searchIn([path], "error", 1)).toEqual(["error two"]);
  expect(await searchIn([path], "1234567", 10)).toEqual([]);
  expect(await searchIn([path], "99890••••67", 10)).toEqual(["sent to +99890••••67"]);
});

test("stretch after stretch gives every line once, in order, whatever their lengths and however many are asked for", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom("a", "é", "●", " "), maxLength: 60 }), { maxLength: 80 }),
      fc.integer({ min: 1, max: 20 }),
      fc.nat(80),
      fc.boolean(),
      (lines, most, split, ended) => {
        const all = lines.map((line, i) => `${i} ${line}`);
        const text = all.join("\n") + (ended && all.length > 0 ? "\n" : "");
        const bytes = Buffer.from(text);
        const middle = Math.min(split * 10, bytes.length);
        writeFileSync(join(folder, "p.earlier"), bytes.subarray(0, middle));
        writeFileSync(join(folder, "p"), bytes.subarray(middle));
        const files = [join(folder, "p.earlier"), join(folder, "p")];
        const seen: string[] = [];
        let before: string | undefined;
        do {
          const stretch = stretchOf(files, most, before);
          seen.unshift(...stretch.lines);
          before = stretch.earlier ?? undefined;
        } while (before !== undefined);
        expect(seen).toEqual(all);
      },
    ),
    { numRuns: 200 },
  );
});

test("a line longer than a stretch comes in pieces, and none of them is a page long", () => {
  const path = file("endless", `begin\n${"x".repeat(3_000_000)}\nend\n`);
  const first = stretchOf([path], 2);
  expect(first.lines).toEqual(["end"]);
  const second = stretchOf([path], 2, first.earlier!);
  expect(second.lines.map((line) => line.length)).toEqual([4000]);
  let before = second.earlier;
  let last: string[] = [];
  while (before) ({ lines: last, earlier: before } = stretchOf([path], 2, before));
  expect(last[0]).toBe("begin");
});

test("what stood before is not guessed after a cut", () => {
  const earlier = file("cut.earlier", "one\ntwo\n");
  const current = file("cut", "three\nfour\n");
  const { earlier: before } = stretchOf([earlier, current], 1);
  writeFileSync(earlier, "other\n");
  utimesSync(earlier, new Date(), new Date(Date.now() + 5000));
  expect(() => stretchOf([earlier, current], 1, before!)).toThrow("cut to its cap");
  expect(() => stretchOf([earlier, current], 1, "no cursor")).toThrow("earlier");
  expect(stretchOf([], 5)).toEqual({ lines: [], earlier: null });
});
