import { expect, test } from "bun:test";
import { join } from "node:path";
import { ownFolder } from "../../../tests/cast/folder.ts";
import { systemClock } from "../linux/libc.ts";
import { sqliteGrants } from "./grants.ts";
import { openStore } from "./store.ts";

test("every permit that was given out is on disk after kill -9", async () => {
  const path = join(ownFolder("kill"), "signalbox.db");
  const taker = Bun.spawn([process.execPath, join(import.meta.dir, "../../../tests/cast/taker.ts"), path], { stdout: "pipe" });
  let told = "";
  const decoder = new TextDecoder();
  for await (const chunk of taker.stdout) {
    told += decoder.decode(chunk, { stream: true });
    if (told.length > 5_000) taker.kill("SIGKILL");
  }
  await taker.exited;
  const given = told.split("\n").slice(0, -1);
  expect(given.length).toBeGreaterThan(300);

  const store = await openStore({ path, onDeath: () => {} });
  const clock = systemClock();
  const recent = await sqliteGrants(store).recent(clock.bootId, clock.uptimeMs(), 120_000);
  const onDisk = new Set(recent.grants.map((grant) => grant.permitId));
  expect(given.filter((id) => !onDisk.has(id))).toEqual([]);
  // What nobody was told may be on disk too, and then its slot is used: at most one turn's worth.
  expect(onDisk.size - given.length).toBeLessThanOrEqual(10);
  await store.close();
});
