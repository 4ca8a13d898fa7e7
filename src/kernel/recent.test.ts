import { expect, test } from "bun:test";
import { openRecent } from "./recent.ts";

test("what is used stays, what is not is forgotten, and it never holds more than twice its capacity", () => {
  const recent = openRecent<number>(10);
  recent.set("used", 1);
  for (let i = 0; i < 100; i++) {
    recent.set(`key-${i}`, i);
    expect(recent.get("used")).toBe(1);
  }
  const held = Array.from({ length: 100 }, (_, i) => recent.get(`key-${i}`)).filter((value) => value !== undefined);
  expect(held.length).toBeLessThanOrEqual(20);
});

test("a deleted key is gone from both generations", () => {
  const recent = openRecent<number>(2);
  recent.set("a", 1);
  recent.set("b", 2);
  recent.delete("a");
  expect(recent.get("a")).toBeUndefined();
});
