/** Sums folded from the journal, in SQLite, beside it. */

import type { Database } from "bun:sqlite";
import { conflict } from "../../kernel/errors.ts";
import type { KnownCode, Roll, Rollups, Saved, SavedBlock, SavedSource, SourceKey } from "../../results/rollups.ts";
import type { Store } from "./store.ts";
import { addTrends } from "./trends.ts";

type Body = Pick<SavedSource, "totals" | "lastSendAt" | "lastReceiptAt" | "seconds" | "errors">;

const SOURCE = "(SELECT id FROM sources WHERE program = ? AND session = ? AND pair = ?)";

export const rollupCommands = {
  "rollups.roll"(db: Database, roll: Roll): void {
    const moved = db.query("UPDATE results_mark SET seq = ? WHERE id = 1 AND seq = ?").run(roll.through, roll.from);
    if (moved.changes !== 1) throw conflict(`The sums do not stand at ${roll.from}`, "mark_moved");
    addTrends(db, roll.trends, roll.codes);
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

/** What a load sends across in few pieces: thousands of small objects would take ten times as long. */
interface Packed {
  mark: number;
  /** JSON of [key, body, number of latencies] by source. */
  sources: string;
  latencies: Float64Array;
  /** JSON of [place of its source, block, length] by block. */
  blocks: string;
  bodies: Int32Array;
  codes: KnownCode[];
}

export const rollupQueries = {
  "rollups.load"(db: Database, firstBlock: number): Packed {
    return db.transaction((): Packed => {
      const mark = rollupQueries["rollups.mark"](db, null);
      const sources = db
        .query(
          `SELECT s.id, s.program, nullif(s.session, '') AS session, s.pair, s.country, l.body, l.latencies
           FROM live_sources l JOIN sources s ON s.id = l.source`,
        )
        .all() as (SourceKey & { id: number; body: string; latencies: Uint8Array })[];
      const places = new Map(sources.map(({ id }, place) => [id, place]));
      const blocks = db.query("SELECT source, block, body FROM live_blocks WHERE block >= ?").values(firstBlock) as [
        number,
        number,
        Uint8Array,
      ][];
      return {
        mark,
        sources: JSON.stringify(sources.map(({ id: _id, body, latencies, ...key }) => [key, JSON.parse(body), latencies.length / 8])),
        latencies: new Float64Array(join(sources.map(({ latencies }) => latencies))),
        blocks: JSON.stringify(blocks.map(([source, block, body]) => [places.get(source), block, body.length / 4])),
        bodies: new Int32Array(join(blocks.map(([, , body]) => body))),
        codes: db.query("SELECT program, code FROM trend_codes").all() as KnownCode[],
      };
    })();
  },
  "rollups.mark"(db: Database, _input: null): number {
    return (db.query("SELECT seq FROM results_mark WHERE id = 1").get() as { seq: number }).seq;
  },
};

function join(parts: Uint8Array[]): ArrayBuffer {
  return Bun.concatArrayBuffers(parts) as ArrayBuffer;
}

function unpack({ mark, sources, latencies, blocks, bodies, codes }: Packed): Saved {
  let used = 0;
  const unpacked = (JSON.parse(sources) as [SourceKey, Body, number][]).map(([key, body, n]): SavedSource => {
    used += n;
    return { ...key, ...body, latencies: latencies.subarray(used - n, used) };
  });
  used = 0;
  return {
    mark,
    codes,
    sources: unpacked,
    blocks: (JSON.parse(blocks) as [number, number, number][]).map(([place, block, n]): SavedBlock => {
      const { program, session, pair, country } = unpacked[place]!;
      used += n;
      return { program, session, pair, country, block, body: bodies.subarray(used - n, used) };
    }),
  };
}

export function sqliteRollups(store: Store): Rollups {
  return {
    load: async (firstBlock) => unpack(await store.read("rollups.load", firstBlock)),
    roll: (roll) => store.write("rollups.roll", roll),
    mark: () => store.read("rollups.mark", null),
  };
}
