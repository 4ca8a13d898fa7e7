/** Broken limits in SQLite: each whole, as JSON, with the acts that tell of it. */

import type { Database } from "bun:sqlite";
import type { Act } from "../../kernel/act.ts";
import type { Breach, BreachRows } from "../../permits/breach.ts";
import { writeActs } from "./documents.ts";
import type { Store } from "./store.ts";

/** More than a bad year; the audit and the ledger keep the rest. */
const KEPT = 10_000;

export const breachCommands = {
  "breaches.save"(db: Database, { breach, acts }: { breach: Breach; acts: readonly Act[] }): void {
    const { id, country, beganAt, endedAt } = breach;
    db.query(
      `INSERT INTO breaches (id, country, began_at, ended_at, body) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET ended_at = excluded.ended_at, body = excluded.body`,
    ).run(id, country, beganAt, endedAt, JSON.stringify(breach));
    if (acts.length === 0) return;
    writeActs(db, acts);
    db.query("DELETE FROM breaches WHERE id <= (SELECT id FROM breaches ORDER BY id DESC LIMIT 1 OFFSET ?)").run(KEPT);
  },
};

export const breachQueries = {
  "breaches.recent"(db: Database, { country, limit }: { country: string | null; limit: number }): Breach[] {
    const rows =
      country === null
        ? db.query("SELECT body FROM breaches ORDER BY began_at DESC, id DESC LIMIT ?").all(limit)
        : db.query("SELECT body FROM breaches WHERE country = ? ORDER BY began_at DESC, id DESC LIMIT ?").all(country, limit);
    return bodies(rows as { body: string }[]);
  },
  "breaches.open"(db: Database, _: null): Breach[] {
    return bodies(db.query("SELECT body FROM breaches WHERE ended_at IS NULL ORDER BY id").all() as { body: string }[]);
  },
};

function bodies(rows: readonly { body: string }[]): Breach[] {
  return rows.map(({ body }) => JSON.parse(body) as Breach);
}

export function sqliteBreaches(store: Store): BreachRows {
  return {
    save: (breach, acts) => store.write("breaches.save", { breach, acts }),
    recent: (country, limit) => store.read("breaches.recent", { country, limit }),
    open: () => store.read("breaches.open", null),
  };
}
