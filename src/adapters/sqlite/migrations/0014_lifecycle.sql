-- Messages found by what the gateway or a person knows of them, receipts that wait for their message, and what is known of single reports.

-- Only what carries them pays for them.
CREATE INDEX messages_by_gateway_id ON messages (gateway_message_id) WHERE gateway_message_id IS NOT NULL;
CREATE INDEX messages_by_phone ON messages (phone_hash) WHERE phone_hash IS NOT NULL;
CREATE INDEX journal_contradictions ON journal (seq) WHERE kept = 'contradiction';

-- 1: the state it moved to is excused (its error blames the recipient); 2: so was the one it left; 3: both. Decided when it was journalled,
-- so that a later edit of the error classes changes no number that was counted. messages.seen marks the same with a !.
ALTER TABLE journal ADD COLUMN excused INTEGER;

-- What was counted before there was a mark was counted by these codes.
CREATE TEMP TABLE recipients_fault (code TEXT PRIMARY KEY);
INSERT INTO recipients_fault VALUES ('invalid_number'), ('unknown_subscriber'), ('invalid_destination'), ('1'), ('9'), ('351'), ('3041'),
  ('21211'), ('21614'), ('30005'), ('30006'), ('absent'), ('absent_subscriber'), ('unreachable'), ('switched_off'), ('6'), ('27'), ('5'),
  ('30003'), ('handset_full'), ('memory_full'), ('handset_fault'), ('32'), ('12'), ('barred'), ('dnd'), ('blacklisted'), ('13'), ('2050'),
  ('2052'), ('30004'), ('opted_out'), ('opt_out'), ('603'), ('21610');
UPDATE journal SET excused = 1 WHERE replace(replace(lower(error_code), ' ', '_'), '-', '_') IN (SELECT code FROM recipients_fault);
UPDATE journal SET excused = coalesce(excused, 0) + 2
  WHERE replace(replace(lower(from_error_code), ' ', '_'), '-', '_') IN (SELECT code FROM recipients_fault);
UPDATE messages SET seen = replace(seen,
    CASE state WHEN 'undelivered' THEN ';n' WHEN 'rejected' THEN ';r' ELSE ';x' END || error_code || ';',
    CASE state WHEN 'undelivered' THEN ';n' WHEN 'rejected' THEN ';r' ELSE ';x' END || error_code || ';!')
  WHERE state IN ('undelivered', 'rejected', 'expired')
    AND replace(replace(lower(error_code), ' ', '_'), '-', '_') IN (SELECT code FROM recipients_fault);
DROP TABLE recipients_fault;

-- Of a report what its journal row has no place for; most have no row here. told: the state that was told when it is not to_state (a part's).
-- body: what a gateway sent, masked and cut.
CREATE TABLE journal_notes (
  seq INTEGER PRIMARY KEY,
  told_by TEXT,
  told TEXT,
  part INTEGER,
  parts INTEGER,
  body TEXT
);

-- Receipts for a gateway's id that no message has. They wait; after ten minutes they are listed.
CREATE TABLE orphans (
  id INTEGER PRIMARY KEY,
  gateway TEXT NOT NULL,
  gateway_message_id TEXT NOT NULL,
  state TEXT NOT NULL,
  error_code TEXT NOT NULL,
  part INTEGER NOT NULL,
  parts INTEGER NOT NULL,
  at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (gateway, gateway_message_id, state, error_code, part)
);

-- Up to which row of the journal messages without a final were looked for.
CREATE TABLE deadline_mark (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  seq INTEGER NOT NULL
);
INSERT INTO deadline_mark (only_row, seq) VALUES (1, 0);
