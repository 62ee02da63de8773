-- Whether the team's server holds a claim too: NULL where nobody asked it. Serves:
-- lists of claims that tell those which hold on this machine alone.

ALTER TABLE claim ADD COLUMN confirmed INTEGER;
