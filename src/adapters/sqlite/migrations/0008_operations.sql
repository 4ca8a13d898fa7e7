-- One row per action on many sessions, with all its steps; small enough to be written whole with every step.
CREATE TABLE operations (
  id TEXT PRIMARY KEY,
  created_at INTEGER NOT NULL,
  body TEXT NOT NULL
) WITHOUT ROWID;
