/**
 * Grants on their way to the writer and into their table. They cross as one JSON text: cloning some as objects costs seven times more than
 * writing and reading it. What grants one after the other have in common, all but number and times, is told and bound once.
 */

import type { Database } from "bun:sqlite";
import type { LimitNote } from "../../permits/grants.ts";
import type { Grant } from "../../permits/permit.ts";
import { permitIdOf, permitNumberOf } from "../../permits/permit-id.ts";
import { type Columns, insertMany } from "./rows.ts";

/** A call of `record`. */
export interface Recorded {
  grants: readonly Grant[];
  limits: readonly LimitNote[];
}

/** What some calls hold. */
export interface Crossing {
  /** A boot id is long and nearly always the same: runs name it by its place here. */
  boots: string[];
  limits: LimitNote[];
  runs: Run[];
}

/** Grants one after the other: what they share (SHARED), and of each its number, uptime and wall time (EACH), in one list. */
export type Run = [shared: Value[], each: number[]];

type Value = string | number | null;

const SHARED = ["country", "pair", "program", "session", "lease_ms", "reported_uptime_ms", "abandoned", "gateway", "boot"];
const BOOT = SHARED.indexOf("boot");
const EACH = ["number", "granted_uptime_ms", "granted_at"];
const GRANTS: Columns = { table: "grants", columns: [...SHARED, ...EACH] };

export function crossingOf(calls: readonly Recorded[]): string {
  const crossing: Crossing = { boots: [], limits: [], runs: [] };
  const { boots, runs } = crossing;
  let of: Grant | null = null;
  let each: number[] = [];
  for (const { grants, limits } of calls) {
    crossing.limits.push(...limits);
    for (const grant of grants) {
      if (of === null || !isAlike(of, grant)) {
        let boot = boots.indexOf(grant.bootId);
        if (boot < 0) boot = boots.push(grant.bootId) - 1;
        const { country, pair, program, session, leaseMs, reportedUptimeMs, abandoned, gateway } = grant;
        each = [];
        of = grant;
        runs.push([[country, pair, program, session, leaseMs, reportedUptimeMs, abandoned ? 1 : 0, gateway, boot], each]);
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
const SIZES = [50, 10];

/** In their order. `boots`: the number of each boot of the crossing. */
export function insertRuns(db: Database, runs: readonly Run[], boots: readonly number[]): void {
  let single: Value[][] = [];
  for (const [shared, each] of runs) {
    shared[BOOT] = boots[shared[BOOT] as number]!;
    let done = 0;
    for (const size of SIZES)
      for (const length = size * EACH.length; each.length - done >= length; done += length) {
        insertMany(db, GRANTS, single);
        single = [];
        db.query(TEXTS[size]!).run(...shared, ...each.slice(done, done + length));
      }
    // A statement for each of a few would cost more than it saves.
    for (; done < each.length; done += EACH.length) single.push([...shared, each[done]!, each[done + 1]!, each[done + 2]!]);
  }
  insertMany(db, GRANTS, single);
}

const TEXTS = Object.fromEntries(SIZES.map((size) => [size, textOf(size)]));

/** What is shared is bound once. */
function textOf(size: number): string {
  const shared = SHARED.map((_, i) => `?${i + 1}`).join(", ");
  const row = (n: number) => `(${shared}, ${EACH.map((_, i) => `?${SHARED.length + n * EACH.length + i + 1}`).join(", ")})`;
  return `INSERT INTO grants (${GRANTS.columns.join(", ")}) VALUES ${Array.from({ length: size }, (_, n) => row(n)).join(", ")}`;
}

/** What every reader of the table takes of a row. */
export interface PermitRow {
  number: number;
  country: string;
  pair: string;
  program: string;
  session: string | null;
  boot_id: string;
  granted_uptime_ms: number;
  lease_ms: number;
  granted_at: number;
  reported_uptime_ms: number | null;
  abandoned: number;
}

export function permitOf(row: PermitRow): Omit<Grant, "gateway"> {
  return {
    permitId: permitIdOf(row.number),
    country: row.country,
    pair: row.pair,
    program: row.program,
    session: row.session,
    bootId: row.boot_id,
    grantedUptimeMs: row.granted_uptime_ms,
    leaseMs: row.lease_ms,
    grantedAt: row.granted_at,
    reportedUptimeMs: row.reported_uptime_ms,
    abandoned: row.abandoned === 1,
  };
}
