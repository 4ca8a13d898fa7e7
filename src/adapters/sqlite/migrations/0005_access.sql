-- Who is logged in, and what else opens the door. No row opens it by itself: secrets are signed by a key elsewhere, or hashed.
CREATE TABLE logins (
  id TEXT PRIMARY KEY,
  user TEXT NOT NULL,
  generation INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  renewed_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  origin TEXT NOT NULL,
  agent TEXT NOT NULL,
  revoked_at INTEGER
) WITHOUT ROWID;
CREATE INDEX logins_by_user ON logins (user, id);

CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  program TEXT,
  scopes TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  expires_at INTEGER,
  last_used_at INTEGER
) WITHOUT ROWID;

CREATE TABLE links (
  hash TEXT PRIMARY KEY,
  purpose TEXT NOT NULL,
  user TEXT,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
