/** Rows of the ledger as its three tables have them, a step at a time, and where a moment lies among them. */

import type { Database } from "bun:sqlite";
import type { UncontrolledReason } from "../../permits/grants.ts";
import type { LedgerGrant, LedgerLimit, LedgerSend } from "../../permits/ledger.ts";
import { type PermitRow, permitOf } from "./grant-rows.ts";

/** Rows looked at in one step: a millisecond of the reader, and some more of the main thread when all are written out. */
export const STEP_ROWS = 500;

export interface Placed<T> {
  /** Number of its boot in the order they were seen. */
  boot: number;
  entry: T;
}

export interface PlacedGrant extends Placed<LedgerGrant> {
  number: number;
}

export interface PlacedLimit extends Placed<LedgerLimit> {
  afterNumber: number;
}

interface Step {
  /** Rows after this one. */
  after: number;
  until: number;
  country: string | null;
}

interface SendStep {
  boot: number;
  uptimeMs: number;
  id: number;
  from: number;
  to: number;
  country: string | null;
}

export const EVERYTHING = Number.MAX_SAFE_INTEGER;

export const ledgerQueries = {
  "ledger.grants"(db: Database, { after, until, country }: Step): { rows: PlacedGrant[]; last: number | null } {
    const seen = db
      .query(
        `SELECT number, country, pair, program, session, grants.boot, own.boot_id, granted_uptime_ms, lease_ms, granted_at,
           reported_uptime_ms, other.boot_id AS reported_boot_id, abandoned
         FROM (SELECT * FROM grants WHERE number > ?1 AND number < ?2 ORDER BY number LIMIT ?3) AS grants
           JOIN boots AS own ON own.boot = grants.boot LEFT JOIN boots AS other ON other.boot = grants.reported_boot
         WHERE ?4 IS NULL OR country = ?4 ORDER BY number`,
      )
      .all(after, until, STEP_ROWS, country) as GrantRow[];
    const { last } = db
      .query("SELECT max(number) AS last FROM (SELECT number FROM grants WHERE number > ?1 AND number < ?2 ORDER BY number LIMIT ?3)")
      .get(after, until, STEP_ROWS) as { last: number | null };
    return { rows: seen.map(grantOf), last };
  },

  "ledger.sends"(db: Database, { boot, uptimeMs, id, from, to, country }: SendStep): { rows: Placed<LedgerSend>[]; last: SendRow | null } {
    const seen = db
      .query(
        `SELECT id, country, pair, program, session, reason, boot, boot_id, uptime_ms, n, at, coalesce(counted_at, at) AS counted_at
         FROM uncontrolled JOIN boots USING (boot)
         WHERE (boot, uptime_ms, id) > (?1, ?2, ?3) ORDER BY boot, uptime_ms, id LIMIT ?4`,
      )
      .all(boot, uptimeMs, id, STEP_ROWS) as SendRow[];
    const wanted = seen.filter((row) => row.counted_at >= from && row.counted_at < to && (country === null || row.country === country));
    return { rows: wanted.map(sendOf), last: seen.at(-1) ?? null };
  },

  "ledger.limits"(db: Database, country: string | null): PlacedLimit[] {
    const rows = db
      .query(
        `SELECT country, "limit", window_ms, boot, boot_id, uptime_ms, after_number, at FROM limits JOIN boots USING (boot)
         WHERE ?1 IS NULL OR country = ?1 ORDER BY id`,
      )
      .all(country) as LimitRow[];
    return rows.map(limitOf);
  },

  /** Number of the boot, and of the last permit before that uptime of it. */
  "ledger.place"(db: Database, { bootId, uptimeMs }: { bootId: string; uptimeMs: number }): { boot: number; before: number } {
    const found = db.query("SELECT boot FROM boots WHERE boot_id = ?").get(bootId) as { boot: number } | null;
    const boot = found?.boot ?? EVERYTHING;
    return { boot, before: lastBefore(db, (row) => row.boot > boot || (row.boot === boot && row.granted_uptime_ms >= uptimeMs)) };
  },

  /** How long that boot is known to have been up. */
  "ledger.lastUptime"(db: Database, boot: number): number {
    const number = lastBefore(db, (row) => row.boot > boot);
    const grant = db.query("SELECT boot, granted_uptime_ms FROM grants WHERE number = ?").get(number) as Place | null;
    const { last } = db.query("SELECT max(uptime_ms) AS last FROM uncontrolled WHERE boot = ?").get(boot) as { last: number | null };
    return Math.max(grant?.boot === boot ? grant.granted_uptime_ms : 0, last ?? 0);
  },
};

interface Place {
  number: number;
  boot: number;
  granted_uptime_ms: number;
}

/** Numbers stand in the order of boots and uptimes, so a place among them is found by halving. */
function lastBefore(db: Database, isBehind: (row: Place) => boolean): number {
  const next = db.query("SELECT number, boot, granted_uptime_ms FROM grants WHERE number > ? ORDER BY number LIMIT 1");
  let low = 0;
  let high = (db.query("SELECT coalesce(max(number), 0) AS number FROM grants").get() as { number: number }).number;
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    const row = next.get(middle) as Place | null;
    if (row === null || isBehind(row)) high = middle;
    else low = row.number;
  }
  return low;
}

interface GrantRow extends PermitRow {
  boot: number;
  reported_boot_id: string | null;
}

function grantOf(row: GrantRow): PlacedGrant {
  return { boot: row.boot, number: row.number, entry: { kind: "grant", ...permitOf(row), reportedBootId: row.reported_boot_id } };
}

interface SendRow {
  id: number;
  country: string;
  pair: string;
  program: string;
  session: string | null;
  reason: UncontrolledReason;
  boot: number;
  boot_id: string;
  uptime_ms: number;
  n: number;
  at: number;
  counted_at: number;
}

function sendOf(row: SendRow): Placed<LedgerSend> {
  const { country, pair, program, session, reason, n, at } = row;
  const entry: LedgerSend = {
    kind: "uncontrolled",
    country,
    pair,
    program,
    session,
    reason,
    n,
    bootId: row.boot_id,
    uptimeMs: row.uptime_ms,
    countedAt: row.counted_at,
    at,
  };
  return { boot: row.boot, entry };
}

interface LimitRow {
  country: string;
  limit: number;
  window_ms: number;
  boot: number;
  boot_id: string;
  uptime_ms: number;
  after_number: number;
  at: number;
}

function limitOf({ country, limit, window_ms, boot, boot_id, uptime_ms, after_number, at }: LimitRow): PlacedLimit {
  return {
    boot,
    afterNumber: after_number,
    entry: { kind: "limit", country, limit, windowMs: window_ms, bootId: boot_id, uptimeMs: uptime_ms, at },
  };
}
