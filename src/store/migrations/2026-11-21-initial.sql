-- The first schema. Serves: record a snapshot at the cost of what changed,
-- load the state of any snapshot, reuse outlines by content.

-- A work tree; linked work trees of one repository share this database.
CREATE TABLE tree (
  id    INTEGER PRIMARY KEY,
  root  TEXT NOT NULL UNIQUE
);

CREATE TABLE snapshot (
  seq         INTEGER PRIMARY KEY AUTOINCREMENT,
  tree        INTEGER NOT NULL REFERENCES tree(id),
  created_at  TEXT NOT NULL,          -- RFC 3339, UTC
  goal        TEXT,
  head        TEXT,
  branch      TEXT,
  digest      BLOB NOT NULL,          -- of all paths and hashes: equal trees are one snapshot
  files       INTEGER NOT NULL,
  symbols     INTEGER NOT NULL,
  tokens      INTEGER                 -- of the handoff, when one was rendered
);
CREATE INDEX snapshot_of_tree ON snapshot(tree, seq);

-- A version of a file, present in the snapshots first..last of its tree
-- (last NULL: still there). An unchanged file costs a new snapshot nothing.
CREATE TABLE file (
  id        INTEGER PRIMARY KEY,
  tree      INTEGER NOT NULL REFERENCES tree(id),
  path      TEXT NOT NULL,
  hash      BLOB NOT NULL,
  size      INTEGER NOT NULL,
  class     TEXT NOT NULL,
  language  TEXT,
  first     INTEGER NOT NULL,
  last      INTEGER
);
CREATE INDEX file_now ON file(tree, path) WHERE last IS NULL;
CREATE INDEX file_of_tree ON file(tree, first, last);

-- What was found and not read, likewise.
CREATE TABLE skipped (
  id      INTEGER PRIMARY KEY,
  tree    INTEGER NOT NULL REFERENCES tree(id),
  path    TEXT NOT NULL,
  reason  TEXT NOT NULL,
  first   INTEGER NOT NULL,
  last    INTEGER
);
CREATE INDEX skipped_of_tree ON skipped(tree, first, last);

-- What stat said when a file was last read: spares reading it again.
CREATE TABLE stamp (
  tree      INTEGER NOT NULL REFERENCES tree(id),
  path      TEXT NOT NULL,
  size      INTEGER NOT NULL,
  mtime_ns  INTEGER NOT NULL,
  ctime_ns  INTEGER NOT NULL,
  inode     INTEGER NOT NULL,
  hash      BLOB NOT NULL,
  class     TEXT NOT NULL,
  language  TEXT,
  PRIMARY KEY (tree, path)
) WITHOUT ROWID;

-- What was extracted from a text: a function of its bytes, its language and
-- the extractor, whichever path, snapshot or work tree holds it.
CREATE TABLE content (
  id         INTEGER PRIMARY KEY,
  hash       BLOB NOT NULL,
  language   TEXT NOT NULL,           -- '' for none
  extractor  TEXT NOT NULL,           -- fingerprint of what made it
  data       BLOB NOT NULL            -- postcard of model::Content
);
CREATE UNIQUE INDEX content_key ON content(hash, language);

-- History read from git, for the newest heads only.
CREATE TABLE history (
  head  TEXT PRIMARY KEY,
  data  BLOB NOT NULL                 -- postcard of model::History
);
