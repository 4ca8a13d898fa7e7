/** How far output was counted, in SQLite: a row a session. */

import type { Database } from "bun:sqlite";
import type { Position, Positions } from "../../results/patterns/positions.ts";
import type { Store } from "./store.ts";

interface Row extends Omit<Position, "open" | "inLongLine"> {
  open: string;
  inLongLine: number;
}

export const positionCommands = {
  "positions.save"(db: Database, positions: readonly Position[]): void {
    const put = db.query("INSERT OR REPLACE INTO output_positions (session, run, place, in_long_line, open, at) VALUES (?, ?, ?, ?, ?, ?)");
    for (const { session, run, place, inLongLine, open, at } of positions)
      put.run(session, run, place, inLongLine ? 1 : 0, JSON.stringify(open), at);
  },
  "positions.drop"(db: Database, sessions: readonly string[]): void {
    const drop = db.query("DELETE FROM output_positions WHERE session = ?");
    for (const session of sessions) drop.run(session);
  },
};

export const positionQueries = {
  "positions.load"(db: Database, _input: null): Row[] {
    return db.query("SELECT session, run, place, in_long_line AS inLongLine, open, at FROM output_positions").all() as Row[];
  },
};

export function sqlitePositions(store: Store): Positions {
  return {
    async load() {
      const rows = await store.read("positions.load", null);
      return rows.map((row) => ({ ...row, inLongLine: row.inLongLine === 1, open: JSON.parse(row.open) as Position["open"] }));
    },
    save: (positions) => store.write("positions.save", positions),
    drop: (sessions) => store.write("positions.drop", sessions),
  };
}
