-- Sessions, their log and claims of many projects, and their records. Serves:
-- the sessions of a project by their last sign of life, the log from a number on,
-- what a clone has sent already, and the claims that a resource meets. Times are
-- milliseconds since 1970 by the server's clock; texts have been redacted.
--
-- Who may see a project is a row of `member`. All else is held by the policies
-- below, for the owner of the tables too.

CREATE SCHEMA waypost;

CREATE TABLE waypost.schema_version (
  version  int NOT NULL
);
INSERT INTO waypost.schema_version VALUES (0);

CREATE TABLE waypost.project (
  id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name  text NOT NULL UNIQUE           -- the root commit, or a name that was given
);

CREATE TABLE waypost.member (
  project  bigint NOT NULL REFERENCES waypost.project(id) ON DELETE CASCADE,
  role     name NOT NULL,              -- a role of this server; its members count too
  PRIMARY KEY (project, role)
);

CREATE TABLE waypost.session (
  seq           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  project       bigint NOT NULL REFERENCES waypost.project(id) ON DELETE CASCADE,
  id            text NOT NULL,
  clone         text,                  -- the clone that it works in
  conversation  text,
  agent         text NOT NULL,
  kind          text NOT NULL,
  title         text NOT NULL,
  meta          text NOT NULL,
  worktree      text NOT NULL,
  branch        text NOT NULL,
  owner         text,
  started_ms    bigint NOT NULL,
  beat_ms       bigint NOT NULL,
  ended_ms      bigint,
  doing         text NOT NULL,
  summary       text NOT NULL,
  UNIQUE (project, id)
);
CREATE INDEX session_beat ON waypost.session(project, beat_ms);

CREATE TABLE waypost.event (
  seq         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  project     bigint NOT NULL REFERENCES waypost.project(id) ON DELETE CASCADE,
  clone       text,                    -- the clone that sent it
  clone_seq   bigint,                  -- and its number there
  at_ms       bigint NOT NULL,
  session     bigint REFERENCES waypost.session(seq) ON DELETE CASCADE,
  kind        text NOT NULL,
  text        text NOT NULL,
  path        text,
  code        bigint,
  data        text,
  UNIQUE (project, clone, clone_seq)
);
CREATE INDEX event_project ON waypost.event(project, seq);
CREATE INDEX event_session ON waypost.event(session, seq);

CREATE TABLE waypost.claim (
  seq         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  project     bigint NOT NULL REFERENCES waypost.project(id) ON DELETE CASCADE,
  resource    text NOT NULL,
  session     bigint NOT NULL REFERENCES waypost.session(seq) ON DELETE CASCADE,
  shown       text NOT NULL,
  shared      boolean NOT NULL,
  note        text NOT NULL,
  taken_ms    bigint NOT NULL,
  expires_ms  bigint NOT NULL,
  UNIQUE (project, resource, session)
);
CREATE INDEX claim_session ON waypost.claim(session);

-- The newest line of the export that each record has.
CREATE TABLE waypost.record (
  project   bigint NOT NULL REFERENCES waypost.project(id) ON DELETE CASCADE,
  id        text NOT NULL,
  revision  bigint NOT NULL,           -- the number of its events
  line      text NOT NULL,
  sent_ms   bigint NOT NULL,
  PRIMARY KEY (project, id)
);

-- The projects that whoever asks may see. Not a member's own query, since that
-- may not see the members of other projects.
CREATE FUNCTION waypost.own_projects() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT m.project FROM waypost.member m JOIN pg_catalog.pg_roles r ON r.rolname = m.role
  WHERE pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')
$$;

-- The project of a name, which begins with whoever asks first. NULL for one that
-- others hold.
CREATE FUNCTION waypost.join_project(wanted text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE found bigint;
BEGIN
  INSERT INTO waypost.project (name) VALUES (wanted) ON CONFLICT (name) DO NOTHING RETURNING id INTO found;
  IF found IS NOT NULL THEN
    INSERT INTO waypost.member (project, role) VALUES (found, session_user);
    RETURN found;
  END IF;
  SELECT p.id INTO found FROM waypost.project p
  WHERE p.name = wanted AND p.id IN (SELECT waypost.own_projects());
  RETURN found;
END $$;

-- The same for one that is there already.
CREATE FUNCTION waypost.own_project(wanted text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT p.id FROM waypost.project p WHERE p.name = wanted AND p.id IN (SELECT waypost.own_projects())
$$;

-- Lets another role into a project that whoever asks is in.
CREATE FUNCTION waypost.share_project(wanted text, with_role text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO waypost.member (project, role)
  SELECT p.id, r.rolname FROM waypost.project p, pg_catalog.pg_roles r
  WHERE p.name = wanted AND r.rolname = with_role AND p.id IN (SELECT waypost.own_projects())
  ON CONFLICT DO NOTHING;
  RETURN EXISTS (
    SELECT 1 FROM waypost.member m JOIN waypost.project p ON p.id = m.project
    WHERE p.name = wanted AND m.role = with_role AND p.id IN (SELECT waypost.own_projects())
  );
END $$;

ALTER TABLE waypost.session ENABLE ROW LEVEL SECURITY;
ALTER TABLE waypost.event ENABLE ROW LEVEL SECURITY;
ALTER TABLE waypost.claim ENABLE ROW LEVEL SECURITY;
ALTER TABLE waypost.record ENABLE ROW LEVEL SECURITY;
ALTER TABLE waypost.session FORCE ROW LEVEL SECURITY;
ALTER TABLE waypost.event FORCE ROW LEVEL SECURITY;
ALTER TABLE waypost.claim FORCE ROW LEVEL SECURITY;
ALTER TABLE waypost.record FORCE ROW LEVEL SECURITY;
CREATE POLICY member ON waypost.session USING (project IN (SELECT waypost.own_projects()));
CREATE POLICY member ON waypost.event USING (project IN (SELECT waypost.own_projects()));
CREATE POLICY member ON waypost.claim USING (project IN (SELECT waypost.own_projects()));
CREATE POLICY member ON waypost.record USING (project IN (SELECT waypost.own_projects()));

GRANT USAGE ON SCHEMA waypost TO PUBLIC;
GRANT SELECT ON waypost.schema_version TO PUBLIC;
GRANT SELECT, INSERT, UPDATE ON waypost.session TO PUBLIC;
GRANT SELECT, INSERT ON waypost.event TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON waypost.claim TO PUBLIC;
GRANT SELECT, INSERT, UPDATE ON waypost.record TO PUBLIC;
