import { expect, test } from "bun:test";
import { quiet } from "../kernel/log.ts";
import { openSampler, type SampleTaken } from "./samples.ts";
import type { Load } from "./status.ts";

const MINUTE = 60_000;
const T0 = 1_000 * MINUTE;

function sampling() {
  const written: [number, readonly SampleTaken[]][] = [];
  let failing = false;
  const samples = {
    async add(at: number, taken: readonly SampleTaken[]) {
      if (failing) throw new Error("away");
      written.push([at, taken]);
    },
    of: async () => [],
  };
  const minutes: number[] = [];
  const sampler = openSampler(samples, quiet, async (at) => void minutes.push(at));
  const look = (afterMs: number, ...loads: [string, Load | null][]) => sampler.look(T0 + afterMs, loads);
  return { written, minutes, sampler, look, fail: (yes: boolean) => (failing = yes) };
}

const load = (run: string, uptimeMs: number, cpuMs: number, mebibytes: number): Load => ({
  ...{ run, cpu: null, cpuMs, uptimeMs },
  memoryBytes: mebibytes * 1_048_576,
});

test("a minute is the processor's share over all of it, and the most memory in it", async () => {
  const { written, look, sampler } = sampling();
  look(0, ["s1", load("r1", 0, 0, 10)]);
  look(30_000, ["s1", load("r1", 30_000, 15_000, 90)]);
  look(59_000, ["s1", load("r1", 59_000, 29_500, 20)]);
  expect(written).toEqual([]);
  look(64_000, ["s1", load("r1", 64_000, 29_500, 20)]);
  await sampler.flush();
  expect(written).toEqual([
    [T0, [{ session: "s1", cpu: 0.5, memoryBytes: 90 * 1_048_576 }]],
    // The next begins where the last one ended, so no processor time falls between two minutes.
    [T0 + MINUTE, [{ session: "s1", cpu: 0, memoryBytes: 20 * 1_048_576 }]],
  ]);
});

test("a new run begins anew, and never counts the one before against it", async () => {
  const { written, look, sampler } = sampling();
  look(0, ["s1", load("r1", 0, 50_000, 10)]);
  look(10_000, ["s1", load("r2", 10_000, 100, 10)]);
  look(20_000, ["s1", load("r2", 20_000, 1_100, 10)]);
  await sampler.flush();
  expect(written).toEqual([[T0, [{ session: "s1", cpu: 0.1, memoryBytes: 10 * 1_048_576 }]]]);
});

test("a session that does not run has no sample, and a minute without any is not written", async () => {
  const { written, minutes, look, sampler } = sampling();
  look(0, ["s1", load("r1", 0, 0, 10)], ["s2", null]);
  look(MINUTE, ["s1", null], ["s2", null]);
  look(2 * MINUTE, ["s1", null]);
  await sampler.flush();
  expect(written.map(([at]) => at)).toEqual([T0]);
  expect(minutes).toEqual([T0, T0 + MINUTE, T0 + 2 * MINUTE]);
});

test("a store that is away costs its minute and no other", async () => {
  const { written, look, sampler, fail } = sampling();
  fail(true);
  look(0, ["s1", load("r1", 0, 0, 10)]);
  look(MINUTE, ["s1", load("r1", MINUTE, 600, 10)]);
  fail(false);
  look(2 * MINUTE, ["s1", load("r1", 2 * MINUTE, 1_200, 10)]);
  await sampler.flush();
  expect(written.map(([at, [sample]]) => [at, sample?.cpu])).toEqual([
    [T0 + MINUTE, 0.01],
    [T0 + 2 * MINUTE, 0.01],
  ]);
});
