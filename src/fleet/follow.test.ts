import { expect, test } from "bun:test";
import { appendFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ownFolder } from "../../tests/cast/folder.ts";
import { until } from "../../tests/cast/until.ts";
import { trimOutput } from "../adapters/screen/output.ts";
import { followOutput, said } from "./follow.ts";

const folder = ownFolder("follow");
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

test("followers get whole lines as they come, and go on into the next run", async () => {
  const first = file("r_1.log", "before\n");
  let run = "r_1";
  const output = (_: string, asked?: string) => [join(folder, `${asked ?? run}.log`)];
  const lines: string[] = [];
  const leave = followOutput({ output }, "s_1", (more) => lines.push(...more));
  appendFileSync(first, "a\nhal");
  await until("a is heard", () => lines.includes("a"));
  appendFileSync(first, "f +998901234567\n");
  await until("the half is whole", () => lines.includes("half +99890••••67"));
  file("r_2.log", "next\n");
  run = "r_2";
  await until("the next run is heard", () => lines.includes("next"));
  leave();
  expect(lines).toEqual(["a", "half +99890••••67", said.nextRun, "next"]);
});

test("what an ended run printed last is heard, also without a newline", async () => {
  const first = file("r_3.log", "before\n");
  let run = "r_3";
  const output = (_: string, asked?: string) => [join(folder, `${asked ?? run}.log`)];
  const lines: string[] = [];
  const leave = followOutput({ output }, "s_1", (more) => lines.push(...more));
  appendFileSync(first, "Traceback\nthe end");
  file("r_4.log", "next\n");
  run = "r_4";
  await until("the next run is heard", () => lines.includes("next"));
  leave();
  expect(lines).toEqual(["Traceback", "the end", said.nextRun, "next"]);
});

test("a cut to the cap loses no line", async () => {
  const current = file("r_5.log", `${"before\n".repeat(150)}`);
  const earlier = join(folder, "r_5.earlier.log");
  let files = [current];
  const lines: string[] = [];
  const leave = followOutput({ output: () => files }, "s_1", (more) => lines.push(...more));
  appendFileSync(current, "one\ntwo\n");
  await until("two is heard", () => lines.includes("two"));
  // All in one look: lines that nobody heard yet are cut away into the earlier part.
  appendFileSync(current, "three\nfour\n");
  trimOutput(folder, "r_5", 2_000);
  files = [earlier, current];
  appendFileSync(current, "five\n");
  await until("five is heard", () => lines.includes("five"));
  leave();
  expect(lines).toEqual(["one", "two", "three", "four", "five"]);
});

test("a cut that leaves no trace of what was heard is said", async () => {
  const current = file("r_6.log", "one\n");
  const lines: string[] = [];
  const leave = followOutput({ output: () => [current] }, "s_1", (more) => lines.push(...more));
  truncateSync(current, 0);
  await until("the cut is said", () => lines.length > 0);
  appendFileSync(current, "two\n");
  await until("two is heard", () => lines.includes("two"));
  leave();
  expect(lines).toEqual([said.cut, "two"]);
});

test("of a program that prints without end a reader gets the newest lines, and how many were skipped", async () => {
  const current = file("r_7.log", "");
  const told: string[][] = [];
  const leave = followOutput({ output: () => [current] }, "s_1", (more) => told.push(more));
  appendFileSync(current, Array.from({ length: 1_000 }, (_, i) => `line ${i}\n`).join(""));
  await until("the first look is told", () => told.length > 0);
  appendFileSync(current, Array.from({ length: 1_000_000 }, (_, i) => `more ${i}\n`).join(""));
  await until("the second look is told", () => told.length > 1);
  leave();
  expect(told[0]).toEqual([said.skippedLines(960), ...Array.from({ length: 40 }, (_, i) => `line ${960 + i}`)]);
  expect(told[1]![0]).toMatch(/^⋯ 11\.\d MB skipped ⋯$/);
  expect(told[1]).toHaveLength(42);
  expect(told[1]!.at(-1)).toBe("more 999999");
});
