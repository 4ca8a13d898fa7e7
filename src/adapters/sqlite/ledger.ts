/** The ledger out of SQLite: three tables, each in its order, merged by boot and uptime; read in steps, so that no read stands before others. */

import type { Database } from "bun:sqlite";
import type { UncontrolledReason } from "../../permits/grants.ts";
import type { Ledger, LedgerBoot, LedgerEntry, LedgerGrant, LedgerLimit, LedgerRange, LedgerSend } from "../../permits/ledger.ts";
import { PER_MS, permitIdOf } from "../../permits/permit-id.ts";
import type { Store } from "./store.ts";

/** Rows looked at in one step: a millisecond of the reader, and some more of the main thread when all are written out. */
const STEP_ROWS = 500;

interface Placed<T> {
  /** Number of its boot in the order they were seen. */
  boot: number;
  entry: T;
}

interface PlacedGrant extends Placed<LedgerGrant> {
  number: number;
}

interface PlacedLimit extends Placed<LedgerLimit> {
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

const EVERYTHING = Number.MAX_SAFE_INTEGER;

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

export function sqliteLedger(store: Store): Ledger {
  return { pages: (range) => pagesOf(store, range) };
}

async function* pagesOf(store: Store, range: LedgerRange): AsyncGenerator<LedgerEntry[]> {
  const country = range.country ?? null;
  const since = range.since ? await store.read("ledger.place", range.since) : null;
  const grants = ahead(grantSteps(store, range, country, since?.before ?? null));
  const sends = ahead(sendSteps(store, range, country, since && { boot: since.boot, uptimeMs: range.since!.uptimeMs }));
  const limits = await store.read("ledger.limits", country);
  const merged = merge(grants, sends, limits, (boot) => store.read("ledger.lastUptime", boot));
  let page: LedgerEntry[] = [];
  for await (const entry of merged) {
    page.push(entry);
    if (page.length < STEP_ROWS) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

async function* grantSteps(store: Store, range: LedgerRange, country: string | null, before: number | null): AsyncGenerator<PlacedGrant[]> {
  let after = before ?? (range.from === undefined ? 0 : Math.floor(range.from) * PER_MS - 1);
  const until = range.to === undefined ? EVERYTHING : Math.floor(range.to) * PER_MS;
  for (;;) {
    const { rows, last } = await store.read("ledger.grants", { after, until, country });
    if (last === null) return;
    yield rows;
    after = last;
  }
}

async function* sendSteps(
  store: Store,
  range: LedgerRange,
  country: string | null,
  since: { boot: number; uptimeMs: number } | null,
): AsyncGenerator<Placed<LedgerSend>[]> {
  const within = { from: since ? -EVERYTHING : (range.from ?? -EVERYTHING), to: range.to ?? EVERYTHING, country };
  let after = since ? { ...since, id: -1 } : { boot: 0, uptimeMs: -EVERYTHING, id: -1 };
  for (;;) {
    const { rows, last } = await store.read("ledger.sends", { ...after, ...within });
    if (last === null) return;
    yield rows;
    after = { boot: last.boot, uptimeMs: last.uptime_ms, id: last.id };
  }
}

interface Ahead<T> {
  /** The next one, left where it is; undefined at the end. */
  peek(): T | undefined | Promise<T | undefined>;
  take(): void;
}

function ahead<T>(steps: AsyncGenerator<T[]>): Ahead<T> {
  let rows: T[] = [];
  let at = 0;
  let over = false;

  async function more(): Promise<T | undefined> {
    while (at >= rows.length && !over) {
      const { value, done } = await steps.next();
      over = done === true;
      rows = done ? [] : value;
      at = 0;
    }
    return rows[at];
  }

  return {
    peek: () => (at < rows.length || over ? rows[at] : more()),
    take: () => {
      at++;
    },
  };
}

async function* merge(
  grants: Ahead<PlacedGrant>,
  sends: Ahead<Placed<LedgerSend>>,
  limits: PlacedLimit[],
  lastUptime: (boot: number) => Promise<number>,
): AsyncGenerator<LedgerEntry> {
  const notes = limits[Symbol.iterator]();
  let note = notes.next().value as PlacedLimit | undefined;
  const firstNotes = new Map<string, PlacedLimit>();
  // Whoever was never noted before is judged by the first note there is: rows older than the notes.
  for (const limit of limits.toReversed()) firstNotes.set(limit.entry.country, limit);
  let boot: number | null = null;
  for (;;) {
    const [grant, send] = [await grants.peek(), await sends.peek()];
    const next = grant && (!send || isBefore(grant, send)) ? grant : send;
    if (!next) return;
    // What applied before the first entry: the newest of each country, and no more.
    for (; note && isNoteBefore(note, next); note = notes.next().value as PlacedLimit | undefined) {
      if (boot === null) firstNotes.set(note.entry.country, note);
      else {
        if (note.boot !== boot) yield rebooted(note, await lastUptime(boot));
        boot = note.boot;
        yield note.entry;
      }
    }
    if (boot === null) yield* inForce(firstNotes.values(), next.entry);
    else if (next.boot !== boot) yield rebooted(next, await lastUptime(boot));
    boot = next.boot;
    if (next === grant) grants.take();
    else sends.take();
    yield next.entry;
  }
}

function rebooted({ entry: { bootId } }: Placed<LedgerGrant | LedgerSend | LedgerLimit>, lastUptimeMs: number): LedgerBoot {
  return { kind: "boot", bootId, lastUptimeMs };
}

/** What applies as the first entry is written, on its clock. */
function* inForce(notes: Iterable<PlacedLimit>, first: LedgerGrant | LedgerSend): Generator<LedgerLimit> {
  const uptimeMs = first.kind === "grant" ? first.grantedUptimeMs : first.uptimeMs;
  for (const { entry } of notes) yield { ...entry, bootId: first.bootId, uptimeMs };
}

function isBefore(grant: PlacedGrant, send: Placed<LedgerSend>): boolean {
  return grant.boot !== send.boot ? grant.boot < send.boot : grant.entry.grantedUptimeMs <= send.entry.uptimeMs;
}

/** Against a permit by its number, which is exact; against a send by uptime. */
function isNoteBefore(note: PlacedLimit, next: PlacedGrant | Placed<LedgerSend>): boolean {
  if (note.boot !== next.boot) return note.boot < next.boot;
  return "number" in next ? note.afterNumber < next.number : note.entry.uptimeMs <= next.entry.uptimeMs;
}

interface GrantRow {
  number: number;
  country: string;
  pair: string;
  program: string;
  session: string | null;
  boot: number;
  boot_id: string;
  granted_uptime_ms: number;
  lease_ms: number;
  granted_at: number;
  reported_uptime_ms: number | null;
  reported_boot_id: string | null;
  abandoned: number;
}

function grantOf(row: GrantRow): PlacedGrant {
  return {
    boot: row.boot,
    number: row.number,
    entry: {
      kind: "grant",
      country: row.country,
      permitId: permitIdOf(row.number),
      pair: row.pair,
      program: row.program,
      session: row.session,
      bootId: row.boot_id,
      grantedUptimeMs: row.granted_uptime_ms,
      leaseMs: row.lease_ms,
      grantedAt: row.granted_at,
      reportedUptimeMs: row.reported_uptime_ms,
      reportedBootId: row.reported_boot_id,
      abandoned: row.abandoned === 1,
    },
  };
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
