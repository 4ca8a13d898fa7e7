/** A past that never was, for the pages: busy by day, a bad night, an outage, a long gap; the same for everybody who looks. */

import type { SettingsServices } from "../../src/http/settings.ts";
import type { Act } from "../../src/kernel/act.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { quiet } from "../../src/kernel/log.ts";
import { type Gateways, reportOf } from "../../src/results/gateways.ts";
import {
  type By,
  DAY_MS,
  evenly,
  HOUR_MS,
  LATENCY_WIDTH,
  MINUTE_MS,
  type Part,
  SUMS,
  type Trend,
  type TrendGroup,
  type Trends,
} from "../../src/results/history.ts";
import type { Counters } from "../../src/results/numbers.ts";
import { openPast, type PastReader } from "../../src/results/past.ts";
import { type Keeping, openRetention, USUAL_DAYS } from "../../src/results/retention.ts";
import { type Measured, openSizes } from "../../src/results/size.ts";
import { keptOf } from "../../src/results/steps.ts";
import { memoryDocuments } from "./doubles.ts";

/** Places of tally.ts. */
const [ATTEMPTS, SENT, DELIVERED, UNDELIVERED, FAILED, AGAINST, OPEN] = [0, 1, 2, 3, 4, 6, 7];
const CODES = ["27", "absent_subscriber", "8", "timeout", "filtered", "no_route", "weird-41"];

export function madeUpPast(clock: Clock, counters: Pick<Counters, "pair" | "seen">, { empty = false } = {}): PastReader {
  const trends: Pick<Trends, "read" | "groups"> = {
    read: async ({ bounds }) => trendOf(bounds, clock.now(), empty),
    groups: async ({ by, parts }) => (empty ? [] : groupsOf(by, parts, clock.now())),
  };
  return openPast({ trends, counters, clock, kept: () => keptOf(USUAL_DAYS), fresh: async () => clock.now() - 20_000 });
}

export function madeUpActs(now: number): Act[] {
  const told = (hoursAgo: number, verb: string, subject: string, reason: string | null): Act => {
    return { at: now - hoursAgo * HOUR_MS, actor: "anna", from: "127.0.0.1", verb, subject, reason, detail: null };
  };
  return [
    told(2.2, "pair.update", "pair:UZ_beeline", "more weight for the evening"),
    told(5, "hold.lift", "country:UZ", null),
    told(5.6, "hold.place", "country:UZ", "the route answers with spam errors"),
    told(16, "program.update", "program:program1", null),
    told(60, "country.update", "country:UZ", null),
  ];
}

/** What went through two gateways, and what named none; nothing in months before. */
export function madeUpMonths(clock: Clock): Pick<Gateways, "report" | "today"> {
  const today = () => new Date(clock.now()).toISOString().slice(0, 10);
  const sent = (gateway: string, country: string, n: number) => {
    return {
      day: today(),
      gateway,
      country,
      counts: [n, n - 20, Math.round(n * 0.91), Math.round(n * 0.06), 20, 0, Math.round(n * 0.05), 3],
    };
  };
  const days = [sent("smpp1", "UZ", 48_210), sent("smpp1", "UA", 12_004), sent("http2", "IN", 230_412), sent("", "TJ", 611)];
  const latencies = [100, 120, 140].map((step) => ({ gateway: "smpp1", step, n: 1000 }));
  const errors = CODES.slice(0, 4).map((code, i) => ({ gateway: "smpp1", code, n: 400 - 90 * i }));
  const credits = [{ gateway: "smpp1", program: "program1", credit: 1204.5, at: clock.now() - 90_000 }];
  return {
    today,
    report: async (from) => reportOf(from.slice(0, 7) === today().slice(0, 7) ? { days, latencies, errors, credits } : NOTHING),
  };
}

const NOTHING = { days: [], latencies: [], errors: [], credits: [] };

/** Settings of a house that is a year old. */
export function madeUpKeeping(clock: Clock): SettingsServices {
  const keeping: Keeping = {
    trimTier: async () => ({ deleted: 0, next: null }),
    trimMessages: async () => ({ deleted: 0, more: false }),
    noteSize: async () => {},
  };
  const gigabyte = 1_073_741_824;
  const tables = [
    { name: "journal", rows: 41_204_113, bytes: 3.9 * gigabyte },
    { name: "messages", rows: 13_902_551, bytes: 2.4 * gigabyte },
    { name: "trend_1m", rows: 2_103_377, bytes: 0.19 * gigabyte },
    { name: "trend_1h", rows: 951_240, bytes: 0.09 * gigabyte },
    { name: "grants", rows: 20_118, bytes: 4_718_592 },
  ];
  const measured: Measured = {
    ...{
      fileBytes: 7.1 * gigabyte,
      freeBytes: 0.4 * gigabyte,
      tables,
      outputBytes: 1.2 * gigabyte,
      outputFiles: 2_204,
      spoolBytes: 3_145_728,
    },
    days: Array.from({ length: 7 }, (_, day) => ({ at: clock.now() - (7 - day) * DAY_MS, usedBytes: (6 + day * 0.1) * gigabyte })),
    ...{ diskBytes: 40 * gigabyte, diskFreeBytes: 11 * gigabyte },
  };
  return {
    retention: openRetention({
      ...{ documents: memoryDocuments(), keeping, trends: { rezone: async () => ({ more: false }) }, timeZone: "UTC" },
      ...{ trimOutput: async () => 0, clock, log: quiet },
    }),
    sizes: openSizes(async () => measured, clock, quiet),
  };
}

const KEYS: Record<By, string[]> = {
  country: ["UZ", "KZ", "IN", "KE"],
  operator: ["beeline", "uzmobile", "vi", "safaricom", "kcell"],
  pair: ["UZ_beeline", "UZ_uzmobile", "IN_vi", "KE_safaricom", "KZ_kcell"],
  program: ["program1", "program2", "program3"],
};

/** The same past, most of it the first one's. */
function groupsOf(by: By, parts: readonly Part[], now: number): TrendGroup[] {
  const [from, to] = [Math.min(...parts.map((part) => part.from)), Math.max(...parts.map((part) => part.to))];
  const whole = trendOf(evenly(from, to, (to - from) / 100), now, false).sums;
  return KEYS[by].map((key, place) => {
    const sums = new Float64Array(SUMS);
    for (let at = 0; at < 100 * SUMS; at++) sums[at % SUMS]! += Math.round(whole[at]! / (place + 2));
    return { key, sums, latency: [4_200 + place * 900, 14_800 + place * 2_000, 61_000, sums[DELIVERED]!] };
  });
}

function trendOf(bounds: readonly number[], now: number, empty: boolean): Trend {
  const steps = bounds.length - 1;
  const trend: Trend = {
    sums: new Float64Array(steps * SUMS),
    latencies: new Float64Array(steps * LATENCY_WIDTH),
    latency: [4_200, 14_800, 61_000, 1],
    errors: CODES.map((code) => ({ code, steps: new Float64Array(steps * 2) })),
  };
  for (let step = 0; step < steps && !empty; step++) {
    const [at, end] = [bounds[step]!, bounds[step + 1]!];
    if (at < now && !isSilent(at, now)) fill(trend, step, at, Math.min(end, now) - at, now);
  }
  return trend;
}

/** Three hours in which nothing ran, and everything before 200 days. */
function isSilent(at: number, now: number): boolean {
  const ago = now - at;
  return ago > 200 * DAY_MS || (ago > 14 * HOUR_MS && ago < 17 * HOUR_MS);
}

function fill({ sums, latencies, errors }: Trend, step: number, at: number, lengthMs: number, now: number): void {
  const hour = (at % DAY_MS) / HOUR_MS;
  const wave = 0.6 + 0.4 * Math.sin(((hour - 9) / 24) * 2 * Math.PI);
  const bad = now - at > 5 * HOUR_MS && now - at < 6.5 * HOUR_MS;
  const noise = 0.5 + 0.5 * Math.sin(at / 7_919_000) * Math.cos(at / 3_571_000);
  const sent = Math.round((lengthMs / MINUTE_MS) * 9 * wave * (0.8 + 0.2 * noise));
  const open = now - at < 4 * MINUTE_MS ? Math.round(sent * 0.5) : Math.round(sent * 0.01);
  const delivered = Math.round((sent - open) * (bad ? 0.61 : 0.9 + 0.06 * noise));
  const lost = sent - open - delivered;
  const failed = Math.round(sent * (bad ? 0.1 : 0.012));
  const put = (place: number | undefined, n: number) => {
    sums[step * SUMS + place!] = n;
  };
  put(ATTEMPTS, sent + failed);
  put(SENT, sent);
  put(DELIVERED, delivered);
  put(UNDELIVERED, lost);
  put(FAILED, failed);
  put(AGAINST, Math.round(lost * 0.7));
  put(OPEN, open);
  const slow = bad ? 3 : 1 + 0.4 * noise;
  latencies.set([3_800 * slow, 13_500 * slow, 48_000 * slow, delivered], step * LATENCY_WIDTH);
  let rest = lost + failed;
  for (let place = 0; place < CODES.length; place++) {
    const n = Math.min(rest, Math.ceil((lost + failed) * [0.4, 0.2, 0.15, 0.1, 0.06, 0.05, 0.04][place]!));
    errors[place]!.steps.set([step, Math.max(0, n)], step * 2);
    rest -= n;
  }
}
