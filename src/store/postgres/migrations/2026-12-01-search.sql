-- Full text over the records of all projects that a role may see. Serves: one
-- question over them, in the order that a machine's own index gives. The words come
-- cut, so PostgreSQL's own parsers see none of them.
--
-- With policies on these tables no index over words would be used: an operator may
-- tell what it sees in rows that the policy hides. So nobody is let at the tables;
-- the functions below ask which projects whoever calls them may see. The owner of
-- the tables can read them.

CREATE TABLE waypost.record_text (
  project   bigint NOT NULL,
  id        text NOT NULL,
  revision  bigint NOT NULL,
  said      text NOT NULL,             -- the record as its file says it
  title     text NOT NULL,             -- its words, with spaces between
  body      text NOT NULL,
  words     tsvector NOT NULL,         -- each word once
  counts    jsonb NOT NULL,            -- how often each is said, in a title three times as much
  length    bigint NOT NULL,           -- how many words there are
  PRIMARY KEY (project, id),
  FOREIGN KEY (project, id) REFERENCES waypost.record(project, id) ON DELETE CASCADE
);
CREATE INDEX record_text_words ON waypost.record_text USING gin (words);

-- In how many records of a project a word stands.
CREATE TABLE waypost.word (
  word     text COLLATE "C" NOT NULL,
  project  bigint NOT NULL REFERENCES waypost.project(id) ON DELETE CASCADE,
  records  bigint NOT NULL,
  PRIMARY KEY (word, project)
);

-- The words of all projects, for those that are like a misspelt one.
CREATE TABLE waypost.vocabulary (
  word    text COLLATE "C" PRIMARY KEY,
  length  bigint NOT NULL
);
CREATE INDEX vocabulary_length ON waypost.vocabulary(length);

CREATE TABLE waypost.text_size (
  project  bigint PRIMARY KEY REFERENCES waypost.project(id) ON DELETE CASCADE,
  records  bigint NOT NULL,
  words    bigint NOT NULL
);

ALTER TABLE waypost.record_text ENABLE ROW LEVEL SECURITY;
ALTER TABLE waypost.word ENABLE ROW LEVEL SECURITY;
ALTER TABLE waypost.text_size ENABLE ROW LEVEL SECURITY;
ALTER TABLE waypost.vocabulary ENABLE ROW LEVEL SECURITY;

-- Takes the texts of records in the place of older ones, if they are those of the
-- records as they are there; one without a text is not found any more. The lock of
-- the project is the caller's.
CREATE FUNCTION waypost.put_texts(in_project bigint, told json) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF in_project NOT IN (SELECT waypost.own_projects()) THEN
    RAISE insufficient_privilege USING MESSAGE = 'the project is not open to this role';
  END IF;
  WITH gone AS (
    DELETE FROM waypost.record_text r USING json_to_recordset(told) AS t(id text, revision bigint, said text)
    WHERE r.project = in_project AND r.id = t.id AND r.revision < t.revision
    RETURNING r.words, r.length
  ), less AS (
    UPDATE waypost.word w SET records = w.records - fewer.n
    FROM (SELECT word, count(*) AS n FROM gone, unnest(tsvector_to_array(gone.words)) AS word GROUP BY word) AS fewer
    WHERE w.word = fewer.word AND w.project = in_project
  )
  UPDATE waypost.text_size s SET records = s.records - fewer.n, words = s.words - fewer.words
  FROM (SELECT count(*) AS n, coalesce(sum(length), 0) AS words FROM gone) AS fewer WHERE s.project = in_project;
  WITH unsaid AS (DELETE FROM waypost.word WHERE project = in_project AND records <= 0 RETURNING word)
  DELETE FROM waypost.vocabulary v USING unsaid
  WHERE v.word = unsaid.word
    AND NOT EXISTS (SELECT 1 FROM waypost.word w WHERE w.word = v.word AND w.project <> in_project);
  WITH fresh AS (
    INSERT INTO waypost.record_text (project, id, revision, said, title, body, words, counts, length)
    SELECT in_project, t.id, t.revision, t.said, t.title, t.body,
           array_to_tsvector(ARRAY(SELECT jsonb_object_keys(c.counts))), c.counts, c.length
    FROM json_to_recordset(told) AS t(id text, revision bigint, said text, title text, body text),
    LATERAL (
      SELECT coalesce(jsonb_object_agg(word, n), '{}') AS counts, coalesce(sum(times), 0)::bigint AS length FROM (
        SELECT word, sum(worth) AS n, count(*) AS times FROM (
          SELECT unnest(string_to_array(t.title, ' ')) AS word, 3 AS worth
          UNION ALL SELECT unnest(string_to_array(t.body, ' ')), 1
        ) AS said WHERE word <> '' GROUP BY word
      ) AS counted
    ) AS c
    WHERE t.said IS NOT NULL AND EXISTS (
      SELECT 1 FROM waypost.record k WHERE k.project = in_project AND k.id = t.id AND k.revision = t.revision
    )
    ON CONFLICT (project, id) DO NOTHING
    RETURNING words, length
  ), new AS (
    -- In one order, so that two who add words never wait for each other.
    INSERT INTO waypost.vocabulary (word, length)
    SELECT said.word, char_length(said.word) FROM (
      SELECT DISTINCT word FROM fresh, unnest(tsvector_to_array(fresh.words)) AS word
    ) AS said ORDER BY said.word COLLATE "C"
    ON CONFLICT (word) DO NOTHING
  ), more AS (
    INSERT INTO waypost.word AS w (word, project, records)
    SELECT word, in_project, count(*) FROM fresh, unnest(tsvector_to_array(fresh.words)) AS word GROUP BY word
    ON CONFLICT (word, project) DO UPDATE SET records = w.records + excluded.records
  )
  INSERT INTO waypost.text_size AS s (project, records, words)
  SELECT in_project, count(*), coalesce(sum(length), 0) FROM fresh
  ON CONFLICT (project) DO UPDATE SET records = s.records + excluded.records, words = s.words + excluded.words;
END $$;

-- How many records and words there are to find.
CREATE FUNCTION waypost.text_totals(OUT projects bigint, OUT records bigint, OUT words bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT count(*), coalesce(sum(s.records), 0)::bigint, coalesce(sum(s.words), 0)::bigint
  FROM waypost.text_size s WHERE s.project IN (SELECT waypost.own_projects())
$$;

-- In how many records each of these words stands, or the words that begin so.
CREATE FUNCTION waypost.word_records(wanted text[], begins boolean[]) RETURNS TABLE (place bigint, records bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH own AS MATERIALIZED (SELECT ARRAY(SELECT waypost.own_projects()) AS ids)
  SELECT a.place, coalesce(CASE WHEN a.begun
    THEN (SELECT sum(w.records) FROM waypost.word w, own
          WHERE w.word >= a.word COLLATE "C" AND w.word < (a.word || chr(1114111)) COLLATE "C" AND w.project = ANY (own.ids))
    ELSE (SELECT sum(w.records) FROM waypost.word w, own WHERE w.word = a.word AND w.project = ANY (own.ids)) END, 0)::bigint
  FROM unnest(wanted, begins) WITH ORDINALITY AS a(word, begun, place)
$$;

-- Words of so many characters that share three in a row with another.
CREATE FUNCTION waypost.words_like(pieces text[], shortest bigint, longest bigint) RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  own bigint[] := ARRAY(SELECT waypost.own_projects());
BEGIN
  RETURN QUERY
    WITH alike AS MATERIALIZED (
      SELECT v.word FROM waypost.vocabulary v
      WHERE v.length BETWEEN shortest AND longest
        AND EXISTS (SELECT 1 FROM unnest(pieces) AS piece WHERE strpos(' ' || v.word || ' ', piece) > 0)
    )
    SELECT a.word::text FROM alike a
    WHERE EXISTS (SELECT 1 FROM waypost.word w WHERE w.word = a.word AND w.project = ANY (own));
END $$;

-- The records that hold all or any of these words, or of words that begin so, the
-- best first: BM25 (k1 1.2, b 0.75) as SQLite has it.
--
-- Where any will do, those with rare words are looked at first. A word gives less than
-- 2.2 times what it is worth, so records that hold common words alone need no look
-- once there are enough that are better.
CREATE FUNCTION waypost.search_records(wanted text[], begins boolean[], all_of_them boolean, at_most bigint)
RETURNS TABLE (project text, id text, revision bigint, said text, title text, body text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  own bigint[] := ARRAY(SELECT waypost.own_projects());
  total float8;
  average float8;
  parts tsquery[] := '{}';
  worths float8[] := '{}';
  holding float8;
  places int[];
  looked_at int;
  asked tsquery;
  rest float8;
  best_projects bigint[];
  best_ids text[];
  best_worths float8[];
BEGIN
  SELECT t.records, t.words::float8 / greatest(t.records, 1) INTO total, average FROM waypost.text_totals() t;
  IF average <= 0 OR cardinality(wanted) = 0 THEN
    RETURN;
  END IF;
  FOR at IN 1 .. cardinality(wanted) LOOP
    parts := parts || ('''' || replace(replace(wanted[at], '\', '\\'), '''', '''''') || ''''
      || CASE WHEN begins[at] THEN ':*' ELSE '' END)::tsquery;
    IF begins[at] THEN
      SELECT count(*) INTO holding FROM waypost.record_text r WHERE r.project = ANY (own) AND r.words @@ parts[at];
    ELSE
      SELECT coalesce(sum(w.records), 0) INTO holding FROM waypost.word w
      WHERE w.word = wanted[at] AND w.project = ANY (own);
    END IF;
    worths := worths || CASE WHEN 0.5 + total - holding > 0.5 + holding
      THEN ln((0.5 + total - holding) / (0.5 + holding)) ELSE 1e-6::float8 END;
  END LOOP;
  places := ARRAY(SELECT w.place::int FROM unnest(worths) WITH ORDINALITY AS w(worth, place) ORDER BY w.worth DESC, w.place);
  looked_at := CASE WHEN all_of_them THEN cardinality(wanted) ELSE 1 END;
  LOOP
    asked := parts[places[1]];
    FOR at IN 2 .. looked_at LOOP
      asked := CASE WHEN all_of_them THEN asked && parts[places[at]] ELSE asked || parts[places[at]] END;
    END LOOP;
    SELECT array_agg(b.project ORDER BY b.worth DESC, b.id, b.project), array_agg(b.id ORDER BY b.worth DESC, b.id, b.project),
           array_agg(b.worth ORDER BY b.worth DESC, b.id, b.project)
    INTO best_projects, best_ids, best_worths
    FROM (
      SELECT r.project, r.id, (
        SELECT sum(a.worth * (a.n * 2.2::float8 / (a.n + 1.2::float8 * (0.25::float8 + 0.75::float8 * r.length / average))))
        FROM (
          SELECT w.worth, CASE WHEN w.begun
            THEN (SELECT sum(c.value::float8) FROM jsonb_each_text(r.counts) AS c WHERE starts_with(c.key, w.word))
            ELSE (r.counts ->> w.word)::float8 END AS n
          FROM unnest(wanted, begins, worths) AS w(word, begun, worth)
        ) AS a
      ) AS worth
      FROM waypost.record_text r WHERE r.project = ANY (own) AND r.words @@ asked
      ORDER BY worth DESC, r.id, r.project LIMIT at_most
    ) AS b;
    SELECT coalesce(sum(worths[places[at]]), 0) * 2.2 INTO rest
    FROM generate_series(looked_at + 1, cardinality(wanted)) AS at;
    EXIT WHEN looked_at >= cardinality(wanted) OR best_worths[at_most] >= rest;
    looked_at := looked_at + 1;
  END LOOP;
  RETURN QUERY
    SELECT p.name, r.id, r.revision, r.said, r.title, r.body
    FROM unnest(best_projects, best_ids) WITH ORDINALITY AS b(project, id, place)
    JOIN waypost.record_text r ON r.project = b.project AND r.id = b.id
    JOIN waypost.project p ON p.id = r.project
    ORDER BY b.place;
END $$;
