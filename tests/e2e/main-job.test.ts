/** The main job as its user has it: executable, screens, programs and gateway. The long form of both is scripts/soak. */

import { afterAll, expect, test } from "bun:test";
import { brokenWindows, miscounted, uncontrolled, wrongSums } from "../cast/judge.ts";
import { killAtRandom } from "../cast/killing.ts";
import { openSample, type Sample } from "../cast/sample.ts";
import { until } from "../cast/until.ts";

const SESSIONS = 21; // the sample's 24 without the two of program4 and that of program7
const WINDOW_SECONDS = 3;

const sample: Sample = await openSample({ windowSeconds: WINDOW_SECONDS });
afterAll(() => sample.close(), 60_000);

test("the fleet sends: no country above its limit, every confirmed message counted once", async () => {
  await sample.allRunning(SESSIONS);
  await until("300 messages have reached the gateway", () => sample.truth().messages.length >= 300, 60_000);
  expect(brokenWindows(sample, WINDOW_SECONDS * 1000)).toEqual([]);
  expect(await miscounted(sample)).toEqual([]);
  expect(await wrongSums(sample)).toEqual([]);
  expect(uncontrolled(sample)).toEqual([]);
}, 120_000);

test("Signalbox killed again and again: no session ends or doubles, nothing acknowledged is lost, no window breaks", async () => {
  const before = await sample.allRunning(SESSIONS);
  const sentBefore = sample.truth().messages.length;
  await killAtRandom(sample, { times: 6, seed: 1, leastMs: 300, mostMs: 2500 });
  const after = await sample.allRunning(SESSIONS);
  expect(after.map(({ name, pid, restarts }) => ({ name, pid, restarts }))).toEqual(
    before.map(({ name, pid, restarts }) => ({ name, pid, restarts })),
  );
  expect(sample.screenCount()).toBe(SESSIONS);
  expect(sample.truth().messages.length).toBeGreaterThan(sentBefore);
  expect(brokenWindows(sample, WINDOW_SECONDS * 1000)).toEqual([]);
  expect(await miscounted(sample)).toEqual([]);
  expect(await wrongSums(sample)).toEqual([]);
  expect(uncontrolled(sample)).toEqual([]);
}, 180_000);
