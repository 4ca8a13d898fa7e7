import { expect, test } from "bun:test";
import { densest } from "./truth.ts";

test("the densest window is found at any offset, and an event one window later is outside", () => {
  expect(densest([0, 10, 20, 59_999], 60_000)).toBe(4);
  expect(densest([0, 10, 20, 60_000], 60_000)).toBe(3);
  expect(densest([50_000, 60_000, 5, 119_999], 60_000)).toBe(3);
  expect(densest([], 60_000)).toBe(0);
});
