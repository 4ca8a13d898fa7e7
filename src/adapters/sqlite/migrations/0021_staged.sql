-- Commits of many documents on their way: their parts, and which of them are decided, so that every part is to be put into its place.
CREATE TABLE staged_documents (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  "commit" TEXT NOT NULL,
  expected INTEGER NOT NULL,
  body TEXT,
  PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE INDEX staged_documents_by_commit ON staged_documents ("commit");

CREATE TABLE staged_acts (
  id INTEGER PRIMARY KEY,
  "commit" TEXT NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  origin TEXT NOT NULL,
  verb TEXT NOT NULL,
  subject TEXT NOT NULL,
  reason TEXT,
  detail TEXT
);
CREATE INDEX staged_acts_by_commit ON staged_acts ("commit");

CREATE TABLE decided_commits (
  "commit" TEXT PRIMARY KEY
) WITHOUT ROWID;
