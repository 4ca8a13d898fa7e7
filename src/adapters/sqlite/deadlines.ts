/** Messages without a final, found by following the journal a day behind: an index of open messages would cost every report. */

import type { Database } from "bun:sqlite";
import type { Deadlines, Due } from "../../results/deadline.ts";
import type { Store } from "./store.ts";

interface Asked {
  after: number;
  before: number;
  now: number;
  limit: number;
}

/** A clock may be a little ahead without having been wrong. */
const AHEAD_MS = 60_000;

export const deadlineCommands = {
  "deadlines.setMark"(db: Database, seq: number): void {
    db.query("UPDATE deadline_mark SET seq = ? WHERE only_row = 1").run(seq);
  },
};

export const deadlineQueries = {
  "deadlines.mark"(db: Database, _input: null): number {
    return (db.query("SELECT seq FROM deadline_mark WHERE only_row = 1").get() as { seq: number }).seq;
  },
  "deadlines.due"(db: Database, { after, before, now, limit }: Asked): { through: number; messages: Due[] } {
    const rows = db
      .query(
        "SELECT seq, received_at AS receivedAt, source, message_id AS messageId, to_state AS state FROM journal WHERE seq > ? ORDER BY seq LIMIT ?",
      )
      .all(after, limit) as { seq: number; receivedAt: number; source: number; messageId: string | null; state: string }[];
    const open = db.query(
      `SELECT m.program, m.message_id AS messageId, s.pair, s.country FROM messages m JOIN sources s ON s.id = m.source
       WHERE m.program = (SELECT program FROM sources WHERE id = ?) AND m.message_id = ? AND m.state IN ('submitted', 'buffered')`,
    );
    const found = new Map<string, Due>();
    let through = after;
    for (const row of rows) {
      if (row.receivedAt > before && row.receivedAt <= now + AHEAD_MS) break;
      through = row.seq;
      if (row.messageId === null || (row.state !== "submitted" && row.state !== "buffered")) continue;
      const due = open.get(row.source, row.messageId) as Due | null;
      if (due) found.set(`${due.program}\n${due.messageId}`, due);
    }
    return { through, messages: [...found.values()] };
  },
};

export function sqliteDeadlines(store: Store): Deadlines {
  return {
    mark: () => store.read("deadlines.mark", null),
    due: (after, before, now, limit) => store.read("deadlines.due", { after, before, now, limit }),
    setMark: (seq) => store.write("deadlines.setMark", seq),
  };
}
