/**
 * What went through each gateway, by day and country: the sums of the invoice. Rolled from the journal every minute, in small steps, so that
 * no request waits for it. A message counts for the gateway that was told of it, else for the one its
 * pair named when it was submitted, else for none (`""`).
 */

import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { HOUSEKEEPING_AFTER_MS, type Loop, openLoop } from "../kernel/loop.ts";
import { CLASSES, percentilesOf } from "./histogram.ts";
import type { Latency, Tally } from "./numbers.ts";

export interface Credit {
  /** `""`: the program did not say. */
  gateway: string;
  program: string;
  credit: number;
  at: number;
}

/** Sums of one day; `counts` in the order of tally.ts. */
export interface GatewayDay {
  day: string;
  gateway: string;
  country: string;
  counts: number[];
}

export interface GatewaySums {
  days: GatewayDay[];
  errors: { gateway: string; code: string; n: number }[];
  latencies: { gateway: string; step: number; n: number }[];
  credits: Credit[];
}

/**
 * Port: the sums, kept beside the journal. `roll` adds at most `most` rows of the journal behind the mark, and moves the mark in the same
 * transaction; it gives how many rows there were. Days are `2026-11-20`, both ends included.
 *
 * `rezone` puts what was counted by the days of another time zone into those of this one, as far back as the journal holds messages whole,
 * `most` of its rows at a time; false: all is in them. Asked until then before every roll.
 */
export interface GatewayTotals {
  rezone(order: RezoneOrder): Promise<boolean>;
  roll(order: RollOrder): Promise<number>;
  read(from: string, to: string): Promise<GatewaySums>;
}

export interface RezoneOrder {
  most: number;
  timeZone: string;
}

export interface RollOrder extends RezoneOrder {
  /** Gateways of pairs as of `now`, for messages that are told of without one: what was named when they were submitted counts. */
  ofPairs: Record<string, string>;
  now: number;
  credits: readonly Credit[];
}

export interface GatewayNumbers {
  gateway: string;
  /** null: all of them. */
  country: string | null;
  tally: Tally;
  /** Delivered, and those that count in the rate: finals that do not blame the recipient. */
  delivered: number;
  counted: number;
}

export interface GatewayReport {
  gateways: (GatewayNumbers & { latency: Latency | null; errors: { code: string; n: number }[]; credits: Credit[] })[];
  countries: (GatewayNumbers & { country: string })[];
}

export interface Gateways {
  /** A program told what is left. */
  credit(program: string, gateway: string | null, credit: number, at: number): void;
  /** Days like `2026-11-20`, both ends included. */
  report(from: string, to: string): Promise<GatewayReport>;
  /** The day it is. */
  today(): string;
  loop: Loop;
  stop(): Promise<void>;
}

export interface GatewaysOptions {
  totals: GatewayTotals;
  timeZone: string;
  ofPairs(): Record<string, string>;
  clock: Clock;
  log: Log;
}

const STEP = 2_000;
const MOST_ERRORS = 10;
/** Of programs that tell a credit. */
const MOST_CREDITS = 1_000;

export function openGateways({ totals, timeZone, ofPairs, clock, log }: GatewaysOptions): Gateways {
  const told = new Map<string, Credit>();
  const loop = openLoop({ name: "gateways", everyMs: 60_000, run: roll, firstAfterMs: HOUSEKEEPING_AFTER_MS, log, now: clock.now });

  // sv-SE writes dates as 2026-11-20.
  const today = () => new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" }).format(clock.now());

  async function roll(): Promise<void> {
    const pairs = ofPairs();
    while (await totals.rezone({ most: STEP, timeZone }));
    for (;;) {
      const credits = [...told.values()];
      const rows = await totals.roll({ most: STEP, timeZone, ofPairs: pairs, now: clock.now(), credits });
      for (const credit of credits) if (told.get(keyOf(credit)) === credit) told.delete(keyOf(credit));
      if (rows < STEP) return;
    }
  }

  return {
    credit(program, gateway, credit, at) {
      const now: Credit = { program, gateway: gateway ?? "", credit, at };
      if (told.size < MOST_CREDITS || told.has(keyOf(now))) told.set(keyOf(now), now);
    },
    async report(from, to) {
      const sums = await totals.read(from, to);
      // What is left now says nothing of a month that is over.
      if (to < today()) return reportOf({ ...sums, credits: [] });
      const fresh = new Map(sums.credits.map((credit) => [keyOf(credit), credit]));
      for (const credit of told.values()) fresh.set(keyOf(credit), credit);
      return reportOf({ ...sums, credits: [...fresh.values()] });
    },
    today,
    loop,
    async stop() {
      await loop.stop();
      // Not a loss when it fails: the journal has all.
      await roll().catch((error) => log.warn("gateways: the last roll failed; the next start goes on there", { error }));
    },
  };
}

const keyOf = ({ program, gateway }: Credit) => `${gateway}\n${program}`;

/** Sums of days as what people read. Pure. */
export function reportOf({ days, errors, latencies, credits }: GatewaySums): GatewayReport {
  const isSome = ({ tally }: GatewayNumbers) => Object.values(tally).some((n) => n !== 0);
  const byGateway = new Map<string, number[]>();
  const byCountry = new Map<string, { gateway: string; country: string; sums: number[] }>();
  for (const { gateway, country, counts } of days) {
    add(
      byGateway.getOrInsertComputed(gateway, () => []),
      counts,
    );
    add(byCountry.getOrInsertComputed(`${gateway}\n${country}`, () => ({ gateway, country, sums: [] })).sums, counts);
  }
  for (const { gateway } of credits) byGateway.getOrInsertComputed(gateway, () => []);
  const histograms = new Map<string, Float64Array>();
  for (const { gateway, step, n } of latencies) {
    const own = histograms.getOrInsertComputed(gateway, () => new Float64Array(CLASSES));
    own[step] = (own[step] ?? 0) + n;
  }
  return {
    gateways: [...byGateway]
      .map(([gateway, sums]) => ({
        ...numbersOf(gateway, null, sums),
        latency: percentilesOf(histograms.get(gateway) ?? new Float64Array(CLASSES)),
        errors: errors
          .filter((one) => one.gateway === gateway)
          .map(({ code, n }) => ({ code, n }))
          .sort((a, b) => b.n - a.n || a.code.localeCompare(b.code))
          .slice(0, MOST_ERRORS),
        credits: credits.filter((one) => one.gateway === gateway),
      }))
      // What moved to another gateway leaves nothing behind.
      .filter((one) => isSome(one) || one.credits.length > 0)
      .sort((a, b) => byName(a.gateway, b.gateway)),
    countries: [...byCountry.values()]
      .map(({ gateway, country, sums }) => ({ ...numbersOf(gateway, country, sums), country }))
      .filter(isSome)
      .sort((a, b) => byName(a.gateway, b.gateway) || a.country.localeCompare(b.country)),
  };
}

function numbersOf(gateway: string, country: string | null, sums: readonly number[]): GatewayNumbers {
  const [attempts = 0, sent = 0, delivered = 0, undelivered = 0, failed = 0, blocked = 0, against = 0, pending = 0] = sums;
  return {
    gateway,
    country,
    tally: { attempts, sent, delivered, undelivered, failed, blocked, pending },
    delivered,
    counted: delivered + against,
  };
}

/** Those without a name last. */
function byName(a: string, b: string): number {
  return Number(a === "") - Number(b === "") || a.localeCompare(b);
}

function add(sums: number[], counts: readonly number[]): void {
  for (const [place, n] of counts.entries()) sums[place] = (sums[place] ?? 0) + n;
}
