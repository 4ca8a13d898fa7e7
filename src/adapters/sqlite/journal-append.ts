/** The journal's one command: the items of some requests, judged and written in the writer's transaction, a few statements for all of them. */

import type { Database } from "bun:sqlite";
import { addition, type LastCounts } from "../../results/counts.ts";
import { type CountsItem, EXCUSED_TO, type Item, type MessageItem } from "../../results/journal.ts";
import { type KnownMessage, report } from "../../results/known.ts";
import type { MessageState } from "../../results/message.ts";
import { remembered } from "./remembered.ts";
import { insertMany } from "./rows.ts";

/** seq, submitAt, from, to, n, latencyMs, errorCode, fromErrorCode, permitId, excused; session and pair when they are not the item's own. */
export type Moved = [
  number,
  number,
  MessageState | null,
  MessageState,
  number,
  number | null,
  string | null,
  string | null,
  string | null,
  number,
  (string | null)?,
  string?,
];
/** An outcome as it crosses back: 0 is a duplicate. */
export type Told = 0 | { field: string; message: string } | Moved[];

/** One call of `append`. */
export interface Request {
  items: readonly Item[];
  receivedAt: number;
}

export interface Tracked extends KnownMessage {
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
    "excused",
  ],
};
const NOTES = { table: "journal_notes", columns: ["seq", "told_by", "told", "part", "parts", "body"] };
const GATEWAY_MOVES = { table: "gateway_moves", columns: ["seq", "program", "message_id"] };
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
  /** All items of some requests, in order; the input and the answer are JSON. */
  "journal.append"(db: Database, text: string): string {
    const requests = JSON.parse(text) as Request[];
    const known = load(
      db,
      requests.flatMap(({ items }) => items),
    );
    let receivedAt = 0;
    const touched = new Set<Tracked>();
    const lines: Row[] = [];
    const notes: Row[] = [];
    const gatewayMoves: Row[] = [];
    let seq = (db.query("SELECT coalesce(max(seq), 0) AS seq FROM journal").get() as { seq: number }).seq;
    const sourceOf = sources(db);

    const told = requests.map((request): Told[] => {
      receivedAt = request.receivedAt;
      return request.items.map((item) => (item.kind === "counts" ? takeCounts(item) : takeMessage(item)));
    });
    insertMany(db, JOURNAL, lines);
    if (notes.length > 0) insertMany(db, NOTES, notes);
    if (gatewayMoves.length > 0) insertMany(db, GATEWAY_MOVES, gatewayMoves);
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
      const excused = moved ? verdict.excused : 0;
      const to = moved ? after.state : item.state;
      const errorCode = moved ? after.errorCode : item.errorCode;
      lines.push([
        seq,
        source,
        item.messageId,
        after.submitAt,
        from,
        to,
        1,
        latencyMs,
        errorCode,
        fromErrorCode,
        after.permitId,
        item.at,
        receivedAt,
        before?.lastSeq ?? null,
        moved ? null : verdict.why,
        excused || null,
      ]);
      note(item, before, to);
      if (before?.gateway === null && after.gateway !== null) gatewayMoves.push([seq, item.program, item.messageId]);
      known.set(key, after);
      if (before) touched.delete(before);
      touched.add(after);
      if (!moved) return [];
      const delta: Moved = [seq, after.submitAt, from, to, 1, latencyMs, errorCode, fromErrorCode, after.permitId, excused];
      if (after.session !== item.session || after.pair !== item.pair) delta.push(after.session, after.pair);
      return [delta];
    }

    /** Rare: what the row of the journal has no place for. */
    function note(item: MessageItem, before: Tracked | null, to: MessageState): void {
      const stranger = before !== null && item.session !== null && item.session !== before.session ? `session:${item.session}` : null;
      const toldBy = item.note?.by ?? stranger;
      if (toldBy === null && item.part === undefined) return;
      const told = to === item.state ? null : item.state;
      notes.push([seq, toldBy, told, item.part ?? null, item.parts ?? null, item.note?.body ?? null]);
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
        const excused = code !== null && item.excused?.includes(code) ? EXCUSED_TO : 0;
        lines.push([++seq, source, null, minute, null, to, n, null, code, null, null, item.at, receivedAt, null, null, excused || null]);
        return [seq, minute, null, to, n, null, code, null, null, excused];
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

export const KNOWN_COLUMNS = `m.program, m.message_id AS messageId, m.source, m.state, m.error_code AS errorCode, m.submit_at AS submitAt, m.seen,
  m.last_seq AS lastSeq, m.permit_id AS permitId, m.gateway, m.gateway_message_id AS gatewayMessageId, m.phone_hash AS phoneHash,
  m.phone_mask AS phoneMask, m.converted_at AS convertedAt, nullif(s.session, '') AS session, s.pair, s.country`;

export const KNOWN = `SELECT ${KNOWN_COLUMNS} FROM messages m JOIN sources s ON s.id = m.source WHERE m.program = ?1 AND m.message_id`;

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
