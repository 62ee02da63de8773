-- Full text over the files of a work tree: their paths, the words of their
-- contents, and each symbol. Serves: one query over all, and the question
-- whether the answer is of today.

CREATE TABLE place (
  id        INTEGER PRIMARY KEY,
  tree      INTEGER NOT NULL REFERENCES tree(id),
  path      TEXT NOT NULL,
  hash      BLOB NOT NULL,
  language  TEXT NOT NULL,            -- '' for none
  size      INTEGER NOT NULL,
  mtime_ns  INTEGER NOT NULL,
  ctime_ns  INTEGER NOT NULL,
  inode     INTEGER NOT NULL,
  imports   TEXT NOT NULL,            -- paths, one a line
  UNIQUE (tree, path)
);

-- Folders of the tree: a new file changes the time of its own.
CREATE TABLE place_folder (
  tree      INTEGER NOT NULL REFERENCES tree(id),
  path      TEXT NOT NULL,
  mtime_ns  INTEGER NOT NULL,
  PRIMARY KEY (tree, path)
) WITHOUT ROWID;

-- A file (no symbol) or a symbol of one.
CREATE TABLE code (
  id         INTEGER PRIMARY KEY,
  place      INTEGER NOT NULL REFERENCES place(id) ON DELETE CASCADE,
  symbol     TEXT,                    -- qualified name
  kind       TEXT NOT NULL,
  signature  TEXT NOT NULL,
  doc        TEXT NOT NULL,
  line       INTEGER NOT NULL,
  end_line   INTEGER NOT NULL
);
CREATE INDEX code_of_place ON code(place);

CREATE VIRTUAL TABLE code_fts USING fts5(
  name, more, content = '', contentless_delete = 1,
  tokenize = "unicode61 remove_diacritics 0 tokenchars '/._-:#@+$'"
);
CREATE VIRTUAL TABLE code_vocabulary USING fts5vocab(code_fts, 'row');
