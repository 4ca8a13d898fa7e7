/** What each row of the journal adds to the sums of gateways, and by which day. */

import type { Database } from "bun:sqlite";
import { lazily } from "../../kernel/lazily.ts";
import { addTo } from "../../kernel/maps.ts";
import { classOf } from "../../results/histogram.ts";
import type { Delta } from "../../results/journal.ts";
import { applyDelta, FIELDS } from "../../results/tally.ts";
import type { NamedBy } from "./gateway-of-pairs.ts";

export const SUMS = ["attempts", "sent", "delivered", "undelivered", "failed", "blocked", "against", "open", "words"] as const;

const PUT_DAY = `INSERT INTO gateway_days (day, gateway, country, ${SUMS.join(", ")}) VALUES (?, ?, ?, ${SUMS.map(() => "?").join(", ")})
  ON CONFLICT (day, gateway, country) DO UPDATE SET ${SUMS.map((sum) => `${sum} = ${sum} + excluded.${sum}`).join(", ")}`;

export interface Row extends Delta {
  kept: string | null;
  gateway: string | null;
  /** The row that told the gateway, of a message that was known without one; null: none, or rolled. */
  movedAt: number | null;
}

const ROWS = `SELECT j.seq, s.program, NULL AS session, s.pair, s.country, j.submit_at AS submitAt, j.from_state AS "from", j.to_state AS "to", j.n,
  CASE WHEN j.message_id IS NULL THEN 'attempts' ELSE 'receipts' END AS basis, j.latency_ms AS latencyMs, j.error_code AS errorCode,
  j.from_error_code AS fromErrorCode, coalesce(j.excused, 0) AS excused, NULL AS permitId, j.at, j.received_at AS receivedAt, j.kept, m.gateway,
  (SELECT min(g.seq) FROM gateway_moves g WHERE g.program = s.program AND g.message_id = j.message_id) AS movedAt
  FROM journal j JOIN sources s ON s.id = j.source LEFT JOIN messages m ON m.program = s.program AND m.message_id = j.message_id
  WHERE j.seq > ? AND j.seq <= ? ORDER BY j.seq LIMIT ?`;

export function rowsBehind(db: Database, seq: number, until: number, most: number): Row[] {
  return db.query(ROWS).all(seq, until, most) as Row[];
}

/** What a row counts for: a gateway that is told by a later row counts from that one on. */
export function gatewayOf({ gateway, movedAt, seq, pair, submitAt }: Row, namedBy: NamedBy): string {
  return gateway === null || (movedAt !== null && seq < movedAt) ? namedBy(pair, submitAt) : gateway;
}

/** Sums on their way to the store. */
export function openSums() {
  const days = new Map<string, Float64Array>();
  const errors = new Map<string, number>();
  const latencies = new Map<string, number>();
  const of = (...key: string[]) => days.getOrInsertComputed(key.join("\n"), () => new Float64Array(FIELDS));
  return {
    /** To another gateway: what the message had been counted as while it stood at `state`. */
    move(day: string, from: string, to: string, row: Row, state: NonNullable<Delta["from"]>): void {
      // EXCUSED_FROM (2) says of the state it leaves what EXCUSED_TO (1) said when it came.
      const counted: Delta = { ...row, from: null, to: state, n: 1, excused: row.excused >> 1 };
      applyDelta(of(day, from, row.country), 0, { ...counted, n: -1 });
      applyDelta(of(day, to, row.country), 0, counted);
    },
    /** -1 takes away what 1 added. */
    add(day: string, gateway: string, row: Row, sign: 1 | -1): void {
      const n = row.n * sign;
      applyDelta(of(day, gateway, row.country), 0, sign === 1 ? row : { ...row, n });
      if (row.errorCode !== null && row.to !== "delivered") addTo(errors, [day, gateway, row.errorCode].join("\n"), n);
      if (row.latencyMs !== null) addTo(latencies, [day, gateway, classOf(row.latencyMs)].join("\n"), n);
    },
    write(db: Database): void {
      const putDay = db.query(PUT_DAY);
      for (const [key, sums] of days) putDay.run(...(key.split("\n") as [string, string, string]), ...sums);
      const putError = db.query(
        "INSERT INTO gateway_errors (day, gateway, code, n) VALUES (?, ?, ?, ?) ON CONFLICT (day, gateway, code) DO UPDATE SET n = n + excluded.n",
      );
      for (const [key, n] of errors) putError.run(...(key.split("\n") as [string, string, string]), n);
      const putLatency = db.query(
        "INSERT INTO gateway_latencies (day, gateway, class, n) VALUES (?, ?, ?, ?) ON CONFLICT (day, gateway, class) DO UPDATE SET n = n + excluded.n",
      );
      for (const [key, n] of latencies) putLatency.run(...(key.split("\n") as [string, string, string]), n);
    },
  };
}

/** `2026-11-20` of a time; asked for by the quarter of an hour, the finest that time zones differ by. */
export function daysIn(timeZone: string): (at: number) => string {
  // With the first row only: time zones take 8 ms and 5 MB, and a start has no row to roll.
  const format = lazily(() => new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" }));
  const known = new Map<number, string>();
  return (at) => known.getOrInsertComputed(Math.floor(at / 900_000), () => format().format(at));
}
