import { expect, test } from "bun:test";
import { aCountry, aPair, directoryOf } from "../../tests/cast/directory.ts";
import { memoryGrants } from "../../tests/cast/grants.ts";
import { memoryLedger } from "../../tests/cast/ledger.ts";
import { handTimers, turn } from "../../tests/cast/timers.ts";
import type { Act } from "../kernel/act.ts";
import { fakeClock } from "../kernel/clock.ts";
import { quiet } from "../kernel/log.ts";
import type { Breach } from "./breach.ts";
import { openBreaches } from "./breaches.ts";
import type { SettledResult } from "./permit.ts";
import { openPermits } from "./permits.ts";

async function house(open: Breach[] = []) {
  const clock = fakeClock();
  const timers = handTimers(clock);
  const grants = memoryGrants();
  const directory = await directoryOf(aCountry("UZ", 3), aPair("UZ_uzmobile"), aPair("UZ_beeline"));
  const permits = await openPermits({ directory, grants, clock, log: quiet, after: timers.after, soon: queueMicrotask });
  const saved: Breach[] = [];
  const acts: Act[] = [];
  const breaches = openBreaches({
    rows: {
      async save(breach, told) {
        saved.push(breach);
        acts.push(...told);
      },
      recent: async () => saved,
      open: async () => open,
    },
    ledger: memoryLedger(grants, [clock.bootId]),
    clock,
    log: quiet,
    after: timers.after,
    budget: permits.room,
    settled: permits.flushed,
  });
  permits.found.subscribe(breaches.hear);
  let seq = 0;
  const send = (n: number, some: Partial<SettledResult> = {}) =>
    permits.settle([
      {
        ...{
          seq: ++seq,
          pair: "UZ_uzmobile",
          program: "wild",
          session: "s_9",
          permitId: null,
          n,
          at: null,
          arrivedUptimeMs: clock.uptimeMs(),
        },
        ...some,
      },
    ]);
  const ask = (pair = "UZ_beeline") => permits.ask({ pairs: [pair], program: "program1", session: null, waitMs: 0 });
  return { clock, timers, permits, breaches, saved, acts, send, ask };
}

test("a limit that is kept is no breach, whoever sent", async () => {
  const { send, ask, timers, breaches, saved } = await house();
  await ask();
  send(2);
  await timers.advance(200_000);
  expect([breaches.current("UZ"), saved, [...breaches.totals()]]).toEqual([null, [], []]);
});

test("one more than the limit is kept at once with who it was, and ends when the window holds the limit again", async () => {
  const { send, ask, timers, breaches, saved, acts, clock } = await house();
  for (const _ of [1, 2, 3]) await ask();
  clock.advance(5_000);
  send(1);
  const by = [{ pair: "UZ_uzmobile", program: "wild", session: "s_9", reason: "no_permit" as const, n: 1 }];
  expect(breaches.current("UZ")).toMatchObject({
    country: "UZ",
    beganAt: clock.now(),
    endedAt: null,
    most: 4,
    uncontrolled: 1,
    limit: 3,
    by,
  });
  await turn();
  expect(acts).toMatchObject([
    { verb: "country.limit_broken", subject: "country:UZ", actor: "signalbox", detail: { most: 4, limit: 3, by } },
  ]);
  // Worse, by somebody else: the same episode.
  send(2, { program: "other", session: null });
  await timers.advance(2_000);
  expect(saved.at(-1)).toMatchObject({
    most: 6,
    uncontrolled: 3,
    by: [
      { program: "other", n: 2 },
      { program: "wild", n: 1 },
    ],
  });
  await timers.advance(70_000);
  expect(breaches.current("UZ")).toBeNull();
  expect(saved.at(-1)!.endedAt).toBeGreaterThan(saved.at(-1)!.beganAt + 50_000);
  expect(new Set(saved.map(({ id }) => id)).size).toBe(1);
  expect(acts.map(({ verb }) => verb)).toEqual(["country.limit_broken", "country.limit_kept"]);
  expect([...breaches.totals()]).toEqual([["UZ", 1]]);
});

test("sends that were told late are found in their own place, though no window of now ever held them", async () => {
  const { send, timers, breaches, saved, acts, clock } = await house();
  // Four in 20 s, each told 55 s later: when the last is told the first has left the window.
  const sentAt = [0, 7_000, 13_000, 20_000].map((ms) => clock.now() + ms);
  for (const at of sentAt) {
    await timers.advance(at + 55_000 - clock.now());
    send(1, { at });
    expect(breaches.current("UZ")).toBeNull();
  }
  await timers.advance(10_000);
  expect(saved).toHaveLength(1);
  expect(saved[0]).toMatchObject({ most: 4, limit: 3, uncontrolled: 4, beganAt: sentAt[3], by: [{ program: "wild", n: 4 }] });
  expect(saved[0]!.endedAt).not.toBeNull();
  expect(acts.map(({ verb }) => verb)).toEqual(["country.limit_broken"]);
  await timers.advance(30_000);
  expect(saved).toHaveLength(1);
});

test("what lasted when Signalbox went down is taken up again, and ended", async () => {
  const before: Breach = { id: 1, country: "UZ", beganAt: 1, endedAt: null, most: 9, uncontrolled: 6, limit: 3, windowMs: 60_000, by: [] };
  const { breaches, timers, saved, clock } = await house([before]);
  await breaches.start();
  expect(breaches.current("UZ")).toMatchObject({ id: 1, most: 9 });
  await timers.advance(1_000);
  expect([breaches.current("UZ"), saved.at(-1)]).toEqual([null, { ...before, endedAt: clock.now() }]);
});
