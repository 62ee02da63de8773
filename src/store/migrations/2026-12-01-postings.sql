-- In which parts of which files each word stands, for ranking the answers to a
-- question: a common word is then one read, not one for each row that holds it.

DROP TABLE code_vocabulary;
DROP TABLE code_fts;

-- Made anew by the next search.
DELETE FROM place;
DELETE FROM place_tree;
DELETE FROM place_folder;
DELETE FROM word;

ALTER TABLE place ADD COLUMN class TEXT NOT NULL DEFAULT 'data';
ALTER TABLE place ADD COLUMN parts BLOB NOT NULL DEFAULT x'';   -- first and last line of each

CREATE TABLE posting (
  tree   INTEGER NOT NULL REFERENCES tree(id),
  word   TEXT NOT NULL,
  batch  INTEGER NOT NULL,
  times  INTEGER NOT NULL,             -- parts that hold it
  data   BLOB NOT NULL,                -- by place: see store::postings
  PRIMARY KEY (tree, word, batch)
) WITHOUT ROWID;

-- What was added at one time; places that were indexed anew since are dead in it.
CREATE TABLE posting_batch (
  tree    INTEGER NOT NULL REFERENCES tree(id),
  batch   INTEGER NOT NULL,
  newest  INTEGER NOT NULL,            -- the last place in it
  places  INTEGER NOT NULL,
  chunks  INTEGER NOT NULL,
  words   INTEGER NOT NULL,            -- in all parts together
  PRIMARY KEY (tree, batch)
) WITHOUT ROWID;
