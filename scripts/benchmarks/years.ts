/** A store with two years of sums, generated: 100 pairs in 20 countries, every hour of them, with latencies and errors. */

import { openWriterDatabase } from "../../src/adapters/sqlite/database.ts";
import { writeHistogram } from "../../src/adapters/sqlite/histograms.ts";
import { migrate } from "../../src/adapters/sqlite/migrations.ts";
import { classOf } from "../../src/results/histogram.ts";

export const COUNTRIES = 20;
const OPERATORS = 5;
const YEARS_DAYS = 730;
const HOUR_MINUTES = 60;
const DAY_MINUTES = 1440;

/** `AA_operator0` … `AT_operator4`; the sums end at `now`. */
export function fillYears(path: string, now: number): { rows: number } {
  const db = openWriterDatabase(path);
  migrate(db, path);
  db.exec("PRAGMA synchronous = OFF");
  const addScope = db.query(
    "INSERT INTO trend_scopes (pair, program) VALUES (?, ?) ON CONFLICT DO UPDATE SET pair = excluded.pair RETURNING id",
  );
  const scope = (pair: string, program: string) => (addScope.get(pair, program) as { id: number }).id;
  const pairs = Array.from({ length: COUNTRIES * OPERATORS }, (_, n) => scope(pairOf(n), `program${n % 6}`));
  const sums = [...Array.from({ length: 6 }, (_, n) => scope("", `program${n}`)), scope("", "")];
  const last = Math.floor(now / 60_000);
  let rows = 0;
  for (const [tier, minutes] of [
    ["1h", HOUR_MINUTES],
    ["1d", DAY_MINUTES],
  ] as const) {
    const add = db.query(`INSERT INTO trend_${tier} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    const end = last - (last % minutes);
    db.transaction(() => {
      for (const id of [...pairs, ...sums])
        for (let minute = end - YEARS_DAYS * DAY_MINUTES; minute <= end; minute += minutes) {
          const sent = minutes * (1 + ((id * 7 + minute) % 3));
          const lost = Math.floor(sent * 0.08);
          const delivered = sent - lost;
          const latencies = delivered * 5_200;
          add.run(
            id,
            minute,
            sent,
            sent,
            delivered,
            lost,
            0,
            0,
            lost,
            0,
            0,
            delivered,
            latencies,
            histogram(delivered, minute),
            errors(lost),
          );
          rows++;
        }
    })();
  }
  db.close();
  return { rows };
}

export const pairOf = (n: number) => `A${String.fromCharCode(65 + Math.floor(n / OPERATORS))}_operator${n % OPERATORS}`;

/** Twelve classes, as a pair's receipts of an hour fall into. */
function histogram(n: number, salt: number): Uint8Array {
  const first = classOf(1_500) + (salt % 5);
  return writeHistogram(new Map(Array.from({ length: 12 }, (_, step) => [first + step, Math.max(1, Math.floor(n / 12))])));
}

function errors(n: number): string {
  return JSON.stringify({ 27: Math.ceil(n * 0.7), "8": Math.floor(n * 0.3) });
}
