-- Permits given out, and sends that had none: what a restart rebuilds the windows from.

-- A boot id is 36 characters and every grant has one: rows name it by a small number.
CREATE TABLE boots (
  boot INTEGER PRIMARY KEY,
  boot_id TEXT NOT NULL UNIQUE
);

-- number is the permit's own (permit.ts: wall ms x 4096 and a count): it grows with every grant, so the table only appends, its end is the
-- present, and what is older than a time is what lies below a number. Keep 48 h at least.
CREATE TABLE grants (
  number INTEGER PRIMARY KEY,
  country TEXT NOT NULL,
  pair TEXT NOT NULL,
  program TEXT NOT NULL,
  session TEXT,
  boot INTEGER NOT NULL,
  granted_uptime_ms REAL NOT NULL,
  lease_ms REAL NOT NULL,
  granted_at INTEGER NOT NULL,
  reported_uptime_ms REAL,
  abandoned INTEGER NOT NULL DEFAULT 0
);

-- A start reads what nobody reported on: results without a permit's id use these up, oldest first.
CREATE INDEX grants_unreported ON grants (number) WHERE reported_uptime_ms IS NULL AND abandoned = 0;

CREATE TABLE uncontrolled (
  id INTEGER PRIMARY KEY,
  country TEXT NOT NULL,
  pair TEXT NOT NULL,
  program TEXT NOT NULL,
  session TEXT,
  reason TEXT NOT NULL,
  boot INTEGER NOT NULL,
  uptime_ms REAL NOT NULL,
  n INTEGER NOT NULL,
  at INTEGER NOT NULL,
  seq INTEGER NOT NULL
);
CREATE INDEX uncontrolled_by_uptime ON uncontrolled (boot, uptime_ms);

-- Journal sequence up to which results were settled against permits.
CREATE TABLE settled (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  mark INTEGER NOT NULL
);
INSERT INTO settled (only_row, mark) VALUES (1, 0);
