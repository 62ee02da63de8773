#!/usr/bin/env python3
"""Readers beside a writer never see a torn handoff, and one that is killed while
it publishes leaves whole files.

Usage: torn.py --binary WAYPOST [--publishes N] [--reads N] [--kills N] [--seed N]

A small project of a hundred files with two states whose handoffs differ. While
`handoff` publishes one after the other N times, readers in a loop of their own
take both files: each must be one of the two whole ones, byte for byte, so that
the JSON parses and the Markdown has its last line. Then N times `handoff` is
killed after 0 to 1.2 of its time (P2): each file must be a whole one, at most
one temporary file may lie there, and the next run must leave none and a pair
that belongs together.
"""

import json
import random
import subprocess
import threading
import time

import trial


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("--publishes", type=int, default=100)
    parser.add_argument("--reads", type=int, default=5_000)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    binary = arguments.binary
    rng = random.Random(arguments.seed)
    tally = trial.Tally()
    with trial.scratch() as (temp, home):
        root = temp / "project"
        states = make(binary, root, home)
        beside(binary, root, home, states, arguments, tally)
        killed(binary, root, home, states, arguments, rng, tally)
    tally.end()


def make(binary, root, home):
    (root / "src").mkdir(parents=True)
    for n in range(100):
        (root / f"src/part{n}.py").write_text(f'"""Part {n}."""\n\nimport part{(n * 7) % 100}\n\n\ndef main_of_{n}(x):\n    return x\n')
    trial.git(root, "init", "-q")
    trial.run(binary, root, home, "snapshot", "--goal", "Make errors name file and line")
    return [switch(binary, root, home, state, publish=True) for state in (0, 1)]


def switch(binary, root, home, state, publish=False):
    """Brings the tree into one of the two states; gives the files of its handoff."""
    name = f"main_of_5_{'long_' * (1 + 40 * state)}name"
    (root / "src/part5.py").write_text(f'"""Part 5, state {state}."""\n\nimport part35\n\n\ndef {name}(x):\n    return x\n')
    if publish:
        trial.run(binary, root, home, "handoff")
        return tuple((root / f".waypost/handoff.{form}").read_bytes() for form in ("md", "json"))


def beside(binary, root, home, states, arguments, tally):
    done = threading.Event()
    torn, reads, mixed = [], [0], [0]
    lock = threading.Lock()

    def read():
        while not done.is_set() or reads[0] < arguments.reads:
            pair = [(root / f".waypost/handoff.{form}").read_bytes() for form in ("md", "json")]
            bad = [at for at, text in enumerate(pair) if text not in (states[0][at], states[1][at])]
            # By themselves too, as a reader without our knowledge would see it.
            json.loads(pair[1])
            whole = pair[0].endswith(b"\n") and pair[0].startswith(b"# Handoff\n")
            with lock:
                reads[0] += 2
                mixed[0] += tuple(pair) not in states
                if bad or not whole:
                    torn.append([len(text) for text in pair])
            # As often as the writer leaves time for, and not more.
            time.sleep(0.001)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for n in range(arguments.publishes):
        switch(binary, root, home, n % 2)
        trial.run(binary, root, home, "handoff")
    done.set()
    for reader in readers:
        reader.join()
    tally.check(not torn, f"{len(torn)} torn reads, of sizes {torn[:3]}")
    print(f"{arguments.publishes} publishes beside {reads[0]} reads: {len(torn)} torn; "
          f"{mixed[0]} times the two files, read one after the other, were of different states")


def killed(binary, root, home, states, arguments, rng, tally):
    usual = []
    for n in range(6):
        switch(binary, root, home, n % 2)
        start = time.monotonic()
        trial.run(binary, root, home, "handoff")
        usual.append(time.monotonic() - start)
    usual = sorted(usual)[3]
    midway = strays = mixed = changed = 0
    for n in range(arguments.kills):
        before = tuple((root / f".waypost/handoff.{form}").read_bytes() for form in ("md", "json"))
        switch(binary, root, home, n % 2)
        process = subprocess.Popen([binary, "handoff", "--project-root", str(root)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=trial.environment(home))
        time.sleep(rng.uniform(0, 1.2) * usual)
        midway += process.poll() is None
        process.kill()
        process.wait()
        pair = tuple((root / f".waypost/handoff.{form}").read_bytes() for form in ("md", "json"))
        for at, form in enumerate(("md", "json")):
            tally.check(pair[at] in (states[0][at], states[1][at]), f"kill {n}: handoff.{form} is torn")
        mixed += pair not in states
        changed += pair != before
        left = list((root / ".waypost").glob(".waypost-*"))
        strays += len(left)
        tally.check(len(left) <= 2, f"kill {n}: {len(left)} temporary files")
        trial.run(binary, root, home, "handoff")
        pair = tuple((root / f".waypost/handoff.{form}").read_bytes() for form in ("md", "json"))
        tally.check(pair == states[n % 2], f"kill {n}: the next run did not mend the pair")
        tally.check(not list(root.rglob(".waypost-*")), f"kill {n}: temporary files are left after the next run")
    print(f"{arguments.kills} killed at 0 to 1.2 of {usual:.3f} s, {midway} midway, {changed} had published: "
          f"{strays} temporary files, {mixed} mixed pairs, all gone after the next run")


if __name__ == "__main__":
    main()
