/** Days of a time zone among the sums: where a minute's day begins, and how days become those of another zone. */

import type { Database } from "bun:sqlite";
import { addTo } from "../../kernel/maps.ts";
import { openZone, type Zone } from "../../kernel/zone.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, type RezoneOrder, SUMS, type Tier } from "../../results/history.ts";
import { readHistogram } from "./histograms.ts";
import { addRow, COLUMNS, type Sum } from "./trend-rows.ts";

const zones = new Map<string, Zone>();
const zoneOf = (name: string) => zones.getOrInsertComputed(name, openZone);

/** The first minute of a scope's day that holds a minute. */
export function readZones(db: Database): (scope: number, minute: number) => number {
  const { zone: usual } = db.query("SELECT zone FROM day_zone").get() as { zone: string };
  // Those that are being moved are in their old days until their turn comes.
  const others = db.query("SELECT id, zone FROM trend_scopes WHERE zone <> ?").all(usual) as { id: number; zone: string }[];
  const own = new Map(others.map(({ id, zone }) => [id, firstMinutes(zoneOf(zone))]));
  const rest = firstMinutes(zoneOf(usual));
  return (scope, minute) => (own.get(scope) ?? rest)(minute);
}

/** One day after the other asks the calendar once. */
function firstMinutes(zone: Zone): (minute: number) => number {
  let first = 0;
  let end = 0;
  return (minute) => {
    if (minute >= first && minute < end) return first;
    const begin = zone.begin(minute * MINUTE_MS, DAY_MS);
    first = begin / MINUTE_MS;
    end = zone.next(begin, DAY_MS) / MINUTE_MS;
    return first;
  };
}

export const dayCommands = {
  /** One scope: two years of hours take it a tenth of a second. */
  "days.rezone"(db: Database, { timeZone, whole }: RezoneOrder): { more: boolean } {
    db.query("UPDATE day_zone SET zone = ?1 WHERE zone <> ?1").run(timeZone);
    const scope = db.query("SELECT id FROM trend_scopes WHERE zone <> ? LIMIT 1").get(timeZone) as { id: number } | null;
    if (!scope) return { more: false };
    rebuild(db, scope.id, zoneOf(timeZone), whole);
    db.query("UPDATE trend_scopes SET zone = ? WHERE id = ?").run(timeZone, scope.id);
    return { more: true };
  },
};

function rebuild(db: Database, scope: number, zone: Zone, whole: RezoneOrder["whole"]): void {
  const old = read(db, "1d", scope);
  const { tier, from } = sourceOf(db, scope, zone, whole) ?? { tier: null, from: 0 };
  if (tier === null) return;
  const fresh = new Map<number, Sum>();
  const firstOf = firstMinutes(zone);
  for (const sum of read(db, tier, scope, from)) {
    const minute = firstOf(sum.minute);
    add(
      fresh.getOrInsertComputed(minute, () => ({ ...nothing(), scope, minute })),
      sum,
      1,
    );
  }
  const stay = old.filter(({ minute }) => minute < from);
  // The day that the first new one begins in keeps what lies before: what the old days hold from it on, less what the new ones do.
  const last = stay.at(-1);
  const changed = [...fresh.values()];
  if (last) {
    for (const sum of old.slice(stay.length)) add(last, sum, 1);
    for (const sum of fresh.values()) add(last, sum, -1);
    changed.push(last);
  }
  db.query("DELETE FROM trend_1d WHERE scope = ? AND minute >= ?").run(scope, last?.minute ?? from);
  for (const sum of changed) if (!isNothing(sum)) addRow(db, "1d", sum);
}

/** The sums that days are made of, and the first minute of the first day they hold in full: hours where days begin with them, else quarters. */
function sourceOf(db: Database, scope: number, zone: Zone, whole: RezoneOrder["whole"]): { tier: Tier; from: number } | null {
  for (const tier of ["1h", "15m"] as const) {
    const ends = db.query(`SELECT min(minute) AS first, max(minute) AS last FROM trend_${tier} WHERE scope = ?`).get(scope) as {
      first: number | null;
      last: number;
    };
    if (ends.first === null) continue;
    const first = zone.begin(ends.first * MINUTE_MS, DAY_MS);
    if (tier === "1h" && !wholeHours(zone, first, ends.last * MINUTE_MS)) continue;
    if (totals(db, tier, scope) === totals(db, "1d", scope)) return { tier, from: first / MINUTE_MS };
    const since = Math.max(ends.first * MINUTE_MS, whole[tier]);
    const begin = zone.begin(since, DAY_MS);
    return { tier, from: (begin === since ? begin : zone.next(begin, DAY_MS)) / MINUTE_MS };
  }
  return null;
}

function wholeHours(zone: Zone, first: number, last: number): boolean {
  for (let day = first; day <= last; day = zone.next(day, DAY_MS)) if (day % HOUR_MS !== 0) return false;
  return true;
}

/** The same of two tiers: nothing of the finer one is too old to be there. */
function totals(db: Database, tier: Tier, scope: number): string {
  const sums = COLUMNS.map((sum) => `sum(${sum})`).join(", ");
  return db.query(`SELECT ${sums} FROM trend_${tier} WHERE scope = ?`).values(scope).join();
}

function read(db: Database, tier: Tier, scope: number, from = 0): Sum[] {
  const rows = db
    .query(`SELECT minute, latencies, errors, ${COLUMNS.join(", ")} FROM trend_${tier} WHERE scope = ? AND minute >= ? ORDER BY minute`)
    .values(scope, from) as [number, Uint8Array | null, string | null, ...number[]][];
  return rows.map(([minute, latencies, errors, ...sums]) => ({
    ...{ scope, minute, sums: Float64Array.from(sums) },
    latencies: latencies && readHistogram(latencies),
    errors: errors === null ? null : new Map(Object.entries(JSON.parse(errors) as Record<string, number>)),
  }));
}

function nothing(): Pick<Sum, "sums" | "latencies" | "errors"> {
  return { sums: new Float64Array(SUMS), latencies: null, errors: null };
}

function isNothing({ sums, latencies, errors }: Sum): boolean {
  return sums.every((sum) => sum === 0) && latencies === null && errors === null;
}

function add(to: Sum, more: Sum, sign: 1 | -1): void {
  for (let place = 0; place < SUMS; place++) to.sums[place]! += sign * more.sums[place]!;
  to.latencies = addEach(to.latencies, more.latencies, sign);
  to.errors = addEach(to.errors, more.errors, sign);
}

function addEach<K>(to: Map<K, number> | null, more: Map<K, number> | null, sign: 1 | -1): Map<K, number> | null {
  if (more === null) return to;
  const all = to ?? new Map<K, number>();
  for (const [key, n] of more) {
    addTo(all, key, sign * n);
    if (all.get(key) === 0) all.delete(key);
  }
  return all.size === 0 ? null : all;
}
