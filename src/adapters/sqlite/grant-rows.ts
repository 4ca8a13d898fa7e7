/**
 * Grants on their way to the writer and into their table. They cross as one JSON text: cloning some as objects costs seven times more than
 * writing and reading it. What grants one after the other have in common, all but number and times, is told and bound once.
 */

import type { Database } from "bun:sqlite";
import type { LimitNote } from "../../permits/grants.ts";
import type { Grant } from "../../permits/permit.ts";
import { permitNumberOf } from "../../permits/permit-id.ts";

/** A call of `record`. */
export interface Recorded {
  grants: readonly Grant[];
  limits: readonly LimitNote[];
}

/** What some calls hold. */
export interface Crossing {
  limits: LimitNote[];
  runs: Run[];
}

/** Grants one after the other that differ in nothing but their numbers and times. */
export interface Run {
  bootId: string;
  /** In the order of SHARED, without the boot. */
  shared: (string | number | null)[];
  /** Of each its number, uptime and wall time, in one list. */
  each: number[];
}

const SHARED = ["country", "pair", "program", "session", "lease_ms", "reported_uptime_ms", "abandoned", "gateway", "boot"];
const EACH = ["number", "granted_uptime_ms", "granted_at"];

export function crossingOf(calls: readonly Recorded[]): string {
  const crossing: Crossing = { limits: [], runs: [] };
  let of: Grant | null = null;
  let each: number[] = [];
  for (const { grants, limits } of calls) {
    crossing.limits.push(...limits);
    for (const grant of grants) {
      if (of === null || !isAlike(of, grant)) {
        const { country, pair, program, session, leaseMs, reportedUptimeMs, abandoned, gateway, bootId } = grant;
        each = [];
        of = grant;
        crossing.runs.push({
          bootId,
          shared: [country, pair, program, session, leaseMs, reportedUptimeMs, abandoned ? 1 : 0, gateway],
          each,
        });
      }
      each.push(numberOf(grant.permitId), grant.grantedUptimeMs, Math.floor(grant.grantedAt));
    }
  }
  return JSON.stringify(crossing);
}

export function readCrossing(text: string): Crossing {
  return JSON.parse(text) as Crossing;
}

function isAlike(one: Grant, other: Grant): boolean {
  return (
    one.pair === other.pair &&
    one.program === other.program &&
    one.session === other.session &&
    one.gateway === other.gateway &&
    one.leaseMs === other.leaseMs &&
    one.bootId === other.bootId &&
    one.reportedUptimeMs === other.reportedUptimeMs &&
    one.abandoned === other.abandoned &&
    one.country === other.country
  );
}

/** The number of a permit's id; throws when it is none. */
export function numberOf(permitId: string): number {
  const number = permitNumberOf(permitId);
  if (number === null) throw new Error(`not a permit id: ${permitId}`);
  return number;
}

// Few sizes, so that few statements are prepared and each is met again.
const SIZES = [50, 10, 1];

export function insertRun(db: Database, { shared, each }: Run, boot: number): void {
  let done = 0;
  for (const size of SIZES)
    for (; each.length - done >= size * EACH.length; done += size * EACH.length)
      db.query(TEXTS[size]!).run(...shared, boot, ...each.slice(done, done + size * EACH.length));
}

const TEXTS = Object.fromEntries(SIZES.map((size) => [size, textOf(size)]));

function textOf(size: number): string {
  const common = SHARED.map((_, i) => `?${i + 1}`).join(", ");
  const row = (n: number) => `(${common}, ${EACH.map((_, i) => `?${SHARED.length + n * EACH.length + i + 1}`).join(", ")})`;
  return `INSERT INTO grants (${[...SHARED, ...EACH].join(", ")}) VALUES ${Array.from({ length: size }, (_, n) => row(n)).join(", ")}`;
}
