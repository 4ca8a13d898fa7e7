-- How far the output of a session was counted: place is the byte of the run's whole output at which the next line begins.
CREATE TABLE output_positions (
  session TEXT PRIMARY KEY,
  run TEXT NOT NULL,
  place INTEGER NOT NULL,
  in_long_line INTEGER NOT NULL,
  open TEXT NOT NULL,
  at INTEGER NOT NULL
) WITHOUT ROWID;
