import { expect, test } from "bun:test";
import { quiet } from "../kernel/log.ts";
import { openMemory } from "./memory.ts";

const MB = 1024 * 1024;

/** A house whose start is over; `heldMb` and `youngMb` are moved by hand. */
async function house() {
  const seen = { heldMb: 16, livingMb: 16, youngMb: 0, now: 1_000_000, collected: 0, young: 0, shrunk: 0, givenBack: 0 };
  const loop = openMemory({
    heap: () => ({ left: seen.heldMb * MB, taken: (seen.heldMb + seen.youngMb) * MB }),
    collect() {
      seen.collected++;
      seen.heldMb = seen.livingMb;
      seen.youngMb = 0;
    },
    collectYoung: () => void seen.young++,
    shrink: () => void seen.shrunk++,
    giveBack: () => void seen.givenBack++,
    log: quiet,
    now: () => seen.now,
  });
  const look = async (change: Partial<typeof seen> = {}) => {
    Object.assign(seen, change);
    await loop.runOnce();
    return seen;
  };
  await look();
  expect(await look()).toMatchObject({ shrunk: 1, givenBack: 1 });
  return { seen, look };
}

test("code that only the start needed is dropped once, and its pages are given back then and once an hour", async () => {
  const { seen, look } = await house();
  expect((await look({ now: seen.now + 3_599_000 })).givenBack).toBe(1);
  expect((await look({ now: seen.now + 1_000 })).givenBack).toBe(2);
  // The clock was set back.
  expect(await look({ now: seen.now - 7_200_000 })).toMatchObject({ shrunk: 1, collected: 0, givenBack: 3 });
});

test("what was taken for good is collected when 3 MB of it have come, and of a big heap when it is 15 %", async () => {
  const { look } = await house();
  expect((await look({ heldMb: 19 })).collected).toBe(0);
  expect((await look({ heldMb: 19.5 })).collected).toBe(1);
  expect((await look({ heldMb: 100, livingMb: 100 })).collected).toBe(2);
  expect((await look({ heldMb: 114 })).collected).toBe(2);
  expect((await look({ heldMb: 116 })).collected).toBe(3);
});

test("what turns out to be needed is not collected for again and again", async () => {
  const { look } = await house();
  await look({ heldMb: 30, livingMb: 30 });
  for (const _ of [1, 2, 3]) expect((await look()).collected).toBe(1);
});

test("young garbage is collected while there are 2 MB more than the heap had at its least", async () => {
  const { look } = await house();
  expect((await look({ youngMb: 2 })).young).toBe(0);
  expect(await look({ youngMb: 2.5 })).toMatchObject({ young: 1, collected: 0 });
  expect((await look()).young).toBe(2);
  expect((await look({ youngMb: 1 })).young).toBe(2);
});

test("what the engine collects by itself counts", async () => {
  const { look } = await house();
  await look({ heldMb: 12 });
  expect((await look({ heldMb: 15 })).collected).toBe(0);
  expect((await look({ heldMb: 17, livingMb: 12 })).collected).toBe(1);
});
