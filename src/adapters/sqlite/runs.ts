/** Run history in SQLite. */

import type { Database } from "bun:sqlite";
import type { Outcome } from "../../fleet/exit.ts";
import type { RunRecord } from "../../fleet/fleet.ts";
import type { History, RunEnded, RunMemory, RunStarted, Trimmed, TrimOrder } from "../../fleet/history.ts";
import type { Store } from "./store.ts";

export const runCommands = {
  "runs.started"(db: Database, run: RunStarted): void {
    db.query(
      `INSERT INTO runs (run, session, program, started_at, started_by, reason, boot_id)
       VALUES ($run, $session, $program, $startedAt, $startedBy, $reason, $bootId) ON CONFLICT DO NOTHING`,
    ).run({ ...run });
  },
  "runs.ended"(db: Database, runs: readonly RunEnded[]): void {
    const statement = db.query(
      `INSERT INTO runs (run, session, program, started_at, started_by, reason, boot_id, pid, ended_at, exit_code, exit_words, outcome,
         ended_by, end_reason, last_lines)
       VALUES ($run, $session, $program, $startedAt, $startedBy, $reason, $bootId, $pid, $endedAt, $exitCode, $exitWords, $outcome,
         $endedBy, $endReason, $lastLines)
       ON CONFLICT (run) DO UPDATE SET pid = excluded.pid, ended_at = excluded.ended_at, exit_code = excluded.exit_code,
         exit_words = excluded.exit_words, outcome = excluded.outcome, ended_by = excluded.ended_by, end_reason = excluded.end_reason,
         last_lines = excluded.last_lines
       WHERE runs.ended_at IS NULL`,
    );
    for (const run of runs) statement.run({ ...run, lastLines: JSON.stringify(run.lastLines) });
  },
  "runs.trim"(db: Database, { last, before, kept, most, step }: TrimOrder): Trimmed | null {
    const next = last?.more
      ? last
      : (db.query("SELECT session FROM runs WHERE session > ? ORDER BY session LIMIT 1").get(last?.session ?? "") as Pick<
          Trimmed,
          "session"
        > | null);
    if (!next) return null;
    const { session } = next;
    const place = (n: number) => `(SELECT run FROM runs WHERE session = $session ORDER BY run DESC LIMIT 1 OFFSET ${n})`;
    const { changes } = db
      .query(
        `DELETE FROM runs WHERE run IN (SELECT run FROM runs WHERE session = $session AND ended_at IS NOT NULL AND run <= ${place(kept)}
           AND (ended_at < $before OR run <= ${place(most)}) ORDER BY run LIMIT $step)`,
      )
      .run({ session, before, step });
    return { session, more: changes === step };
  },
};

const RECORD =
  "run, session, started_at, started_by, reason, pid, ended_at, exit_code, exit_words, outcome, ended_by, end_reason, last_lines";

interface RunRow {
  run: string;
  session: string;
  started_at: number;
  started_by: string;
  reason: string | null;
  pid: number | null;
  ended_at: number | null;
  exit_code: number | null;
  exit_words: string | null;
  outcome: string | null;
  ended_by: string | null;
  end_reason: string | null;
  last_lines: string;
}

interface EndedRow extends RunRow {
  ended_at: number;
  exit_words: string;
  outcome: Outcome;
  ended_by: string | null;
  end_reason: string | null;
}

interface OpenRow {
  run: string;
  session: string;
  program: string;
  started_at: number;
  started_by: string;
  reason: string | null;
  boot_id: string;
}

export const runQueries = {
  "runs.of"(db: Database, { session, limit }: { session: string; limit: number }): RunRecord[] {
    const rows = db.query(`SELECT ${RECORD} FROM runs WHERE session = ? ORDER BY run DESC LIMIT ?`).all(session, limit) as RunRow[];
    return rows.map(recordOf);
  },
  "runs.startedBefore"(db: Database, { session, before, limit }: { session: string; before: number; limit: number }): RunRecord[] {
    const rows = db
      .query(`SELECT ${RECORD} FROM runs WHERE session = ? AND started_at < ? ORDER BY started_at DESC, run DESC LIMIT ?`)
      .all(session, before, limit) as RunRow[];
    return rows.map(recordOf);
  },
  "runs.open"(db: Database): RunStarted[] {
    const rows = db
      .query("SELECT run, session, program, started_at, started_by, reason, boot_id FROM runs WHERE ended_at IS NULL ORDER BY run")
      .all() as OpenRow[];
    return rows.map((row) => ({
      run: row.run,
      session: row.session,
      program: row.program,
      startedAt: row.started_at,
      startedBy: row.started_by,
      reason: row.reason,
      bootId: row.boot_id,
    }));
  },
  "runs.recent"(db: Database, limit: number): RunMemory[] {
    const rows = db
      .query(
        `SELECT run, session, started_at, started_by, ended_at, exit_code, exit_words, outcome, ended_by, end_reason,
           CASE place WHEN 1 THEN last_lines ELSE '[]' END AS last_lines
         FROM (SELECT *, row_number() OVER (PARTITION BY session ORDER BY run DESC) AS place FROM runs WHERE ended_at IS NOT NULL)
         WHERE place <= ? ORDER BY session, run`,
      )
      .all(limit) as EndedRow[];
    return rows.map((row) => ({
      run: row.run,
      session: row.session,
      startedAt: row.started_at,
      startedBy: row.started_by,
      endedAt: row.ended_at,
      exitCode: row.exit_code,
      exitWords: row.exit_words,
      outcome: row.outcome,
      endedBy: row.ended_by,
      endReason: row.end_reason,
      lastLines: JSON.parse(row.last_lines) as string[],
    }));
  },
};

function recordOf(row: RunRow): RunRecord {
  return {
    run: row.run,
    session: row.session,
    startedAt: row.started_at,
    startedBy: row.started_by,
    reason: row.reason,
    pid: row.pid,
    endedAt: row.ended_at,
    exitCode: row.exit_code,
    exitWords: row.exit_words,
    outcome: row.outcome,
    endedBy: row.ended_by,
    endReason: row.end_reason,
    lastLines: JSON.parse(row.last_lines) as string[],
  };
}

export function sqliteRuns(store: Store): History {
  return {
    started: (run) => store.write("runs.started", run),
    ended: (runs) => store.write("runs.ended", runs),
    of: (session, limit) => store.read("runs.of", { session, limit }),
    startedBefore: (session, before, limit) => store.read("runs.startedBefore", { session, before, limit }),
    open: () => store.read("runs.open", undefined),
    recent: (limit) => store.read("runs.recent", limit),
    trim: (order) => store.write("runs.trim", order),
  };
}
