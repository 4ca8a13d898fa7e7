import { expect, test } from "bun:test";
import { lazily } from "./lazily.ts";

test("makes the thing when first asked, and once", () => {
  let made = 0;
  const thing = lazily(() => ++made);
  expect(made).toBe(0);
  expect([thing(), thing()]).toEqual([1, 1]);
});

test("what is made may be undefined, and is not made again", () => {
  let made = 0;
  const nothing = lazily(() => void made++);
  nothing();
  nothing();
  expect(made).toBe(1);
});
