/** Promise 1: killed at any instant, Signalbox loses no acknowledged result and counts none twice. */

import { expect, test } from "bun:test";
import { join } from "node:path";
import { openStore } from "../../src/adapters/sqlite/store.ts";
import { fakeClock } from "../../src/kernel/clock.ts";
import { ownFolder } from "../cast/folder.ts";
import { ownMetering } from "../cast/metering.ts";

const ROUNDS = 6;

test("keeps every acknowledged result exactly once when it is killed while it takes them in", async () => {
  const path = join(ownFolder("kill"), "signalbox.db");
  const acknowledged = new Set<number>();
  for (let round = 0; round < ROUNDS; round++) {
    const child = Bun.spawn([process.execPath, join(import.meta.dir, "../cast/ingesting.ts"), path, String(round * 1_000_000)], {
      stdout: "pipe",
      stderr: "inherit",
    });
    // Another instant in each round; the number of lines is the signal, the kill falls wherever the child is by then.
    const enough = 20 + round * round * 50;
    let text = "";
    let killed = false;
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (!killed && text.split("\n").length > enough) {
        child.kill("SIGKILL");
        killed = true;
      }
    }
    await child.exited;
    for (const line of text.split("\n").slice(0, -1)) acknowledged.add(Number(line));

    const store = await openStore({ path, onDeath: () => {} });
    const metering = await ownMetering(store, fakeClock());
    const { total } = metering.counters.pair("UZ_uzmobile");
    expect(acknowledged.size).toBeGreaterThan(enough / 2);
    // What was on disk but not acknowledged any more may be there too; each whole, and once.
    expect(total.delivered).toBeGreaterThanOrEqual(acknowledged.size);
    expect(total).toMatchObject({ attempts: total.delivered, sent: total.delivered, pending: 0 });
    const items = [...acknowledged].map((n) => ({ country: "UZ", operator: "uzmobile", message_id: `m${n}`, state: "delivered" }));
    for (let i = 0; i < items.length; i += 1000) {
      const part = items.slice(i, i + 1000);
      expect(await metering.ingest.accept("program1", "s_1", part)).toEqual({ accepted: 0, duplicate: part.length, rejected: [] });
    }
    // History was being rolled while it was killed: every tier has the same.
    const now = fakeClock().now();
    for (const interval of ["1m", "15m", "1h", "1d"] as const) {
      const past = await metering.past.read({ where: {}, from: now - 3_600_000, to: now + 1, interval });
      expect(past.total).toMatchObject(total);
    }
    await metering.stop();
    await store.close();
  }
}, 60_000);
