-- Claims and releases that take one way to the server. Serves: a claim that
-- nothing stands in the way of, and giving one up, by a session's number or id.
-- Both run as whoever asks, so that the policies hold.

-- Until when the claim is held; NULL where it was not made: others are in the way,
-- or the session is none that is open.
CREATE FUNCTION waypost.claim_if_free(
  in_project bigint, by_seq bigint, by_id text, wanted text, as_shown text, is_shared boolean, why text, ttl_ms bigint
) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  now_ms bigint;
  holder bigint;
  is_new boolean;
BEGIN
  PERFORM pg_advisory_xact_lock(2002876784, (in_project % 2147483647)::int);
  now_ms := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
  SELECT s.seq INTO holder FROM waypost.session s
  WHERE s.project = in_project AND s.ended_ms IS NULL AND CASE WHEN by_id IS NULL THEN s.seq = by_seq ELSE s.id = by_id END;
  IF holder IS NULL THEN
    RETURN NULL;
  END IF;
  IF EXISTS (SELECT 1 FROM waypost.claim c WHERE c.project = in_project AND c.expires_ms <= now_ms) THEN
    WITH gone AS (DELETE FROM waypost.claim c WHERE c.project = in_project AND c.expires_ms <= now_ms
                  RETURNING c.seq, c.session, c.shown)
    INSERT INTO waypost.event (project, at_ms, session, kind, text, path)
    SELECT in_project, now_ms, gone.session, 'release', 'expired', gone.shown FROM gone ORDER BY gone.seq;
  END IF;
  IF EXISTS (
    SELECT 1 FROM waypost.claim c
    WHERE c.project = in_project AND c.session <> holder AND NOT (c.shared AND is_shared)
      AND (c.resource = wanted OR NOT starts_with(wanted, 'name:') AND
            (c.resource = '' OR starts_with(c.resource, wanted || '/') OR starts_with(wanted, c.resource || '/')))
  ) THEN
    RETURN NULL;
  END IF;
  INSERT INTO waypost.claim AS held (project, resource, session, shown, shared, note, taken_ms, expires_ms)
  VALUES (in_project, wanted, holder, as_shown, is_shared, why, now_ms, now_ms + ttl_ms)
  ON CONFLICT (project, resource, session) DO UPDATE
    SET expires_ms = excluded.expires_ms, shared = excluded.shared, note = excluded.note
  RETURNING held.xmax = 0 INTO is_new;
  INSERT INTO waypost.event (project, at_ms, session, kind, text, path)
  VALUES (in_project, now_ms, holder, 'claim', CASE WHEN is_new THEN 'claimed' ELSE 'renewed' END, as_shown);
  RETURN now_ms + ttl_ms;
END $$;

-- Gives up a session's claim on a resource, or with NULL all that it holds; the
-- number of claims.
CREATE FUNCTION waypost.give_up(in_project bigint, by_seq bigint, by_id text, wanted text) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  now_ms bigint;
  given bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(2002876784, (in_project % 2147483647)::int);
  now_ms := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
  WITH gone AS (
    DELETE FROM waypost.claim c USING waypost.session s
    WHERE c.project = in_project AND s.seq = c.session AND (wanted IS NULL OR c.resource = wanted AND c.expires_ms > now_ms)
      AND CASE WHEN by_id IS NULL THEN s.seq = by_seq ELSE s.project = in_project AND s.id = by_id END
    RETURNING c.seq, c.session, c.shown
  )
  INSERT INTO waypost.event (project, at_ms, session, kind, text, path)
  SELECT in_project, now_ms, gone.session, 'release', 'released', gone.shown FROM gone ORDER BY gone.seq;
  GET DIAGNOSTICS given = ROW_COUNT;
  IF given > 0 THEN
    PERFORM pg_notify('waypost_' || in_project, '');
  END IF;
  RETURN given;
END $$;
