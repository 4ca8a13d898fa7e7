/**
 * Commits of many documents, in steps of which none holds up the writer. Its parts are staged; one row decides it, and from then on it is
 * true as a whole; then they are put into their places. A kill before the decision leaves nothing of it, one after it leaves it to the next start.
 */

import type { Database } from "bun:sqlite";
import type { Act } from "../../kernel/act.ts";
import { conflict } from "../../kernel/errors.ts";
import type { DocumentChange, DocumentKind } from "../../pairs/documents.ts";
import { type Columns, insertMany } from "./rows.ts";

/** What crosses, is staged, and is put into its place at once: a tenth of a thousand pairs, a millisecond of the writer. */
export const A_PART = 100;

export interface Part {
  /** Of the commit. */
  id: string;
  changes: readonly DocumentChange[];
  acts: readonly Act[];
}

const ACTS: Columns = {
  table: "staged_acts",
  columns: ['"commit"', "at", "actor", "origin", "verb", "subject", "reason", "detail"],
};

export const stagingCommands = {
  /** Throws `conflict` for a version that is not there any more; from here on nobody else's commit changes these documents before this one is over. */
  "documents.stage"(db: Database, { id: commit, changes, acts }: Part): void {
    const stage = db.query(
      `INSERT INTO staged_documents (kind, id, "commit", expected, body) SELECT ?1, ?2, ?3, ?4, ?5
       WHERE coalesce((SELECT version FROM documents WHERE kind = ?1 AND id = ?2), 0) = ?4 ON CONFLICT DO NOTHING`,
    );
    for (const { kind, id, expected, body } of changes)
      if (stage.run(kind, id, commit, expected, body && JSON.stringify(body)).changes !== 1) throw changedMeanwhile(kind, id);
    const rows = acts.map((act) => [
      ...[commit, act.at, act.actor, act.from, act.verb, act.subject, act.reason],
      act.detail && JSON.stringify(act.detail),
    ]);
    insertMany(db, ACTS, rows);
  },

  "documents.decide"(db: Database, id: string): void {
    db.query("INSERT INTO decided_commits VALUES (?)").run(id);
  },

  /** Puts a part of what is decided into its place. False: nothing is left of it. */
  "documents.settle"(db: Database, id: string): boolean {
    return settle(db, id, A_PART);
  },

  /** Of what is not decided: the caller may have lost patience, and the decision be true all the same. */
  "documents.drop"(db: Database, id: string): void {
    const undecided = `"commit" = ? AND "commit" NOT IN (SELECT "commit" FROM decided_commits)`;
    for (const table of ["staged_documents", "staged_acts"]) db.query(`DELETE FROM ${table} WHERE ${undecided}`).run(id);
  },
};

/** Before anybody reads: what was decided and not yet put into its place is put there; what was not decided never was. */
export function settleAll(db: Database): void {
  for (const { commit } of db.query('SELECT "commit" FROM decided_commits').all() as { commit: string }[]) settle(db, commit, -1);
  db.exec("DELETE FROM staged_documents; DELETE FROM staged_acts");
}

/** For whoever writes one of these documents meanwhile. Throws `conflict` while it is undecided what becomes of it. */
export function settleOne(db: Database, kind: DocumentKind, id: string): void {
  const found = db
    .query(`SELECT "commit" IN (SELECT "commit" FROM decided_commits) AS decided FROM staged_documents WHERE kind = ? AND id = ?`)
    .get(kind, id) as { decided: number } | null;
  if (!found) return;
  if (!found.decided) throw changedMeanwhile(kind, id);
  putAll(db, "kind = ?1 AND id = ?2", kind, id);
}

export function changedMeanwhile(kind: DocumentKind, id: string): Error {
  return conflict(`${kind} ${id} was changed by somebody else meanwhile. Look at it again, then save.`, "changed");
}

/** `most` of either, all for -1. */
function settle(db: Database, commit: string, most: number): boolean {
  const documents = putAll(db, `"commit" = ?1 LIMIT ?2`, commit, most);
  const which = `SELECT id FROM staged_acts WHERE "commit" = ?1 ORDER BY id LIMIT ?2`;
  const columns = "at, actor, origin, verb, subject, reason, detail";
  const acts = db.query(`INSERT INTO acts (${columns}) SELECT ${columns} FROM staged_acts WHERE id IN (${which}) ORDER BY id`);
  const told = acts.run(commit, most).changes;
  db.query(`DELETE FROM staged_acts WHERE id IN (${which})`).run(commit, most);
  if (documents + told > 0) return true;
  db.query('DELETE FROM decided_commits WHERE "commit" = ?').run(commit);
  return false;
}

/** A row's own version was checked when it was staged, and nobody has changed it since. */
function putAll(db: Database, which: string, ...given: (string | number)[]): number {
  const rows = db.query(`SELECT kind, id, expected, body FROM staged_documents WHERE ${which}`).all(...given) as Staged[];
  const put = db.query(
    "INSERT INTO documents (kind, id, version, body) VALUES (?1, ?2, ?3 + 1, ?4) ON CONFLICT DO UPDATE SET version = excluded.version, body = excluded.body",
  );
  const remove = db.query("DELETE FROM documents WHERE kind = ? AND id = ?");
  const over = db.query("DELETE FROM staged_documents WHERE kind = ? AND id = ?");
  for (const { kind, id, expected, body } of rows) {
    if (body === null) remove.run(kind, id);
    else put.run(kind, id, expected, body);
    over.run(kind, id);
  }
  return rows.length;
}

interface Staged {
  kind: DocumentKind;
  id: string;
  expected: number;
  body: string | null;
}
