/** What every limiter must do, wherever it keeps its windows. Time is the clock's, so a minute passes at once. */

import { expect, test } from "bun:test";
import type { Clock } from "../../src/kernel/clock.ts";
import type { Directory } from "../../src/pairs/directory.ts";
import type { Limiter, Taken } from "../../src/permits/limiter.ts";
import { aCountry, aPair, directoryOf } from "../cast/directory.ts";

export interface OpenedLimiter {
  limiter: Limiter;
  directory: Directory;
  clock: Clock & { advance(ms: number): void; jump(ms: number): void };
  leaseMs: number;
  /** Another limiter over the same grants, as after a restart. */
  reopen(): Promise<Limiter>;
  /** From now on no grant reaches the disk. */
  breakDisk(): void;
}

const WINDOW_MS = 60_000;
const sender = { program: "program1", session: "s_1" };
export const limiterDirectory = () =>
  directoryOf(aCountry("UZ", 3), aPair("UZ_uzmobile"), aPair("UZ_beeline"), aPair("UZ_ucell", { limit: 1 }), aPair("IN_vi"));

export function limiterContract(name: string, open: () => Promise<OpenedLimiter>): void {
  function taken(limiter: Limiter, directory: Directory, pair: string, times: number): Taken[] {
    const grants = Array.from({ length: times }, () => limiter.take(directory.pair(pair)!, sender)).filter((grant) => grant !== null);
    // Who does not wait for the disk here asks about the decision alone.
    for (const { committed } of grants) committed.catch(() => {});
    return grants;
  }

  test(`${name}: two operators of one country share its limit, another country has its own`, async () => {
    const { limiter, directory } = await open();
    expect(taken(limiter, directory, "UZ_uzmobile", 2).length).toBe(2);
    expect(taken(limiter, directory, "UZ_beeline", 5).length).toBe(1);
    expect(limiter.hasRoom("UZ")).toBe(false);
    expect(taken(limiter, directory, "IN_vi", 20).length).toBe(10);
  });

  test(`${name}: says what remains, and every permit has its own id`, async () => {
    const { limiter, directory } = await open();
    const grants = taken(limiter, directory, "UZ_uzmobile", 3);
    expect(grants.map((one) => one.remaining)).toEqual([2, 1, 0]);
    expect(new Set(grants.map((one) => one.grant.permitId)).size).toBe(3);
  });

  test(`${name}: a slot is free again one window after its lease's end, not a moment sooner`, async () => {
    const { limiter, directory, clock, leaseMs } = await open();
    taken(limiter, directory, "UZ_uzmobile", 3);
    expect(limiter.nextFreeMs(directory.pair("UZ_uzmobile")!)).toBeCloseTo(leaseMs + WINDOW_MS, 3);
    clock.advance(leaseMs + WINDOW_MS - 1);
    expect(taken(limiter, directory, "UZ_uzmobile", 1)).toEqual([]);
    clock.advance(1);
    expect(taken(limiter, directory, "UZ_uzmobile", 5).length).toBe(3);
  });

  test(`${name}: a reported hand-over frees its slot one window after the report`, async () => {
    const { limiter, directory, clock } = await open();
    const [first] = taken(limiter, directory, "UZ_uzmobile", 3);
    clock.advance(100);
    limiter.report(first!.grant, clock.uptimeMs());
    clock.advance(WINDOW_MS - 1);
    expect(limiter.hasRoom("UZ")).toBe(false);
    clock.advance(1);
    expect(taken(limiter, directory, "UZ_uzmobile", 5).length).toBe(1);
  });

  test(`${name}: a pair's own limit holds inside the country's`, async () => {
    const { limiter, directory } = await open();
    expect(taken(limiter, directory, "UZ_ucell", 3).length).toBe(1);
    expect(taken(limiter, directory, "UZ_uzmobile", 3).length).toBe(2);
  });

  test(`${name}: the wall clock may jump by hours either way and nothing changes`, async () => {
    const { limiter, directory, clock } = await open();
    taken(limiter, directory, "UZ_uzmobile", 3);
    for (const hours of [5, -11]) {
      clock.jump(hours * 3_600_000);
      expect(taken(limiter, directory, "UZ_uzmobile", 1)).toEqual([]);
    }
  });

  test(`${name}: a send nobody asked for counts, and there is no grant until fewer than the limit remain`, async () => {
    const { limiter, directory, clock } = await open();
    taken(limiter, directory, "UZ_uzmobile", 3);
    limiter.addUncontrolled({
      country: "UZ",
      pair: "UZ_beeline",
      program: "stranger",
      session: null,
      reason: "no_permit",
      bootId: clock.bootId,
      uptimeMs: clock.uptimeMs(),
      n: 2,
      at: clock.now(),
      countedAt: clock.now(),
      seq: 1,
    });
    expect(limiter.budget("UZ")).toMatchObject({ used: 5, limit: 3 });
    clock.advance(WINDOW_MS);
    expect(limiter.hasRoom("UZ")).toBe(false); // the sends are gone, the three permits have their lease on top
  });

  test(`${name}: a limit changed in mid-window applies from then on and revokes nothing`, async () => {
    const { limiter, directory } = await open();
    taken(limiter, directory, "UZ_uzmobile", 3);
    await directory.commit([{ kind: "country", value: { ...directory.country("UZ"), limit: 5 } }], []);
    limiter.recheck();
    expect(taken(limiter, directory, "UZ_uzmobile", 9).length).toBe(2);
    await directory.commit([{ kind: "country", value: { ...directory.country("UZ"), limit: 1 } }], []);
    limiter.recheck();
    expect(limiter.budget("UZ")).toMatchObject({ used: 5, limit: 1 });
    expect(limiter.hasRoom("UZ")).toBe(false);
  });

  test(`${name}: a restart finds the window as it was`, async () => {
    const opened = await open();
    await Promise.all(taken(opened.limiter, opened.directory, "UZ_uzmobile", 3).map((one) => one.committed));
    const again = await opened.reopen();
    expect(taken(again, opened.directory, "UZ_beeline", 1)).toEqual([]);
    opened.clock.advance(opened.leaseMs + WINDOW_MS);
    expect(taken(again, opened.directory, "UZ_beeline", 9).length).toBe(3);
  });

  test(`${name}: a grant that does not reach the disk is refused and its slot stays used`, async () => {
    const { limiter, directory, breakDisk } = await open();
    breakDisk();
    const outcomes = await Promise.allSettled(taken(limiter, directory, "UZ_uzmobile", 3).map((one) => one.committed));
    expect(outcomes.every((outcome) => outcome.status === "rejected")).toBe(true);
    expect(taken(limiter, directory, "UZ_uzmobile", 1)).toEqual([]);
  });
}
