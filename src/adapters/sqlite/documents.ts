/** Documents and acts in SQLite. */

import type { Database } from "bun:sqlite";
import type { Act } from "../../kernel/act.ts";
import type { ActFilter, DocumentChange, DocumentKind, Documents, StoredDocument } from "../../pairs/documents.ts";
import { A_PART, changedMeanwhile, settleOne, stagingCommands } from "./staged.ts";
import type { Store } from "./store.ts";

interface Commit {
  changes: readonly DocumentChange[];
  acts: readonly Act[];
}

export const documentCommands = {
  ...stagingCommands,
  "documents.commit"(db: Database, { changes, acts }: Commit): void {
    for (const change of changes) put(db, change);
    writeActs(db, acts);
  },
};

/** Acts of any port, in the transaction of the change they tell of. */
export function writeActs(db: Database, acts: readonly Act[]): void {
  const insert = db.query("INSERT INTO acts (at, actor, origin, verb, subject, reason, detail) VALUES (?, ?, ?, ?, ?, ?, ?)");
  for (const act of acts)
    insert.run(act.at, act.actor, act.from, act.verb, act.subject, act.reason, act.detail && JSON.stringify(act.detail));
}

function put(db: Database, { kind, id, expected, body }: DocumentChange): void {
  settleOne(db, kind, id);
  const statement =
    body === null
      ? db.query("DELETE FROM documents WHERE kind = ?1 AND id = ?2 AND version = ?3")
      : expected === 0
        ? db.query("INSERT INTO documents (kind, id, version, body) VALUES (?1, ?2, ?3 + 1, ?4) ON CONFLICT DO NOTHING")
        : db.query("UPDATE documents SET version = version + 1, body = ?4 WHERE kind = ?1 AND id = ?2 AND version = ?3");
  const { changes } = body === null ? statement.run(kind, id, expected) : statement.run(kind, id, expected, JSON.stringify(body));
  if (changes !== 1) throw changedMeanwhile(kind, id);
}

interface DocumentRow {
  kind: DocumentKind;
  id: string;
  version: number;
  body: string;
}

interface ActRow {
  at: number;
  actor: string;
  origin: string;
  verb: string;
  subject: string;
  reason: string | null;
  detail: string | null;
}

export const documentQueries = {
  "documents.load"(db: Database, { kinds, ids }: { kinds: readonly DocumentKind[]; ids?: readonly string[] }): StoredDocument[] {
    const among = `kind IN (SELECT value FROM json_each(?1)) AND ${ids ? "id IN (SELECT value FROM json_each(?2))" : "?2 IS NULL"}`;
    // What is decided is true, also where its row is not in its place yet.
    const decided = `"commit" IN (SELECT "commit" FROM decided_commits)`;
    const rows = db
      .query(
        `SELECT kind, id, version, body FROM documents
         WHERE ${among} AND (kind, id) NOT IN (SELECT kind, id FROM staged_documents WHERE ${decided})
         UNION ALL SELECT kind, id, expected + 1, body FROM staged_documents WHERE ${among} AND ${decided} AND body IS NOT NULL`,
      )
      .all(JSON.stringify(kinds), ids ? JSON.stringify(ids) : null) as DocumentRow[];
    return rows.map((row) => ({ ...row, body: JSON.parse(row.body) as Record<string, unknown> }));
  },
  "documents.acts"(db: Database, { subject, actor, before, limit }: ActFilter): Act[] {
    // By its index where subjects are named; "or null" in one text would read the whole table.
    const subjects = subject === undefined ? null : JSON.stringify([subject].flat());
    const rows = db
      .query(
        `SELECT at, actor, origin, verb, subject, reason, detail FROM acts
         WHERE ${subjects === null ? "?1 IS NULL" : "subject IN (SELECT value FROM json_each(?1))"}
           AND (?2 IS NULL OR actor = ?2) AND (?3 IS NULL OR at < ?3) ORDER BY id DESC LIMIT ?4`,
      )
      .all(subjects, actor ?? null, before ?? null, limit) as ActRow[];
    return rows.map(({ origin, detail, ...row }) => ({
      ...row,
      from: origin,
      detail: detail === null ? null : (JSON.parse(detail) as Record<string, unknown>),
    }));
  },
};

export function sqliteDocuments(store: Store): Documents {
  return {
    load: (kinds, ids) => store.read("documents.load", { kinds, ids }),
    async commit(changes, acts) {
      if (changes.length + acts.length <= A_PART) return store.write("documents.commit", { changes, acts });
      const id = crypto.randomUUID();
      try {
        // Part by part, each waited for: neither this thread, which copies them, nor the writer holds up others for the whole.
        for (let at = 0; at < Math.max(changes.length, acts.length); at += A_PART)
          await store.write("documents.stage", { id, changes: changes.slice(at, at + A_PART), acts: acts.slice(at, at + A_PART) });
        await store.write("documents.decide", id);
      } catch (error) {
        store.write("documents.drop", id).catch(() => {}); // what a broken store keeps of it goes with the next start
        throw error;
      }
      try {
        while (await store.write("documents.settle", id));
      } catch {
        // It is stored all the same. What is not in its place is read from where it is, and put there by who writes it next, or by the next start.
      }
    },
    acts: (filter) => store.read("documents.acts", filter),
  };
}
