-- What commands printed. The bytes lie in files named by their hash; a row says
-- which. Serves: one receipt by its id, the newest of one command in one folder,
-- and the oldest first, to be deleted.

CREATE TABLE receipt (
  seq           INTEGER PRIMARY KEY,
  id            TEXT NOT NULL UNIQUE,
  session       INTEGER REFERENCES session(seq),
  at_ms         INTEGER NOT NULL,      -- when it began
  folder        TEXT NOT NULL,
  command       TEXT NOT NULL,         -- redacted
  same          TEXT NOT NULL,         -- equal for the same command in the same folder
  head          TEXT,                  -- the commit that was checked out
  code          INTEGER NOT NULL,      -- 128 and the number of a signal
  lasted_ms     INTEGER NOT NULL,
  status        TEXT NOT NULL,
  shown_bytes   INTEGER NOT NULL,
  stdout        BLOB NOT NULL,         -- hash of all that it printed
  stdout_bytes  INTEGER NOT NULL,
  stdout_kept   INTEGER NOT NULL,
  stderr        BLOB NOT NULL,
  stderr_bytes  INTEGER NOT NULL,
  stderr_kept   INTEGER NOT NULL
);
CREATE INDEX receipt_same ON receipt(same, seq);
