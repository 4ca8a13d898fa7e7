/**
 * The journal in SQLite. An append crosses to the writer as one text: cloning a hundred items as objects costs seven times more than
 * writing and reading their JSON.
 */

import type { Database } from "bun:sqlite";
import type { Delta, Item, Journal, Outcome, StoryLine } from "../../results/journal.ts";
import type { KnownMessage } from "../../results/known.ts";
import { gather } from "./gather.ts";
import { KNOWN, type Moved, type Request, type Told, type Tracked } from "./journal-append.ts";
import type { Store } from "./store.ts";

const LINE = `j.seq, j.from_state AS "from", j.to_state AS "to", j.error_code AS errorCode, j.at, j.received_at AS receivedAt, j.kept,
  j.latency_ms AS latencyMs, j.permit_id AS permitId, n.told_by AS toldBy, n.told, n.part, n.parts, n.body`;

export const journalQueries = {
  /** JSON of the deltas: read by the thousand. */
  "journal.since"(db: Database, { after, limit }: { after: number; limit: number }): string {
    const rows = db
      .query(
        `SELECT j.seq, s.program, nullif(s.session, '') AS session, s.pair, s.country, j.submit_at AS submitAt, j.from_state AS "from",
           j.to_state AS "to", j.n, CASE WHEN j.message_id IS NULL THEN 'attempts' ELSE 'receipts' END AS basis, j.latency_ms AS latencyMs,
           j.error_code AS errorCode, j.from_error_code AS fromErrorCode, coalesce(j.excused, 0) AS excused, j.permit_id AS permitId, j.at, j.received_at AS receivedAt
         FROM journal j JOIN sources s ON s.id = j.source WHERE j.seq > ?1 AND j.kept IS NULL ORDER BY j.seq LIMIT ?2`,
      )
      .all(after, limit);
    return JSON.stringify(rows);
  },
  "journal.lastSeq"(db: Database, _input: null): number {
    return (db.query("SELECT coalesce(max(seq), 0) AS seq FROM journal").get() as { seq: number }).seq;
  },
  "journal.story"(
    db: Database,
    { program, messageId }: { program: string; messageId: string },
  ): { message: KnownMessage; lines: StoryLine[] } | null {
    const found = db.query(`${KNOWN} = ?2`).get(program, messageId) as Tracked | null;
    if (!found) return null;
    const { source: _source, lastSeq, ...message } = found;
    const lines = db
      .query(
        `WITH RECURSIVE story(seq, prev) AS (SELECT seq, prev FROM journal WHERE seq = ?1
           UNION ALL SELECT j.seq, j.prev FROM journal j JOIN story ON j.seq = story.prev)
         SELECT ${LINE} FROM journal j LEFT JOIN journal_notes n ON n.seq = j.seq
         WHERE j.seq IN (SELECT seq FROM story) ORDER BY j.seq`,
      )
      .all(lastSeq) as StoryLine[];
    return { message, lines };
  },
};

/** Items of requests that cross together: a commit of this many takes about as long as an fsync of a slow disk. */
const MOST_TOGETHER = 1_000;

export function sqliteJournal(store: Store): Journal {
  const appends = gather<Request, Told[]>({
    cross: async (requests) => JSON.parse(await store.write("journal.append", JSON.stringify(requests))) as Told[][],
    weight: ({ items }) => items.length,
    most: MOST_TOGETHER,
  });
  return {
    async append(items, receivedAt) {
      return (await appends.call({ items, receivedAt })).map((one, index) => outcome(items[index]!, one, receivedAt));
    },
    since: async (after, limit) => JSON.parse(await store.read("journal.since", { after, limit })) as Delta[],
    lastSeq: () => store.read("journal.lastSeq", null),
    story: (program, messageId) => store.read("journal.story", { program, messageId }),
    async settled() {
      // Behind all that waits to cross; whether that could be stored is its callers' business.
      await appends.call({ items: [], receivedAt: 0 }).catch(() => {});
      await appends.underWay();
      await store.write("journal.settled", null);
    },
  };
}

function outcome(item: Item, told: Told, receivedAt: number): Outcome {
  if (told === 0) return { kind: "duplicate" };
  if (!Array.isArray(told)) return { kind: "rejected", ...told };
  return { kind: "new", deltas: told.map((moved) => delta(item, moved, receivedAt)) };
}

function delta(item: Item, moved: Moved, receivedAt: number): Delta {
  return {
    seq: moved[0],
    program: item.program,
    session: moved.length > 10 ? moved[10]! : item.session === "" ? null : item.session,
    pair: moved[11] ?? item.pair,
    country: item.country,
    submitAt: moved[1],
    from: moved[2],
    to: moved[3],
    n: moved[4],
    basis: item.kind === "counts" ? "attempts" : "receipts",
    latencyMs: moved[5],
    errorCode: moved[6],
    fromErrorCode: moved[7],
    excused: moved[9],
    permitId: moved[8],
    at: item.at,
    receivedAt,
  };
}
