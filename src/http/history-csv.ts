/** History as a sheet: a row for each point, ratios 0-1, an empty cell where there is nothing to say. */

import { iso } from "../kernel/clock.ts";
import { wallTime, type Zone } from "../kernel/zone.ts";
import type { Past, PastPoint } from "../results/past.ts";

const CELLS: Record<string, (point: PastPoint, zone: Zone) => string | number | null> = {
  from: ({ at }) => iso(at),
  to: ({ to }) => iso(to),
  // The day as people call it.
  local_time: ({ at }, zone) => wallTime(zone, at),
  attempts: ({ attempts }) => attempts,
  sent: ({ sent }) => sent,
  delivered: ({ delivered }) => delivered,
  undelivered: ({ undelivered }) => undelivered,
  failed: ({ failed }) => failed,
  blocked: ({ blocked }) => blocked,
  pending: ({ pending }) => pending,
  sent_per_minute: ({ sentPerMinute }) => rounded(sentPerMinute, 3),
  success_rate: ({ rate }) => rate && rounded(rate.value, 4),
  success_rate_lower: ({ rate }) => rate && rounded(rate.lower, 4),
  success_rate_upper: ({ rate }) => rate && rounded(rate.upper, 4),
  success_rate_n: ({ rate }) => rate?.n ?? 0,
  latency_p50_ms: ({ latency }) => latency?.p50Ms ?? null,
  latency_p90_ms: ({ latency }) => latency?.p90Ms ?? null,
  latency_p99_ms: ({ latency }) => latency?.p99Ms ?? null,
  mature: ({ mature }) => (mature ? "yes" : "no"),
  gap: ({ gap }) => (gap ? "yes" : "no"),
};

export async function writeHistoryCsv(past: Past, zone: Zone): Promise<string> {
  const { stringify } = await import("csv-stringify/sync");
  const errors = new Map<number, string[]>();
  for (const { code, steps } of past.errors) for (const [step, n] of steps) errors.set(step, [...(errors.get(step) ?? []), `${code}=${n}`]);
  const rows = past.points.map((point, step) => [
    ...Object.values(CELLS).map((cell) => cell(point, zone) ?? ""),
    (errors.get(step) ?? []).join(" "),
  ]);
  return stringify([[...Object.keys(CELLS), "errors"], ...rows], { escape_formulas: true });
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
