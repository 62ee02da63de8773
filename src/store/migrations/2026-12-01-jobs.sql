-- Work that can be tried again, and what was asked for of the records. Serves: the
-- job of a key, the next one that is due, the targets that are left alone, and
-- the records that nobody ever asked for. Times are milliseconds since 1970.

CREATE TABLE job (
  seq         INTEGER PRIMARY KEY,
  id          TEXT NOT NULL UNIQUE,
  key         TEXT NOT NULL UNIQUE,   -- the same work has the same key
  kind        TEXT NOT NULL,
  target      TEXT NOT NULL,          -- what it needs: failures are counted by it
  payload     TEXT NOT NULL,          -- a JSON object
  state       TEXT NOT NULL,          -- waiting, running, done, dead
  attempts    INTEGER NOT NULL,
  created_ms  INTEGER NOT NULL,
  due_ms      INTEGER NOT NULL,       -- of one that runs: when it counts as killed
  error       TEXT                    -- of the last attempt
);
CREATE INDEX job_due ON job(state, due_ms);

CREATE TABLE breaker (
  target     TEXT PRIMARY KEY,
  failures   INTEGER NOT NULL,        -- one after the other
  until_ms   INTEGER NOT NULL         -- nothing is tried before
) WITHOUT ROWID;

CREATE TABLE recall (
  record   TEXT PRIMARY KEY,
  times    INTEGER NOT NULL,
  last_ms  INTEGER NOT NULL
) WITHOUT ROWID;
