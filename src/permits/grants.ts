/**
 * Port: grants on disk, so that a restart finds the window as it was.
 *
 * `record` resolves when the grants survive `kill -9`; a failure leaves the slot used. `settle` notes results against permits and the
 * journal's mark up to which that was done, in one transaction. `recent` gives all grants (and uncontrolled sends) that can still matter:
 * those of this boot younger than `withinMs`, and every one of another boot younger than `withinMs` by the wall clock or not datable.
 */

import type { Grant } from "./permit.ts";

export interface UncontrolledSend {
  country: string;
  pair: string;
  program: string;
  session: string | null;
  reason: "surplus" | "late" | "reused" | "foreign" | "no_permit";
  bootId: string;
  /** Where it stands in the window: its `at`, clamped to [now - window, now], as uptime. */
  uptimeMs: number;
  n: number;
  at: number;
  seq: number;
}

export interface Settlement {
  reports: { permitId: string; uptimeMs: number }[];
  abandoned: string[];
  uncontrolled: UncontrolledSend[];
  /** Journal sequence up to which results were settled. */
  mark: number | null;
}

export interface Grants {
  record(grants: readonly Grant[]): Promise<void>;
  settle(settlement: Settlement): Promise<void>;
  recent(bootId: string, uptimeMs: number, withinMs: number): Promise<{ grants: Grant[]; uncontrolled: UncontrolledSend[]; mark: number }>;
}
