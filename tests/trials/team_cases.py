#!/usr/bin/env python3
"""What a team's server is asked for besides claims, case by case. Called by team.sh, which starts the server.

Usage: team_cases.py --binary WAYPOST --server HOST:PORT --stop COMMAND --start COMMAND

Records of several projects are found in the order of this machine's own index, and only by who may see them; without the
server the answer is from here and says so; erasing reaches the log there; claims that are not confirmed say so; hostile
texts come back as they went; newer and older tables are refused kindly; a project that is not connected sends no byte.
Ends with one line of counts.
"""

import argparse
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
import time

NOTES = [
    ("Deploy with blue and green servers", "The old one stays for an hour, then the servers are swapped."),
    ("Servers are rented", "We deploy to them by hand, and deploy again."),
    ("Retry limits", "max_count says how often src/net/retry.rs tries; it's five \\ six."),
    ("Überlauf der Größe", "naïve 検索 of words"),
    ("Tokens are counted with o200k", "Budgets are upper bounds, and src/budget.rs holds them."),
    ("Quotes ' and ; -- and & | ! <-> :* (", "tsquery'); DROP TABLE waypost.event; --"),
]
QUESTIONS = ["deploy servers", "max_count", "src/net/retry.rs", "retr*", "uberlauf", "検索", "depoly", "budget tokens",
             "it's", "'); DROP TABLE", "a & !b", "\"by hand\"", "how are the servers swapped"]
HOSTILE = ["'; DROP TABLE waypost.claim; --", "\\'\\\\", "$1 $$ %s {}", "\u202eevil\u200b", "a\tb", "𝒳" * 50, "NULL", "'{}'::text[]"]


class Clone:
    def __init__(self, binary, home, root, role, server):
        self.binary, self.root, self.role = binary, root, role
        home.mkdir(exist_ok=True)
        self.environment = {"HOME": str(home), "PATH": os.environ["PATH"], "PGPASSWORD": role}
        self.url = f"postgres://{role}@{server}/team"

    def run(self, *arguments, **more):
        began = time.monotonic()
        done = subprocess.run([self.binary, *arguments], cwd=self.root, env={**self.environment, **more},
                              capture_output=True, text=True)
        return done, time.monotonic() - began

    def must(self, *arguments, **more):
        done, _ = self.run(*arguments, **more)
        assert done.returncode == 0, (arguments, done.returncode, done.stdout, done.stderr)
        return done.stdout

    def asked(self, question):
        """The answer of the server, which gets 300 ms: on a busy machine it is asked again."""
        for _ in range(20):
            found = self.json("search", "--team", question, codes=(0, 1))
            if found["team"]["answered"]:
                break
        return found

    def claim(self, *arguments):
        """The same for a claim."""
        for _ in range(20):
            done, _ = self.run("claim", *arguments, "--json")
            if done.returncode or json.loads(done.stdout)["confirmed"]:
                break
        return done

    def json(self, *arguments, codes=(0,)):
        done, _ = self.run(*arguments, "--json")
        assert done.returncode in codes, (arguments, done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout)


class Cases:
    passed, failed = 0, 0

    def check(self, name, holds, shown=""):
        self.passed, self.failed = self.passed + bool(holds), self.failed + (not holds)
        if not holds:
            print(f"failed: {name}: {shown}"[:600])


def repository(folder, name):
    root = folder / name
    git = ["git", "-C", str(root), "-c", "user.name=t", "-c", "user.email=t@t"]
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    (root / "a.txt").write_text(name)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", name], check=True)
    return root


def main():
    parser = argparse.ArgumentParser()
    for name in ("binary", "server", "stop", "start"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    binary, cases = str(pathlib.Path(options.binary).resolve()), Cases()
    check = cases.check
    host, port = options.server.split(":")

    def sql(text, role="admin"):
        command = ["psql", "-qXAt", "-h", host, "-p", port, "-U", role, "team", "-c", text]
        done = subprocess.run(command, env={**os.environ, "PGPASSWORD": role}, capture_output=True, text=True)
        return (done.stdout + done.stderr).strip()

    def server(command):
        as_server = ["su", "postgres", "-s", "/bin/bash", "-c", command] if os.getuid() == 0 else shlex.split(command)
        subprocess.run(as_server, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)

    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        one, two = repository(scratch, "one"), repository(scratch, "two")
        ann_one = Clone(binary, scratch / "ann", one, "ann", options.server)
        ann_two = Clone(binary, scratch / "ann", two, "ann", options.server)
        subprocess.run(["git", "clone", "-q", str(two), str(scratch / "eve-two")], check=True)
        eve = Clone(binary, scratch / "eve", scratch / "eve-two", "eve", options.server)
        owner = Clone(binary, scratch / "owner", one, "owner", options.server)
        owner.must("init")
        owner.must("team", "connect", owner.url, "--project", "tables")
        for clone in (ann_one, ann_two):
            clone.must("init")
            clone.must("team", "connect", clone.url)

        # Search: the records of two projects, as one index of this machine has them.
        ids = []
        for at, (title, body) in enumerate(NOTES):
            ids.append((ann_one, ann_two)[at % 2].must("note", title, "--body", body).split()[0])
        for clone in (ann_one, ann_two):
            clone.must("team", "push")
        both = repository(scratch, "both")
        whole = Clone(binary, scratch / "whole", both, "ann", options.server)
        whole.must("init")
        for name in (one, two):
            for file in (name / ".waypost/memory").iterdir():
                (both / ".waypost/memory").mkdir(exist_ok=True)
                shutil.copy(file, both / ".waypost/memory")
        exact = 0
        for question in QUESTIONS:
            there = ann_one.asked(question)
            here = whole.json("search", "--in", "records", question, codes=(0, 1))
            # Where words do not answer, meaning does on this machine.
            near = any(hit["why"][0].startswith("near in meaning") for hit in here["hits"])
            # Scores differ by what the index here knows of the words of code.
            told = lambda found: [hit["id"] for hit in found["hits"]]
            same = near or told(there) == told(here)
            exact += not near
            check(f"the same order for {question!r}", same, (there["hits"], here["hits"]))
        check("questions that words answer", exact > len(QUESTIONS) // 2, exact)
        projects = {hit["project"] for hit in ann_one.asked("servers")["hits"]}
        check("hits of both projects", len({hit["project"] for question in ("servers", "retry") for hit in
              ann_one.asked(question)["hits"]}) == 2, projects)

        # Who is no member sees and claims nothing.
        eve.must("init")
        strange, _ = eve.run("team", "connect", eve.url)
        check("a stranger is refused", strange.returncode != 0 and "not open to this role" in strange.stderr, strange.stderr)
        eve.must("team", "connect", eve.url, "--project", "eves-own")
        check("a stranger finds nothing", eve.asked("servers")["hits"] == [])
        for statement in (
            "SELECT count(*) FROM waypost.record", "SELECT count(*) FROM waypost.event", "SELECT count(*) FROM waypost.session",
            "SELECT count(*) FROM waypost.claim WHERE project IN (SELECT project FROM waypost.session)",
        ):
            check(f"a stranger's {statement}", sql(statement, "eve") == "0", sql(statement, "eve"))
        for statement in (
            "SELECT count(*) FROM waypost.record_text", "SELECT count(*) FROM waypost.word", "SELECT * FROM waypost.member",
            "SELECT waypost.put_texts(2, '[]')", "SELECT waypost.erase_records(2, '[]')", "DELETE FROM waypost.event",
            "INSERT INTO waypost.record VALUES (2, 'x', 1, 'x', 0)",
            "INSERT INTO waypost.session (project, id, agent, kind, title, meta, worktree, branch, started_ms, beat_ms, doing, summary)"
            " VALUES (2, 'x', '', '', '', '', '', '', 0, 0, '', '')",
        ):
            said = sql(statement, "eve")
            check(f"a stranger's {statement}", "ERROR" in said, said)
        held = "SELECT waypost.claim_if_free(p.id, NULL, s.id, '/x', 'x', false, '', 1000) FROM generate_series(1, 9) AS p(id)," \
               " waypost.session s"
        check("a stranger claims nothing", sql(held, "eve").strip() == "", sql(held, "eve"))
        check("a stranger's own word is not found by others",
              not any("Eve" in str(hit) for hit in ann_one.asked("eve")["hits"]))

        # Hostile texts in every field.
        for text in HOSTILE:
            session = ann_one.must("session", "start", "--agent", text, "--title", text).strip()
            done = ann_one.claim(f"name:{text}", "--note", text, "--session", session)
            check(f"a claim on {text!r}", done.returncode == 0 and json.loads(done.stdout)["confirmed"], done.stderr)
            ann_one.must("log", "add", text, "--session", session)
            ann_one.must("session", "end", session, "--summary", text)
        tables = sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'waypost'")
        check("all tables are there", int(tables) >= 9, tables)
        told = sql("SELECT count(*) FROM waypost.event WHERE kind = 'note' AND text LIKE '%DROP TABLE waypost.claim%'")
        check("a hostile text is a text", int(told) >= 1, told)

        # Erasing reaches the log.
        secret = ann_one.must("note", "Zebrafinch migrates by night", "--session", ann_one.must("session", "start").strip()).split()[0]
        ann_one.must("team", "push")
        ann_one.must("team", "connect", ann_one.url)
        words = "SELECT (SELECT count(*) FROM waypost.event WHERE text LIKE '%Zebrafinch%')," \
                " (SELECT count(*) FROM waypost.record WHERE line LIKE '%Zebrafinch%')," \
                " (SELECT count(*) FROM waypost.word WHERE word LIKE 'zebrafinch%')," \
                " (SELECT count(*) FROM waypost.record_text WHERE said LIKE '%Zebrafinch%')"
        check("the words are there", "0" not in sql(words).split("|"), sql(words))
        erased = ann_one.json("erase", secret, "--yes")
        check("erase says what it did there", erased["team"]["erased"] and erased["team"]["emptied"] >= 1, erased)
        check("no word is left", sql(words) == "0|0|0|0", sql(words))
        # A record whose words come to another clone before they are erased does not come back.
        sql("UPDATE waypost.record SET revision = 1 WHERE erased")
        ann_one.must("team", "push")
        check("a push brings nothing back", sql(words) == "0|0|0|0", sql(words))

        # Without the server.
        session = ann_one.must("session", "start", "--agent", "alone").strip()
        late = ann_one.must("note", "Quokkas smile").split()[0]
        ann_one.must("team", "push")
        server(options.stop)
        done, took = ann_one.run("search", "--team", "servers")
        check("search answers from here and says so", done.returncode == 0 and "answered from this machine" in done.stderr, done.stderr)
        check("search ends in time", took < 3, took)
        done, took = ann_one.run("claim", "a.txt", "--json", "--session", session)
        check("a claim holds here", json.loads(done.stdout)["confirmed"] is False, done.stdout)
        check("a claim ends in time", took < 3, took)
        listed = ann_one.json("claims")["claims"]
        check("claims mark it", [claim["confirmed"] for claim in listed] == [False], listed)
        check("claims say so", "not confirmed by the team" in ann_one.must("claims"))
        done, _ = ann_one.run("erase", late, "--yes")
        check("erase says what it could not", done.returncode == 1 and "still has the words" in done.stderr, done.stderr)
        server(options.start)
        ann_one.must("team", "push")
        check("a push erases what was left", sql("SELECT count(*) FROM waypost.record WHERE line LIKE '%Quokkas%'") == "0")
        ann_one.must("team", "connect", ann_one.url)
        listed = ann_one.json("claims")["claims"]
        check("claims are confirmed later", [claim["confirmed"] for claim in listed] == [True], listed)

        # Tables that are newer or older than the client.
        known = sql("SELECT version FROM waypost.schema_version")
        for version, word in ((99, "use a newer waypost"), (1, "by the owner of the database brings it there")):
            sql(f"UPDATE waypost.schema_version SET version = {version}")
            status, _ = ann_one.run("team", "status")
            check(f"schema {version} is told", status.returncode == 1 and "schema" in status.stdout, status.stdout)
            refused, _ = ann_one.run("team", "push")
            check(f"schema {version} is refused kindly", refused.returncode != 0 and word in refused.stderr, refused.stderr)
            done, _ = ann_one.run("log", "add", "goes on", "--session", session)
            check(f"schema {version}: all else goes on", done.returncode == 0, done.stderr)
        sql(f"UPDATE waypost.schema_version SET version = {known}")

        # What was never connected sends no byte.
        if shutil.which("strace"):
            quiet = Clone(binary, scratch / "quiet", repository(scratch, "quiet"), "ann", options.server)
            quiet.must("init")
            trace = scratch / "trace"
            for arguments in (["session", "start"], ["claims"], ["sitrep"], ["search", "a"], ["snapshot"], ["team", "status"]):
                subprocess.run(["strace", "-f", "-qq", "-e", "trace=network", "-o", str(trace), binary, *arguments],
                               cwd=quiet.root, env=quiet.environment, capture_output=True)
                calls = [line for line in trace.read_text().splitlines() if re.search(r"AF_INET6?|connect\(", line)]
                check(f"{arguments}: no byte on the network", calls == [], calls[:3])
        else:
            print("no strace: whether a byte goes on the network was not looked at")
    print(f"{cases.passed} passed, {cases.failed} failed")
    raise SystemExit(cases.failed > 0)


if __name__ == "__main__":
    main()
