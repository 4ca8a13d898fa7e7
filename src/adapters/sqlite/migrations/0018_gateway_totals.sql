-- Sums by day (of submit, in the house's time zone), gateway and country, rolled from the journal up to a mark of their own.
CREATE TABLE gateway_days (
  day TEXT NOT NULL,
  gateway TEXT NOT NULL,
  country TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  sent INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  undelivered INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  blocked INTEGER NOT NULL,
  against INTEGER NOT NULL,
  open INTEGER NOT NULL,
  words INTEGER NOT NULL,
  PRIMARY KEY (day, gateway, country)
) WITHOUT ROWID;
CREATE TABLE gateway_errors (
  day TEXT NOT NULL,
  gateway TEXT NOT NULL,
  code TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (day, gateway, code)
) WITHOUT ROWID;
-- class: of histogram.ts.
CREATE TABLE gateway_latencies (
  day TEXT NOT NULL,
  gateway TEXT NOT NULL,
  class INTEGER NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (day, gateway, class)
) WITHOUT ROWID;
CREATE TABLE gateway_mark (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  seq INTEGER NOT NULL
);
INSERT INTO gateway_mark (only_row, seq) VALUES (1, 0);

-- Rows of the journal that told the gateway of a message that was known without one: what was counted before moves. Gone once rolled.
CREATE TABLE gateway_moves (
  seq INTEGER PRIMARY KEY,
  program TEXT NOT NULL,
  message_id TEXT NOT NULL
);
CREATE INDEX gateway_moves_by_message ON gateway_moves (program, message_id);

-- The last credit that was told.
CREATE TABLE gateway_credits (
  gateway TEXT NOT NULL,
  program TEXT NOT NULL,
  credit REAL NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (gateway, program)
) WITHOUT ROWID;
