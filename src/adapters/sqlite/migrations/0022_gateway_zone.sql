-- The time zone whose days the sums of gateways are in: null until something is rolled. While they are moved to those of another one
-- (target), how far the journal was gone through, up to which row it is, and of messages submitted from when on.
CREATE TABLE gateway_zone (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  zone TEXT,
  target TEXT,
  done_seq INTEGER NOT NULL DEFAULT 0,
  until_seq INTEGER NOT NULL DEFAULT 0,
  since INTEGER NOT NULL DEFAULT 0
);
INSERT INTO gateway_zone (only_row) VALUES (1);

-- Which gateway a pair named from when on ('': none): what was submitted then counts for it, though the pair names another one by now.
CREATE TABLE gateway_of_pairs (
  pair TEXT NOT NULL,
  since INTEGER NOT NULL,
  gateway TEXT NOT NULL,
  PRIMARY KEY (pair, since)
) WITHOUT ROWID;
