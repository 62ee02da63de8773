-- Stored data carries a checksum from now on. Everything here is made again
-- from the files; the history of records stays.
DELETE FROM content;
DELETE FROM history;
DELETE FROM sketch;
DELETE FROM name_use;
DELETE FROM record;
INSERT INTO record_fts(record_fts) VALUES ('rebuild');
