-- Sums by time of submit in four tiers (1, 15, 60 and 1,440 minutes, UTC), each of which every roll adds to.

-- What is summed: a program on a pair; pair '' is all of a program, both '' the fleet.
CREATE TABLE trend_scopes (
  id INTEGER PRIMARY KEY,
  pair TEXT NOT NULL,
  program TEXT NOT NULL,
  UNIQUE (pair, program)
);

-- Error codes of a program that are counted by their name; those that came after the first 200 are counted as 'other'.
CREATE TABLE trend_codes (
  program TEXT NOT NULL,
  code TEXT NOT NULL,
  PRIMARY KEY (program, code)
) WITHOUT ROWID;

ALTER TABLE trend_1m RENAME TO trend_before;

-- minute: the first of the bucket, since 1970. against: negative finals that count in the success rate; open: no final yet; words: n of
-- counts reports in the rate. latencies: how many by class (src/results/histogram.ts), pairs of varints. errors: {"code": n}.
CREATE TABLE trend_1m (
  scope INTEGER NOT NULL,
  minute INTEGER NOT NULL,
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
  latencies BLOB,
  errors TEXT,
  PRIMARY KEY (scope, minute)
) WITHOUT ROWID;
CREATE TABLE trend_15m (
  scope INTEGER NOT NULL,
  minute INTEGER NOT NULL,
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
  latencies BLOB,
  errors TEXT,
  PRIMARY KEY (scope, minute)
) WITHOUT ROWID;
CREATE TABLE trend_1h (
  scope INTEGER NOT NULL,
  minute INTEGER NOT NULL,
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
  latencies BLOB,
  errors TEXT,
  PRIMARY KEY (scope, minute)
) WITHOUT ROWID;
CREATE TABLE trend_1d (
  scope INTEGER NOT NULL,
  minute INTEGER NOT NULL,
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
  latencies BLOB,
  errors TEXT,
  PRIMARY KEY (scope, minute)
) WITHOUT ROWID;

INSERT INTO trend_scopes (pair, program)
  SELECT '', '' UNION SELECT DISTINCT '', program FROM trend_before UNION SELECT DISTINCT pair, program FROM trend_before;
INSERT INTO trend_1m
  SELECT s.id, b.minute, sum(b.attempts), sum(b.sent), sum(b.delivered), sum(b.undelivered), sum(b.failed), sum(b.blocked), sum(b.against),
    sum(b.open), sum(b.words), sum(b.latency_n), sum(b.latency_ms), NULL, NULL
  FROM trend_before b JOIN trend_scopes s
    ON (s.program = b.program AND s.pair IN (b.pair, '')) OR (s.program = '' AND s.pair = '')
  GROUP BY s.id, b.minute;
INSERT INTO trend_15m
  SELECT scope, minute - minute % 15, sum(attempts), sum(sent), sum(delivered), sum(undelivered), sum(failed), sum(blocked), sum(against),
    sum(open), sum(words), sum(latency_n), sum(latency_ms), NULL, NULL
  FROM trend_1m GROUP BY 1, 2;
INSERT INTO trend_1h
  SELECT scope, minute - minute % 60, sum(attempts), sum(sent), sum(delivered), sum(undelivered), sum(failed), sum(blocked), sum(against),
    sum(open), sum(words), sum(latency_n), sum(latency_ms), NULL, NULL
  FROM trend_15m GROUP BY 1, 2;
INSERT INTO trend_1d
  SELECT scope, minute - minute % 1440, sum(attempts), sum(sent), sum(delivered), sum(undelivered), sum(failed), sum(blocked), sum(against),
    sum(open), sum(words), sum(latency_n), sum(latency_ms), NULL, NULL
  FROM trend_1h GROUP BY 1, 2;
DROP TABLE trend_before;
