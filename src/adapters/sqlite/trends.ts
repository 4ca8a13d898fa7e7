/** Sums over time in SQLite: four tables of one shape, a row for each scope and bucket. A roll adds to all four in its transaction. */

import type { Database } from "bun:sqlite";
import { CLASSES, percentilesOf } from "../../results/histogram.ts";
import {
  type By,
  type GroupsOrder,
  LATENCY_WIDTH,
  MINUTE_MS,
  SUMS,
  TIER_MS,
  TIERS,
  type Tier,
  type Trend,
  type TrendGroup,
  type TrendOrder,
  type Trends,
  type Where,
} from "../../results/history.ts";
import type { KnownCode, TrendAddition } from "../../results/rollups.ts";
import { readZones } from "./days.ts";
import { addHistogram } from "./histograms.ts";
import { remembered } from "./remembered.ts";
import type { Store } from "./store.ts";
import { addAll, addRow, COLUMNS, type Sum } from "./trend-rows.ts";

/** Part of the roll: see rollups.ts. */
export function addTrends(db: Database, additions: readonly TrendAddition[], codes: readonly KnownCode[]): void {
  const putCode = db.query("INSERT OR IGNORE INTO trend_codes (program, code) VALUES (?, ?)");
  for (const { program, code } of codes) putCode.run(program, code);
  const scopeOf = scopes(db);
  for (const tier of TIERS) for (const sum of summed(additions, bucketsOf(db, tier), scopeOf).values()) addRow(db, tier, sum);
}

/** The first minute of the bucket that holds a minute. */
type BucketOf = (scope: number, minute: number) => number;

function bucketsOf(db: Database, tier: Tier): BucketOf {
  if (tier === "1d") return readZones(db);
  const minutes = TIER_MS[tier] / MINUTE_MS;
  return (_, minute) => minute - (minute % minutes);
}

/** By scope and bucket of one tier, so that each row is touched once. */
function summed(
  additions: readonly TrendAddition[],
  bucketOf: BucketOf,
  scopeOf: (pair: string, program: string) => number,
): Map<string, Sum> {
  const rows = new Map<string, Sum>();
  for (const addition of additions) {
    const { pair, program } = addition;
    for (const scope of [scopeOf(pair, program), scopeOf("", program), scopeOf("", "")]) {
      const minute = bucketOf(scope, addition.minute);
      const key = `${scope} ${minute}`;
      let row = rows.get(key);
      if (!row) {
        row = { scope, minute, sums: new Float64Array(SUMS), latencies: null, errors: null };
        rows.set(key, row);
      }
      for (let place = 0; place < SUMS; place++) row.sums[place]! += addition.sums[place]!;
      if (addition.latencies.length > 0) row.latencies = addAll(row.latencies, addition.latencies);
      if (addition.errors.length > 0) row.errors = addAll(row.errors, addition.errors);
    }
  }
  return rows;
}

/** The number of a scope, given to it when it is new. */
function scopes(db: Database): (pair: string, program: string) => number {
  const ids = remembered(db);
  return (pair, program) => {
    // No source's key begins so.
    const key = `\n${program}\n${pair}`;
    let id = ids.get(key);
    if (id === undefined) {
      const found = db.query("SELECT id FROM trend_scopes WHERE pair = ? AND program = ?").get(pair, program) as { id: number } | null;
      id =
        found?.id ??
        Number(
          db.query("INSERT INTO trend_scopes (pair, program, zone) VALUES (?, ?, (SELECT zone FROM day_zone))").run(pair, program)
            .lastInsertRowid,
        );
      ids.set(key, id);
    }
    return id;
  };
}

export const trendQueries = {
  "trends.read"(db: Database, { where, tier, bounds }: TrendOrder): Trend {
    const steps = bounds.length - 1;
    const noon = noonOf(tier);
    const begins = bounds.map((at) => at / MINUTE_MS - noon);
    const sums = new Float64Array(steps * SUMS);
    const classes = new Float64Array(steps * CLASSES);
    const errors = new Map<string, Map<number, number>>();
    const rows = db.query(
      `SELECT minute, latencies, errors, ${COLUMNS.join(", ")} FROM trend_${tier} WHERE scope = ? AND minute >= ? AND minute < ? ORDER BY minute`,
    );
    for (const { id } of scopesOf(db, where)) {
      let step = 0;
      for (const row of rows.values(id, begins[0]!, begins[steps]!) as [number, Uint8Array | null, string | null, ...number[]][]) {
        while (row[0] >= begins[step + 1]!) step++;
        for (let place = 0; place < SUMS; place++) sums[step * SUMS + place]! += row[place + 3] as number;
        if (row[1] !== null) addHistogram(row[1], classes, step * CLASSES);
        if (row[2] === null) continue;
        const told = JSON.parse(row[2]) as Record<string, number>;
        for (const code in told) {
          let bySteps = errors.get(code);
          if (!bySteps) {
            bySteps = new Map();
            errors.set(code, bySteps);
          }
          bySteps.set(step, (bySteps.get(step) ?? 0) + told[code]!);
        }
      }
    }
    return {
      sums,
      ...latenciesOf(classes, steps),
      errors: [...errors].map(([code, bySteps]) => ({ code, steps: Float64Array.from([...bySteps].flat()) })),
    };
  },
};

export const trendGroupQueries = {
  "trends.groups"(db: Database, { where, by, parts }: GroupsOrder): TrendGroup[] {
    const groups = new Map<string, { sums: Float64Array; classes: Float64Array }>();
    for (const { tier, from, to } of parts) {
      const noon = noonOf(tier);
      const rows = db.query(`SELECT latencies, ${COLUMNS.join(", ")} FROM trend_${tier} WHERE scope = ? AND minute >= ? AND minute < ?`);
      for (const { id, pair, program } of scopesOf(db, where, by)) {
        const found = rows.values(id, from / MINUTE_MS - noon, to / MINUTE_MS - noon) as [Uint8Array | null, ...number[]][];
        if (found.length === 0) continue;
        const key = { country: pair.slice(0, 2), operator: pair.slice(3), pair, program }[by];
        const group = groups.getOrInsertComputed(key, () => ({ sums: new Float64Array(SUMS), classes: new Float64Array(CLASSES) }));
        for (const row of found) {
          for (let place = 0; place < SUMS; place++) group.sums[place]! += row[place + 1] as number;
          if (row[0] !== null) addHistogram(row[0], group.classes, 0);
        }
      }
    }
    return [...groups].map(([key, { sums, classes }]) => ({ key, sums, latency: latenciesOf(classes, 1).latency }));
  },
};

/** A day lies where its noon lies: it may have been counted in another time zone. In minutes. */
function noonOf(tier: Tier): number {
  return tier === "1d" ? TIER_MS["1d"] / 2 / MINUTE_MS : 0;
}

/** Fleet and programs have rows of their own; everything else is the sum of a few pairs. */
function scopesOf(db: Database, { pair, country, operator, program }: Where, by?: By): Scope[] {
  const pairs = (by !== undefined && by !== "program") || pair !== undefined || country !== undefined || operator !== undefined;
  // Whoever asks for each program gets the programs' own rows, without the fleet's.
  const own = by === "program" ? null : "";
  return db
    .query(
      `SELECT id, pair, program FROM trend_scopes WHERE (pair = '') = ?1 AND (?2 IS NULL OR program = ?2) AND (?3 IS NULL OR pair = ?3)
         AND (?4 IS NULL OR substr(pair, 1, 3) = ?4 || '_') AND (?5 IS NULL OR substr(pair, 4) = ?5)`,
    )
    .all(pairs ? 0 : 1, program ?? (pairs ? null : own), pair ?? null, country ?? null, operator ?? null)
    .filter((scope) => by !== "program" || (scope as Scope).program !== "") as Scope[];
}

interface Scope {
  id: number;
  pair: string;
  program: string;
}

function latenciesOf(classes: Float64Array, steps: number): Pick<Trend, "latencies" | "latency"> {
  const latencies = new Float64Array(steps * LATENCY_WIDTH);
  const whole = new Float64Array(CLASSES);
  for (let step = 0; step < steps; step++) {
    for (let one = 0; one < CLASSES; one++) whole[one]! += classes[step * CLASSES + one]!;
    const latency = percentilesOf(classes, step * CLASSES);
    if (latency) latencies.set([latency.p50Ms, latency.p90Ms, latency.p99Ms, latency.n], step * LATENCY_WIDTH);
  }
  const latency = percentilesOf(whole);
  return { latencies, latency: latency ? [latency.p50Ms, latency.p90Ms, latency.p99Ms, latency.n] : [0, 0, 0, 0] };
}

export function sqliteTrends(store: Store): Trends {
  return {
    read: (order) => store.read("trends.read", order),
    groups: (order) => store.read("trends.groups", order),
    rezone: (order) => store.write("days.rezone", order),
  };
}
