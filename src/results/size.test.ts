import { expect, test } from "bun:test";
import { fakeClock } from "../kernel/clock.ts";
import { quiet } from "../kernel/log.ts";
import { DAY_MS, HOUR_MS } from "./history.ts";
import { forecast, type Measured, openSizes } from "./size.ts";

const NOON = Date.UTC(2026, 0, 5, 12);
const used = (...days: [number, number][]) => days.map(([ago, usedBytes]) => ({ at: NOON - ago * DAY_MS, usedBytes }));

test.each([
  ["nothing measured", [], { kind: "too_early" }],
  ["a day of it", used([1, 100], [0, 200]), { kind: "too_early" }],
  ["a week that did not grow", used([6, 500], [0, 500]), { kind: "steady" }],
  ["a month ago does not count", used([30, 0], [6, 600], [0, 500]), { kind: "steady" }],
  ["ten a day, a hundred left", used([5, 50], [0, 100]), { kind: "growing", bytesPerDay: 10, fullAt: NOON + 10 * DAY_MS }],
] as const)("forecast: %s", (_, days, said) => {
  expect(forecast([...days], 100, NOON)).toEqual(said as never);
});

const measured: Measured = {
  ...{
    fileBytes: 100,
    freeBytes: 10,
    tables: [],
    days: [],
    outputBytes: 0,
    outputFiles: 0,
    spoolBytes: 0,
    diskBytes: 1_000,
    diskFreeBytes: 500,
  },
};

test("measures once for all who look, at most once an hour, and keeps nobody waiting", async () => {
  const clock = fakeClock(NOON);
  let measurements = 0;
  let finish = () => {};
  const measure = () => {
    measurements++;
    return new Promise<Measured>((resolve) => {
      finish = () => resolve(measured);
    });
  };
  const sizes = openSizes(measure, clock, quiet, async () => {});
  expect(await Promise.all([sizes.look(), sizes.look()])).toEqual([null, null]);
  finish();
  await Bun.sleep(0);
  expect(await sizes.look()).toMatchObject({ at: NOON, fileBytes: 100 });
  clock.advance(HOUR_MS - 1);
  await sizes.look();
  expect(measurements).toBe(1);
  clock.advance(1);
  // The one of an hour ago, while the next is under way.
  expect(await sizes.look()).toMatchObject({ at: NOON });
  expect(measurements).toBe(2);
  finish();
});

test("a measurement that fails is tried again by the next who looks", async () => {
  let fails = true;
  const sizes = openSizes(
    async () => (fails ? Promise.reject(new Error("gone")) : measured),
    fakeClock(NOON),
    quiet,
    () => Bun.sleep(5),
  );
  expect(await sizes.look()).toBeNull();
  fails = false;
  expect(await sizes.look()).toMatchObject({ diskFreeBytes: 500 });
});
