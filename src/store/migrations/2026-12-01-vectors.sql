-- What records are about, by the hash of what they say and of the model, so that
-- a stale one is never found. Can be made anew. Serves: search by meaning.

CREATE TABLE record_vector (
  said  BLOB NOT NULL,
  hash  BLOB NOT NULL,   -- of the model
  data  BLOB NOT NULL,   -- a signed byte for each dimension; empty for none
  PRIMARY KEY (said, hash)
) WITHOUT ROWID;

-- Records are read anew, so that each gets its vector (a rebuild from the files;
-- history stays).
DELETE FROM record;
INSERT INTO record_fts(record_fts) VALUES ('rebuild');
