import { expect, test } from "bun:test";
import fc from "fast-check";
import { openZone } from "../kernel/zone.ts";
import { cover } from "./cover.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, TIER_MS, TIERS } from "./history.ts";

const NOON = Date.UTC(2026, 2, 29, 12);
const zones = ["UTC", "Asia/Kolkata", "Europe/Kyiv"].map(openZone);

test.each([
  ["a quarter", NOON, NOON + 15 * MINUTE_MS, "15m 1"],
  ["two minutes of two quarters", NOON - MINUTE_MS, NOON + MINUTE_MS, "1m 2"],
  ["an hour from the middle of a quarter", NOON + MINUTE_MS, NOON + HOUR_MS + MINUTE_MS, "1m 14, 15m 3, 1m 1"],
  ["a day and a half", NOON, NOON + 36 * HOUR_MS, "1h 12, 1d 1"],
  ["a week, to the minute", NOON + MINUTE_MS, NOON + 7 * DAY_MS, "1m 14, 15m 3, 1h 11, 1d 6, 1h 12"],
  ["nothing", NOON, NOON, ""],
])("%s", (_, from, to, parts) => {
  const found = cover(from, to, "1m", zones[0]!).map((part) => `${part.tier} ${(part.to - part.from) / TIER_MS[part.tier]}`);
  expect(found.join(", ")).toBe(parts);
});

test("nothing is left out, nothing is twice, and no part begins inside a bucket, also where clocks change", () => {
  const minute = fc.integer({ min: -40 * 24 * 60, max: 40 * 24 * 60 }).map((n) => NOON + n * MINUTE_MS);
  fc.assert(
    fc.property(minute, minute, fc.constantFrom(...TIERS.slice(0, 3)), fc.constantFrom(...zones), (a, b, finest, zone) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)].map((at) => at - (at % TIER_MS[finest])) as [number, number];
      let at = from;
      for (const part of cover(from, to, finest, zone)) {
        expect(part.from).toBe(at);
        expect(part.to).toBeGreaterThan(at);
        expect(TIERS.indexOf(part.tier)).toBeGreaterThanOrEqual(TIERS.indexOf(finest));
        for (const end of [part.from, part.to])
          expect(part.tier === "1d" ? zone.begin(end, DAY_MS) : end - (end % TIER_MS[part.tier])).toBe(end);
        at = part.to;
      }
      expect(at).toBe(Math.max(from, to));
    }),
  );
});
