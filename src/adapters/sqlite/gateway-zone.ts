/**
 * Sums of gateways from the days of one time zone to those of another: the rows of the journal once more, each taken from its old day and
 * added to its new one. A message of which the journal has lost a row stays whole where it was counted.
 */

import type { Database } from "bun:sqlite";
import type { RezoneOrder } from "../../results/gateways.ts";
import { pairsNamed } from "./gateway-of-pairs.ts";
import { daysIn, gatewayOf, openSums, rowsBehind } from "./gateway-sums.ts";

/** What is received may have been submitted so much later by its program's clock. */
const AHEAD_MS = 5_000;

interface Place {
  zone: string | null;
  target: string | null;
  done_seq: number;
  until_seq: number;
  since: number;
}

export const gatewayZoneCommands = {
  "gateways.rezone"(db: Database, { most, timeZone }: RezoneOrder): boolean {
    const place = db.query("SELECT zone, target, done_seq, until_seq, since FROM gateway_zone").get() as Place;
    if (place.target !== null) return step(db, place, place.target, most);
    if (place.zone === timeZone) return false;
    if (place.zone === null) db.query("UPDATE gateway_zone SET zone = ?").run(timeZone);
    else begin(db, timeZone);
    return place.zone !== null;
  },
};

function begin(db: Database, target: string): void {
  const { seq } = db.query("SELECT seq FROM gateway_mark").get() as { seq: number };
  const first = db.query("SELECT received_at AS at FROM journal ORDER BY seq LIMIT 1").get() as { at: number } | null;
  db.query("UPDATE gateway_zone SET target = ?, done_seq = 0, until_seq = ?, since = ?").run(target, seq, (first?.at ?? 0) + AHEAD_MS);
}

/** True: there may be more. */
function step(db: Database, place: Place, target: string, most: number): true {
  const rows = rowsBehind(db, place.done_seq, place.until_seq, most);
  const [from, to] = [daysIn(place.zone!), daysIn(target)];
  const sums = openSums();
  const namedBy = pairsNamed(db);
  for (const row of rows) {
    if (row.kept !== null || row.submitAt < place.since) continue;
    const [old, fresh] = [from(row.submitAt), to(row.submitAt)];
    if (old === fresh) continue;
    const gateway = gatewayOf(row, namedBy);
    sums.add(old, gateway, row, -1);
    sums.add(fresh, gateway, row, 1);
  }
  sums.write(db);
  if (rows.length < most) db.query("UPDATE gateway_zone SET zone = target, target = NULL").run();
  else db.query("UPDATE gateway_zone SET done_seq = ?").run(rows.at(-1)!.seq);
  return true;
}
