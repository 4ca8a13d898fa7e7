/** Grants in SQLite: one append per permit, and a look at the end of the table for a start. */

import type { Database } from "bun:sqlite";
import {
  type Grants,
  MAX_UNREPORTED,
  type Recent,
  type Settlement,
  type UncontrolledReason,
  type UncontrolledSend,
} from "../../permits/grants.ts";
import type { Grant } from "../../permits/permit.ts";
import { permitIdOf, permitNumberOf } from "../../permits/permit-id.ts";
import { type Columns, insertMany } from "./rows.ts";
import type { Store } from "./store.ts";

const GRANTS: Columns = {
  table: "grants",
  columns: [
    "number",
    "country",
    "pair",
    "program",
    "session",
    "boot",
    "granted_uptime_ms",
    "lease_ms",
    "granted_at",
    "reported_uptime_ms",
    "abandoned",
  ],
};

const UNCONTROLLED: Columns = {
  table: "uncontrolled",
  columns: ["country", "pair", "program", "session", "reason", "boot", "uptime_ms", "n", "at", "seq"],
};

export const grantCommands = {
  /** The input is JSON: cloning some grants as objects costs seven times more than writing and reading their text. */
  "grants.record"(db: Database, text: string): void {
    const grants = JSON.parse(text) as Grant[];
    const boots = bootsOf(db, grants);
    const rows = grants.map((grant) => [
      numberOf(grant.permitId),
      grant.country,
      grant.pair,
      grant.program,
      grant.session,
      boots.get(grant.bootId)!,
      grant.grantedUptimeMs,
      grant.leaseMs,
      Math.floor(grant.grantedAt),
      grant.reportedUptimeMs,
      grant.abandoned ? 1 : 0,
    ]);
    insertMany(db, GRANTS, rows);
  },

  "grants.settle"(db: Database, { reports, abandoned, uncontrolled, mark }: Settlement): void {
    const report = db.query("UPDATE grants SET reported_uptime_ms = ? WHERE number = ? AND reported_uptime_ms IS NULL");
    for (const { permitId, uptimeMs } of reports) report.run(uptimeMs, numberOf(permitId));
    const abandon = db.query("UPDATE grants SET abandoned = 1 WHERE number = ?");
    for (const permitId of abandoned) abandon.run(numberOf(permitId));
    const boots = bootsOf(db, uncontrolled);
    const sends = uncontrolled.map((send) => [
      send.country,
      send.pair,
      send.program,
      send.session,
      send.reason,
      boots.get(send.bootId)!,
      send.uptimeMs,
      send.n,
      Math.floor(send.at),
      send.seq,
    ]);
    insertMany(db, UNCONTROLLED, sends);
    if (mark !== null) db.query("UPDATE settled SET mark = max(mark, ?)").run(mark);
  },
};

/** Asked anew for each call, never remembered: the row may have gone with a transaction that failed. */
function bootsOf(db: Database, things: readonly { bootId: string }[]): Map<string, number> {
  const boots = new Map<string, number>();
  for (const { bootId } of things) {
    if (boots.has(bootId)) continue;
    db.query("INSERT INTO boots (boot_id) VALUES (?) ON CONFLICT DO NOTHING").run(bootId);
    const { boot } = db.query("SELECT boot FROM boots WHERE boot_id = ?").get(bootId) as { boot: number };
    boots.set(bootId, boot);
  }
  return boots;
}

function numberOf(permitId: string): number {
  const number = permitNumberOf(permitId);
  if (number === null) throw new Error(`not a permit id: ${permitId}`);
  return number;
}

interface GrantRow {
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

interface SendRow {
  country: string;
  pair: string;
  program: string;
  session: string | null;
  reason: UncontrolledReason;
  boot_id: string;
  uptime_ms: number;
  n: number;
  at: number;
  seq: number;
}

interface Since {
  bootId: string;
  uptimeMs: number;
  withinMs: number;
}

export const grantQueries = {
  "grants.recent"(db: Database, since: Since): Recent {
    const unreported = db
      .query(`${SELECT} WHERE reported_uptime_ms IS NULL AND abandoned = 0 ORDER BY number DESC LIMIT ?`)
      .all(MAX_UNREPORTED) as GrantRow[];
    const { mark } = db.query("SELECT mark FROM settled").get() as { mark: number };
    const { last } = db.query("SELECT coalesce(max(number), 0) AS last FROM grants").get() as { last: number };
    return {
      grants: recentGrants(db, since),
      uncontrolled: recentSends(db, since),
      unreported: unreported.reverse().map(grantOf),
      mark,
      last,
    };
  },

  "grants.find"(db: Database, permitIds: readonly string[]): Grant[] {
    const numbers = permitIds.map(permitNumberOf).filter((number) => number !== null);
    const rows = db.query(`${SELECT} WHERE number IN (SELECT value FROM json_each(?))`).all(JSON.stringify(numbers)) as GrantRow[];
    return rows.map(grantOf);
  },
};

const SELECT = `SELECT number, country, pair, program, session, boot_id, granted_uptime_ms, lease_ms, granted_at, reported_uptime_ms, abandoned
  FROM grants JOIN boots USING (boot)`;

/** From the end backwards until nothing can matter: numbers stand in the order of the grants, uptimes rise within a boot. */
function recentGrants(db: Database, { bootId, uptimeMs, withinMs }: Since): Grant[] {
  const grants: Grant[] = [];
  let boot = bootId;
  let nowOfBoot = uptimeMs;
  for (const row of db.query(`${SELECT} ORDER BY number DESC`).iterate() as IterableIterator<GrantRow>) {
    if (row.boot_id !== boot) {
      // The boot after this one was up that long: whatever is older was over before.
      if (nowOfBoot >= withinMs) break;
      boot = row.boot_id;
      nowOfBoot = row.granted_uptime_ms;
    }
    if (row.granted_uptime_ms <= nowOfBoot - withinMs) break;
    grants.push(grantOf(row));
  }
  return grants.reverse();
}

function recentSends(db: Database, { bootId, uptimeMs, withinMs }: Since): UncontrolledSend[] {
  const rows = db
    .query(
      `SELECT country, pair, program, session, reason, boot_id, uptime_ms, n, at, seq FROM uncontrolled JOIN boots USING (boot)
       WHERE (boot_id = ?1 AND uptime_ms > ?2 - ?3)
          OR (boot_id <> ?1 AND ?2 < ?3 AND uptime_ms > (SELECT max(uptime_ms) FROM uncontrolled AS newest WHERE newest.boot = uncontrolled.boot) - ?3)
       ORDER BY id`,
    )
    .all(bootId, uptimeMs, withinMs) as SendRow[];
  return rows.map(({ boot_id, uptime_ms, ...row }) => ({ ...row, bootId: boot_id, uptimeMs: uptime_ms }));
}

function grantOf(row: GrantRow): Grant {
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

export function sqliteGrants(store: Store): Grants {
  return {
    record: (grants) => store.write("grants.record", JSON.stringify(grants)),
    settle: (settlement) => store.write("grants.settle", settlement),
    recent: (bootId, uptimeMs, withinMs) => store.read("grants.recent", { bootId, uptimeMs, withinMs }),
    find: (permitIds) => store.read("grants.find", permitIds),
  };
}
