-- Processor and memory of every session over the last day: one row a minute for all of them, so that a minute costs one insert and one
-- delete, and the file does not grow.

-- Rows name a session by a small number.
CREATE TABLE sampled (
  number INTEGER PRIMARY KEY,
  session TEXT NOT NULL UNIQUE
);

-- body: three uint32 for each session, in the order of their numbers: number, thousandths of a core (2^32 - 1: not known), KiB.
CREATE TABLE samples (
  minute INTEGER PRIMARY KEY,
  body BLOB NOT NULL
);

-- What the timeline of a session is read by, as old as its runs are kept.
CREATE INDEX runs_by_start ON runs (session, started_at);
