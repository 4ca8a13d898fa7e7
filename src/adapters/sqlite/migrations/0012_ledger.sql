-- What the ledger tells beyond what a restart needs.

-- The boot a report's uptime belongs to when it is not that of the grant.
ALTER TABLE grants ADD COLUMN reported_boot INTEGER;

-- Wall time of where it counts in the window.
ALTER TABLE uncontrolled ADD COLUMN counted_at INTEGER;

-- Which limit was in force: a row with the first grant or uncontrolled send under it. after_number: it applies to permits above that one.
CREATE TABLE limits (
  id INTEGER PRIMARY KEY,
  country TEXT NOT NULL,
  "limit" INTEGER NOT NULL,
  window_ms INTEGER NOT NULL,
  boot INTEGER NOT NULL,
  uptime_ms REAL NOT NULL,
  after_number INTEGER NOT NULL,
  at INTEGER NOT NULL
);

-- One row a time the limit of a country was broken.
CREATE TABLE breaches (
  id INTEGER PRIMARY KEY,
  country TEXT NOT NULL,
  began_at INTEGER NOT NULL,
  ended_at INTEGER,
  body TEXT NOT NULL
);
CREATE INDEX breaches_by_country ON breaches (country, began_at);
