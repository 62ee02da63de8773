-- What was asked and what came of it, for whoever switched that on: by the hash
-- of the words, since the words themselves may be private.

CREATE TABLE question (
  seq    INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ms  INTEGER NOT NULL,
  hash   BLOB NOT NULL,               -- of the question in lower case, on one line
  found  TEXT NOT NULL                -- ids of records and places of code, one a line
);
