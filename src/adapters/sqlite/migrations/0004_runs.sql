-- One row per run of a session: the memory restarts are decided by, and what the history page shows.
CREATE TABLE runs (
  run TEXT PRIMARY KEY,
  session TEXT NOT NULL,
  program TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  started_by TEXT NOT NULL,
  reason TEXT,
  boot_id TEXT NOT NULL,
  pid INTEGER,
  ended_at INTEGER,
  exit_code INTEGER,
  exit_words TEXT,
  outcome TEXT,
  ended_by TEXT,
  end_reason TEXT,
  last_lines TEXT NOT NULL DEFAULT '[]'
) WITHOUT ROWID;
CREATE INDEX runs_by_session ON runs (session, run);
CREATE INDEX runs_open ON runs (run) WHERE ended_at IS NULL;
