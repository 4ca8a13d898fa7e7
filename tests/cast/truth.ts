/** The gateway's log as the judge: what was really handed over, when, and what became of it. Knows nothing of Signalbox's own store. */

import { existsSync, readFileSync } from "node:fs";
import type { Entry } from "../../scripts/gateway/log.ts";

export type Handover = Extract<Entry, { kind: "message" }>;
export type Receipt = Extract<Entry, { kind: "receipt" }>;

export function readTruth(path: string): { messages: Handover[]; receipts: Receipt[] } {
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean) : [];
  const entries = lines.map((line) => JSON.parse(line) as Entry);
  return {
    messages: entries.filter((entry) => entry.kind === "message"),
    receipts: entries.filter((entry) => entry.kind === "receipt"),
  };
}

/** The most moments any half-open interval of this length holds. Sorted or not; O(n log n). */
export function densest(moments: readonly number[], windowMs: number): number {
  const sorted = [...moments].sort((a, b) => a - b);
  let most = 0;
  for (let first = 0, last = 0; last < sorted.length; last++) {
    while (sorted[last]! - sorted[first]! >= windowMs) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

/** Densest window of each country, from the times at which messages arrived at the gateway. */
export function densestByCountry(messages: readonly Handover[], windowMs: number): Map<string, number> {
  const moments = new Map<string, number[]>();
  for (const { pair, uptime_ms } of messages) {
    const country = pair.slice(0, 2);
    moments.set(country, [...(moments.get(country) ?? []), uptime_ms]);
  }
  return new Map([...moments].map(([country, times]) => [country, densest(times, windowMs)]));
}
