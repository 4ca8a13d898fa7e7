/** What went through each gateway, in SQLite: rolled from the journal by the writer, a few thousand rows at a time. */

import type { Database } from "bun:sqlite";
import type { Credit, GatewayDay, GatewaySums, GatewayTotals, RollOrder } from "../../results/gateways.ts";
import { notePairs, pairsNamed } from "./gateway-of-pairs.ts";
import { daysIn, gatewayOf, openSums, rowsBehind, SUMS } from "./gateway-sums.ts";
import { gatewayZoneCommands } from "./gateway-zone.ts";
import type { Store } from "./store.ts";

export const gatewayCommands = {
  ...gatewayZoneCommands,

  "gateways.roll"(db: Database, { most, timeZone, ofPairs, now, credits }: RollOrder): number {
    const { seq: mark } = db.query("SELECT seq FROM gateway_mark").get() as { seq: number };
    const rows = rowsBehind(db, mark, Number.MAX_SAFE_INTEGER, most);
    const fresh = openSums();
    const dayOf = daysIn(timeZone);
    notePairs(db, ofPairs, now);
    const namedBy = pairsNamed(db);

    for (const row of rows) {
      const day = dayOf(row.submitAt);
      const before = namedBy(row.pair, row.submitAt);
      const gateway = gatewayOf(row, namedBy);
      if (row.seq === row.movedAt && gateway !== before && row.from !== null) fresh.move(day, before, gateway, row, row.from);
      if (row.kept === null) fresh.add(day, gateway, row, 1);
    }

    fresh.write(db);
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

export const gatewayQueries = {
  "gateways.read"(db: Database, { from, to }: { from: string; to: string }): GatewaySums {
    const days = db
      .query(`SELECT day, gateway, country, ${SUMS.join(", ")} FROM gateway_days WHERE day BETWEEN ? AND ? ORDER BY day`)
      .values(from, to) as [string, string, string, ...number[]][];
    return {
      days: days.map(([day, gateway, country, ...counts]): GatewayDay => ({ day, gateway, country, counts })),
      errors: db
        .query("SELECT gateway, code, sum(n) AS n FROM gateway_errors WHERE day BETWEEN ? AND ? GROUP BY gateway, code HAVING sum(n) <> 0")
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
    rezone: (order) => store.write("gateways.rezone", order),
    roll: (order) => store.write("gateways.roll", order),
    read: (from, to) => store.read("gateways.read", { from, to }),
  };
}
