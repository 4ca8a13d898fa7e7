import { expect, test } from "bun:test";
import { appendFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ownFolder } from "../../../tests/cast/folder.ts";
import { openOutput, outputFiles, trimOutput } from "./output.ts";

test("only we can read an output file", () => {
  const folder = join(ownFolder("output"), "s_1");
  openOutput(folder, "r_1", 10);
  expect(statSync(join(folder, "r_1.log")).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test("of the runs the newest are kept, with all their files", () => {
  const folder = ownFolder("output");
  for (const run of ["r_1", "r_2", "r_3"]) openOutput(folder, run, 10);
  writeFileSync(join(folder, "r_1.earlier.log"), "old");
  openOutput(folder, "r_4", 2);
  expect(["r_1", "r_2", "r_3", "r_4"].map((run) => outputFiles(folder, run).length)).toEqual([0, 0, 1, 1]);
  expect(outputFiles(folder)).toEqual([join(folder, "r_4.log")]);
});

test("a run that prints without end stays within its cap, the newest lines last", () => {
  const folder = ownFolder("output");
  openOutput(folder, "r_1", 10);
  for (let i = 0; i < 100; i++) {
    appendFileSync(join(folder, "r_1.log"), `${String(i).padStart(99, "0")}\n`);
    trimOutput(folder, "r_1", 2_000);
  }
  const text = outputFiles(folder, "r_1").map((file) => readFileSync(file, "utf8"));
  expect(text.join("").length).toBeLessThanOrEqual(2_100);
  expect(text.join("").trimEnd().endsWith("99")).toBe(true);
  expect(text).toHaveLength(2);
});

test("a run that printed far more than its cap at once is cut to it, at the beginning of a line", () => {
  const folder = ownFolder("output");
  openOutput(folder, "r_1", 10);
  appendFileSync(join(folder, "r_1.log"), Array.from({ length: 100_000 }, (_, i) => `line ${i}\n`).join(""));
  trimOutput(folder, "r_1", 600_000);
  const text = outputFiles(folder, "r_1").map((file) => readFileSync(file, "utf8"));
  expect(text.join("").length).toBeLessThanOrEqual(300_000);
  expect(text.join("").length).toBeGreaterThan(299_000);
  expect(text.join("")).toMatch(/^line \d+\nline \d+\n/);
  expect(text.join("").endsWith("line 99999\n")).toBe(true);
  expect(statSync(join(folder, "r_1.earlier.log")).mode & 0o777).toBe(0o600);
});
