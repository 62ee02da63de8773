-- Who works here, what happened, and who holds what. Serves: the list of open
-- sessions by their last sign of life, a client's conversation by its name, the
-- log of one session or of one kind newest first, and the claims that a resource
-- meets. Times are milliseconds since 1970; texts have been redacted.

CREATE TABLE session (
  seq           INTEGER PRIMARY KEY,
  id            TEXT NOT NULL UNIQUE,
  conversation  TEXT,                  -- the client's own name for it
  agent         TEXT NOT NULL,
  kind          TEXT NOT NULL,
  title         TEXT NOT NULL,
  meta          TEXT NOT NULL,         -- a JSON object of texts
  worktree      TEXT NOT NULL,
  branch        TEXT NOT NULL,         -- empty for none
  owner         TEXT,                  -- the process that it ends with
  started_ms    INTEGER NOT NULL,
  beat_ms       INTEGER NOT NULL,      -- its last sign of life
  ended_ms      INTEGER,
  doing         TEXT NOT NULL,         -- what it said last that it does
  summary       TEXT NOT NULL
);
CREATE INDEX session_beat ON session(beat_ms);
CREATE INDEX session_conversation ON session(conversation) WHERE conversation IS NOT NULL;

CREATE TABLE event (
  seq      INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ms    INTEGER NOT NULL,
  session  INTEGER REFERENCES session(seq),
  kind     TEXT NOT NULL,
  text     TEXT NOT NULL,
  path     TEXT,
  code     INTEGER,                    -- exit code of a command
  data     TEXT                        -- a JSON object
);
CREATE INDEX event_session ON event(session, seq);
CREATE INDEX event_kind ON event(kind, seq);

-- Leases: one that was released, taken over or ran out is deleted, and the log
-- tells of it.
CREATE TABLE claim (
  seq         INTEGER PRIMARY KEY,
  resource    TEXT NOT NULL,           -- canonical: `/src/a.rs`, `name:deploy`
  session     INTEGER NOT NULL REFERENCES session(seq),
  shown       TEXT NOT NULL,           -- as it is told to people
  shared      INTEGER NOT NULL,
  note        TEXT NOT NULL,
  taken_ms    INTEGER NOT NULL,
  expires_ms  INTEGER NOT NULL,
  UNIQUE (resource, session)
);
CREATE INDEX claim_session ON claim(session);

-- Which session changed a record.
ALTER TABLE record_event ADD COLUMN session TEXT;
