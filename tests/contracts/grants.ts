/** What every store of grants promises. Eight lines of test run it over an adapter. */

import { expect, test } from "bun:test";
import {
  CARRIED_OVER,
  type Grants,
  type LimitNote,
  MAX_UNREPORTED,
  type Settlement,
  type UncontrolledSend,
} from "../../src/permits/grants.ts";
import type { Grant } from "../../src/permits/permit.ts";
import { permitIdOf } from "../../src/permits/permit-id.ts";

export function grantsContract(name: string, open: () => Promise<Grants>): void {
  test(`${name}: an empty store knows nothing`, async () => {
    const grants = await open();
    expect(await grants.recent("boot-1", 1000, 60_000)).toEqual({
      grants: [],
      uncontrolled: [],
      unreported: [],
      mark: 0,
      last: 0,
      limits: [],
    });
    expect(await grants.find([permitIdOf(7)])).toEqual([]);
  });

  test(`${name}: what was recorded comes back whole and in order`, async () => {
    const grants = await open();
    const first = grantAt(1, { session: null, grantedUptimeMs: 1000.125 });
    const second = grantAt(2, { session: "s_1", grantedUptimeMs: 1000.25 });
    const third = grantAt(3, { grantedUptimeMs: 1001, pair: "IN_airtel", country: "IN" });
    await Promise.all([grants.record([first, second]), grants.record([third])]);
    const recent = await grants.recent("boot-1", 1500, 60_000);
    expect(recent.grants).toEqual([first, second, third]);
    expect(recent.unreported).toEqual([first, second, third]);
    expect(recent.last).toBe(3);
    expect(await grants.find([second.permitId, permitIdOf(99), "rubbish"])).toEqual([second]);
  });

  test(`${name}: many at once, one by one the same`, async () => {
    const grants = await open();
    const many = Array.from({ length: 137 }, (_, i) => grantAt(i + 1, { grantedUptimeMs: 1000 + i }));
    await grants.record(many);
    expect((await grants.recent("boot-1", 1200, 60_000)).grants).toEqual(many);
  });

  test(`${name}: what is old is deleted, the oldest first, so many at a time, and nothing that this boot made of late`, async () => {
    const grants = await open();
    const day = 86_400_000;
    const at = (ms: number, bootId: string, grantedUptimeMs: number) => grantAt(ms * 4096, { grantedAt: ms, bootId, grantedUptimeMs });
    const old = [1, 2, 3].map((n) => at(n * day, "boot-0", n));
    // The wall clock was months behind when this boot made it.
    const late = at(4 * day, "boot-1", 500_000);
    const fresh = at(100 * day, "boot-1", 600_000);
    await grants.record([...old, late, fresh]);
    const what = { beforeAt: 10 * day, bootId: "boot-1", beforeUptimeMs: 400_000, most: 2 };
    expect(await grants.prune(what)).toBe(2);
    expect(await grants.find(old.map(({ permitId }) => permitId))).toEqual([old[2]!]);
    expect(await grants.prune(what)).toBe(1);
    expect(await grants.prune(what)).toBe(0);
    expect((await grants.find([late, fresh].map(({ permitId }) => permitId))).length).toBe(2);
    expect((await grants.recent("boot-1", 600_001, 200_000)).last).toBe(100 * day * 4096);
  });

  test(`${name}: an old grant of this boot no longer matters, but is found by its id`, async () => {
    const grants = await open();
    const old = grantAt(1, { grantedUptimeMs: 1000 });
    const fresh = grantAt(2, { grantedUptimeMs: 1001 });
    await grants.record([old, fresh]);
    expect((await grants.recent("boot-1", 61_000, 60_000)).grants).toEqual([fresh]);
    expect(await grants.find([old.permitId])).toEqual([old]);
  });

  test(`${name}: grants of the boot before matter while this boot is young, and not those that were over before it ended`, async () => {
    const grants = await open();
    const over = grantAt(1, { bootId: "boot-0", grantedUptimeMs: 10_000 });
    const open1 = grantAt(2, { bootId: "boot-0", grantedUptimeMs: 500_000 });
    const open2 = grantAt(3, { bootId: "boot-0", grantedUptimeMs: 501_000 });
    const mine = grantAt(4, { bootId: "boot-1", grantedUptimeMs: 5_000 });
    await grants.record([over, open1, open2]);
    await grants.record([mine]);
    expect((await grants.recent("boot-1", 6_000, 60_000)).grants).toEqual([open1, open2, mine]);
    expect((await grants.recent("boot-1", 60_000, 60_000)).grants).toEqual([mine]);
  });

  test(`${name}: two reboots in quick succession keep both boots' grants`, async () => {
    const grants = await open();
    const before = grantAt(1, { bootId: "boot-0", grantedUptimeMs: 500_000 });
    const between = grantAt(2, { bootId: "boot-1", grantedUptimeMs: 7_000 });
    await grants.record([before, between]);
    expect((await grants.recent("boot-2", 3_000, 60_000)).grants).toEqual([before, between]);
  });

  test(`${name}: a boot that was up longer than the window hides the boots before it`, async () => {
    const grants = await open();
    await grants.record([grantAt(1, { bootId: "boot-0", grantedUptimeMs: 500_000 })]);
    const last = grantAt(2, { bootId: "boot-1", grantedUptimeMs: 90_000 });
    await grants.record([last]);
    expect((await grants.recent("boot-2", 3_000, 60_000)).grants).toEqual([last]);
  });

  test(`${name}: a settlement reports, abandons, notes and marks`, async () => {
    const grants = await open();
    await grants.record([1, 2, 3].map((number) => grantAt(number, { grantedUptimeMs: 1000 + number })));
    const send = sendAt(1500);
    await grants.settle(
      settlement({ reports: [{ permitId: permitIdOf(1), uptimeMs: 1100.5 }], abandoned: [permitIdOf(2)], uncontrolled: [send], mark: 42 }),
    );
    const recent = await grants.recent("boot-1", 2000, 60_000);
    expect(recent.grants.map((grant) => [grant.reportedUptimeMs, grant.abandoned])).toEqual([
      [1100.5, false],
      [null, true],
      [null, false],
    ]);
    expect(recent.unreported.map((grant) => grant.permitId)).toEqual([permitIdOf(3)]);
    expect(recent.uncontrolled).toEqual([send]);
    expect(recent.mark).toBe(42);
  });

  test(`${name}: the newest permits are looked through for unreported ones, older ones are found by their id`, async () => {
    const grants = await open();
    const oldest = grantAt(1);
    await grants.record([oldest, grantAt(2)]);
    const reported = Array.from({ length: CARRIED_OVER - 1 }, (_, i) => grantAt(i + 3, { reportedUptimeMs: 1100 }));
    await grants.record(reported);
    const { unreported } = await grants.recent("boot-1", 2000, 60_000);
    expect(unreported.map((grant) => grant.permitId)).toEqual([permitIdOf(2)]);
    expect(await grants.find([oldest.permitId])).toEqual([oldest]);
  });

  test(`${name}: of very many unreported permits the newest are carried over`, async () => {
    const grants = await open();
    await grants.record(Array.from({ length: MAX_UNREPORTED + 1 }, (_, i) => grantAt(i + 1)));
    const { unreported } = await grants.recent("boot-1", 2000, 60_000);
    expect([unreported.length, unreported[0]!.permitId]).toEqual([MAX_UNREPORTED, permitIdOf(2)]);
  });

  test(`${name}: the mark never goes back and a report is not moved by a second one`, async () => {
    const grants = await open();
    await grants.record([grantAt(1)]);
    await grants.settle(settlement({ reports: [{ permitId: permitIdOf(1), uptimeMs: 1100 }], mark: 42 }));
    await grants.settle(settlement({ reports: [{ permitId: permitIdOf(1), uptimeMs: 9999 }], mark: 7 }));
    await grants.settle(settlement({ mark: null }));
    const recent = await grants.recent("boot-1", 2000, 60_000);
    expect(recent.mark).toBe(42);
    expect(recent.grants[0]!.reportedUptimeMs).toBe(1100);
  });

  test(`${name}: a report moves an earlier one only towards the grant, and one of another boot moves nothing`, async () => {
    const grants = await open();
    await grants.record([grantAt(1), grantAt(2)]);
    const [one, two] = [permitIdOf(1), permitIdOf(2)];
    await grants.settle(settlement({ reports: [{ permitId: one, uptimeMs: 3000 }] }));
    await grants.settle(settlement({ reports: [{ permitId: one, uptimeMs: 1200 }] }));
    await grants.settle(settlement({ reports: [{ permitId: one, uptimeMs: 50, bootId: "boot-2" }] }));
    await grants.settle(settlement({ reports: [{ permitId: two, uptimeMs: 90, bootId: "boot-2" }] }));
    await grants.settle(settlement({ reports: [{ permitId: two, uptimeMs: 20, bootId: "boot-2" }] }));
    const { grants: found } = await grants.recent("boot-1", 2000, 60_000);
    expect(found.map((grant) => grant.reportedUptimeMs)).toEqual([1200, 90]);
  });

  test(`${name}: the newest limit of each country is known`, async () => {
    const grants = await open();
    const note = (country: string, limit: number, afterNumber: number): LimitNote => ({
      country,
      limit,
      windowMs: 60_000,
      bootId: "boot-1",
      uptimeMs: 10.5,
      afterNumber,
      at: Date.UTC(2026, 0, 5),
    });
    await grants.record([grantAt(1)], [note("UZ", 10, 0), note("IN", 10, 0)]);
    await grants.settle(settlement({ limits: [note("UZ", 5, 1)] }));
    const { limits } = await grants.recent("boot-1", 2000, 60_000);
    expect(limits.toSorted((a, b) => (a.country < b.country ? -1 : 1))).toEqual([note("IN", 10, 0), note("UZ", 5, 1)]);
  });

  test(`${name}: uncontrolled sends matter as long as grants do`, async () => {
    const grants = await open();
    const before = sendAt(400_000, { bootId: "boot-0" });
    const mine = sendAt(5_000, { n: 3, reason: "foreign", session: "s_1" });
    await grants.settle(settlement({ uncontrolled: [sendAt(1_000, { bootId: "boot-0" }), before, mine], mark: 1 }));
    expect((await grants.recent("boot-1", 6_000, 60_000)).uncontrolled).toEqual([before, mine]);
    expect((await grants.recent("boot-1", 60_000, 60_000)).uncontrolled).toEqual([mine]);
    expect((await grants.recent("boot-1", 65_000, 60_000)).uncontrolled).toEqual([]);
  });
}

function grantAt(number: number, more: Partial<Grant> = {}): Grant {
  return {
    permitId: permitIdOf(number),
    country: "UZ",
    pair: "UZ_uzmobile",
    gateway: null,
    program: "program1",
    session: "s_1",
    bootId: "boot-1",
    grantedUptimeMs: 1000,
    leaseMs: 2000,
    grantedAt: Date.UTC(2026, 0, 5),
    reportedUptimeMs: null,
    abandoned: false,
    ...more,
  };
}

function sendAt(uptimeMs: number, more: Partial<UncontrolledSend> = {}): UncontrolledSend {
  return {
    country: "UZ",
    pair: "UZ_uzmobile",
    program: "program1",
    session: null,
    reason: "surplus",
    bootId: "boot-1",
    uptimeMs,
    n: 1,
    at: Date.UTC(2026, 0, 5),
    countedAt: Date.UTC(2026, 0, 5, 1),
    seq: 9,
    ...more,
  };
}

function settlement(some: Partial<Settlement>): Settlement {
  return { reports: [], abandoned: [], uncontrolled: [], mark: null, limits: [], ...some };
}
