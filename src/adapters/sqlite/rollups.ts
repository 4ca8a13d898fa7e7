/** Sums folded from the journal, in SQLite, beside it. */

import type { Database } from "bun:sqlite";
import { conflict } from "../../kernel/errors.ts";
import type { Roll, Rollups, Saved, SavedBlock, SavedSource, SourceKey } from "../../results/rollups.ts";
import type { Store } from "./store.ts";

type Body = Pick<SavedSource, "totals" | "lastSendAt" | "lastReceiptAt" | "seconds" | "errors">;

const SUMS = [
  "attempts",
  "sent",
  "delivered",
  "undelivered",
  "failed",
  "blocked",
  "against",
  "open",
  "words",
  "latency_n",
  "latency_ms",
] as const;

const ADD_TREND = `INSERT INTO trend_1m (minute, pair, program, ${SUMS.join(", ")}) VALUES (?, ?, ?, ${SUMS.map(() => "?").join(", ")})
  ON CONFLICT (minute, pair, program) DO UPDATE SET ${SUMS.map((sum) => `${sum} = ${sum} + excluded.${sum}`).join(", ")}`;

const SOURCE = "(SELECT id FROM sources WHERE program = ? AND session = ? AND pair = ?)";

export const rollupCommands = {
  "rollups.roll"(db: Database, roll: Roll): void {
    const moved = db.query("UPDATE results_mark SET seq = ? WHERE id = 1 AND seq = ?").run(roll.through, roll.from);
    if (moved.changes !== 1) throw conflict(`The sums do not stand at ${roll.from}`, "mark_moved");
    const addTrend = db.query(ADD_TREND);
    for (const { minute, pair, program, sums } of roll.trends) addTrend.run(minute, pair, program, ...sums);
    const putSource = db.query(`INSERT OR REPLACE INTO live_sources (source, body, latencies) VALUES (${SOURCE}, ?, ?)`);
    for (const source of roll.sources) {
      const { totals, lastSendAt, lastReceiptAt, seconds, errors } = source;
      const body: Body = { totals, lastSendAt, lastReceiptAt, seconds, errors };
      putSource.run(source.program, source.session ?? "", source.pair, JSON.stringify(body), source.latencies);
    }
    const putBlock = db.query(`INSERT OR REPLACE INTO live_blocks (block, source, body) VALUES (?, ${SOURCE}, ?)`);
    for (const { block, program, session, pair, body } of roll.blocks) putBlock.run(block, program, session ?? "", pair, body);
    db.query("DELETE FROM live_blocks WHERE block < ?").run(roll.keepFrom);
  },
};

interface Stored extends SourceKey {
  body: string;
  latencies: Uint8Array;
}

const KEY = "s.program, nullif(s.session, '') AS session, s.pair, s.country";

export const rollupQueries = {
  "rollups.load"(db: Database, firstBlock: number): Saved {
    return db.transaction(() => {
      const mark = rollupQueries["rollups.mark"](db, null);
      const sources = db
        .query(`SELECT ${KEY}, l.body, l.latencies FROM live_sources l JOIN sources s ON s.id = l.source`)
        .all() as Stored[];
      const blocks = db
        .query(`SELECT ${KEY}, b.block, b.body FROM live_blocks b JOIN sources s ON s.id = b.source WHERE b.block >= ?`)
        .all(firstBlock) as (SourceKey & { block: number; body: Uint8Array })[];
      return {
        mark,
        sources: sources.map(
          ({ body, latencies, ...key }): SavedSource => ({
            ...key,
            ...(JSON.parse(body) as Body),
            latencies: new Float64Array(latencies.slice().buffer),
          }),
        ),
        blocks: blocks.map((row): SavedBlock => ({ ...row, body: new Int32Array(row.body.slice().buffer) })),
      };
    })();
  },
  "rollups.mark"(db: Database, _input: null): number {
    return (db.query("SELECT seq FROM results_mark WHERE id = 1").get() as { seq: number }).seq;
  },
};

export function sqliteRollups(store: Store): Rollups {
  return {
    load: (firstBlock) => store.read("rollups.load", firstBlock),
    roll: (roll) => store.write("rollups.roll", roll),
    mark: () => store.read("rollups.mark", null),
  };
}
