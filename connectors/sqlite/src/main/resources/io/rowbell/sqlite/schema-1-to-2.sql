-- From version 1 of the journal to version 2.
ALTER TABLE cursor ADD COLUMN paused INTEGER NOT NULL DEFAULT 0;
ALTER TABLE parked_key ADD COLUMN retried INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dead_letter ADD COLUMN event_seq INTEGER;
ALTER TABLE dead_letter ADD COLUMN attempts INTEGER;
ALTER TABLE dead_letter ADD COLUMN first_time INTEGER;
ALTER TABLE dead_letter ADD COLUMN last_time INTEGER;
CREATE INDEX dead_letter_by_key ON dead_letter (subscriber, topic, key, event_seq);
CREATE INDEX dead_letter_by_event ON dead_letter (subscriber, event_seq);
CREATE TABLE act (
  seq        INTEGER PRIMARY KEY,
  time       INTEGER NOT NULL,
  who        TEXT NOT NULL,
  subscriber TEXT,
  what       TEXT NOT NULL,
  reason     TEXT NOT NULL
);
DROP VIEW dead_letters;
CREATE VIEW dead_letters AS
SELECT seq,
       lower(substr(hex(id), 1, 8) || '-' || substr(hex(id), 9, 4) || '-'
         || substr(hex(id), 13, 4) || '-' || substr(hex(id), 17, 4) || '-'
         || substr(hex(id), 21)) AS id,
       subscriber, rule, topic, key,
       strftime('%Y-%m-%dT%H:%M:%S', (time - (time % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
         || printf('.%06dZ', (time % 1000000 + 1000000) % 1000000) AS time,
       code, reason,
       CAST(payload AS TEXT) AS payload,
       event_seq, attempts
FROM dead_letter;

CREATE VIEW acts AS
SELECT seq,
       strftime('%Y-%m-%dT%H:%M:%SZ', time / 1000000, 'unixepoch') AS time,
       who, subscriber, what, reason
FROM act;
