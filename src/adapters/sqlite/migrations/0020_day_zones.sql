-- The time zone whose days trend_1d holds: of each scope, and of scopes to come. A day is known by the first minute of it.
CREATE TABLE day_zone (
  zone TEXT NOT NULL
);
INSERT INTO day_zone (zone) VALUES ('UTC');
ALTER TABLE trend_scopes ADD COLUMN zone TEXT NOT NULL DEFAULT 'UTC';
