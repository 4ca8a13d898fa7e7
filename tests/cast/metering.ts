/** The real metering over a real store, with a clock that the test moves. */

import { sqliteDeadlines } from "../../src/adapters/sqlite/deadlines.ts";
import { sqliteJournal } from "../../src/adapters/sqlite/journal.ts";
import { sqliteMessages } from "../../src/adapters/sqlite/messages.ts";
import { sqliteOrphans } from "../../src/adapters/sqlite/orphans.ts";
import { sqliteRollups } from "../../src/adapters/sqlite/rollups.ts";
import type { Store } from "../../src/adapters/sqlite/store.ts";
import { sqliteTrends } from "../../src/adapters/sqlite/trends.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { quiet } from "../../src/kernel/log.ts";
import { blamesRecipient } from "../../src/results/errors.ts";
import type { Delta } from "../../src/results/journal.ts";
import { phoneHasher } from "../../src/results/phone.ts";
import { openResults, type Results } from "../../src/results/results.ts";
import { USUAL_DAYS } from "../../src/results/retention.ts";

export interface Metering extends Results {
  /** Every delta that was told to the permits. */
  told: Delta[];
}

export async function ownMetering(store: Store, clock: Clock): Promise<Metering> {
  const told: Delta[] = [];
  const results = await openResults({
    journal: sqliteJournal(store),
    rollups: sqliteRollups(store),
    trends: sqliteTrends(store),
    keptDays: () => USUAL_DAYS,
    clock,
    log: quiet,
    place: (country, operator) => ({ country, pair: `${country}_${operator}` }),
    sessionId: (name) => name,
    phone: phoneHasher(() => new Uint8Array(32)),
    excuses: blamesRecipient,
    deadlines: sqliteDeadlines(store),
    messages: sqliteMessages(store),
    orphans: sqliteOrphans(store),
    onNew: (deltas) => told.push(...deltas),
  });
  return { ...results, told };
}
