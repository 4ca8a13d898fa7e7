/** What this machine is like right now, measured beside the figures that have no peer. */

import { Database } from "bun:sqlite";
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { percentile } from "./figures.ts";
import type { Stage } from "./stage.ts";

/** How late a 10 ms timer fires, ms, p99 of a second. */
export async function timerLagP99(): Promise<number> {
  const lags: number[] = [];
  for (let n = 0; n < 100; n++) {
    const from = performance.now();
    await new Promise((done) => setTimeout(done, 10));
    lags.push(performance.now() - from - 10);
  }
  return Math.max(0, percentile(lags, 0.99));
}

/** A prepared `select 1`, us, p50. */
export function selectOneUs(): number {
  const db = new Database(":memory:");
  const query = db.query("select 1");
  const took: number[] = [];
  for (let n = 0; n < 20_000; n++) {
    const from = performance.now();
    query.get();
    took.push((performance.now() - from) * 1000);
  }
  db.close();
  return percentile(took, 0.5);
}

/** Writing 4 KB and fsync in the stage's folder, ms, p50. */
export function fsyncMs(stage: Stage): number {
  const file = openSync(join(stage.folder, "fsync"), "w");
  const page = Buffer.alloc(4096);
  const took: number[] = [];
  for (let n = 0; n < 200; n++) {
    const from = performance.now();
    writeSync(file, page);
    fsyncSync(file);
    took.push(performance.now() - from);
  }
  closeSync(file);
  return percentile(took, 0.5);
}
