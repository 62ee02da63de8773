-- Words are folded (`straße` is `strasse`) and single characters of Chinese,
-- Japanese and Korean are words, so all words are cut again (a rebuild from the
-- files). Serves: search.

INSERT INTO code_fts(code_fts) VALUES ('delete-all');
DELETE FROM code;
DELETE FROM place;
DELETE FROM place_folder;
DELETE FROM place_tree;
DELETE FROM word;
DELETE FROM record;
INSERT INTO record_fts(record_fts) VALUES ('rebuild');
