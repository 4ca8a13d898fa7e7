-- Results: what every message stands at, the journal of all changes, and the sums folded from it.

-- Who sends for whom, once: rows of the journal name it by a small number. session is '' when none was told.
CREATE TABLE sources (
  id INTEGER PRIMARY KEY,
  program TEXT NOT NULL,
  session TEXT NOT NULL,
  pair TEXT NOT NULL,
  country TEXT NOT NULL,
  UNIQUE (program, session, pair)
);

-- One row per message: what the next report of it is judged by. last_seq is the newest journal row of its story.
CREATE TABLE messages (
  program TEXT NOT NULL,
  message_id TEXT NOT NULL,
  source INTEGER NOT NULL,
  state TEXT NOT NULL,
  error_code TEXT,
  submit_at INTEGER NOT NULL,
  seen TEXT NOT NULL,
  last_seq INTEGER NOT NULL,
  permit_id TEXT,
  gateway TEXT,
  gateway_message_id TEXT,
  phone_hash TEXT,
  phone_mask TEXT,
  converted_at INTEGER,
  PRIMARY KEY (program, message_id)
) WITHOUT ROWID;

-- Append only; the newest row is never deleted, so that seq never repeats. kept: why a report moved nothing; null rows are the deltas.
-- prev: the row before in the same message's story (a chain instead of an index, which would cost every insert).
CREATE TABLE journal (
  seq INTEGER PRIMARY KEY,
  source INTEGER NOT NULL,
  message_id TEXT,
  submit_at INTEGER NOT NULL,
  from_state TEXT,
  to_state TEXT NOT NULL,
  n INTEGER NOT NULL,
  latency_ms INTEGER,
  error_code TEXT,
  from_error_code TEXT,
  permit_id TEXT,
  at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  prev INTEGER,
  kept TEXT
);

-- Counts reports that were taken: their key is their idempotency.
CREATE TABLE counts_reports (
  program TEXT NOT NULL,
  session TEXT NOT NULL,
  pair TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (program, session, pair, at)
) WITHOUT ROWID;

-- The last cumulative report, which the next one is differenced with.
CREATE TABLE counts_last (
  program TEXT NOT NULL,
  session TEXT NOT NULL,
  pair TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (program, session, pair)
) WITHOUT ROWID;

-- How far the sums below contain the journal.
CREATE TABLE results_mark (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  seq INTEGER NOT NULL
);
INSERT INTO results_mark (id, seq) VALUES (1, 0);

-- By minute of submit. against: negative finals that count in the success rate; open: no final yet; words: n of counts reports in the rate.
CREATE TABLE trend_1m (
  minute INTEGER NOT NULL,
  pair TEXT NOT NULL,
  program TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  sent INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  undelivered INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  blocked INTEGER NOT NULL,
  against INTEGER NOT NULL,
  open INTEGER NOT NULL,
  words INTEGER NOT NULL,
  latency_n INTEGER NOT NULL,
  latency_ms INTEGER NOT NULL,
  PRIMARY KEY (minute, pair, program)
) WITHOUT ROWID;

-- What the counters hold of a source: all-time sums and the little that is recent (JSON), the last latencies (blob of doubles).
CREATE TABLE live_sources (
  source INTEGER PRIMARY KEY,
  body TEXT NOT NULL,
  latencies BLOB NOT NULL
);

-- 15 minutes of a source in 10-second buckets of submit time (blob of int32: slot and sums of each bucket that is not empty).
CREATE TABLE live_blocks (
  block INTEGER NOT NULL,
  source INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (block, source)
) WITHOUT ROWID;
