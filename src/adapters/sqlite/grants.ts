/** Grants in SQLite: one append per permit, and a look at the end of the table for a start. */

import type { Database } from "bun:sqlite";
import {
  CARRIED_OVER,
  type Grants,
  type LimitNote,
  MAX_UNREPORTED,
  type Prune,
  type Recent,
  type Settlement,
  type UncontrolledReason,
  type UncontrolledSend,
} from "../../permits/grants.ts";
import type { Grant } from "../../permits/permit.ts";
import { PER_MS, permitNumberOf } from "../../permits/permit-id.ts";
import { gather } from "./gather.ts";
import { crossingOf, insertRuns, numberOf, type PermitRow, permitOf, type Recorded, readCrossing } from "./grant-rows.ts";
import { type Columns, insertMany } from "./rows.ts";
import type { Store } from "./store.ts";

const UNCONTROLLED: Columns = {
  table: "uncontrolled",
  columns: ["country", "pair", "program", "session", "reason", "boot", "uptime_ms", "n", "at", "seq", "counted_at"],
};

const LIMITS: Columns = {
  table: "limits",
  columns: ["country", '"limit"', "window_ms", "boot", "uptime_ms", "after_number", "at"],
};

export const grantCommands = {
  "grants.prune": prune,

  "grants.record"(db: Database, text: string): void {
    const { boots, limits, runs } = readCrossing(text);
    noteLimits(db, limits);
    const numbers = bootsOf(
      db,
      boots.map((bootId) => ({ bootId })),
    );
    insertRuns(
      db,
      runs,
      boots.map((bootId) => numbers.get(bootId)!),
    );
  },

  "grants.settle"(db: Database, { reports, abandoned, uncontrolled, mark, limits }: Settlement): void {
    noteLimits(db, limits);
    // A guess keeps the lease; the result that names the permit afterwards tells more.
    const report = db.query(
      `UPDATE grants SET reported_uptime_ms = ?1 WHERE number = ?2
         AND (reported_uptime_ms IS NULL OR (reported_boot IS NULL AND reported_uptime_ms > ?1))`,
    );
    const reportLater = db.query(
      "UPDATE grants SET reported_uptime_ms = ?1, reported_boot = ?3 WHERE number = ?2 AND reported_uptime_ms IS NULL",
    );
    const others = bootsOf(
      db,
      reports.flatMap(({ bootId }) => (bootId === undefined ? [] : [{ bootId }])),
    );
    for (const { permitId, uptimeMs, bootId } of reports)
      if (bootId === undefined) report.run(uptimeMs, numberOf(permitId));
      else reportLater.run(uptimeMs, numberOf(permitId), others.get(bootId)!);
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
      Math.floor(send.countedAt),
    ]);
    insertMany(db, UNCONTROLLED, sends);
    if (mark !== null) db.query("UPDATE settled SET mark = max(mark, ?)").run(mark);
  },
};

function noteLimits(db: Database, limits: readonly LimitNote[]): void {
  if (limits.length === 0) return;
  const boots = bootsOf(db, limits);
  const rows = limits.map(({ country, limit, windowMs, bootId, uptimeMs, afterNumber, at }) => [
    country,
    limit,
    windowMs,
    boots.get(bootId)!,
    uptimeMs,
    afterNumber,
    Math.floor(at),
  ]);
  insertMany(db, LIMITS, rows);
}

/** In the order of their making, so that a step reads no more than it deletes. */
function prune(db: Database, { beforeAt, bootId, beforeUptimeMs, most }: Prune): number {
  const { changes } = db
    .query(
      `DELETE FROM grants WHERE number IN (SELECT number FROM grants JOIN boots USING (boot)
         WHERE number < ?1 AND NOT (boot_id = ?2 AND granted_uptime_ms > ?3) ORDER BY number LIMIT ?4)`,
    )
    .run(Math.floor(beforeAt) * PER_MS, bootId, beforeUptimeMs, most);
  db.query(
    `DELETE FROM uncontrolled WHERE id IN (SELECT id FROM (SELECT * FROM uncontrolled ORDER BY id LIMIT ?4) JOIN boots USING (boot)
       WHERE at < ?1 AND NOT (boot_id = ?2 AND uptime_ms > ?3))`,
  ).run(beforeAt, bootId, beforeUptimeMs, most);
  return changes;
}

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

interface GrantRow extends PermitRow {
  gateway: string | null;
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
  counted_at: number;
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
      .query(
        `${SELECT} WHERE number >= (SELECT min(number) FROM (SELECT number FROM grants ORDER BY number DESC LIMIT ?))
           AND reported_uptime_ms IS NULL AND abandoned = 0 ORDER BY number DESC LIMIT ?`,
      )
      .all(CARRIED_OVER, MAX_UNREPORTED) as GrantRow[];
    const { mark } = db.query("SELECT mark FROM settled").get() as { mark: number };
    const { last } = db.query("SELECT coalesce(max(number), 0) AS last FROM grants").get() as { last: number };
    return {
      grants: recentGrants(db, since),
      uncontrolled: recentSends(db, since),
      unreported: unreported.reverse().map(grantOf),
      mark,
      last,
      limits: newestLimits(db),
    };
  },

  "grants.find"(db: Database, permitIds: readonly string[]): Grant[] {
    const numbers = permitIds.map(permitNumberOf).filter((number) => number !== null);
    const rows = db.query(`${SELECT} WHERE number IN (SELECT value FROM json_each(?))`).all(JSON.stringify(numbers)) as GrantRow[];
    return rows.map(grantOf);
  },
};

const SELECT = `SELECT number, country, pair, program, session, boot_id, granted_uptime_ms, lease_ms, granted_at, reported_uptime_ms, abandoned, gateway
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
      `SELECT country, pair, program, session, reason, boot_id, uptime_ms, n, at, coalesce(counted_at, at) AS counted_at, seq
       FROM uncontrolled JOIN boots USING (boot)
       WHERE (boot_id = ?1 AND uptime_ms > ?2 - ?3)
          OR (boot_id <> ?1 AND ?2 < ?3 AND uptime_ms > (SELECT max(uptime_ms) FROM uncontrolled AS newest WHERE newest.boot = uncontrolled.boot) - ?3)
       ORDER BY id`,
    )
    .all(bootId, uptimeMs, withinMs) as SendRow[];
  return rows.map(({ boot_id, uptime_ms, counted_at, ...row }) => ({
    ...row,
    bootId: boot_id,
    uptimeMs: uptime_ms,
    countedAt: counted_at,
  }));
}

function newestLimits(db: Database): LimitNote[] {
  return db
    .query(
      `SELECT country, "limit", window_ms AS windowMs, boot_id AS bootId, uptime_ms AS uptimeMs, after_number AS afterNumber, at
       FROM limits JOIN boots USING (boot) WHERE id IN (SELECT max(id) FROM limits GROUP BY country) ORDER BY id`,
    )
    .all() as LimitNote[];
}

function grantOf(row: GrantRow): Grant {
  return { ...permitOf(row), gateway: row.gateway };
}

/** Permits that cross together: more than callers who wait at once. */
const MOST_TOGETHER = 1_000;

export function sqliteGrants(store: Store): Grants {
  const records = gather<Recorded, void>({
    async cross(all) {
      await store.write("grants.record", crossingOf(all));
      return all.map(() => undefined);
    },
    weight: ({ grants }) => grants.length,
    most: MOST_TOGETHER,
    underWay: 1,
    // The limiter has put a turn's permits together; another turn would be a millisecond of everybody's wait.
    soon: (run) => run(),
  });
  return {
    record: (grants, limits = []) => records.call({ grants, limits }),
    settle: (settlement) => store.write("grants.settle", settlement),
    recent: (bootId, uptimeMs, withinMs) => store.read("grants.recent", { bootId, uptimeMs, withinMs }),
    find: (permitIds) => store.read("grants.find", permitIds),
    prune: (what) => store.write("grants.prune", what),
  };
}
