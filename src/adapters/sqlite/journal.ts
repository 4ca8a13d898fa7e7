/**
 * The journal in SQLite. An append crosses to the writer as one text: cloning a hundred items as objects costs seven times more than
 * writing and reading their JSON.
 */

import type { Database } from "bun:sqlite";
import { addition, type LastCounts } from "../../results/counts.ts";
import type { CountsItem, Delta, Item, Journal, MessageItem, Outcome, StoryLine } from "../../results/journal.ts";
import { type KnownMessage, report } from "../../results/known.ts";
import type { MessageState } from "../../results/message.ts";
import { remembered } from "./remembered.ts";
import { insertMany } from "./rows.ts";
import type { Store } from "./store.ts";

/** seq, submitAt, from, to, n, latencyMs, errorCode, fromErrorCode, permitId; session and pair when they are not the item's own. */
type Moved = [
  number,
  number,
  MessageState | null,
  MessageState,
  number,
  number | null,
  string | null,
  string | null,
  string | null,
  (string | null)?,
  string?,
];
/** An outcome as it crosses back: 0 is a duplicate. */
type Told = 0 | { field: string; message: string } | Moved[];

interface Tracked extends KnownMessage {
  source: number;
  lastSeq: number;
}

type Row = (string | number | null)[];

const JOURNAL = {
  table: "journal",
  columns: [
    "seq",
    "source",
    "message_id",
    "submit_at",
    "from_state",
    "to_state",
    "n",
    "latency_ms",
    "error_code",
    "from_error_code",
    "permit_id",
    "at",
    "received_at",
    "prev",
    "kept",
  ],
};
const MESSAGES = {
  table: "messages",
  columns: [
    "program",
    "message_id",
    "source",
    "state",
    "error_code",
    "submit_at",
    "seen",
    "last_seq",
    "permit_id",
    "gateway",
    "gateway_message_id",
    "phone_hash",
    "phone_mask",
    "converted_at",
  ],
};

export const journalCommands = {
  /** All items of one request, in order; the input and the answer are JSON. */
  "journal.append"(db: Database, text: string): string {
    const { items, receivedAt } = JSON.parse(text) as { items: Item[]; receivedAt: number };
    const known = load(db, items);
    const touched = new Set<Tracked>();
    const lines: Row[] = [];
    let seq = (db.query("SELECT coalesce(max(seq), 0) AS seq FROM journal").get() as { seq: number }).seq;
    const sourceOf = sources(db);

    const told = items.map((item): Told => {
      if (item.kind === "counts") return takeCounts(item);
      return takeMessage(item);
    });
    insertMany(db, JOURNAL, lines);
    insertMany(db, MESSAGES, [...touched].map(messageRow), "OR REPLACE");
    return JSON.stringify(told);

    function takeMessage(item: MessageItem): Told {
      const key = keyOf(item.program, item.messageId);
      const before = known.get(key) ?? null;
      const verdict = report(before, item);
      if (verdict.kind === "duplicate") return 0;
      if (verdict.kind === "rejected") return { field: verdict.field, message: verdict.message };
      seq++;
      const source = before?.source ?? sourceOf(item.program, item.session ?? "", item.pair, item.country);
      const after: Tracked = { ...verdict.next, source, lastSeq: seq };
      const moved = verdict.kind === "moved";
      const from = moved ? verdict.from : before!.state;
      const latencyMs = moved ? verdict.latencyMs : null;
      const fromErrorCode = moved ? verdict.fromErrorCode : null;
      lines.push([
        seq,
        source,
        item.messageId,
        after.submitAt,
        from,
        item.state,
        1,
        latencyMs,
        item.errorCode,
        fromErrorCode,
        after.permitId,
        item.at,
        receivedAt,
        before?.lastSeq ?? null,
        moved ? null : verdict.why,
      ]);
      known.set(key, after);
      if (before) touched.delete(before);
      touched.add(after);
      if (!moved) return [];
      const delta: Moved = [seq, after.submitAt, from, item.state, 1, latencyMs, item.errorCode, fromErrorCode, after.permitId];
      if (after.session !== item.session || after.pair !== item.pair) delta.push(after.session, after.pair);
      return [delta];
    }

    function takeCounts(item: CountsItem): Told {
      const taken = db
        .query("INSERT INTO counts_reports (program, session, pair, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
        .run(item.program, item.session, item.pair, item.at);
      if (taken.changes === 0) return 0;
      const { delivered, failed, next } = addition(item, item.cumulative ? lastCounts(db, item) : null);
      if (item.cumulative)
        db.query("INSERT OR REPLACE INTO counts_last (program, session, pair, body) VALUES (?, ?, ?, ?)").run(
          item.program,
          item.session,
          item.pair,
          JSON.stringify(next),
        );
      const source = sourceOf(item.program, item.session, item.pair, item.country);
      const minute = item.at - (item.at % 60_000);
      const line = (to: MessageState, n: number, code: string | null): Moved => {
        lines.push([++seq, source, null, minute, null, to, n, null, code, null, null, item.at, receivedAt, null, null]);
        return [seq, minute, null, to, n, null, code, null, null];
      };
      const deltas = failed.map(({ code, n }) => line("failed", n, code));
      return delivered > 0 ? [line("delivered", delivered, null), ...deltas] : deltas;
    }
  },
  /** Nothing: its answer says that all before it has been answered. */
  "journal.settled"(_db: Database, _input: null): void {},
};

function keyOf(program: string, messageId: string): string {
  return `${program}\n${messageId}`;
}

const KNOWN = `SELECT m.program, m.message_id AS messageId, m.source, m.state, m.error_code AS errorCode, m.submit_at AS submitAt, m.seen,
  m.last_seq AS lastSeq, m.permit_id AS permitId, m.gateway, m.gateway_message_id AS gatewayMessageId, m.phone_hash AS phoneHash,
  m.phone_mask AS phoneMask, m.converted_at AS convertedAt, nullif(s.session, '') AS session, s.pair, s.country
  FROM messages m JOIN sources s ON s.id = m.source WHERE m.program = ?1 AND m.message_id`;

/** What is known of the messages that are spoken of. */
function load(db: Database, items: readonly Item[]): Map<string, Tracked> {
  const ids = new Map<string, string[]>();
  for (const item of items) {
    if (item.kind !== "message") continue;
    const list = ids.get(item.program);
    if (list) list.push(item.messageId);
    else ids.set(item.program, [item.messageId]);
  }
  const known = new Map<string, Tracked>();
  for (const [program, list] of ids) {
    const rows =
      list.length === 1
        ? db.query(`${KNOWN} = ?2`).all(program, list[0]!)
        : db.query(`${KNOWN} IN (SELECT value FROM json_each(?2))`).all(program, JSON.stringify(list));
    for (const row of rows as Tracked[]) known.set(keyOf(row.program, row.messageId), row);
  }
  return known;
}

const MOST_SOURCES = 100_000;

/** The number of a source, given to it when it is new. */
function sources(db: Database) {
  const ids = remembered(db);
  return (program: string, session: string, pair: string, country: string): number => {
    const key = `${program}\n${session}\n${pair}`;
    let id = ids.get(key);
    if (id === undefined) {
      const found = db.query("SELECT id FROM sources WHERE program = ? AND session = ? AND pair = ?").get(program, session, pair) as {
        id: number;
      } | null;
      id = found?.id ?? addSource(db, program, session, pair, country);
      if (ids.size >= MOST_SOURCES) ids.clear();
      ids.set(key, id);
    }
    return id;
  };
}

function addSource(db: Database, ...names: [program: string, session: string, pair: string, country: string]): number {
  return Number(db.query("INSERT INTO sources (program, session, pair, country) VALUES (?, ?, ?, ?)").run(...names).lastInsertRowid);
}

function lastCounts(db: Database, { program, session, pair }: CountsItem): LastCounts | null {
  const row = db.query("SELECT body FROM counts_last WHERE program = ? AND session = ? AND pair = ?").get(program, session, pair) as {
    body: string;
  } | null;
  return row && (JSON.parse(row.body) as LastCounts);
}

function messageRow(message: Tracked): Row {
  return [
    message.program,
    message.messageId,
    message.source,
    message.state,
    message.errorCode,
    message.submitAt,
    message.seen,
    message.lastSeq,
    message.permitId,
    message.gateway,
    message.gatewayMessageId,
    message.phoneHash,
    message.phoneMask,
    message.convertedAt,
  ];
}

const LINE = `seq, from_state AS "from", to_state AS "to", error_code AS errorCode, at, received_at AS receivedAt, kept`;

export const journalQueries = {
  /** JSON of the deltas: read by the thousand. */
  "journal.since"(db: Database, { after, limit }: { after: number; limit: number }): string {
    const rows = db
      .query(
        `SELECT j.seq, s.program, nullif(s.session, '') AS session, s.pair, s.country, j.submit_at AS submitAt, j.from_state AS "from",
           j.to_state AS "to", j.n, CASE WHEN j.message_id IS NULL THEN 'attempts' ELSE 'receipts' END AS basis, j.latency_ms AS latencyMs,
           j.error_code AS errorCode, j.from_error_code AS fromErrorCode, j.permit_id AS permitId, j.at, j.received_at AS receivedAt
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
         SELECT ${LINE} FROM journal WHERE seq IN (SELECT seq FROM story) ORDER BY seq`,
      )
      .all(lastSeq) as StoryLine[];
    return { message, lines };
  },
};

export function sqliteJournal(store: Store): Journal {
  return {
    async append(items, receivedAt) {
      const told = JSON.parse(await store.write("journal.append", JSON.stringify({ items, receivedAt }))) as Told[];
      return told.map((one, index) => outcome(items[index]!, one, receivedAt));
    },
    since: async (after, limit) => JSON.parse(await store.read("journal.since", { after, limit })) as Delta[],
    lastSeq: () => store.read("journal.lastSeq", null),
    story: (program, messageId) => store.read("journal.story", { program, messageId }),
    settled: () => store.write("journal.settled", null),
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
    session: moved.length > 9 ? moved[9]! : item.session === "" ? null : item.session,
    pair: moved[10] ?? item.pair,
    country: item.country,
    submitAt: moved[1],
    from: moved[2],
    to: moved[3],
    n: moved[4],
    basis: item.kind === "counts" ? "attempts" : "receipts",
    latencyMs: moved[5],
    errorCode: moved[6],
    fromErrorCode: moved[7],
    permitId: moved[8],
    at: item.at,
    receivedAt,
  };
}
