/** Messages by their ids and by the hash of their phone number, in SQLite: each by an index, the program's id by the key of each program. */

import type { Database } from "bun:sqlite";
import type { KnownMessage } from "../../results/known.ts";
import type { Contradiction, Messages, Wanted } from "../../results/messages.ts";
import { KNOWN_COLUMNS, type Tracked } from "./journal-append.ts";
import type { Store } from "./store.ts";

const MANY = `SELECT ${KNOWN_COLUMNS} FROM messages m JOIN sources s ON s.id = m.source WHERE`;
const NEWEST = "ORDER BY m.submit_at DESC LIMIT ?2";

export const messageQueries = {
  "messages.find"(db: Database, { wanted, limit }: { wanted: Wanted; limit: number }): KnownMessage[] {
    return rowsOf(db, wanted, limit).map(({ source: _source, lastSeq: _lastSeq, ...message }) => message);
  },
  "messages.contradictions"(db: Database, { before, limit }: { before: number | null; limit: number }): Contradiction[] {
    return db
      .query(
        `SELECT j.seq, s.program, j.message_id AS messageId, s.pair, j.from_state AS stands, j.to_state AS told, j.error_code AS errorCode, j.at,
           j.received_at AS receivedAt
         FROM journal j JOIN sources s ON s.id = j.source WHERE j.kept = 'contradiction' AND j.seq < ?1 ORDER BY j.seq DESC LIMIT ?2`,
      )
      .all(before ?? Number.MAX_SAFE_INTEGER, limit) as Contradiction[];
  },
};

function rowsOf(db: Database, wanted: Wanted, limit: number): Tracked[] {
  if ("messageId" in wanted)
    return db
      .query(`${MANY} m.program IN (SELECT DISTINCT program FROM sources) AND m.message_id = ?1 ${NEWEST}`)
      .all(wanted.messageId, limit) as Tracked[];
  if ("phoneHash" in wanted) return db.query(`${MANY} m.phone_hash = ?1 ${NEWEST}`).all(wanted.phoneHash, limit) as Tracked[];
  return db
    .query(`${MANY} m.gateway_message_id IN (SELECT value FROM json_each(?1)) ${NEWEST}`)
    .all(JSON.stringify(wanted.gatewayMessageIds), limit) as Tracked[];
}

export function sqliteMessages(store: Store): Messages {
  return {
    find: (wanted, limit) => store.read("messages.find", { wanted, limit }),
    contradictions: (before, limit) => store.read("messages.contradictions", { before, limit }),
  };
}
