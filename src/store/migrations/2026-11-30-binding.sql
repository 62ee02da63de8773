-- Which database this is, and that this user's waypost made it. Serves: a
-- database that came with a clone is not used.
CREATE TABLE binding (
  project  TEXT NOT NULL,   -- at random; a backup that is put back keeps it
  key      TEXT,            -- name of the key in the user's state folder; NULL for none yet
  tag      BLOB             -- of the name of the key, by the key
);
INSERT INTO binding (project) VALUES (lower(hex(randomblob(16))));
