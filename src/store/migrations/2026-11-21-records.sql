-- Project memory. The files are the truth; `record` indexes those of a work
-- tree, so that an unchanged file is not read again. Serves: lists, lookup by
-- id, slug and content, full text, and the history of a record.

CREATE TABLE record (
  seq       INTEGER PRIMARY KEY,
  tree      INTEGER NOT NULL REFERENCES tree(id),
  id        TEXT NOT NULL,
  slug      TEXT,
  revision  INTEGER NOT NULL,
  hash      BLOB NOT NULL,            -- of the canonical text
  said      BLOB NOT NULL,            -- of what it says: equal for duplicates
  data      BLOB NOT NULL,            -- postcard of memory::Record
  file      TEXT NOT NULL,
  size      INTEGER NOT NULL,
  mtime_ns  INTEGER NOT NULL,
  ctime_ns  INTEGER NOT NULL,
  inode     INTEGER NOT NULL,
  read_ns   INTEGER NOT NULL,         -- when the file was read: git's racy rule
  title     TEXT NOT NULL,            -- words for the index
  body      TEXT NOT NULL,            -- likewise
  UNIQUE (tree, id)
);
CREATE INDEX record_slug ON record(tree, slug) WHERE slug IS NOT NULL;
CREATE INDEX record_said ON record(tree, said);

CREATE VIRTUAL TABLE record_fts USING fts5(
  title, body, content = 'record', content_rowid = 'seq',
  tokenize = "unicode61 remove_diacritics 0 tokenchars '/._-:#@+$'"
);
-- Without it deleted words stay in the index's pages.
INSERT INTO record_fts(record_fts, rank) VALUES ('secure-delete', 1);
CREATE VIRTUAL TABLE record_vocabulary USING fts5vocab(record_fts, 'row');

-- What happened to a record: ids and hashes, never its words.
CREATE TABLE record_event (
  seq       INTEGER PRIMARY KEY AUTOINCREMENT,
  tree      INTEGER NOT NULL REFERENCES tree(id),
  record    TEXT NOT NULL,
  revision  INTEGER NOT NULL,         -- from 1
  what      TEXT NOT NULL,
  hash      BLOB,                     -- of the text after it; NULL when it was deleted
  at        TEXT NOT NULL,            -- RFC 3339, UTC
  UNIQUE (tree, record, revision)
);

-- The texts of revisions by their hash; erasing a record deletes its own.
CREATE TABLE record_text (
  hash  BLOB PRIMARY KEY,
  text  TEXT NOT NULL
) WITHOUT ROWID;
