/** What every adapter of the samples port has to do. */

import { describe, expect, test } from "bun:test";
import { DAY_MS, SAMPLE_MS, SAMPLES_KEPT_MS, type Samples } from "../../src/fleet/samples.ts";

const T0 = 29_000_000 * SAMPLE_MS;

export function samplesContract(name: string, open: () => Promise<Samples>): void {
  describe(`samples: ${name}`, () => {
    test("gives back a session's own, oldest first, and none for a minute without one", async () => {
      const samples = await open();
      await samples.add(T0, [
        { session: "s_b", cpu: 0.125, memoryBytes: 14 * 1_048_576 },
        { session: "s_a", cpu: null, memoryBytes: 3 * 1_048_576 },
      ]);
      await samples.add(T0 + 2 * SAMPLE_MS, [{ session: "s_a", cpu: 12.5, memoryBytes: 40_000 * 1_048_576 }]);
      expect(await samples.of("s_a", T0)).toEqual([
        { at: T0, cpu: null, memoryBytes: 3 * 1_048_576 },
        { at: T0 + 2 * SAMPLE_MS, cpu: 12.5, memoryBytes: 40_000 * 1_048_576 },
      ]);
      expect(await samples.of("s_b", T0)).toEqual([{ at: T0, cpu: 0.125, memoryBytes: 14 * 1_048_576 }]);
      expect(await samples.of("s_a", T0 + 1)).toHaveLength(1);
      expect(await samples.of("nobody", T0)).toEqual([]);
    });

    test("the same minute again replaces it", async () => {
      const samples = await open();
      for (const cpu of [0.1, 0.2]) await samples.add(T0 + DAY_MS, [{ session: "s_c", cpu, memoryBytes: 1_048_576 }]);
      expect(await samples.of("s_c", T0)).toEqual([{ at: T0 + DAY_MS, cpu: 0.2, memoryBytes: 1_048_576 }]);
    });

    test("500 sessions keep a day each, and what is older goes", async () => {
      const samples = await open();
      const from = T0 + 10 * DAY_MS;
      const taken = Array.from({ length: 500 }, (_, i) => ({ session: `s_${i}`, cpu: i / 1000, memoryBytes: i * 1_048_576 }));
      const minutes = SAMPLES_KEPT_MS / SAMPLE_MS + 20;
      for (let minute = 0; minute < minutes; minute++) await samples.add(from + minute * SAMPLE_MS, taken);
      const newest = from + (minutes - 1) * SAMPLE_MS;
      const day = await samples.of("s_321", 0);
      expect(day[0]?.at).toBe(newest - SAMPLES_KEPT_MS);
      expect(day.at(-1)).toEqual({ at: newest, cpu: 0.321, memoryBytes: 321 * 1_048_576 });
      expect(day).toHaveLength(SAMPLES_KEPT_MS / SAMPLE_MS + 1);
    });
  });
}
