-- A sketch in parts, so that a run writes those that changed.
DELETE FROM sketch;                   -- its data is now that of a store::sketch::Head
CREATE TABLE sketch_part (
  id    INTEGER PRIMARY KEY,
  tree  INTEGER NOT NULL REFERENCES tree(id),
  part  INTEGER NOT NULL,             -- 0: edges and order; from 1: files by path, 256 each
  data  BLOB NOT NULL,                -- postcard
  UNIQUE (tree, part)
);
