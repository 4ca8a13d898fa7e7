import { afterEach, expect, test } from "bun:test";
import { aCountry, aPair, aSession, directoryOf } from "../../tests/cast/directory.ts";
import { memoryGrants } from "../../tests/cast/grants.ts";
import { handTimers, turn } from "../../tests/cast/timers.ts";
import { fakeClock } from "../kernel/clock.ts";
import { unavailable } from "../kernel/errors.ts";
import { quiet } from "../kernel/log.ts";
import type { Change } from "../pairs/directory.ts";
import { handsOver, type PermitAnswer, type PermitAsk, type SettledResult } from "./permit.ts";
import { openPermits, type PermitsOptions } from "./permits.ts";

const open: { close(): void }[] = [];
afterEach(() => {
  for (const permits of open.splice(0)) permits.close();
});

const CAST: Change[] = [
  aCountry("UZ", 2),
  aCountry("IN", 1),
  aPair("UZ_uzmobile"),
  aPair("UZ_beeline"),
  aPair("IN_airtel"),
  aSession("s_1", "program1_UZ_uzmobile", "program1", ["UZ_uzmobile"]),
];

async function house(more: Partial<PermitsOptions> = {}, ...changes: Change[]) {
  const clock = fakeClock();
  const timers = handTimers(clock);
  const grants = memoryGrants();
  const directory = await directoryOf(...CAST, ...changes);
  const options = { directory, grants, clock, log: quiet, after: timers.after, soon: queueMicrotask, ...more };
  const permits = await openPermits(options);
  open.push(permits);
  const ask = (pairs: string | string[], waitMs = 0, some: Partial<PermitAsk> = {}) =>
    permits.ask({ pairs: [pairs].flat(), program: "program1", session: "s_1", waitMs, ...some });
  let seq = 0;
  const told = (some: Partial<SettledResult> = {}): SettledResult => ({
    seq: ++seq,
    pair: "UZ_uzmobile",
    program: "program1",
    session: "s_1",
    permitId: null,
    n: 1,
    at: null,
    arrivedUptimeMs: clock.uptimeMs(),
    ...some,
  });
  const settle = async (...results: Partial<SettledResult>[]) => {
    permits.settle(results.map(told));
    await permits.flushed();
  };
  return { clock, timers, grants, directory, permits, ask, told, settle, options };
}

const idOf = (answer: PermitAnswer) => (answer.granted ? answer.permitId : "refused");

test("grants up to the limit, then refuses with the time of the next slot", async () => {
  const { ask, clock } = await house();
  const first = await ask("UZ_uzmobile");
  expect(first).toMatchObject({ granted: true, pair: "UZ_uzmobile", leaseMs: 2000, remaining: 1, bootId: "boot-1" });
  clock.advance(500);
  expect(await ask("UZ_beeline")).toMatchObject({ granted: true, remaining: 0 });
  expect(await ask("UZ_uzmobile")).toMatchObject({ granted: false, reason: "rate", retryAfterMs: 61_500 });
});

const refusals: { why: string; pair: string; changes: Change[]; muted?: "held" | "paused"; reason: string }[] = [
  { why: "a pair nobody created", pair: "UZ_ucell", changes: [], reason: "unknown_pair" },
  { why: "a pair switched off", pair: "UZ_ucell", changes: [aPair("UZ_ucell", { active: false })], reason: "inactive" },
  { why: "a retired pair", pair: "UZ_ucell", changes: [aPair("UZ_ucell", { retiredAt: 1 })], reason: "inactive" },
  { why: "a held pair", pair: "UZ_uzmobile", changes: [], muted: "held", reason: "held" },
  { why: "a paused pair", pair: "UZ_uzmobile", changes: [], muted: "paused", reason: "paused" },
];
for (const { why, pair, changes, muted, reason } of refusals) {
  test(`refuses ${why} as ${reason}, without touching the store or a slot`, async () => {
    const { ask, grants, permits } = await house({ muted: () => muted ?? null }, ...changes);
    expect(await ask(pair, 5000)).toMatchObject({ granted: false, reason });
    expect(grants.rows.size).toBe(0);
    expect(permits.proof("UZ").used).toBe(0);
    expect(permits.totals().refused).toEqual({ [reason]: 1 });
    expect(permits.proof("UZ").refused).toEqual(reason === "unknown_pair" ? {} : { [reason]: 1 });
  });
}

test("a pair's own limit holds inside the country's, and frees by its own window", async () => {
  const { ask, clock } = await house({}, aCountry("UZ", 10), aPair("UZ_beeline", { limit: 1, windowSeconds: 300 }));
  expect((await ask("UZ_beeline")).granted).toBe(true);
  clock.advance(100_000);
  expect(await ask("UZ_beeline")).toMatchObject({ granted: false, reason: "rate", retryAfterMs: 202_000 });
  expect((await ask("UZ_uzmobile")).granted).toBe(true);
});

test("a pair that gets a limit counts what it sent before", async () => {
  const { ask, directory } = await house({}, aCountry("UZ", 10));
  await ask("UZ_beeline");
  await directory.commit([aPair("UZ_beeline", { limit: 1 })], []);
  expect((await ask("UZ_beeline")).granted).toBe(false);
});

test("first come first served: a newcomer never overtakes, not even in the instant a slot comes free", async () => {
  const { ask, clock, timers } = await house();
  for (const _ of [1, 2]) await ask("UZ_uzmobile");
  clock.advance(10_000);
  const waits = [1, 2, 3].map(() => ask("UZ_beeline", 60_000));
  await timers.advance(51_999);
  // Both slots come free now, and no timer has rung yet.
  clock.advance(1);
  expect((await ask("UZ_uzmobile")).granted).toBe(false);
  await timers.advance(10_000);
  expect((await Promise.all(waits)).map((answer) => answer.granted)).toEqual([true, true, false]);
});

test("waiters are served in the order they came, as slots come free", async () => {
  const { ask, timers, clock } = await house();
  await ask("UZ_uzmobile");
  clock.advance(30_000);
  await ask("UZ_uzmobile");
  const order: string[] = [];
  for (const name of ["first", "second", "third"])
    void ask("UZ_beeline", 60_000).then((answer) => order.push(`${name} ${idOf(answer) !== "refused"}`));
  await timers.advance(31_999);
  expect(order).toEqual([]);
  await timers.advance(1);
  expect(order).toEqual(["first true"]);
  await timers.advance(28_000);
  // 60 s are over for the third; the second slot came free 2 s too late for anybody.
  expect(order.sort()).toEqual(["first true", "second false", "third false"]);
});

test("a waiter whose own pair is full does not stand in the way of another pair", async () => {
  const { ask } = await house({}, aCountry("UZ", 10), aPair("UZ_beeline", { limit: 1 }));
  await ask("UZ_beeline");
  void ask("UZ_beeline", 60_000);
  await turn();
  expect((await ask("UZ_uzmobile")).granted).toBe(true);
});

test("one who waits for several pairs waits once and takes whichever country has a slot first", async () => {
  const { ask, timers, permits, clock } = await house();
  await ask("IN_airtel");
  clock.advance(10_000);
  for (const _ of [1, 2]) await ask("UZ_uzmobile");
  const answer = ask(["UZ_uzmobile", "IN_airtel"], 60_000);
  expect([permits.proof("UZ").waiting, permits.proof("IN").waiting]).toEqual([1, 1]);
  await timers.advance(52_000);
  expect(await answer).toMatchObject({ granted: true, pair: "IN_airtel" });
  expect([permits.proof("UZ").waiting, permits.proof("IN").waiting]).toEqual([0, 0]);
  expect(permits.proof("UZ").used).toBe(2);
});

test("a result that names its permit gives the slot to a waiter one window later, to the millisecond", async () => {
  const { ask, timers, settle } = await house();
  const permit = await ask("IN_airtel");
  await timers.advance(100);
  await settle({ permitId: idOf(permit), pair: "IN_airtel" });
  const waits = ask("IN_airtel", 60_000);
  let answered = false;
  void waits.then(() => {
    answered = true;
  });
  await timers.advance(59_999);
  expect(answered).toBe(false);
  await timers.advance(1);
  expect((await waits).granted).toBe(true);
});

test("a caller who goes away while waiting frees its place and takes nothing", async () => {
  const { ask, permits, timers } = await house();
  await ask("IN_airtel");
  const controller = new AbortController();
  const gone = ask("IN_airtel", 60_000, { signal: controller.signal });
  expect(permits.proof("IN").waiting).toBe(1);
  controller.abort();
  expect((await gone).granted).toBe(false);
  expect(permits.proof("IN").waiting).toBe(0);
  expect(timers.pending()).toBe(0);
  expect(permits.totals().refused).toEqual({});
});

test("a caller who goes away while its grant is stored leaves the slot used and the permit abandoned", async () => {
  const { ask, permits, grants } = await house();
  const disk = Promise.withResolvers<void>();
  grants.disk = () => disk.promise;
  const controller = new AbortController();
  const answer = ask("UZ_uzmobile", 0, { signal: controller.signal });
  await turn();
  controller.abort();
  disk.resolve();
  expect((await answer).granted).toBe(false);
  await permits.flushed();
  expect([...grants.rows.values()].map((row) => row.abandoned)).toEqual([true]);
  expect(permits.proof("UZ").used).toBe(1);
});

test("a grant that could not be stored is not given out, and its slot stays used", async () => {
  const { ask, permits, grants } = await house();
  grants.disk = () => {
    throw unavailable("Nothing was stored: the disk is full", 2000);
  };
  expect(await ask("UZ_uzmobile")).toMatchObject({ granted: false, reason: "limiter_down", retryAfterMs: 2000 });
  expect(permits.proof("UZ").used).toBe(1);
});

test("a grant that was on disk only after its lease is not given out", async () => {
  const { ask, grants, clock } = await house();
  grants.disk = async () => clock.advance(2_000);
  expect(await ask("UZ_uzmobile")).toMatchObject({ granted: false, reason: "limiter_down" });
});

test("the lease told is what is left of it", async () => {
  const { ask, grants, clock } = await house();
  grants.disk = async () => clock.advance(40.5);
  expect(await ask("UZ_uzmobile")).toMatchObject({ granted: true, leaseMs: 1959 });
});

test("beyond the bounds of the queue the answer is queue_full", async () => {
  const { ask, permits } = await house({ bounds: { house: 3, country: 2 } });
  await ask("IN_airtel");
  for (const _ of [1, 2]) await ask("UZ_uzmobile");
  for (const _ of [1, 2]) void ask("IN_airtel", 60_000);
  expect(await ask("IN_airtel", 60_000)).toMatchObject({ granted: false, reason: "queue_full" });
  void ask("UZ_uzmobile", 60_000);
  expect(await ask("UZ_uzmobile", 60_000)).toMatchObject({ granted: false, reason: "queue_full" });
  expect(permits.proof("IN").waiting).toBe(2);
});

test("a raised limit reaches those who wait at once", async () => {
  const { ask, directory } = await house();
  await ask("IN_airtel");
  const waits = ask("IN_airtel", 60_000);
  await directory.commit([aCountry("IN", 2)], []);
  expect((await waits).granted).toBe(true);
});

test("a pair switched off while somebody waits for it ends the wait with the reason", async () => {
  const { ask, directory } = await house();
  await ask("IN_airtel");
  const waits = ask("IN_airtel", 60_000);
  await directory.commit([aPair("IN_airtel", { active: false })], []);
  expect(await waits).toMatchObject({ granted: false, reason: "inactive" });
});

test("a hold reaches those who wait, and those who may still use another pair wait on", async () => {
  const held = new Set<string>();
  const { ask, permits } = await house({ muted: (pair) => (held.has(pair) ? "held" : null) });
  await ask("IN_airtel");
  for (const _ of [1, 2]) await ask("UZ_uzmobile");
  const one = ask("IN_airtel", 60_000);
  void ask(["IN_airtel", "UZ_uzmobile"], 60_000);
  held.add("IN_airtel");
  permits.recheck();
  expect(await one).toMatchObject({ granted: false, reason: "held" });
  expect([permits.proof("IN").waiting, permits.proof("UZ").waiting]).toEqual([0, 1]);
});

test("closing ends every wait, so that a shutdown need not", async () => {
  const { ask, permits, timers } = await house();
  await ask("IN_airtel");
  const waits = ask("IN_airtel", 60_000);
  permits.close();
  expect(await waits).toMatchObject({ granted: false, reason: "limiter_down" });
  expect(await ask("UZ_uzmobile")).toMatchObject({ granted: false, reason: "limiter_down" });
  expect(timers.pending()).toBe(0);
});

const settlements: { why: string; results: (ids: string[]) => Partial<SettledResult>[]; reported: number; uncontrolled: string[] }[] = [
  { why: "a result that names its permit", results: ([a]) => [{ permitId: a }], reported: 1, uncontrolled: [] },
  { why: "a result without an id uses the oldest", results: () => [{}], reported: 1, uncontrolled: [] },
  { why: "a counts report of two uses both", results: () => [{ n: 2 }], reported: 2, uncontrolled: [] },
  { why: "a surplus is uncontrolled", results: () => [{ n: 5 }], reported: 2, uncontrolled: ["surplus 3"] },
  { why: "an id used twice is reused", results: ([a]) => [{ permitId: a }, { permitId: a }], reported: 1, uncontrolled: ["reused 1"] },
  {
    why: "another program's id is foreign",
    results: ([a]) => [{ permitId: a, program: "program2" }],
    reported: 0,
    uncontrolled: ["foreign 1"],
  },
  {
    why: "another pair's id is foreign",
    results: ([a]) => [{ permitId: a, pair: "UZ_beeline" }],
    reported: 0,
    uncontrolled: ["foreign 1"],
  },
  { why: "an id nobody gave out is foreign", results: () => [{ permitId: "p_1" }], reported: 0, uncontrolled: ["foreign 1"] },
  { why: "a program that never asked has no permit", results: () => [{ program: "program2" }], reported: 0, uncontrolled: ["no_permit 1"] },
  { why: "a token without a session uses any session's permits", results: () => [{ session: null }], reported: 1, uncontrolled: [] },
  { why: "another session's permits are not taken", results: () => [{ session: "s_2" }], reported: 0, uncontrolled: ["surplus 1"] },
  {
    why: "a session named by its label is the same session",
    results: () => [{ session: "program1_UZ_uzmobile" }],
    reported: 1,
    uncontrolled: [],
  },
  { why: "a name corrects a guess", results: ([a]) => [{}, { permitId: a }], reported: 2, uncontrolled: [] },
  {
    why: "a guess too many is a surplus",
    results: ([a, b]) => [{}, { permitId: a }, { permitId: b }],
    reported: 2,
    uncontrolled: ["surplus 1"],
  },
];
for (const { why, results, reported, uncontrolled } of settlements) {
  test(`settling: ${why}`, async () => {
    const { ask, grants, settle, permits } = await house();
    const ids = [await ask("UZ_uzmobile"), await ask("UZ_uzmobile")].map(idOf);
    await settle(...results(ids));
    expect([...grants.rows.values()].filter((row) => row.reportedUptimeMs !== null).length).toBe(reported);
    expect(grants.sends.map((send) => `${send.reason} ${send.n}`)).toEqual(uncontrolled);
    expect(permits.proof("UZ").used).toBe(2 + permits.totals().uncontrolled);
  });
}

test("a result spooled for an hour still uses its permit, and is not late by that", async () => {
  const { ask, clock, settle, permits } = await house();
  const permit = await ask("UZ_uzmobile");
  const at = clock.now() + 100;
  clock.advance(3_600_000);
  await settle({ permitId: idOf(permit), at });
  expect(permits.totals().uncontrolled).toBe(0);
});

test("a send that says of itself it came after the lease is late", async () => {
  const { ask, clock, settle, grants } = await house();
  const permit = await ask("UZ_uzmobile");
  clock.advance(10_000);
  await settle({ permitId: idOf(permit), at: clock.now() - 3_000 });
  expect(grants.sends).toMatchObject([{ reason: "late", uptimeMs: clock.uptimeMs() - 3_000 }]);
});

test("a program whose gateway took ten seconds to answer is not late, when it says when it called", async () => {
  const { ask, clock, settle, permits } = await house();
  const [first, second] = [await ask("UZ_uzmobile"), await ask("UZ_uzmobile")].map(idOf);
  const handedOverAt = clock.now() + 200;
  clock.advance(10_000);
  await settle({ permitId: first, at: clock.now(), handedOverAt }, { permitId: second, at: clock.now(), handedOverAt: null });
  expect(permits.totals().uncontrolled).toBe(0);
});

for (const jumpMs of [-7_200_000, 7_200_000]) {
  for (const when of ["before", "after"] as const) {
    test(`a wall clock that jumps ${jumpMs / 3_600_000} h ${when} the send makes nobody late`, async () => {
      const { ask, clock, settle, permits } = await house();
      const permit = await ask("UZ_uzmobile");
      if (when === "before") clock.jump(jumpMs);
      clock.advance(100);
      const at = clock.now();
      if (when === "after") clock.jump(jumpMs);
      clock.advance(30_000);
      await settle({ permitId: idOf(permit), at });
      expect(permits.totals().uncontrolled).toBe(0);
    });
  }
}

const clamps: { why: string; atMs: number | null; usedNow: number; usedLater: number }[] = [
  { why: "now", atMs: 0, usedNow: 1, usedLater: 1 },
  { why: "50 s ago", atMs: -50_000, usedNow: 1, usedLater: 0 },
  { why: "an hour ago: only the numbers see it", atMs: -3_600_000, usedNow: 0, usedLater: 0 },
  { why: "in an hour: now", atMs: 3_600_000, usedNow: 1, usedLater: 1 },
  { why: "not told: on arrival", atMs: null, usedNow: 1, usedLater: 1 },
];
for (const { why, atMs, usedNow, usedLater } of clamps) {
  test(`an uncontrolled send counts at its time, clamped: ${why}`, async () => {
    const { clock, settle, permits } = await house();
    await settle({ program: "program9", at: atMs === null ? null : clock.now() + atMs });
    expect(permits.proof("UZ").used).toBe(usedNow);
    clock.advance(11_000);
    expect(permits.proof("UZ").used).toBe(usedLater);
  });
}

test("the log may exceed the limit: no grant until fewer than the limit remain", async () => {
  const { ask, settle, clock, permits } = await house();
  await settle({ program: "program9", n: 7 });
  expect(permits.proof("UZ")).toMatchObject({ used: 7, limit: 2, uncontrolled: 7 });
  clock.advance(59_999);
  expect((await ask("UZ_uzmobile")).granted).toBe(false);
  clock.advance(1);
  expect((await ask("UZ_uzmobile")).granted).toBe(true);
});

test("a restart finds the window, the unreported permits and the mark", async () => {
  const before = await house();
  const [first] = [await before.ask("UZ_uzmobile"), await before.ask("UZ_uzmobile")];
  await before.settle({ permitId: idOf(first), seq: 41 }, { program: "program9", pair: "IN_airtel", seq: 42 });
  before.permits.close();
  before.clock.advance(1_000);
  const after = await openPermits(before.options);
  open.push(after);
  expect(after.mark).toBe(42);
  expect([after.proof("UZ").used, after.proof("IN").used]).toEqual([2, 1]);
  after.settle([before.told({ seq: 42, n: 9 }), before.told({ seq: 43 })]);
  await after.flushed();
  expect(after.totals().uncontrolled).toBe(0);
  expect([...before.grants.rows.values()].every((row) => row.reportedUptimeMs !== null)).toBe(true);
});

test("what hands nothing over uses nothing up and moves the mark", async () => {
  const { ask, permits, grants, settle } = await house();
  await ask("UZ_uzmobile");
  await settle({ seq: 2_000, n: 0 });
  expect((await grants.recent("boot-1", 0, 0)).mark).toBe(2_000);
  expect([permits.totals().uncontrolled, [...grants.rows.values()].filter((row) => row.reportedUptimeMs !== null).length]).toEqual([0, 0]);
});

test("an old permit that only the disk remembers is found by its id", async () => {
  const before = await house();
  const permit = await before.ask("UZ_uzmobile");
  before.permits.close();
  before.clock.advance(7_200_000);
  const grants = { ...before.grants, recent: async () => ({ grants: [], uncontrolled: [], unreported: [], mark: 0, last: 0, limits: [] }) };
  const after = await openPermits({ ...before.options, grants });
  open.push(after);
  after.settle([before.told({ permitId: idOf(permit) }), before.told({ permitId: idOf(permit) })]);
  await after.flushed();
  expect(before.grants.sends.map((send) => send.reason)).toEqual(["reused"]);
});

test("settling is tried again until it is on disk, and the mark never runs ahead of it", async () => {
  const { ask, grants, timers, permits, told } = await house();
  const ids = [await ask("UZ_uzmobile"), await ask("UZ_uzmobile")].map(idOf);
  grants.disk = () => {
    throw new Error("the disk is full");
  };
  permits.settle([told({ permitId: ids[0]! })]);
  await permits.flushed();
  grants.disk = () => {};
  permits.settle([told({ permitId: ids[1]! })]);
  await timers.advance(1_000);
  await permits.flushed();
  expect([...grants.rows.values()].filter((row) => row.reportedUptimeMs !== null).length).toBe(2);
  expect((await grants.recent("boot-1", 0, 0)).mark).toBe(2);
});

test("what was settled waits for the next permit and goes to disk with it, or alone a little later", async () => {
  const { ask, grants, timers, permits, told } = await house();
  const ids = [await ask("UZ_uzmobile"), await ask("UZ_uzmobile")].map(idOf);
  const reported = () => ids.filter((id) => grants.rows.get(id)?.reportedUptimeMs !== null).length;
  permits.settle([told({ permitId: ids[0]! })]);
  await turn();
  expect(reported()).toBe(0);
  await ask("IN_airtel");
  await turn();
  expect(reported()).toBe(1);
  permits.settle([told({ permitId: ids[1]! })]);
  await timers.advance(250);
  expect(reported()).toBe(2);
});

test("the same journal row settled twice counts once", async () => {
  const { settle, permits } = await house();
  await settle({ program: "program9", seq: 5 });
  await settle({ program: "program9", seq: 5 });
  expect(permits.totals().uncontrolled).toBe(1);
});

test("the proof shows who holds what, how old, and whether a result came", async () => {
  const { ask, clock, settle, permits } = await house();
  const first = await ask("UZ_uzmobile");
  clock.advance(1_500);
  await settle({ permitId: idOf(first) });
  const second = await ask("UZ_beeline");
  void ask("UZ_beeline", 10_000);
  const proof = permits.proof("UZ");
  expect(proof).toMatchObject({ country: "UZ", limit: 2, windowMs: 60_000, used: 2, waiting: 1, nextFreeMs: 60_000, uncontrolled: 0 });
  const by = { program: "program1", session: "s_1", abandoned: false };
  expect(proof.grants).toEqual([
    { permitId: idOf(first), pair: "UZ_uzmobile", ageMs: 1500, reported: true, open: false, ...by },
    { permitId: idOf(second), pair: "UZ_beeline", ageMs: 0, reported: false, open: true, ...by },
  ]);
  clock.advance(3_000);
  expect(permits.proof("UZ").grants[1]).toMatchObject({ reported: false, open: false });
  expect(permits.waiters("UZ")).toEqual([{ pair: "UZ_beeline", n: 1, forMs: 3_000 }]);
  expect(permits.waiters("IN")).toEqual([]);
});

test("a thousand waiters hold as many timers as countries, and one for their deadlines", async () => {
  const codes = ["UA", "PL", "DE", "FR", "IT"];
  const { ask, timers, permits } = await house({}, ...codes.flatMap((code) => [aCountry(code, 1), aPair(`${code}_one`)]));
  for (const code of codes) await ask(`${code}_one`);
  const waits = codes.flatMap((code) => Array.from({ length: 200 }, (_, i) => ask(`${code}_one`, 1_000 + i)));
  expect(timers.pending()).toBe(6);
  await timers.advance(1_200);
  const answers = await Promise.all(waits);
  expect(answers.every((answer) => !answer.granted && answer.reason === "rate")).toBe(true);
  expect(timers.pending()).toBe(0);
  expect(permits.totals().refused).toEqual({ rate: 1_000 });
});

test("only what was handed over settles a permit", () => {
  const cases: [string | null, string, boolean][] = [
    [null, "attempt", false],
    ["attempt", "submitted", true],
    [null, "submitted", true],
    ["submitted", "delivered", false],
    [null, "failed", true],
    [null, "blocked", false],
    ["attempt", "blocked", false],
  ];
  for (const [from, to, expected] of cases) expect(handsOver(from, to)).toBe(expected);
});
