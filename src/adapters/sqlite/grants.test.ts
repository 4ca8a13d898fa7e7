import { expect, test } from "bun:test";
import { join } from "node:path";
import { ownFolder } from "../../../tests/cast/folder.ts";
import type { Grant } from "../../permits/permit.ts";
import { permitIdOf } from "../../permits/permit-id.ts";
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

test("grants that cross together come back as they were, alike or not, however many", async () => {
  const store = await openStore({ path: join(ownFolder("alike"), "signalbox.db"), onDeath: () => {} });
  const grants = sqliteGrants(store);
  const kinds: Partial<Grant>[] = [
    {},
    { program: "program2" },
    { session: "s_1", gateway: "smpp1" },
    { pair: "IN_airtel", country: "IN" },
    { bootId: "boot-2", leaseMs: 1_999.5 },
    { reportedUptimeMs: 5.25 },
    { abandoned: true },
  ];
  let number = 0;
  const run = (length: number, kind: Partial<Grant>) => Array.from({ length }, () => ({ ...aGrant(4_096 + ++number), ...kind }));
  const calls = [
    ...kinds.map((kind) => run(1, kind)),
    ...kinds.map((kind) => run(64, kind)),
    run(200, {}),
    kinds.flatMap((kind) => run(13, kind)),
  ];
  await Promise.all(calls.map((call) => grants.record(call)));
  const all = calls.flat();
  const found = await grants.find(all.map(({ permitId }) => permitId));
  const byId = (a: Grant, b: Grant) => a.grantedAt - b.grantedAt;
  expect(found.sort(byId)).toEqual(all.sort(byId));
  await store.close();
});

test("what is no permit's id fails its own call alone", async () => {
  const store = await openStore({ path: join(ownFolder("no-id"), "signalbox.db"), onDeath: () => {} });
  const grants = sqliteGrants(store);
  const grant = aGrant(4_097);
  const told = await Promise.allSettled([grants.record([grant]), grants.record([{ ...grant, permitId: "seven" }])]);
  expect(told.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  expect((await grants.find([grant.permitId])).length).toBe(1);
  await store.close();
});

function aGrant(number: number): Grant {
  return {
    ...{ permitId: permitIdOf(number), country: "UZ", pair: "UZ_uzmobile", gateway: null, program: "program1", session: null },
    ...{ bootId: "boot-1", grantedUptimeMs: 1_000 + number / 8, leaseMs: 2_000, grantedAt: 1_700_000_000_000 + number },
    ...{ reportedUptimeMs: null, abandoned: false },
  };
}
