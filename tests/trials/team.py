#!/usr/bin/env python3
"""40 processes of four machines on one PostgreSQL, whose server is killed, started
again, made read-only, cut off and filled up in between. Called by team.sh, which starts the server.

Usage: team.py --binary WAYPOST --server HOST:PORT --stop COMMAND --start COMMAND [--seconds N] [--workers W] [--rate R]
               [--small FOLDER]

With --rate each worker makes so many claims a second at most. With --small the server's data lie in a small file system
there, which is filled up for a while.

Each machine is a home and a clone of its own; each worker begins a session, claims one of a few paths and names for
itself, logs, and gives it up. Held against what the workers saw: no resource was confirmed to two at once; every entry
that was acknowledged is at the server, once and in order; no command took longer than it may without a server; nobody
without the project reads or claims in it. Ends with one line of counts.
"""

import argparse
import collections
import contextlib
import json
import os
import pathlib
import random
import re
import shlex
import subprocess
import tempfile
import threading
import time

RESOURCES = ["src/a.rs", "src/b.rs", "src", "docs/x.md", "name:deploy", "name:Déploy'; --", "tests/t.rs", "name:db"]

#: A command without a server, on a machine that 40 others keep busy.
MOST_SECONDS = 5.0


class Machine:
    def __init__(self, number, scratch, origin, binary, url):
        self.number, self.binary = number, binary
        self.home, self.root = scratch / f"home{number}", scratch / f"clone{number}"
        self.home.mkdir()
        subprocess.run(["git", "clone", "-q", str(origin), str(self.root)], check=True)
        self.environment = {"HOME": str(self.home), "PATH": os.environ["PATH"], "TEAM": url}
        self.must("init")
        self.must("team", "connect", "--env", "TEAM")

    def run(self, *arguments):
        began = time.monotonic()
        done = subprocess.run([self.binary, *arguments], cwd=self.root, env=self.environment, capture_output=True, text=True)
        return done, time.monotonic() - began

    def must(self, *arguments):
        done, _ = self.run(*arguments)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        return done.stdout


class Tally:
    def __init__(self):
        self.lock = threading.Lock()
        self.held, self.logged = [], collections.defaultdict(list)
        self.claims, self.inside, self.unconfirmed, self.refused, self.slowest = [], [], 0, 0, 0.0
        self.failures = []


def meets(one, other):
    if one.startswith("name:") or other.startswith("name:"):
        return one.lower() == other.lower()
    return one == other or one.startswith(other + "/") or other.startswith(one + "/")


def work(machine, number, tally, until, rate):
    rng = random.Random(number)
    next_at = time.monotonic() + rng.random()
    session = machine.must("session", "start", "--agent", f"w{number}").strip()
    count = 0
    while time.monotonic() < until:
        if rate:
            time.sleep(max(0.0, next_at - time.monotonic()))
            next_at = max(next_at + 1 / rate, time.monotonic())
        resource = rng.choice(RESOURCES)
        done, took = machine.run("claim", resource, "--json", "--verbose", "--ttl", "5m", "--session", session)
        granted_at = time.monotonic()
        with tally.lock:
            tally.slowest = max(tally.slowest, took)
            if done.returncode not in (0, 4):
                tally.failures.append(("claim", done.stdout, done.stderr))
                continue
        told = json.loads(done.stdout)
        if done.returncode == 4:
            tally.refused += 1
            continue
        with tally.lock:
            tally.claims.append(took)
            tally.inside.append(float(re.search(r"claim ([0-9.]+) ms", done.stderr).group(1)))
            tally.unconfirmed += told["confirmed"] is not True
        count += 1
        text = f"w{number} entry {count}"
        log, _ = machine.run("log", "add", text, "--session", session)
        if log.returncode == 0:
            tally.logged[number].append(text)
        before_release = time.monotonic()
        machine.run("release", resource, "--session", session)
        if told["confirmed"] is True:
            with tally.lock:
                tally.held.append((resource, granted_at, before_release, number))
    machine.run("session", "end", session)


def doubles(held):
    found = []
    for at, (resource, began, ended, worker) in enumerate(held):
        for other, other_began, other_ended, other_worker in held[at + 1:]:
            if worker != other_worker and meets(resource, other) and began < other_ended and other_began < ended:
                found.append((resource, worker, other, other_worker))
    return found


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))] if values else 0.0


def main():
    parser = argparse.ArgumentParser()
    for name in ("binary", "server", "stop", "start"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--workers", type=int, default=40)
    parser.add_argument("--contract", type=int, default=0)
    parser.add_argument("--rate", type=float, default=0)
    parser.add_argument("--small")
    options = parser.parse_args()
    binary = str(pathlib.Path(options.binary).resolve())
    url = lambda role: f"postgres://{role}:{role}@{options.server}/team"

    def sql(text):
        host, port = options.server.split(":")
        command = ["psql", "-qXAt", "-h", host, "-p", port, "-U", "admin", "team", "-c", text]
        done = subprocess.run(command, env={**os.environ, "PGPASSWORD": "admin"}, capture_output=True, text=True)
        return done.stdout.strip()

    def server(command):
        as_server = ["su", "postgres", "-s", "/bin/bash", "-c", command] if os.getuid() == 0 else shlex.split(command)
        subprocess.run(as_server, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)

    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        origin = scratch / "origin"
        git = ["git", "-C", str(origin), "-c", "user.name=t", "-c", "user.email=t@t"]
        subprocess.run(["git", "init", "-q", str(origin)], check=True)
        for name in ("src/a.rs", "src/b.rs", "docs/x.md", "tests/t.rs"):
            (origin / name).parent.mkdir(exist_ok=True)
            (origin / name).write_text("one\n")
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "-qm", "one"], check=True)
        machines = [Machine(number, scratch, origin, binary, url("owner")) for number in range(4)]
        tally, until = Tally(), time.monotonic() + options.seconds
        workers = [
            threading.Thread(target=work, args=(machines[number % 4], number, tally, until, options.rate)) for number in range(options.workers)
        ]
        for worker in workers:
            worker.start()
        time.sleep(options.seconds * 0.3)
        with tally.lock:
            with_server, inside = list(tally.claims), list(tally.inside)
        server(options.stop)
        time.sleep(options.seconds * 0.15)
        server(options.start)
        time.sleep(options.seconds * 0.15)
        sql("ALTER SYSTEM SET default_transaction_read_only = on")
        sql("SELECT pg_reload_conf()")
        time.sleep(options.seconds * 0.1)
        sql("SET default_transaction_read_only = off; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'owner'")
        sql("ALTER SYSTEM RESET default_transaction_read_only")
        sql("SELECT pg_reload_conf()")
        if options.small:
            time.sleep(options.seconds * 0.05)
            ballast = pathlib.Path(options.small) / "ballast"
            with contextlib.suppress(OSError), ballast.open("wb") as file:
                while True:
                    file.write(bytes(65_536))
            time.sleep(options.seconds * 0.1)
            ballast.unlink()
            # A server that could not write its log may have ended.
            server(options.stop + " || true")
            server(options.start)
        for worker in workers:
            worker.join()
        # The server was left alone for a while by those whom it did not answer.
        for machine in machines:
            machine.must("team", "status")
            # It tells all that waits, and takes its time.
            machine.must("team", "connect", "--env", "TEAM")

        lost = 0
        for number, texts in tally.logged.items():
            there = sql(f"SELECT text FROM waypost.event WHERE kind = 'note' AND text LIKE 'w{number} entry %' ORDER BY seq")
            lost += there.split("\n") != texts
        # The contract's tests left some of their own.
        left = sql("SELECT count(*) FROM waypost.claim JOIN waypost.session ON session.seq = claim.session WHERE agent ~ '^w[0-9]+$'")
        # Nobody without the project sees or changes anything of it.
        eve = {**os.environ, "PGPASSWORD": "eve"}
        host, port = options.server.split(":")
        peeked = 0
        for table in ("session", "event", "claim", "record"):
            command = ["psql", "-qXAt", "-h", host, "-p", port, "-U", "eve", "team", "-c", f"SELECT count(*) FROM waypost.{table}"]
            peeked += subprocess.run(command, env=eve, capture_output=True, text=True).stdout.strip() != "0"
        machines[0].environment["TEAM"] = url("eve")
        strange, _ = machines[0].run("team", "connect", "--env", "TEAM")
        peeked += strange.returncode == 0
        two = doubles(tally.held)
        for failure in tally.failures[:5]:
            print("failed:", failure)
        for double in two[:5]:
            print("double:", double)
        p50, p99 = (1000 * percentile(with_server, part) for part in (0.5, 0.99))
        in50, in99 = (percentile(inside, part) for part in (0.5, 0.99))
        # Where nothing was confirmed, nothing was tried.
        none = len(tally.claims) == tally.unconfirmed
        bad = none + (left != "0") + len(two) + lost + peeked + len(tally.failures) + (tally.slowest > MOST_SECONDS)
        entries = sum(len(texts) for texts in tally.logged.values())
        print(
            f"{len(tally.claims)} claims granted, {tally.refused} refused, {tally.unconfirmed} not confirmed, "
            f"{len(two)} double; {entries} entries, {lost} logs that differ; {left} claims left; {peeked} peeks; "
            f"before the first end of the server {len(inside)} claims: in the process p50 {in50:.0f} ms, p99 {in99:.0f} ms, "
            f"with the process p50 {p50:.0f} ms, p99 {p99:.0f} ms; the slowest command {tally.slowest:.1f} s"
        )
        print(f"{options.contract + 6 - min(bad, 6)} passed, {min(bad, 6)} failed")
        raise SystemExit(bad > 0)


if __name__ == "__main__":
    main()
