import { expect, test } from "bun:test";
import { quiet } from "../kernel/log.ts";
import { openMemory } from "./memory.ts";

const MB = 1024 * 1024;

function house() {
  const seen = { heldMb: 16, livingMb: 16, youngMb: 0, now: 1_000_000, collected: 0, young: 0, givenBack: 0 };
  const loop = openMemory({
    heldBytes: () => seen.heldMb * MB,
    heapBytes: () => (seen.heldMb + seen.youngMb) * MB,
    collect() {
      seen.collected++;
      seen.heldMb = seen.livingMb;
      seen.youngMb = 0;
    },
    collectYoung: () => void seen.young++,
    giveBack: () => void seen.givenBack++,
    log: quiet,
    now: () => seen.now,
  });
  return { seen, look: () => loop.runOnce() };
}

test("what the start left is collected with the first look, and pages are given back then and once an hour", async () => {
  const { seen, look } = house();
  await look();
  expect(seen).toMatchObject({ collected: 1, givenBack: 1 });
  seen.now += 3_599_000;
  await look();
  expect(seen.givenBack).toBe(1);
  seen.now += 1_000;
  await look();
  expect(seen.givenBack).toBe(2);
  // The clock was set back.
  seen.now -= 7_200_000;
  await look();
  expect(seen).toMatchObject({ collected: 1, givenBack: 3 });
});

test("what was taken for good is collected when 4 MB of it have come, and of a big heap when it is a quarter", async () => {
  const { seen, look } = house();
  await look();
  seen.heldMb = 20;
  await look();
  expect(seen.collected).toBe(1);
  seen.heldMb = 20.5;
  await look();
  expect(seen.collected).toBe(2);
  Object.assign(seen, { heldMb: 100, livingMb: 100 });
  await look();
  seen.heldMb = 124;
  await look();
  expect(seen.collected).toBe(3);
  seen.heldMb = 126;
  await look();
  expect(seen.collected).toBe(4);
});

test("what turns out to be needed is not collected for again and again", async () => {
  const { seen, look } = house();
  await look();
  Object.assign(seen, { heldMb: 30, livingMb: 30 });
  for (const _ of [1, 2, 3]) await look();
  expect(seen.collected).toBe(2);
});

test("young garbage is collected when 4 MB of it have come since the heap was at its least, a heap that stays big is let be", async () => {
  const { seen, look } = house();
  await look();
  seen.youngMb = 4;
  await look();
  expect(seen.young).toBe(0);
  seen.youngMb = 5;
  await look();
  expect(seen).toMatchObject({ young: 1, collected: 1 });
  seen.youngMb = 3;
  await look();
  seen.youngMb = 6.5;
  await look();
  expect(seen.young).toBe(1);
  seen.youngMb = 7.5;
  for (const _ of [1, 2, 3]) await look();
  expect(seen.young).toBe(2);
});
