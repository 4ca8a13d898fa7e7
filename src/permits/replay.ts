/**
 * The ledger, judged: how many messages any window may have held at most. Fed entry by entry in the ledger's order; keeps one window of each
 * country in memory and no more.
 *
 * A message of a permit was handed over between its grant and its slot's end (window.ts), an uncontrolled send where it counts. So a window
 * that ends at a moment t may hold every slot that began by t and ended less than a window before t, and only when one begins can that number
 * rise: each beginning is looked at, against the limit in force then. The wall clock is never asked.
 *
 * A reboot starts the clock anew: what was not over when the boot before was last heard of counts as ended at uptime 0, which is later than
 * the truth. A limit that is changed applies from then on: a window made longer does not bring back what had left.
 */

import { DEFAULT_LIMIT, DEFAULT_WINDOW_SECONDS } from "../pairs/country.ts";
import type { LedgerEntry, LedgerGrant } from "./ledger.ts";

/** One window: how many it may have held, against the limit in force when its last message became possible. */
export interface Density {
  count: number;
  /** Of these by uncontrolled sends. */
  uncontrolled: number;
  limit: number;
  windowMs: number;
  bootId: string;
  /** Uptime of its start and its end; the start is negative right after a reboot. */
  startUptimeMs: number;
  endUptimeMs: number;
  /** Wall time of its start, for people. */
  startAt: number;
}

export interface Verdict {
  country: string;
  grants: number;
  /** Of the grants: nobody got them. They count as used, as they did when they were made. */
  abandoned: number;
  reported: number;
  uncontrolled: number;
  uncontrolledBy: Record<string, number>;
  /** The window that may have held the most; null: there was nothing. */
  densest: Density | null;
  /** The window furthest over its limit; null: none was over. */
  worst: Density | null;
  /** Grants and sends with which a window was over its limit. */
  over: number;
}

export interface Replay {
  add(entry: LedgerEntry): void;
  /** By country, in their order. */
  verdicts(): Verdict[];
}

interface Open {
  endMs: number;
  n: number;
  uncontrolled: boolean;
}

interface Line {
  verdict: Verdict;
  limit: number;
  windowMs: number;
  /** What counts now, by end. Those before `head` have left. */
  open: Open[];
  head: number;
  count: number;
  uncontrolled: number;
}

/** Throws when the entries do not stand in the ledger's order, since then it proves nothing. */
export function openReplay(): Replay {
  const lines = new Map<string, Line>();
  let boot: string | null = null;
  let now = Number.NEGATIVE_INFINITY;

  function lineOf(country: string): Line {
    let line = lines.get(country);
    if (!line) {
      const verdict = {
        country,
        grants: 0,
        abandoned: 0,
        reported: 0,
        uncontrolled: 0,
        uncontrolledBy: {},
        densest: null,
        worst: null,
        over: 0,
      };
      line = { verdict, limit: DEFAULT_LIMIT, windowMs: DEFAULT_WINDOW_SECONDS * 1000, open: [], head: 0, count: 0, uncontrolled: 0 };
      lines.set(country, line);
    }
    return line;
  }

  /** To the entry's moment. */
  function step(bootId: string, uptimeMs: number): void {
    if (boot !== bootId) {
      if (boot !== null) restart(now);
      boot = bootId;
      now = uptimeMs;
    }
    if (uptimeMs < now) throw new Error(`The ledger is not in order: uptime ${uptimeMs} of boot ${bootId} stands after ${now}`);
    now = uptimeMs;
  }

  function restart(lastUptimeMs: number): void {
    for (const line of lines.values()) {
      leave(line, lastUptimeMs);
      for (let i = line.head; i < line.open.length; i++) line.open[i]!.endMs = 0;
    }
  }

  function begin(country: string, endMs: number, n: number, uncontrolled: boolean, wallMs: number): void {
    const line = lineOf(country);
    leave(line, now);
    enter(line, { endMs, n, uncontrolled });
    const { count, limit, verdict } = line;
    if (verdict.densest === null || count > verdict.densest.count) verdict.densest = densityOf(line, wallMs);
    if (count <= limit) return;
    verdict.over++;
    if (verdict.worst === null || count - limit > verdict.worst.count - verdict.worst.limit) verdict.worst = densityOf(line, wallMs);
  }

  function densityOf(line: Line, wallMs: number): Density {
    const { count, uncontrolled, limit, windowMs } = line;
    return {
      count,
      uncontrolled,
      limit,
      windowMs,
      bootId: boot!,
      startUptimeMs: now - windowMs,
      endUptimeMs: now,
      startAt: wallMs - windowMs,
    };
  }

  return {
    add(entry) {
      if (entry.kind === "boot") {
        if (boot === null || boot === entry.bootId) return;
        restart(Math.max(now, entry.lastUptimeMs));
        boot = entry.bootId;
        now = Number.NEGATIVE_INFINITY;
      } else if (entry.kind === "limit") {
        if (boot !== entry.bootId) step(entry.bootId, entry.uptimeMs);
        const line = lineOf(entry.country);
        leave(line, Math.max(now, entry.uptimeMs));
        line.limit = entry.limit;
        line.windowMs = entry.windowMs;
      } else if (entry.kind === "grant") {
        step(entry.bootId, entry.grantedUptimeMs);
        const { verdict } = lineOf(entry.country);
        verdict.grants++;
        if (entry.abandoned) verdict.abandoned++;
        if (entry.reportedUptimeMs !== null) verdict.reported++;
        begin(entry.country, endOf(entry), 1, false, entry.grantedAt);
      } else {
        step(entry.bootId, entry.uptimeMs);
        const { verdict } = lineOf(entry.country);
        verdict.uncontrolled += entry.n;
        verdict.uncontrolledBy[entry.reason] = (verdict.uncontrolledBy[entry.reason] ?? 0) + entry.n;
        begin(entry.country, entry.uptimeMs, entry.n, true, entry.countedAt);
      }
    },
    verdicts: () => [...lines.values()].map(({ verdict }) => verdict).sort((a, b) => (a.country < b.country ? -1 : 1)),
  };
}

/** When its slot ended, in its own boot: a report of a later boot tells nothing of when the message left. */
function endOf({ grantedUptimeMs, leaseMs, reportedUptimeMs, reportedBootId }: LedgerGrant): number {
  const leaseEnd = grantedUptimeMs + leaseMs;
  // Before its own grant no message left: rows written before reports named their boot.
  if (reportedUptimeMs === null || reportedBootId !== null || reportedUptimeMs < grantedUptimeMs) return leaseEnd;
  return Math.min(leaseEnd, reportedUptimeMs);
}

function leave(line: Line, now: number): void {
  const { open, windowMs } = line;
  while (line.head < open.length && open[line.head]!.endMs + windowMs <= now) {
    const gone = open[line.head++]!;
    line.count -= gone.n;
    if (gone.uncontrolled) line.uncontrolled -= gone.n;
  }
  if (line.head > 1_000 && line.head * 2 > open.length) {
    line.open = open.slice(line.head);
    line.head = 0;
  }
}

function enter(line: Line, slot: Open): void {
  const { open, head } = line;
  let at = open.length;
  open.push(slot);
  for (; at > head && open[at - 1]!.endMs > slot.endMs; at--) open[at] = open[at - 1]!;
  open[at] = slot;
  line.count += slot.n;
  if (slot.uncontrolled) line.uncontrolled += slot.n;
}
