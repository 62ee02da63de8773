-- Which snapshots somebody asked for. Serves: thinning those that a watch took
-- by itself.
ALTER TABLE snapshot ADD COLUMN asked INTEGER NOT NULL DEFAULT 1;
