/** Rows of sums in SQLite: a scope, a bucket, its sums, latencies by class and errors by code. */

import type { Database } from "bun:sqlite";
import type { Histogram } from "../../results/histogram.ts";
import type { Tier } from "../../results/history.ts";
import { readHistogram, writeHistogram } from "./histograms.ts";

export const COLUMNS = [
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

export interface Sum {
  scope: number;
  minute: number;
  sums: Float64Array;
  latencies: Histogram | null;
  errors: Map<string, number> | null;
}

export function addAll<K>(to: Map<K, number> | null, more: Iterable<readonly [K, number]>): Map<K, number> {
  const map = to ?? new Map<K, number>();
  for (const [key, n] of more) map.set(key, (map.get(key) ?? 0) + n);
  return map;
}

/** Adds to the row of that bucket. */
export function addRow(db: Database, tier: Tier, { scope, minute, sums, latencies, errors }: Sum): void {
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
