-- Goals have a state and a moment at which they were set, so records are read
-- anew (a rebuild from the files; history stays). Serves: lists and lookup of
-- records.

DELETE FROM record;
INSERT INTO record_fts(record_fts) VALUES ('rebuild');
