import { expect, test } from "bun:test";
import fc from "fast-check";
import { openZone, QUARTER_MS, type Zone } from "./zone.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

test.each([
  ["UTC", "2026-03-29T12:00Z", "2026-03-29T00:00Z", 24],
  ["Asia/Tashkent", "2026-03-29T12:00Z", "2026-03-28T19:00Z", 24],
  ["Asia/Tashkent, an hour after midnight there", "2026-03-29T20:00Z", "2026-03-29T19:00Z", 24],
  ["Asia/Kolkata", "2026-03-29T12:00Z", "2026-03-28T18:30Z", 24],
  ["Asia/Kathmandu", "2026-03-29T12:00Z", "2026-03-28T18:15Z", 24],
  ["Pacific/Chatham, the longer day", "2026-04-04T20:00Z", "2026-04-04T10:15Z", 25],
  ["Pacific/Chatham, the shorter day", "2026-09-26T20:00Z", "2026-09-26T11:15Z", 23],
  ["Europe/Kyiv, the shorter day", "2026-03-29T12:00Z", "2026-03-28T22:00Z", 23],
  ["Europe/Kyiv, the longer day", "2026-10-25T12:00Z", "2026-10-24T21:00Z", 25],
  ["America/New_York, the shorter day", "2026-03-08T12:00Z", "2026-03-08T05:00Z", 23],
  ["Australia/Lord_Howe, half an hour longer", "2026-04-04T20:00Z", "2026-04-04T13:00Z", 24.5],
  ["Africa/Cairo, begins at one", "2026-04-24T12:00Z", "2026-04-23T22:00Z", 23],
  ["America/Havana, midnight twice", "2026-11-01T12:00Z", "2026-11-01T04:00Z", 25],
  ["Asia/Beirut, the clock goes back over midnight", "2026-10-24T12:00Z", "2026-10-23T21:00Z", 25],
  ["Pacific/Apia, before the day that never was", "2011-12-29T12:00Z", "2011-12-29T10:00Z", 24],
  ["Pacific/Apia, after it", "2011-12-30T12:00Z", "2011-12-30T10:00Z", 24],
] as const)("%s: the day of %s begins at %s and has %d hours", (where, at, begins, hours) => {
  const zone = openZone(where.split(",")[0]!);
  const begin = zone.begin(Date.parse(at), DAY_MS);
  expect(new Date(begin).toISOString()).toBe(new Date(begins).toISOString());
  expect((zone.next(begin, DAY_MS) - begin) / HOUR_MS).toBe(hours);
});

const ZONES = [
  "UTC",
  "Asia/Kathmandu",
  "Europe/Kyiv",
  "America/Havana",
  "Pacific/Chatham",
  "Australia/Lord_Howe",
  "Africa/Cairo",
  "Asia/Beirut",
];
const zones = new Map(ZONES.map((name) => [name, openZone(name)]));

test("every moment lies in exactly one step, whose clock shows one date and one quarter of the day", () => {
  const at = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2031, 0) });
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), at, fc.constantFrom(6, 24), (name, moment, hours) => {
      const zone = zones.get(name)!;
      const stepMs = hours * HOUR_MS;
      const begin = zone.begin(moment, stepMs);
      const end = zone.next(begin, stepMs);
      expect(begin).toBeLessThanOrEqual(moment);
      expect(end).toBeGreaterThan(moment);
      expect(zone.begin(end - 1, stepMs)).toBe(begin);
      expect(zone.begin(end, stepMs)).toBe(end);
      expect(begin % QUARTER_MS).toBe(0);
      // Beirut's clock shows the last hour of the day twice, no clock the first of another day.
      expect(stepOf(zone, begin, hours)).toBe(stepOf(zone, end - 1, hours));
      expect(stepOf(zone, begin - 1, hours)).not.toBe(stepOf(zone, begin, hours));
    }),
    { numRuns: 2_000 },
  );
});

/** `2026-11-20, 3`: said by another part of Intl than the one under test. */
function stepOf({ name }: Zone, at: number, hours: number): string {
  const [date, hour] = new Date(at).toLocaleString("sv-SE", { timeZone: name, hourCycle: "h23" }).split(/[ :]/);
  return `${date}, ${Math.floor(Number(hour) / hours)}`;
}
