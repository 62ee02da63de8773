-- What is remembered of a work tree as a whole, so that the next run costs
-- what changed: one row a tree, written with its last snapshot.
CREATE TABLE sketch (
  tree       INTEGER PRIMARY KEY REFERENCES tree(id),
  extractor  TEXT NOT NULL,
  digest     BLOB NOT NULL,           -- of the snapshot that it belongs to
  data       BLOB NOT NULL            -- postcard of store::Sketch
);

-- How many files mention and declare each name, names by hash in buckets.
CREATE TABLE name_use (
  tree    INTEGER NOT NULL REFERENCES tree(id),
  bucket  INTEGER NOT NULL,
  data    BLOB NOT NULL,
  PRIMARY KEY (tree, bucket)
) WITHOUT ROWID;

-- The sketch holds the stamps; contents are compressed from now on.
DROP TABLE stamp;
DELETE FROM content;
