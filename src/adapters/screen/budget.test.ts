import { expect, test } from "bun:test";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ownFolder } from "../../../tests/cast/folder.ts";
import { trimToBudget } from "./budget.ts";

function filled(): { data: string; left: () => string[] } {
  const data = ownFolder("budget");
  const files = [
    "output/s_1/r_01.log",
    "output/s_1/r_03.log",
    "output/s_1/r_05.log",
    "output/s_1/r_05.earlier.log",
    "output/s_2/r_02.log",
    "output/s_2/r_02.earlier.log",
    "output/s_2/r_04.log",
    "spool/s_1/1.segment",
  ];
  for (const file of files) {
    mkdirSync(dirname(join(data, file)), { recursive: true });
    writeFileSync(join(data, file), "x".repeat(1_000));
  }
  return { data, left: () => files.filter((file) => existsSync(join(data, file))) };
}

test("over the budget the oldest runs' output goes first, wherever they ran", async () => {
  const { data, left } = filled();
  expect(await trimToBudget(data, 8_000)).toEqual({ bytes: 8_000, freedBytes: 0 });
  expect(await trimToBudget(data, 6_500)).toEqual({ bytes: 5_000, freedBytes: 3_000 });
  expect(left()).not.toContain("output/s_1/r_01.log");
  expect(left().filter((file) => file.includes("r_02"))).toEqual([]);
  expect(left()).toContain("output/s_1/r_03.log");
});

test("a session's newest run and what waits in a spool never go", async () => {
  const { data, left } = filled();
  expect(await trimToBudget(data, 0)).toEqual({ bytes: 4_000, freedBytes: 4_000 });
  expect(left()).toEqual(["output/s_1/r_05.log", "output/s_1/r_05.earlier.log", "output/s_2/r_04.log", "spool/s_1/1.segment"]);
});

test("a house without output has nothing to trim", async () => {
  expect(await trimToBudget(join(ownFolder("budget"), "nothing"), 0)).toEqual({ bytes: 0, freedBytes: 0 });
});
