/** Whether the store takes a write right now, asked by making one that changes nothing. */

import type { Database } from "bun:sqlite";
import type { Store } from "./store.ts";

export const probeCommands = {
  "store.probe"(db: Database, _: null): void {
    // Writes the header page as it is: a full or broken disk refuses that like any other commit.
    const { user_version: version } = db.query("PRAGMA user_version").get() as { user_version: number };
    db.exec(`PRAGMA user_version = ${version}`);
  },
};

/** Resolves when a write reached the disk; throws `unavailable` with the reason. */
export function storeWritable(store: Store): Promise<void> {
  return store.write("store.probe", null);
}
