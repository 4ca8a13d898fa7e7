import { expect, test } from "bun:test";
import { appendFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ownFolder } from "../../tests/cast/folder.ts";
import { until } from "../../tests/cast/until.ts";
import { followOutput, searchIn, TAIL_BYTES, tailOf } from "./output.ts";

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

test("followers get whole lines as they come, through a cut and into the next run", async () => {
  const first = file("r_1.log", "before\n");
  let files = [first];
  const lines: string[] = [];
  const leave = followOutput({ output: () => files }, "s_1", (more) => lines.push(...more));
  appendFileSync(first, "a\nhal");
  await until("a is heard", () => lines.includes("a"));
  appendFileSync(first, "f\n");
  await until("the half is whole", () => lines.includes("half"));
  truncateSync(first, 0);
  appendFileSync(first, "cut\n");
  await until("it goes on after a cut", () => lines.includes("cut"));
  appendFileSync(first, "the end");
  files = [file("r_2.log", "next\n")];
  await until("the next run is heard", () => lines.includes("next"));
  leave();
  expect(lines).toEqual(["a", "half", "cut", "the end", "next"]);
});
