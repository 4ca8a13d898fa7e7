/**
 * Port: grants on disk, so that a restart finds the window as it was. Always local.
 *
 * `record` resolves when the grants survive `kill -9`; a failure leaves the slots used and the permits not given out. `settle` notes results
 * against permits and the journal's mark up to which that was done, all in one transaction; the mark never goes back. Both throw
 * `unavailable` when the disk is full or the writer is away, and then nothing of the call was stored. A report moves an earlier one of its
 * permit's own boot only towards the grant.
 * `recent` gives what can still matter to a window of `withinMs`: grants and uncontrolled sends of this boot younger than that, and, while
 * this boot itself is younger than that, those of earlier boots that were not over before their boot's last grant. It never asks the wall
 * clock. `find` knows a permit for 48 h at least. `prune` deletes the oldest, `most` of each kind at a time, and says how many grants went.
 */

import type { Grant } from "./permit.ts";

export type UncontrolledReason = "surplus" | "late" | "reused" | "foreign" | "no_permit";

export interface UncontrolledSend {
  country: string;
  pair: string;
  program: string;
  session: string | null;
  reason: UncontrolledReason;
  bootId: string;
  /** Where it stands in the window: its `at`, clamped to [now - window, now], as uptime. */
  uptimeMs: number;
  n: number;
  at: number;
  /** Wall time of where it stands, for people and for the ledger. */
  countedAt: number;
  seq: number;
}

/** A limit from which on it applies, for whoever judges afterwards. Kept with the first grant or uncontrolled send under it. */
export interface LimitNote {
  country: string;
  limit: number;
  windowMs: number;
  bootId: string;
  uptimeMs: number;
  /** Number of the last permit before it. */
  afterNumber: number;
  /** Wall time, for people. */
  at: number;
}

export interface Settlement {
  /** `bootId`: of the uptime, when it is not that of the grant. */
  reports: { permitId: string; uptimeMs: number; bootId?: string }[];
  abandoned: string[];
  uncontrolled: UncontrolledSend[];
  /** That apply from now on and were not noted yet. */
  limits: LimitNote[];
  /** Journal sequence up to which results were settled, or null to leave it. */
  mark: number | null;
}

export interface Recent {
  /** In the order they were made. */
  grants: Grant[];
  uncontrolled: UncontrolledSend[];
  /** Permits given out and never reported on among the newest CARRIED_OVER, at most MAX_UNREPORTED, in the order they were made. */
  unreported: Grant[];
  mark: number;
  /** Number of the newest permit, 0 when there is none. */
  last: number;
  /** The newest that was noted of each country. */
  limits: LimitNote[];
}

/** Older permits are not carried over a restart: a result that names one finds it on disk. 10 to 25 ms of a start, where there are so many. */
export const CARRIED_OVER = 100_000;

/** More than this many unreported permits are not carried over a restart: the newest are. */
export const MAX_UNREPORTED = 20_000;

export interface Grants {
  record(grants: readonly Grant[], limits?: readonly LimitNote[]): Promise<void>;
  settle(settlement: Settlement): Promise<void>;
  recent(bootId: string, uptimeMs: number, withinMs: number): Promise<Recent>;
  /** Those of the ids that exist, in no order. */
  find(permitIds: readonly string[]): Promise<Grant[]>;
  prune(what: Prune): Promise<number>;
}

/** What is older than wall ms `beforeAt`, and nothing that this boot made after `beforeUptimeMs`. */
export interface Prune {
  beforeAt: number;
  bootId: string;
  beforeUptimeMs: number;
  most: number;
}
