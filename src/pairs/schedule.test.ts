import { describe, expect, test } from "bun:test";
import { checkSchedule, lastTime, nextTime } from "./schedule.ts";

const at = (text: string) => Date.parse(text);
const HOUR = 3_600_000;

describe("a schedule", () => {
  test("is read in its time zone", () => {
    // Tashkent is five hours ahead of UTC all year.
    expect(nextTime("30 4 * * *", "Asia/Tashkent", at("2026-03-01T12:00:00Z"))).toBe(at("2026-03-01T23:30:00Z"));
  });

  const lasts: [string, string, number | null][] = [
    ["at its very time", "2026-03-01T04:30:00.000Z", at("2026-03-01T04:30:00Z")],
    ["a moment after", "2026-03-01T04:30:00.250Z", at("2026-03-01T04:30:00Z")],
    ["a moment before", "2026-03-01T04:29:59.999Z", null],
    ["within the hour", "2026-03-01T05:29:59Z", at("2026-03-01T04:30:00Z")],
    ["an hour later it is past", "2026-03-01T05:30:00Z", null],
  ];
  for (const [what, now, last] of lasts) test(what, () => expect(lastTime("30 4 * * *", "UTC", at(now), HOUR)).toBe(last));

  test("an hour that summer time repeats brings its time once", () => {
    const times = new Set<number>();
    for (let now = at("2026-10-25T00:00:00Z"); now < at("2026-10-25T04:00:00Z"); now += 60_000) {
      const last = lastTime("30 2 * * *", "Europe/Berlin", now, HOUR);
      if (last !== null) times.add(last);
    }
    expect([...times]).toHaveLength(1);
  });

  test("an hour that summer time skips loses no time", () => {
    const next = nextTime("30 2 * * *", "Europe/Berlin", at("2026-03-29T00:00:00Z"))!;
    expect(next).toBeGreaterThanOrEqual(at("2026-03-29T01:00:00Z"));
    expect(next).toBeLessThan(at("2026-03-29T02:00:00Z"));
  });

  for (const bad of ["", "every day", "* * * *", "0 0 4 * * *", "61 4 * * *", "0 0 31 2 *"])
    test(`refuses "${bad}"`, () => expect(() => checkSchedule(bad)).toThrow());
  for (const good of ["0 4 * * *", "*/15 * * * 1-5", "0 0 29 2 *", "@daily"])
    test(`takes "${good}"`, () => expect(() => checkSchedule(good)).not.toThrow());
});
