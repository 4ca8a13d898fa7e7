import { expect, test } from "bun:test";
import { until } from "../../tests/cast/until.ts";
import { quiet } from "./log.ts";
import { openLoop } from "./loop.ts";

const HOUR_MS = 3_600_000;

function counting(everyMs: number, body: (run: number) => Promise<void> | void = () => {}) {
  let runs = 0;
  const loop = openLoop({ name: "test", everyMs, log: quiet, now: () => 42, run: () => body(++runs) });
  return { loop, runs: () => runs };
}

test("runs at once when started, and again when nudged, long before its time", async () => {
  const { loop, runs } = counting(HOUR_MS);
  loop.start();
  await until("the first run", () => runs() === 1);
  loop.nudge();
  await until("the nudged run", () => runs() === 2);
  await loop.stop();
});

test("a run that says when the next is due has it then, and those after it at their own time", async () => {
  const { loop, runs } = counting(HOUR_MS, (run) => {
    if (run <= 2) loop.dueIn(run === 1 ? 1 : 2 * HOUR_MS);
  });
  loop.start();
  await until("the run that was due", () => runs() === 2);
  await new Promise((done) => setTimeout(done, 20));
  expect(runs()).toBe(2);
  await loop.stop();
});

test("never runs twice at a time; many nudges meanwhile are one run more", async () => {
  const gate = Promise.withResolvers<void>();
  let atOnce = 0;
  let most = 0;
  const { loop, runs } = counting(HOUR_MS, async (run) => {
    most = Math.max(most, ++atOnce);
    if (run === 1) await gate.promise;
    atOnce--;
  });
  loop.start();
  for (let i = 0; i < 50; i++) loop.nudge();
  gate.resolve();
  await until("the second run", () => runs() === 2);
  await loop.stop();
  expect([runs(), most]).toEqual([2, 1]);
});

test("a failure is told, delayed and never ends the loop", async () => {
  const { loop, runs } = counting(1, (run) => {
    if (run <= 2) throw new Error("the disk is full");
  });
  loop.start();
  await until("it has recovered", () => runs() > 3 && loop.health().lastError === null);
  expect(loop.health().failures).toBe(2);
  expect(loop.health().lastOkAt).toBe(42);
  await loop.stop();
});

test("stop waits for the present run and lets none follow", async () => {
  const gate = Promise.withResolvers<void>();
  const { loop, runs } = counting(1, () => gate.promise);
  loop.start();
  loop.nudge();
  const stopped = loop.stop();
  gate.resolve();
  await stopped;
  loop.nudge();
  expect(runs()).toBe(1);
});

test("a late loop runs first when its time has come, or when it is nudged", async () => {
  let runs = 0;
  const ran = Promise.withResolvers<void>();
  const run = () => {
    runs++;
    ran.resolve();
  };
  const loop = openLoop({ name: "late", everyMs: 60_000, firstAfterMs: 60_000, run, log: quiet, now: () => 1 });
  loop.start();
  expect(runs).toBe(0);
  expect(loop.health().late).toBe(true);
  loop.nudge();
  await ran.promise;
  await loop.stop();
  expect(runs).toBe(1);
});
