/**
 * Port: the ledger, everything that ever counted in a window. One entry a line, in the order of uptime within a boot and of boots, so that
 * whoever reads it can judge the limit without trusting any clock of the wall.
 *
 * `pages` gives it in small steps, as fast as it is taken: never all of it in memory, never one read that stands before others for long. What
 * is recorded meanwhile may or may not be in it. `from` and `to` are read against the ledger's own time: a permit's number holds the wall
 * time of its grant and never goes back, so where the wall clock was set back the ledger's time stands still until it has caught up.
 */

import type { UncontrolledReason } from "./grants.ts";

export type LedgerEntry = LedgerGrant | LedgerSend | LedgerLimit | LedgerBoot;

export interface LedgerGrant {
  kind: "grant";
  country: string;
  permitId: string;
  pair: string;
  program: string;
  session: string | null;
  bootId: string;
  grantedUptimeMs: number;
  leaseMs: number;
  /** Wall time, for people. */
  grantedAt: number;
  reportedUptimeMs: number | null;
  /** The boot its report belongs to; null: that of the grant, or no report. */
  reportedBootId: string | null;
  abandoned: boolean;
}

export interface LedgerSend {
  kind: "uncontrolled";
  country: string;
  pair: string;
  program: string;
  session: string | null;
  reason: UncontrolledReason;
  n: number;
  bootId: string;
  /** Where it counts in the window. */
  uptimeMs: number;
  /** Wall time of that; of its program's telling for entries written before this was noted. */
  countedAt: number;
  /** The program's own time of the send. */
  at: number;
}

/** A limit that applies from here on. Written with the first grant or uncontrolled send under it. */
export interface LedgerLimit {
  kind: "limit";
  country: string;
  limit: number;
  windowMs: number;
  bootId: string;
  uptimeMs: number;
  at: number;
}

/** A reboot: what follows is of another clock. `lastUptimeMs`: the boot before was up that long at least. */
export interface LedgerBoot {
  kind: "boot";
  bootId: string;
  lastUptimeMs: number;
}

export interface LedgerRange {
  country?: string | undefined;
  /** Wall ms of the ledger's own time, from inclusive, to exclusive. */
  from?: number | undefined;
  to?: number | undefined;
  /** Of this boot and from this uptime on, instead of `from`. */
  since?: { bootId: string; uptimeMs: number } | undefined;
}

export interface Ledger {
  pages(range: LedgerRange): AsyncGenerator<LedgerEntry[]>;
}
