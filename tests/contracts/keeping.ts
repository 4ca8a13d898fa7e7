/** What every store must do when old sums and messages go. */

import { expect, test } from "bun:test";
import { fakeClock } from "../../src/kernel/clock.ts";
import type { GatewayTotals } from "../../src/results/gateways.ts";
import { DAY_MS, evenly, HOUR_MS, MINUTE_MS, SUMS, TIER_MS, TIERS, type Tier, type Trends } from "../../src/results/history.ts";
import type { Journal } from "../../src/results/journal.ts";
import type { Keeping } from "../../src/results/retention.ts";
import type { Rollups } from "../../src/results/rollups.ts";
import { openRoller, readSources } from "../../src/results/trends.ts";
import { counts, message, NOON } from "../cast/results.ts";

const OLD = NOON - 40 * DAY_MS;

export interface KeepingPorts {
  journal: Journal;
  rollups: Rollups;
  trends: Trends;
  keeping: Keeping;
  gateways: GatewayTotals;
}

export function keepingContract(name: string, open: () => Promise<KeepingPorts>): void {
  const clock = fakeClock(NOON);

  async function rolled(ports: KeepingPorts): Promise<void> {
    await rolledByTime(ports);
    await rolledByGateway(ports);
  }

  async function rolledByTime({ journal, rollups }: KeepingPorts): Promise<void> {
    const { sources, mark } = await readSources(journal, rollups, clock);
    await openRoller(rollups, clock, mark).roll(sources);
  }

  async function rolledByGateway({ gateways }: KeepingPorts): Promise<void> {
    while ((await gateways.roll({ most: 500, timeZone: "UTC", ofPairs: {}, now: 0, credits: [] })) === 500);
  }

  async function trimAll({ keeping }: KeepingPorts, before: number): Promise<number> {
    let deleted = 0;
    for (let more = true; more; ) {
      const step = await keeping.trimMessages({ before });
      deleted += step.deleted;
      more = step.more;
    }
    return deleted;
  }

  async function sent({ trends }: KeepingPorts, tier: Tier): Promise<number> {
    const from = NOON - 60 * DAY_MS - (NOON % DAY_MS);
    const { sums } = await trends.read({ where: {}, tier, bounds: evenly(from, from + 61 * DAY_MS, DAY_MS) });
    return Array.from({ length: 61 }, (_, day) => sums[day * SUMS + 1]!).reduce((sum, n) => sum + n, 0);
  }

  test(`${name}: old sums of one tier go, step by step, and no other`, async () => {
    const ports = await open();
    const pairs = Array.from({ length: 70 }, (_, n) => `UZ_operator${n}`);
    const items = pairs.flatMap((pair) =>
      Array.from({ length: 40 }, (_, n) => message(`${pair}-${n}`, "submitted", { pair, at: OLD + n * MINUTE_MS })),
    );
    for (let first = 0; first < items.length; first += 500) await ports.journal.append(items.slice(first, first + 500), OLD);
    await ports.journal.append([message("young", "submitted", { at: NOON })], NOON);
    await rolled(ports);
    for (const tier of TIERS) {
      expect(await sent(ports, tier)).toBe(2_801);
      let after: number | null = 0;
      let steps = 0;
      while (after !== null) {
        const step = await ports.keeping.trimTier({ tier, before: NOON - DAY_MS - (NOON % TIER_MS["1d"]), after });
        expect(step.deleted).toBeLessThanOrEqual(300);
        after = step.next;
        steps++;
      }
      if (tier === "1m") expect(steps).toBeGreaterThanOrEqual(9);
      expect(await sent(ports, tier)).toBe(1);
    }
  });

  test(`${name}: days that finer sums know no more stay as they were counted when the time zone changes, and no message is lost`, async () => {
    const ports = await open();
    const { journal, keeping, trends } = ports;
    const first = NOON - (NOON % DAY_MS) - 6 * DAY_MS;
    // One every four hours of UTC, six days long: six a day, whatever the zone.
    const items = Array.from({ length: 36 }, (_, n) => message(`m${n}`, "submitted", { at: first + n * 4 * HOUR_MS + 30 * MINUTE_MS }));
    await journal.append(items, NOON);
    await rolled(ports);
    const cut = first + 3 * DAY_MS + 7 * HOUR_MS;
    for (const tier of ["15m", "1h"] as const) await keeping.trimTier({ tier, before: cut, after: 0 });
    const whole = { "15m": cut, "1h": cut };
    for (let more = true; more; ) ({ more } = await trends.rezone({ timeZone: "Asia/Tashkent", whole }));
    // Midnight in Tashkent is 19:00 UTC. The fourth day begins in sums that are gone: it ends where the fifth begins.
    const midnight = first - 5 * HOUR_MS;
    const { sums } = await trends.read({ where: {}, tier: "1d", bounds: evenly(midnight, midnight + 7 * DAY_MS, DAY_MS) });
    const days = Array.from({ length: 7 }, (_, day) => sums[day * SUMS + 1]!);
    expect(days).toEqual([6, 6, 6, 5, 6, 6, 1]);
  });

  test(`${name}: a message is known until its newest report is too old, and then it is new again`, async () => {
    const ports = await open();
    const { journal } = ports;
    await journal.append([message("gone", "submitted"), message("gone", "delivered"), message("kept", "submitted")], OLD);
    await journal.append([counts(10, 8, { at: OLD })], OLD);
    await journal.append([message("kept", "delivered"), message("last", "submitted")], NOON);
    await rolled(ports);
    expect(await trimAll(ports, NOON - 30 * DAY_MS)).toBe(5);
    expect(await journal.story("program1", "gone")).toBeNull();
    const kept = await journal.story("program1", "kept");
    expect([kept?.message.state, kept?.lines.map(({ to }) => to)]).toEqual(["delivered", ["delivered"]]);
    const again = [message("kept", "submitted"), message("gone", "delivered"), counts(10, 8, { at: OLD })];
    expect((await journal.append(again, NOON)).map(({ kind }) => kind)).toEqual(["duplicate", "new", "new"]);
  });

  test(`${name}: what is not in the sums yet stays, and so does the newest row, so that no number is given twice`, async () => {
    const ports = await open();
    await ports.journal.append([message("a", "submitted"), message("b", "submitted")], OLD);
    expect(await trimAll(ports, NOON)).toBe(0);
    await rolled(ports);
    expect(await trimAll(ports, NOON)).toBe(1);
    const last = await ports.journal.lastSeq();
    await ports.journal.append([message("c", "submitted")], NOON);
    expect(await ports.journal.lastSeq()).toBe(last + 1);
  });

  test(`${name}: what is not in the sums of the gateways yet stays too, so that no invoice misses a message`, async () => {
    const ports = await open();
    await ports.journal.append([message("a", "submitted"), message("b", "submitted"), message("c", "submitted")], OLD);
    await rolledByTime(ports);
    expect(await trimAll(ports, NOON)).toBe(0);
    await rolledByGateway(ports);
    expect(await trimAll(ports, NOON)).toBe(2);
    const { days } = await ports.gateways.read("2000-01-01", "2100-01-01");
    expect(days.map(({ counts: [attempts] }) => attempts)).toEqual([3]);
  });

  test(`${name}: numbers stay as they were, also after a restart`, async () => {
    const ports = await open();
    await ports.journal.append([message("a", "submitted"), message("a", "delivered"), message("b", "failed", { errorCode: "27" })], OLD);
    await ports.journal.append([message("c", "submitted")], NOON);
    await rolled(ports);
    const totals = async () => [...(await readSources(ports.journal, ports.rollups, clock)).sources.fleet.sources[0]!.totals];
    const before = await totals();
    await trimAll(ports, NOON - DAY_MS);
    expect(await totals()).toEqual(before);
    expect(await sent(ports, "1d")).toBe(2);
  });
}
