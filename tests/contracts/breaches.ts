/** What every store of broken limits must do. */

import { expect, test } from "bun:test";
import type { Act } from "../../src/kernel/act.ts";
import type { BreachRows } from "../../src/permits/breach.ts";
import { breachOf } from "../cast/breaches.ts";

const NOON = Date.UTC(2026, 0, 5, 12);

export interface BreachPorts {
  rows: BreachRows;
  /** Acts of a subject, newest first. */
  acts(subject: string): Promise<Act[]>;
}

export function breachesContract(name: string, open: () => Promise<BreachPorts>): void {
  const told = (verb: string): Act => {
    return { at: NOON, actor: "signalbox", from: "self", verb, subject: "country:UZ", reason: null, detail: null };
  };

  test(`${name}: an episode is kept as it stands, and as it ended later, with the acts that tell of it`, async () => {
    const { rows, acts } = await open();
    const breach = breachOf("UZ", NOON, { id: 7 });
    await rows.save(breach, [told("country.limit_broken")]);
    expect(await rows.open()).toEqual([breach]);
    const ended = { ...breach, endedAt: NOON + 60_000, most: 17 };
    await rows.save(ended, [told("country.limit_kept")]);
    expect(await rows.open()).toEqual([]);
    expect(await rows.recent(null, 10)).toEqual([ended]);
    expect((await acts("country:UZ")).map(({ verb }) => verb).sort()).toEqual(["country.limit_broken", "country.limit_kept"]);
  });

  test(`${name}: the newest come first, of one country or of all, no more than asked for; those that last in the order they began`, async () => {
    const { rows } = await open();
    for (const [place, country] of ["UZ", "KZ", "UZ", "IN"].entries())
      await rows.save(breachOf(country, NOON + place, { id: place + 1, endedAt: place === 1 ? NOON + 9 : null }), []);
    const ids = (found: { id: number }[]) => found.map(({ id }) => id);
    expect(ids(await rows.recent(null, 3))).toEqual([4, 3, 2]);
    expect(ids(await rows.recent("UZ", 10))).toEqual([3, 1]);
    expect(ids(await rows.recent("GB", 10))).toEqual([]);
    expect(ids(await rows.open())).toEqual([1, 3, 4]);
  });
}
