/** Sums over time in SQLite: four tables of one shape, a row for each scope and bucket. A roll adds to all four in its transaction. */

import type { Database } from "bun:sqlite";
import { CLASSES, type Histogram, percentilesOf } from "../../results/histogram.ts";
import {
  LATENCY_WIDTH,
  MINUTE_MS,
  SUMS,
  TIER_MS,
  TIERS,
  type Tier,
  type Trend,
  type TrendOrder,
  type Trends,
  type Where,
} from "../../results/history.ts";
import type { KnownCode, TrendAddition } from "../../results/rollups.ts";
import { addHistogram, readHistogram, writeHistogram } from "./histograms.ts";
import { remembered } from "./remembered.ts";
import type { Store } from "./store.ts";

const COLUMNS = [
  "attempts",
  "sent",
  "delivered",
  "undelivered",
  "failed",
  "blocked",
  "against",
  "open",
  "words",
  "latency_n",
  "latency_ms",
] as const;

interface Sum {
  scope: number;
  minute: number;
  sums: Float64Array;
  latencies: Histogram | null;
  errors: Map<string, number> | null;
}

/** Part of the roll: see rollups.ts. */
export function addTrends(db: Database, additions: readonly TrendAddition[], codes: readonly KnownCode[]): void {
  const putCode = db.query("INSERT OR IGNORE INTO trend_codes (program, code) VALUES (?, ?)");
  for (const { program, code } of codes) putCode.run(program, code);
  const scopeOf = scopes(db);
  for (const tier of TIERS) for (const sum of summed(additions, TIER_MS[tier] / MINUTE_MS, scopeOf).values()) addRow(db, tier, sum);
}

/** By scope and bucket of one tier, so that each row is touched once. */
function summed(
  additions: readonly TrendAddition[],
  minutes: number,
  scopeOf: (pair: string, program: string) => number,
): Map<string, Sum> {
  const rows = new Map<string, Sum>();
  for (const addition of additions) {
    const { pair, program } = addition;
    const minute = addition.minute - (addition.minute % minutes);
    for (const scope of [scopeOf(pair, program), scopeOf("", program), scopeOf("", "")]) {
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

function addAll<K>(to: Map<K, number> | null, more: Iterable<readonly [K, number]>): Map<K, number> {
  const map = to ?? new Map<K, number>();
  for (const [key, n] of more) map.set(key, (map.get(key) ?? 0) + n);
  return map;
}

function addRow(db: Database, tier: Tier, { scope, minute, sums, latencies, errors }: Sum): void {
  if (latencies === null && errors === null) {
    db.query(addSums(tier)).run(scope, minute, ...sums);
    return;
  }
  const before = db.query(`SELECT latencies, errors FROM trend_${tier} WHERE scope = ? AND minute = ?`).get(scope, minute) as {
    latencies: Uint8Array | null;
    errors: string | null;
  } | null;
  const all = before?.latencies && latencies ? addAll(latencies, readHistogram(before.latencies)) : latencies;
  const codes = before?.errors && errors ? addAll(errors, Object.entries(JSON.parse(before.errors) as Record<string, number>)) : errors;
  db.query(addWhole(tier)).run(
    scope,
    minute,
    ...sums,
    all ? writeHistogram(all) : (before?.latencies ?? null),
    codes ? errorsText(codes) : (before?.errors ?? null),
  );
}

function errorsText(codes: Map<string, number>): string | null {
  const left = [...codes].filter(([, n]) => n !== 0);
  return left.length === 0 ? null : JSON.stringify(Object.fromEntries(left));
}

const SET_SUMS = COLUMNS.map((sum) => `${sum} = ${sum} + excluded.${sum}`).join(", ");
const PLACES = COLUMNS.map(() => "?").join(", ");

const addSums = (tier: Tier) =>
  `INSERT INTO trend_${tier} (scope, minute, ${COLUMNS.join(", ")}) VALUES (?, ?, ${PLACES}) ON CONFLICT (scope, minute) DO UPDATE SET ${SET_SUMS}`;
const addWhole = (tier: Tier) =>
  `INSERT INTO trend_${tier} (scope, minute, ${COLUMNS.join(", ")}, latencies, errors) VALUES (?, ?, ${PLACES}, ?, ?)
   ON CONFLICT (scope, minute) DO UPDATE SET ${SET_SUMS}, latencies = excluded.latencies, errors = excluded.errors`;

/** The number of a scope, given to it when it is new. */
function scopes(db: Database): (pair: string, program: string) => number {
  const ids = remembered(db);
  return (pair, program) => {
    // No source's key begins so.
    const key = `\n${program}\n${pair}`;
    let id = ids.get(key);
    if (id === undefined) {
      const found = db.query("SELECT id FROM trend_scopes WHERE pair = ? AND program = ?").get(pair, program) as { id: number } | null;
      id = found?.id ?? Number(db.query("INSERT INTO trend_scopes (pair, program) VALUES (?, ?)").run(pair, program).lastInsertRowid);
      ids.set(key, id);
    }
    return id;
  };
}

export const trendQueries = {
  "trends.read"(db: Database, { where, tier, from, to, stepMs }: TrendOrder): Trend {
    const first = from / MINUTE_MS;
    const minutes = stepMs / MINUTE_MS;
    const steps = Math.ceil((to - from) / stepMs);
    const sums = new Float64Array(steps * SUMS);
    const classes = new Float64Array(steps * CLASSES);
    const errors = new Map<string, Map<number, number>>();
    const rows = db.query(
      `SELECT minute, latencies, errors, ${COLUMNS.join(", ")} FROM trend_${tier} WHERE scope = ? AND minute >= ? AND minute < ?`,
    );
    for (const scope of scopesOf(db, where)) {
      for (const row of rows.values(scope, first, to / MINUTE_MS) as [number, Uint8Array | null, string | null, ...number[]][]) {
        const step = Math.floor((row[0] - first) / minutes);
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

/** Fleet and programs have rows of their own; everything else is the sum of a few pairs. */
function scopesOf(db: Database, { pair, country, operator, program }: Where): number[] {
  const pairs = pair !== undefined || country !== undefined || operator !== undefined;
  const rows = db
    .query(
      `SELECT id FROM trend_scopes WHERE (pair = '') = ?1 AND (?2 IS NULL OR program = ?2) AND (?3 IS NULL OR pair = ?3)
         AND (?4 IS NULL OR substr(pair, 1, 3) = ?4 || '_') AND (?5 IS NULL OR substr(pair, 4) = ?5)`,
    )
    .all(pairs ? 0 : 1, pairs ? (program ?? null) : (program ?? ""), pair ?? null, country ?? null, operator ?? null) as { id: number }[];
  return rows.map(({ id }) => id);
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
  return { read: (order) => store.read("trends.read", order) };
}
