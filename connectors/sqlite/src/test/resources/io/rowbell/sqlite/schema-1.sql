-- Version 1 of the journal. Look at the views: events and dead_letters.

CREATE TABLE journal (
  one               INTEGER PRIMARY KEY CHECK (one = 1),
  pipeline          TEXT NOT NULL,
  system_identifier TEXT,                -- null until the first append, like the three below
  database          TEXT,
  position          TEXT,                -- an LSN: all that committed up to here is in the journal
  open_xid          INTEGER NOT NULL DEFAULT 0,
  open_rows         INTEGER NOT NULL DEFAULT 0,
  last_seq          INTEGER NOT NULL DEFAULT 0
);

-- What many events share.
CREATE TABLE kind (
  id      INTEGER PRIMARY KEY,
  type    TEXT NOT NULL,
  topic   TEXT NOT NULL,
  source  TEXT NOT NULL,
  version INTEGER NOT NULL
);

CREATE TABLE event (
  seq        INTEGER PRIMARY KEY,        -- 1, 2, 3 … without gaps; deleted from the front only
  id         BLOB NOT NULL,              -- 16 bytes
  kind       INTEGER NOT NULL,
  key        TEXT,
  time       INTEGER NOT NULL,           -- microseconds since 1970
  extensions TEXT,                       -- a JSON object of strings; null if empty
  data       BLOB NOT NULL               -- JSON in UTF-8
);

-- Every event before seq was appended before time (microseconds): what retention goes by.
CREATE TABLE mark (
  seq  INTEGER PRIMARY KEY,
  time INTEGER NOT NULL
);

CREATE TABLE state (
  name  TEXT PRIMARY KEY,
  value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE cursor (
  subscriber TEXT PRIMARY KEY,
  next_seq   INTEGER NOT NULL            -- the first event that is not done
) WITHOUT ROWID;

CREATE TABLE parked_key (
  subscriber TEXT NOT NULL,
  topic      TEXT NOT NULL,
  key        TEXT
);
CREATE UNIQUE INDEX parked_key_once ON parked_key (subscriber, topic, ifnull(key, x''));

CREATE TABLE dead_letter (
  seq        INTEGER PRIMARY KEY,
  id         BLOB NOT NULL,
  subscriber TEXT,                       -- null if a rule failed
  rule       TEXT NOT NULL,
  topic      TEXT NOT NULL,
  key        TEXT,
  time       INTEGER NOT NULL,
  code       TEXT NOT NULL,
  reason     TEXT NOT NULL,
  payload    BLOB NOT NULL
);
-- A subscriber that was killed may give an event up twice: the first reason stays.
CREATE UNIQUE INDEX dead_letter_once ON dead_letter (id, ifnull(subscriber, x''));

CREATE VIEW events AS
SELECT seq,
       lower(substr(hex(event.id), 1, 8) || '-' || substr(hex(event.id), 9, 4) || '-'
         || substr(hex(event.id), 13, 4) || '-' || substr(hex(event.id), 17, 4) || '-'
         || substr(hex(event.id), 21)) AS id,
       type, topic, key,
       strftime('%Y-%m-%dT%H:%M:%S', (time - (time % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
         || printf('.%06dZ', (time % 1000000 + 1000000) % 1000000) AS time,
       source, version,
       ifnull(extensions, '{}') AS extensions,
       CAST(data AS TEXT) AS data
FROM event JOIN kind ON kind.id = event.kind;

CREATE VIEW dead_letters AS
SELECT seq,
       lower(substr(hex(id), 1, 8) || '-' || substr(hex(id), 9, 4) || '-'
         || substr(hex(id), 13, 4) || '-' || substr(hex(id), 17, 4) || '-'
         || substr(hex(id), 21)) AS id,
       subscriber, rule, topic, key,
       strftime('%Y-%m-%dT%H:%M:%S', (time - (time % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
         || printf('.%06dZ', (time % 1000000 + 1000000) % 1000000) AS time,
       code, reason,
       CAST(payload AS TEXT) AS payload
FROM dead_letter;
