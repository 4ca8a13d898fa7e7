/** What went through each gateway, in SQLite: rolled from the journal by the writer, a few thousand rows at a time. */

import type { Database } from "bun:sqlite";
import { lazily } from "../../kernel/lazily.ts";
import { addTo } from "../../kernel/maps.ts";
import type { Credit, GatewayDay, GatewaySums, GatewayTotals, RollOrder } from "../../results/gateways.ts";
import { classOf } from "../../results/histogram.ts";
import type { Delta } from "../../results/journal.ts";
import { applyDelta, FIELDS } from "../../results/tally.ts";
import type { Store } from "./store.ts";

const SUMS = ["attempts", "sent", "delivered", "undelivered", "failed", "blocked", "against", "open", "words"] as const;

const PUT_DAY = `INSERT INTO gateway_days (day, gateway, country, ${SUMS.join(", ")}) VALUES (?, ?, ?, ${SUMS.map(() => "?").join(", ")})
  ON CONFLICT (day, gateway, country) DO UPDATE SET ${SUMS.map((sum) => `${sum} = ${sum} + excluded.${sum}`).join(", ")}`;

interface Row extends Delta {
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
  WHERE j.seq > ? ORDER BY j.seq LIMIT ?`;

export const gatewayCommands = {
  "gateways.roll"(db: Database, { most, timeZone, ofPairs, credits }: RollOrder): number {
    const { seq: mark } = db.query("SELECT seq FROM gateway_mark").get() as { seq: number };
    const rows = db.query(ROWS).all(mark, most) as Row[];
    const days = new Map<string, Float64Array>();
    const errors = new Map<string, number>();
    const latencies = new Map<string, number>();
    const dayOf = daysIn(timeZone);
    const sumsOf = (...key: string[]) => days.getOrInsertComputed(key.join("\n"), () => new Float64Array(FIELDS));

    for (const row of rows) {
      const day = dayOf(row.submitAt);
      const before = ofPairs[row.pair] ?? "";
      const gateway = row.gateway === null || (row.movedAt !== null && row.seq < row.movedAt) ? before : row.gateway;
      if (row.seq === row.movedAt && gateway !== before && row.from !== null) {
        move(sumsOf(day, before, row.country), row, row.from, -1);
        move(sumsOf(day, gateway, row.country), row, row.from, 1);
      }
      if (row.kept !== null) continue;
      applyDelta(sumsOf(day, gateway, row.country), 0, row);
      if (row.errorCode !== null && row.to !== "delivered") addTo(errors, [day, gateway, row.errorCode].join("\n"), row.n);
      if (row.latencyMs !== null) addTo(latencies, [day, gateway, classOf(row.latencyMs)].join("\n"), row.n);
    }

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
    const putCredit = db.query("INSERT OR REPLACE INTO gateway_credits (gateway, program, credit, at) VALUES (?, ?, ?, ?)");
    for (const { gateway, program, credit, at } of credits) putCredit.run(gateway, program, credit, at);
    const last = rows.at(-1)?.seq;
    if (last !== undefined) {
      db.query("UPDATE gateway_mark SET seq = ?").run(last);
      // Later rows of these messages find the gateway beside the message.
      db.query("DELETE FROM gateway_moves WHERE seq <= ?").run(last);
    }
    return rows.length;
  },
};

/** What a message that stood at `state` had been counted as. */
function move(sums: Float64Array, row: Row, state: NonNullable<Delta["from"]>, sign: 1 | -1): void {
  // EXCUSED_FROM (2) says of the state it leaves what EXCUSED_TO (1) said when it came.
  const counted: Delta = { ...row, from: null, to: state, n: sign, excused: row.excused >> 1 };
  applyDelta(sums, 0, counted);
}

/** `2026-11-20` of a time; asked for by the quarter of an hour, the finest that time zones differ by. */
function daysIn(timeZone: string): (at: number) => string {
  // With the first row only: time zones take 8 ms and 5 MB, and a start has no row to roll.
  const format = lazily(() => new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" }));
  const known = new Map<number, string>();
  return (at) => known.getOrInsertComputed(Math.floor(at / 900_000), () => format().format(at));
}

export const gatewayQueries = {
  "gateways.read"(db: Database, { from, to }: { from: string; to: string }): GatewaySums {
    const days = db
      .query(`SELECT day, gateway, country, ${SUMS.join(", ")} FROM gateway_days WHERE day BETWEEN ? AND ? ORDER BY day`)
      .values(from, to) as [string, string, string, ...number[]][];
    return {
      days: days.map(([day, gateway, country, ...counts]): GatewayDay => ({ day, gateway, country, counts })),
      errors: db
        .query("SELECT gateway, code, sum(n) AS n FROM gateway_errors WHERE day BETWEEN ? AND ? GROUP BY gateway, code")
        .all(from, to) as GatewaySums["errors"],
      latencies: db
        .query("SELECT gateway, class AS step, sum(n) AS n FROM gateway_latencies WHERE day BETWEEN ? AND ? GROUP BY gateway, class")
        .all(from, to) as GatewaySums["latencies"],
      credits: db.query("SELECT gateway, program, credit, at FROM gateway_credits").all() as Credit[],
    };
  },
};

export function sqliteGateways(store: Store): GatewayTotals {
  return {
    roll: (order) => store.write("gateways.roll", order),
    read: (from, to) => store.read("gateways.read", { from, to }),
  };
}
