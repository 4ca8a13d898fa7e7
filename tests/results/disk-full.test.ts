/** A full disk: the request is told to come back, nothing of it is stored, and when there is room again all goes on. */

import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "../../src/adapters/sqlite/store.ts";
import { fakeClock } from "../../src/kernel/clock.ts";
import { ownMetering } from "../cast/metering.ts";
import { refusal } from "../cast/refusal.ts";

const folder = mkdtempSync(join(tmpdir(), "signalbox-full-"));
const mounted = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder]).exitCode === 0;
afterAll(() => {
  if (mounted) Bun.spawnSync(["umount", "-l", folder]);
  rmSync(folder, { recursive: true, force: true });
});

// Mounting a small disk takes root.
test.skipIf(!mounted)("answers 503 while the disk is full, stores nothing of it, and goes on when there is room", async () => {
  const store = await openStore({ path: join(folder, "signalbox.db"), onDeath: () => {} });
  const metering = await ownMetering(store, fakeClock());
  const items = (name: string, n: number) =>
    Array.from({ length: n }, (_, i) => ({
      country: "UZ",
      operator: "uzmobile",
      message_id: `${name}-${i}`,
      state: "submitted",
      permit_id: "p".repeat(70),
    }));
  expect(await metering.ingest.accept("program1", null, items("before", 10))).toMatchObject({ accepted: 10 });

  const ballast = join(folder, "ballast");
  fill(ballast);
  let stored = 10;
  let error: Awaited<ReturnType<typeof refusal>> | null = null;
  for (let request = 0; !error && request < 1000; request++) {
    const sent = metering.ingest.accept("program1", null, items(`r${request}`, 100));
    error = await sent.then(
      () => null,
      () => refusal(sent),
    );
    if (!error) stored += 100;
  }
  expect(error).toMatchObject({ code: "unavailable", details: { retryAfterMs: 2000 } });
  expect(error?.message).toContain("the disk is full");
  expect(metering.counters.pair("UZ_uzmobile").total.sent).toBe(stored);

  rmSync(ballast);
  expect(await metering.ingest.accept("program1", null, items("after", 50))).toMatchObject({ accepted: 50 });
  expect(await metering.ingest.accept("program1", null, items("before", 10))).toMatchObject({ duplicate: 10 });
  await metering.stop();
  await store.close();

  const again = await openStore({ path: join(folder, "signalbox.db"), onDeath: () => {} });
  const reopened = await ownMetering(again, fakeClock());
  expect(reopened.counters.pair("UZ_uzmobile").total.sent).toBe(stored + 50);
  await again.close();
});

/** Fills the disk up to its last page. */
function fill(path: string): void {
  let size = 4 * 1024 * 1024;
  while (size >= 4096) {
    try {
      writeFileSync(path, new Uint8Array(size), { flag: "a" });
    } catch {
      size /= 2;
    }
  }
}
