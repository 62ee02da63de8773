-- Search anew: numbered names are found without their number, so all words are
-- cut again (a rebuild from the files). Serves: the question what changed since
-- the index was made, from indexes that hold the stamps alone; and the files
-- that change together with one.

INSERT INTO code_fts(code_fts) VALUES ('delete-all');
DELETE FROM code;
DELETE FROM place;
DELETE FROM place_folder;
DELETE FROM record;
INSERT INTO record_fts(record_fts) VALUES ('rebuild');

CREATE INDEX place_stamps ON place(tree, path, size, mtime_ns, ctime_ns, inode);
CREATE INDEX record_stamps ON record(tree, file, id, size, mtime_ns, ctime_ns, inode, read_ns);

-- What the index of a work tree was made by, and with which history.
CREATE TABLE place_tree (
  tree       INTEGER PRIMARY KEY REFERENCES tree(id),
  extractor  TEXT NOT NULL,
  head       TEXT NOT NULL            -- '' for none
);

-- Words of the code, for misspellings: the full text's own list of words counts
-- every one anew. Words that are gone may stay; how often one occurs is asked.
CREATE TABLE word (
  length  INTEGER NOT NULL,           -- in characters
  word    TEXT NOT NULL,
  PRIMARY KEY (length, word)
) WITHOUT ROWID;

-- Rows of `code` are numbered from here on by their place: a file has that of
-- its place, negative, and a symbol that of its place and its own in 20 bits.

CREATE TABLE place_together (
  tree   INTEGER NOT NULL REFERENCES tree(id),
  path   TEXT NOT NULL,
  paths  TEXT NOT NULL,               -- one a line, the closest first
  PRIMARY KEY (tree, path)
) WITHOUT ROWID;
