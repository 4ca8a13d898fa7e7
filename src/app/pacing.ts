/** The pacing put together: who may send now, what is held, and what the ledger says of both. */

import { sqliteBreaches } from "../adapters/sqlite/breaches.ts";
import { sqliteGrants } from "../adapters/sqlite/grants.ts";
import { sqliteLedger } from "../adapters/sqlite/ledger.ts";
import type { Store } from "../adapters/sqlite/store.ts";
import type { Config } from "../config.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { Loop } from "../kernel/loop.ts";
import type { Directory } from "../pairs/directory.ts";
import type { Documents } from "../pairs/documents.ts";
import { type Asked, openAsked } from "../permits/asked.ts";
import { type Breaches, openBreaches } from "../permits/breaches.ts";
import { type Days, openDays } from "../permits/days.ts";
import { afterTimeout } from "../permits/deadlines.ts";
import { type Holds, openHolds } from "../permits/holds.ts";
import type { Ledger } from "../permits/ledger.ts";
import { type OpenPermits, openPermits } from "../permits/permits.ts";
import { openPruning } from "../permits/pruning.ts";

export interface Pacing {
  permits: OpenPermits;
  holds: Holds;
  asked: Asked;
  ledger: Ledger;
  breaches: Breaches;
  days: Days;
  /** Old grants go. */
  pruning: Loop;
}

interface PacingOptions {
  store: Store;
  documents: Documents;
  directory: Directory;
  clock: Clock;
  log: Log;
}

export async function openPacing(config: Config, { store, documents, directory, clock, log }: PacingOptions): Promise<Pacing> {
  const muted = (pairId: string): "held" | null => (holds.of(pairId) ? "held" : null);
  const grants = sqliteGrants(store);
  const [holds, permits] = await Promise.all([
    openHolds({ documents, directory, clock, log }),
    openPermits({
      ...{ directory, grants, clock, log, muted, leaseMs: config.leaseMs, floorPct: config.priorityFloorPct },
      house: config.houseLimit === null ? null : { limit: config.houseLimit, windowMs: config.houseWindowSeconds * 1000 },
    }),
  ]);
  holds.changed.subscribe(permits.recheck);
  const ledger = sqliteLedger(store);
  const breaches = openBreaches({
    ...{ rows: sqliteBreaches(store), ledger, clock, log, after: afterTimeout },
    budget: permits.room,
    settled: permits.flushed,
  });
  permits.found.subscribe(breaches.hear);
  const days = openDays({ ledger, clock, log, settled: permits.flushed });
  breaches.changed.subscribe(days.forget);
  const asked = openAsked(clock.now(), (idOrName) => directory.session(idOrName)?.id);
  const pruning = openPruning({ grants, clock, log, keepDays: config.grantsKeepDays });
  return { permits, holds, asked, ledger, breaches, days, pruning };
}
