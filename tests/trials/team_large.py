#!/usr/bin/env python3
"""A team's server with a million entries of logs, a hundred thousand records and two hundred projects: how long commands take
beside it, and how large it is.

Usage: team_large.py --binary WAYPOST --server HOST:PORT [--events N] [--records N] [--projects N] [--runs N]

The server is one that team.sh would start: a role `admin` with the password `admin`, roles `owner` and `ann` with theirs, an
empty database `team` of `owner`. The tables are filled by COPY. A figure is the time of a whole process, and for a claim that
in the process too; each p50 is held against 50 ms. Ends with one line of counts.
"""

import argparse
import itertools
import json
import os
import pathlib
import random
import re
import subprocess
import tempfile
import time

MOST_MS = 50.0


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--server", required=True)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--projects", type=int, default=200)
    parser.add_argument("--runs", type=int, default=40)
    options = parser.parse_args()
    binary = str(pathlib.Path(options.binary).resolve())
    host, port = options.server.split(":")
    rng = random.Random(1)

    def psql(text, given=None):
        command = ["psql", "-qXAt", "-v", "ON_ERROR_STOP=1", "-h", host, "-p", port, "-U", "admin", "team", "-c", text]
        done = subprocess.run(command, env={**os.environ, "PGPASSWORD": "admin"}, input=given, capture_output=True, text=True)
        assert done.returncode == 0, (text[:200], done.stderr)
        return done.stdout.strip()

    def copy(table, rows):
        psql(f"COPY waypost.{table} FROM STDIN", "".join("\t".join(map(str, row)) + "\n" for row in rows))

    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        root = scratch / "one"
        git = ["git", "-C", str(root), "-c", "user.name=t", "-c", "user.email=t@t"]
        subprocess.run(["git", "init", "-q", str(root)], check=True)
        for number in range(50):
            (root / f"f{number}.rs").write_text(f"pub fn f{number}() {{}}\n")
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "-qm", "one"], check=True)

        def run(*arguments, role="ann"):
            environment = {"HOME": str(scratch), "PATH": os.environ["PATH"], "PGPASSWORD": role}
            began = time.monotonic()
            done = subprocess.run([binary, *arguments], cwd=root, env=environment, capture_output=True, text=True)
            return done, 1000 * (time.monotonic() - began)

        def must(*arguments, role="ann"):
            done, _ = run(*arguments, role=role)
            assert done.returncode == 0, (arguments, done.stdout, done.stderr)
            return done.stdout

        url = lambda role: f"postgres://{role}@{options.server}/team"
        must("init")
        must("team", "connect", url("owner"), role="owner")
        must("team", "share", "ann", role="owner")
        must("team", "connect", url("ann"))

        # Words as they are: a few are common, most are rare.
        vocabulary = ["".join(rng.choice("bcdfgklmnprstvz") + rng.choice("aeiou") for _ in range(rng.randint(2, 4)))
                      for _ in range(20_000)]
        weights = list(itertools.accumulate(1 / (rank + 10) for rank in range(len(vocabulary))))
        own = int(psql("SELECT id FROM waypost.project ORDER BY id LIMIT 1"))
        began = time.monotonic()
        psql(f"INSERT INTO waypost.project (name) SELECT 'project ' || n FROM generate_series(2, {options.projects}) AS n")
        psql("INSERT INTO waypost.member SELECT id, 'ann' FROM waypost.project ON CONFLICT DO NOTHING")
        projects = [int(line) for line in psql("SELECT id FROM waypost.project ORDER BY id").split()]
        now = int(time.time() * 1000)
        sessions = max(len(projects), options.events // 100)
        copy("session (project, clone, id, agent, kind, title, meta, worktree, branch, started_ms, beat_ms, ended_ms, doing, summary)",
             ((projects[n % len(projects)], f"clone{n % 7}", f"s{n}", "agent", "", "title", "{}", "/w", "main",
               now - n * 10_000, now - n * 9_000, now - n * 9_000, "", "done") for n in range(sessions)))
        numbers = [line.split("|") for line in psql("SELECT seq, project, clone FROM waypost.session WHERE id ~ '^s[0-9]+$'").split("\n")]
        copy("event (project, clone, clone_seq, at_ms, session, kind, text, path)",
             ((project, clone, n, now - (options.events - n) * 100, seq, ("note", "command", "milestone")[n % 3],
               f"{vocabulary[n % 997]} {vocabulary[n % 1009]} {n}", f"src/f{n % 50}.rs")
              for n in range(options.events) for seq, project, clone in [numbers[n % len(numbers)]]))
        lines, texts = [], []
        for n in range(options.records):
            project, id = projects[n % len(projects)], f"1m8p3mhjx{n:07}"
            title = " ".join(rng.choices(vocabulary, cum_weights=weights, k=5))
            body = " ".join(rng.choices(vocabulary, cum_weights=weights, k=40))
            said = f'+++\\nid = "{id}"\\nkind = "decision"\\ntitle = "{title}"\\n+++\\n\\n{body}\\n'
            lines.append((project, id, 1, "{}", now))
            texts.append((project, id, said, title, body))
        copy("record (project, id, revision, line, sent_ms)", lines)
        psql("CREATE TABLE told (project bigint, id text, said text, title text, body text)")
        psql("COPY told FROM STDIN", "".join("\t".join(map(str, row)) + "\n" for row in texts))
        psql("""INSERT INTO waypost.record_text
          SELECT t.project, t.id, 1, t.said, t.title, t.body, array_to_tsvector(ARRAY(SELECT jsonb_object_keys(c.counts))), c.counts, 45
          FROM told t, LATERAL (SELECT jsonb_object_agg(word, n) AS counts FROM (SELECT word, sum(worth) AS n FROM (
            SELECT unnest(string_to_array(t.title, ' ')) AS word, 3 AS worth
            UNION ALL SELECT unnest(string_to_array(t.body, ' ')), 1) AS s GROUP BY word) AS w) AS c""")
        psql("DROP TABLE told")
        psql("INSERT INTO waypost.word SELECT word, project, count(*) FROM waypost.record_text,"
             " unnest(tsvector_to_array(words)) AS word GROUP BY word, project")
        psql("INSERT INTO waypost.vocabulary SELECT DISTINCT word, char_length(word) FROM waypost.word")
        psql("INSERT INTO waypost.text_size SELECT project, count(*), sum(length) FROM waypost.record_text GROUP BY project")
        psql("VACUUM ANALYZE")
        print(f"filled in {time.monotonic() - began:.0f} s")

        must("team", "connect", url("ann"))
        session = must("session", "start", "--agent", "ann").strip()
        rare = lambda: " ".join(rng.choices(vocabulary[200:], k=2))
        mixed = lambda: " ".join(rng.choices(vocabulary, cum_weights=weights, k=3))
        took, inside, answered = {}, [], 0
        for n in range(options.runs):
            for name, arguments in (
                ("sitrep", ["sitrep"]), ("resume", ["resume"]), ("claim", ["claim", f"f{n}.rs", "--verbose", "--session", session]),
                ("search, two words", ["search", "--team", rare(), "--json"]),
                ("search, three words", ["search", "--team", mixed(), "--json"]),
                ("search, misspelt", ["search", "--team", vocabulary[n + 50] + "x", "--json"]),
            ):
                done, milliseconds = run(*arguments)
                assert done.returncode in (0, 1), (arguments, done.stdout, done.stderr)
                took.setdefault(name, []).append(milliseconds)
                if name == "claim":
                    assert "not confirmed" not in done.stderr, done.stderr
                    inside.append(float(re.search(r"claim ([0-9.]+) ms", done.stderr).group(1)))
                if name.startswith("search"):
                    answered += json.loads(done.stdout)["team"]["answered"]
        took["claim, in the process"] = inside
        slow = 0
        for name, values in took.items():
            slow += percentile(values, 0.5) >= MOST_MS
            print(f"{name:<24} p50 {percentile(values, 0.5):6.1f} ms, p95 {percentile(values, 0.95):6.1f} ms")
        print(f"{answered} of {3 * options.runs} searches answered by the server")
        for line in psql("SELECT relname, pg_size_pretty(pg_total_relation_size(c.oid)) FROM pg_class c"
                         " WHERE relnamespace = 'waypost'::regnamespace AND relkind = 'r' ORDER BY pg_total_relation_size(c.oid) DESC"
                         " LIMIT 6").split("\n"):
            print("size", line.replace("|", " "))
        print("size of the database", psql("SELECT pg_size_pretty(pg_database_size('team'))"))
        local = sum(file.stat().st_size for file in (root / ".waypost/local").rglob("*") if file.is_file())
        print(f"size of the clone's own database {local / 1e6:.1f} MB")
        silent = 3 * options.runs - answered
        print(f"{len(took) + 1 - slow - (silent > 0)} passed, {slow + (silent > 0)} failed")
        raise SystemExit(slow + silent > 0)


if __name__ == "__main__":
    main()
