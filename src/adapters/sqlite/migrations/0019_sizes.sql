-- How much of the file is in use, once a day: what a forecast is made of.
CREATE TABLE sizes (
  day INTEGER PRIMARY KEY,
  used_bytes INTEGER NOT NULL
);
