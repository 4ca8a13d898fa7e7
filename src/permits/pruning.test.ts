import { expect, test } from "bun:test";
import { fakeClock } from "../kernel/clock.ts";
import { quiet } from "../kernel/log.ts";
import type { Prune } from "./grants.ts";
import { openPruning, STEP } from "./pruning.ts";

const DAY = 86_400_000;

function house(rows: number) {
  const clock = fakeClock();
  clock.advance(3 * DAY);
  const asked: Prune[] = [];
  const pauses: number[] = [];
  let left = rows;
  const grants = {
    async prune(what: Prune) {
      asked.push(what);
      const gone = Math.min(left, what.most);
      left -= gone;
      return gone;
    },
  };
  const loop = openPruning({ grants, clock, log: quiet, keepDays: 90, pause: async () => pauses.push(left) });
  clock.advance(60_000);
  return { clock, loop, asked, pauses };
}

test("deletes what is older than the setting says, a step at a time with a pause after each", async () => {
  const { loop, asked, pauses, clock } = house(2 * STEP + 1);
  await loop.runOnce();
  expect(asked).toHaveLength(3);
  expect(pauses).toEqual([STEP + 1, 1, 0]);
  expect(asked[0]).toMatchObject({ beforeAt: clock.now() - 90 * DAY, bootId: "boot-1", beforeUptimeMs: clock.uptimeMs() - 2 * DAY });
});

test("leaves everything alone in a boot's first day, when grants of the boot before may still count", async () => {
  const clock = fakeClock();
  const asked: Prune[] = [];
  const grants = { prune: async (what: Prune) => asked.push(what) };
  const loop = openPruning({ grants, clock, log: quiet, keepDays: 90, pause: async () => {} });
  clock.advance(DAY / 2);
  await loop.runOnce();
  expect(asked).toEqual([]);
});

test("a start has other things to do: nothing in its first minute", async () => {
  const clock = fakeClock();
  clock.advance(3 * DAY);
  const asked: Prune[] = [];
  const loop = openPruning({ grants: { prune: async (what) => asked.push(what) }, clock, log: quiet, keepDays: 90, pause: async () => {} });
  await loop.runOnce();
  expect(asked).toEqual([]);
});
