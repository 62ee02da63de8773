-- Erased records keep their line, without words, and no clone brings them back.
-- Serves: `erase`, which reaches the log too.

ALTER TABLE waypost.record ADD COLUMN erased boolean NOT NULL DEFAULT false;

-- Keeps the lines of erased records in place of theirs, forgets what is found of them,
-- and empties the entries of the log that tell of them; the number of those. The lock
-- of the project is the caller's.
CREATE FUNCTION waypost.erase_records(in_project bigint, told json) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  ids text[];
  commands bigint;
  emptied bigint;
BEGIN
  IF in_project NOT IN (SELECT waypost.own_projects()) THEN
    RAISE insufficient_privilege USING MESSAGE = 'the project is not open to this role';
  END IF;
  SELECT array_agg(t.id) INTO ids FROM json_to_recordset(told) AS t(id text);
  INSERT INTO waypost.record AS known (project, id, revision, line, sent_ms, erased)
  SELECT in_project, t.id, t.revision, t.line, (extract(epoch FROM clock_timestamp()) * 1000)::bigint, true
  FROM json_to_recordset(told) AS t(id text, revision bigint, line text)
  ON CONFLICT (project, id) DO UPDATE
    SET revision = greatest(known.revision, excluded.revision), line = excluded.line, erased = true
    WHERE NOT known.erased;
  PERFORM waypost.put_texts(
    in_project, (SELECT json_agg(json_build_object('id', id, 'revision', 9223372036854775807)) FROM unnest(ids) AS id)
  );
  -- A command that said a title or an id is in the log too, quoted as the shell has it.
  WITH told AS MATERIALIZED (
    SELECT translate(e.text, '''\', '') AS title FROM waypost.event e
    WHERE e.project = in_project AND length(e.text) > 3 AND substring(e.data FROM '"record":"([^"]*)"') = ANY (ids)
    UNION SELECT unnest(ids)
  )
  UPDATE waypost.event e SET text = ''
  WHERE e.project = in_project AND e.kind IN ('command', 'command_start')
    AND EXISTS (SELECT 1 FROM told WHERE strpos(translate(e.text, '''\', ''), told.title) > 0);
  GET DIAGNOSTICS commands = ROW_COUNT;
  -- As the log of a clone tells of a change of a record.
  UPDATE waypost.event e SET text = ''
  WHERE e.project = in_project AND e.text <> ''
    AND substring(e.data FROM '"record":"([^"]*)"') = ANY (ids);
  GET DIAGNOSTICS emptied = ROW_COUNT;
  RETURN commands + emptied;
END $$;
