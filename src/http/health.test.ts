import { expect, test } from "bun:test";
import { Hono } from "hono";
import { fakeClock } from "../kernel/clock.ts";
import { healthRoutes } from "./health.ts";

function health(more: Partial<Parameters<typeof healthRoutes>[0]> = {}) {
  const clock = fakeClock();
  const loop = { name: "fleet", runs: 1, failures: 0, lastOkAt: clock.now(), lastError: null, everyMs: 1000 };
  const routes = healthRoutes({ stalled: () => [], loops: () => [loop], storeWritable: async () => {}, clock, version: "1", ...more });
  return { clock, loop, routes };
}

async function look(path: string, { routes }: ReturnType<typeof health>): Promise<[number, unknown]> {
  const app = new Hono();
  for (const route of routes) app.get(route.path, (context) => route.handle(context as never));
  const response = await app.request(path);
  return [response.status, await response.json()];
}

test("healthy while the loops beat, whatever the store does", async () => {
  const storeWritable = () => Promise.reject(new Error("disk full"));
  expect((await look("/healthz", health({ storeWritable })))[0]).toBe(200);
  expect(await look("/healthz", health({ stalled: () => ["fleet"] }))).toEqual([
    503,
    { status: "stalled", stalled: ["fleet"], version: "1" },
  ]);
});

test("ready when the store takes writes and every loop has run; else the reasons", async () => {
  expect((await look("/readyz", health()))[0]).toBe(200);
  const down = health({ storeWritable: () => Promise.reject(new Error("Nothing was stored: the disk is full")) });
  down.loop.lastOkAt = 0;
  expect(await look("/readyz", down)).toMatchObject([
    503,
    { status: "not_ready", reasons: ["store: Nothing was stored: the disk is full", "loop fleet: has not run yet"] },
  ]);
});

test("many probes a second are one write", async () => {
  let writes = 0;
  const asked = health({
    async storeWritable() {
      writes += 1;
    },
  });
  for (let i = 0; i < 10; i++) await look("/readyz", asked);
  expect(writes).toBe(1);
});

test("a start does not wait for housekeeping, but its failure is told", async () => {
  const late = { name: "sweep", runs: 0, failures: 0, lastOkAt: 0, lastError: null as string | null, everyMs: 60_000, late: true };
  expect((await look("/readyz", health({ loops: () => [late] })))[0]).toBe(200);
  expect((await look("/readyz", health({ loops: () => [{ ...late, runs: 1, lastError: "no broom" }] })))[0]).toBe(503);
});
