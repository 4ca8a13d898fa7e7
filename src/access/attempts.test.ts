import { expect, test } from "bun:test";
import { openAttempts } from "./attempts.ts";

const LIMITS = { free: 3, forgetOneMs: 60_000, firstLockMs: 1000, maxLockMs: 4000 };

test("the free tries wait for nothing, then each wait is twice the one before, up to the cap", () => {
  const attempts = openAttempts(LIMITS);
  let now = 0;
  const waits: number[] = [];
  for (let i = 0; i < 7; i++) {
    expect(attempts.take("anna", now)).toBe(0);
    const wait = attempts.take("anna", now);
    waits.push(i < 2 ? 0 : wait);
    if (i < 2) attempts.refund("anna");
    now += i < 2 ? 0 : wait;
  }
  expect(waits).toEqual([0, 0, 1000, 2000, 4000, 4000, 4000]);
});

test("a try while locked is refused and not counted", () => {
  const attempts = openAttempts(LIMITS);
  for (let i = 0; i < 3; i++) attempts.take("anna", 0);
  for (let i = 0; i < 50; i++) expect(attempts.take("anna", 400)).toBe(600);
  expect(attempts.take("anna", 1000)).toBe(0);
});

test("parallel tries are counted before their outcome is known", () => {
  const attempts = openAttempts(LIMITS);
  const allowed = Array.from({ length: 100 }, () => attempts.take("anna", 0)).filter((wait) => wait === 0);
  expect(allowed).toHaveLength(3);
});

test("a right try forgets what was before, and one key knows nothing of another", () => {
  const attempts = openAttempts(LIMITS);
  for (let i = 0; i < 3; i++) attempts.take("anna", 0);
  expect(attempts.take("boris", 0)).toBe(0);
  attempts.forgive("anna");
  expect(attempts.take("anna", 0)).toBe(0);
});

test("tries are forgotten one by one", () => {
  const attempts = openAttempts(LIMITS);
  attempts.take("anna", 0);
  attempts.take("anna", 0);
  attempts.take("anna", 60_000);
  expect(attempts.take("anna", 60_000)).toBe(0);
});

test("ten thousand keys are held and no more", () => {
  const attempts = openAttempts({ ...LIMITS, free: 1 });
  for (let i = 0; i < 10_001; i++) attempts.take(`user-${i}`, 0);
  expect(attempts.take("user-0", 0)).toBe(0);
  expect(attempts.take("user-10000", 0)).toBe(1000);
});
