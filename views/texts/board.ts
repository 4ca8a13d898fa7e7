/** Words of the board. */

import { count, plural } from "../format.ts";

export const board = {
  title: "Board",
  filterHint: "UZ, airtel, crashed…",
  sentLastMinute: "Sent, last minute",
  ofPermits: (n: number) => `of ${count(n)} permits`,
  delivered: (window: string) => `Delivered, ${window}`,
  failed: "Failed, 15 min",
  noFailures: "none",
  latency: "Delivery p90",
  latencyRest: (p50: string, p99: string, n: number) => [`p50 ${p50}`, `p99 ${p99}`, `n = ${count(n)}`],
  noLatency: "no receipt yet",
  problems: "Problems now",
  noProblems: "every session as it should be",
  andMore: (n: number) => `and ${n} more`,
  alwaysOn: "Always on",
  alwaysOnHint: "high priority: never paused, cannot be stopped",
  lastMinute: (n: number) => `${n} sent/min`,
  p90: (value: string) => `p90 ${value} s`,
  lines: "Lines",
  toHistory: "Its history",
  linesHint: (pairs: number, countries: number, sessions: number) =>
    `${plural(pairs, "pair", "pairs")} · ${plural(countries, "country", "countries")} · ${plural(sessions, "session", "sessions")}`,
  sortedBy: "sorted by",
  sorts: { trouble: "trouble", country: "country", volume: "volume", rate: "rate" },
  priority: "high priority",
  noSession: "no session",
  noSessionTitle: "No program runs for this pair. Add a session.",
  budget: (used: number, limit: number, windowSeconds: number) => `${used} of ${limit} permits used in the last ${windowSeconds} s`,
  waiting: (n: number) => plural(n, "program waits", "programs wait"),
  broken: "the limit is broken by sends without a permit",
  nextFree: "next free slot in",
  emptyTitle: "No pairs yet",
} as const;
