#!/usr/bin/env python3
"""A day of saves under a watch does not make the database grow without bound.

Usage: watch_day.py --binary WAYPOST TREE [--saves N] [--hours N] [--seed N]

TREE is copied, snapshotted and watched. That many saves are made, each waited
for, most of them in a few files; what is recorded is made older as the hours of
the simulated day pass. Afterwards the database, its log included, must be at
most 1.5 times as large as before, hold nothing that no snapshot refers to, and
every snapshot that was kept must still show as many files as it says.

Prints sizes and counts; exit code 1 if anything failed. Python's standard
library and git only.
"""

import pathlib
import random
import sqlite3

import trial
import watching


def size(root):
    return sum(p.stat().st_size for p in (root / ".waypost/local").glob("waypost.db*"))


def ask(root, question):
    connection = sqlite3.connect(root / ".waypost/local/waypost.db", timeout=30)
    try:
        with connection:
            return connection.execute(question).fetchall()
    finally:
        connection.close()


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("tree", type=pathlib.Path)
    parser.add_argument("--saves", type=int, default=2_000)
    parser.add_argument("--hours", type=int, default=10, help="0: the clock is left alone")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    binary = arguments.binary
    rng, tally = random.Random(arguments.seed), trial.Tally()
    with trial.scratch() as (temp, home):
        root = trial.copy(arguments.tree.resolve(), temp / arguments.tree.name)
        files = watching.sources(root)
        worked_on = rng.sample(files, min(40, len(files)))
        trial.run(binary, root, home, "snapshot")
        trial.run(binary, root, home, "search", "error", expect=None)
        before, most = size(root), 0
        watch = watching.Watch(binary, root, home, "--debounce-ms", 5, "--max-delay-ms", 50).ready()
        for n in range(arguments.saves):
            path = rng.choice(worked_on if rng.random() < 0.9 else files)
            seen = len(watch.of("snapshot"))
            with open(path, "a") as out:
                out.write(f"\n\ndef save_{n}(a, b):\n    return a + {n}\n" if path.suffix == ".py" else f"\n// save {n}\n")
            if not tally.check(watch.until(lambda: len(watch.of("snapshot")) > seen), f"save {n} was not seen"):
                break
            watch.events.clear()
            if arguments.hours and n % max(1, arguments.saves // arguments.hours) == 0:
                ask(root, "UPDATE snapshot SET created_at = strftime('%Y-%m-%dT%H:%M:%SZ', created_at, '-1 hour')")
            if n % 50 == 0:
                trial.run(binary, root, home, "search", f"save {n}", expect=None)
                most = max(most, size(root))
            if n % 200 == 199:
                print(f"{n + 1} saves: {size(root) / before:.2f} times, {len(ask(root, 'SELECT 1 FROM snapshot'))} snapshots", flush=True)
        watch.settle()
        tally.check(watch.stop() == 143, "it did not end well")
        after = size(root)
        ratio = after / before
        tally.check(ratio <= 1.5, f"{ratio:.2f} times its size before")
        orphans = ask(root, "SELECT count(*) FROM content WHERE hash NOT IN (SELECT hash FROM file) AND hash NOT IN (SELECT hash FROM place)")
        listed = trial.report(binary, root, home, "snapshots")["snapshots"]
        for row in listed:
            shown = trial.report(binary, root, home, "show-snapshot", row["id"])
            tally.check(len(shown["files"]) == row["files"], f"{row['id']} lost files")
        tally.check("s1" in [row["id"] for row in listed], "the snapshot that was asked for is gone")
        told = watching.differences(watching.state(binary, root, home), watching.fresh(binary, root, home))
        tally.check(not told, f"{'; '.join(told)}")
        print(f"{arguments.saves} saves: {before:,} bytes before, {after:,} after ({ratio:.2f} times), at most {most:,} ({most / before:.2f} times); "
              f"{len(listed)} snapshots stay; {orphans[0][0]} contents that nothing refers to")
    tally.end()


if __name__ == "__main__":
    main()
