-- Lessons have a trigger, so records are read anew (a rebuild from the files;
-- history stays). Serves: lists and lookup of records.

DELETE FROM record;
INSERT INTO record_fts(record_fts) VALUES ('rebuild');
