-- What others of a team did, kept here so that every question is answered from
-- this machine. Serves: the sessions of this clone alone, the last entry that came
-- from elsewhere, and the name by which a team's server knows this clone.

-- The clone that it works in; NULL for this one.
ALTER TABLE session ADD COLUMN place TEXT;

-- The number of an entry at the team's server, for one that came from there.
ALTER TABLE event ADD COLUMN origin INTEGER;
CREATE INDEX event_origin ON event(origin) WHERE origin IS NOT NULL;

CREATE TABLE clone (
  name  TEXT PRIMARY KEY
) WITHOUT ROWID;
