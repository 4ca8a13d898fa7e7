/** Words of live numbers, wherever they stand. */

import { count } from "../format.ts";

export const numbers = {
  title: "Live numbers",
  rate: "Success rate",
  sentLastMinute: "Sent, last minute",
  total: "Since the count began",
  of: (total: { attempts: number; sent: number; delivered: number; undelivered: number; failed: number; pending: number }) =>
    `${count(total.sent)} sent of ${count(total.attempts)}: ${count(total.delivered)} delivered, ${count(total.undelivered)} not, ${count(total.pending)} pending; ${count(total.failed)} failed at the gateway`,
  latency: "Sent to delivered",
  noLatency: "no receipt yet",
  percentiles: (p50: string, p90: string, p99: string, n: number) => `p50 ${p50} s · p90 ${p90} s · p99 ${p99} s (n = ${count(n)})`,
  lastSend: "Since the last send",
  lastReceipt: "Since the last receipt",
} as const;
