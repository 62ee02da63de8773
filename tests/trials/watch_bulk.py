#!/usr/bin/env python3
"""Watch loses nothing when thousands of files change at once.

Usage: watch_bulk.py --binary WAYPOST [--rounds N] [--files N] [--switched N]

Each round, on a new repository: the watch is stopped (SIGSTOP), 20,000 files
are created, and it goes on (SIGCONT); then, in another one, `git checkout`
switches between two trees that differ in 5,000 files. Each time the events do
not fit into the system's queue or nearly so. When the watch has settled, both
handoff files and the file table must equal a fresh snapshot's, byte for byte.

Prints counts and times; exit code 1 if anything failed. Python's standard
library and git only.
"""

import pathlib
import shutil
import signal
import statistics
import tempfile
import time

import trial
import watching


def text(n, version):
    return f'"""Part {n}."""\n\n\ndef part_{n}_{version}(a):\n    return a + {version}\n'


def fill(root, files, version, names="part"):
    for n in range(files):
        path = root / f"{names}{n % 100}" / f"sub{n % 7}" / f"file{n}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text(n, version))


def stopped(binary, root, home, arguments, tally, n):
    """Files that come while it cannot listen."""
    fill(root, 1_400, 0, "old")
    trial.git(root, "init", "-q")
    trial.git(root, "add", "-A")
    trial.git(root, "commit", "-q", "-m", "start")
    watch = watching.Watch(binary, root, home).ready()
    watch.settle()
    watch.process.send_signal(signal.SIGSTOP)
    # Into folders that are watched, and into new ones.
    fill(root, arguments.files // 2, n, "old")
    fill(root, arguments.files - arguments.files // 2, n, "new")
    start = time.monotonic()
    watch.process.send_signal(signal.SIGCONT)
    watch.settle(quiet=1.5)
    took = (watch.of("snapshot")[-1]["_at"] if watch.of("snapshot") else start) - start
    there = watch.of("snapshot")[-1]["files"]
    wanted = sum(1 for p in root.rglob("*.py"))
    tally.check(there == wanted, f"round {n}: {there} of {wanted} files are there")
    watching.is_equal_to_fresh(watch, binary, root, home, tally, f"round {n}, stopped")
    return took, [event["reason"] for event in watch.of("rescan")]


def switched(binary, root, home, arguments, tally, n):
    """Two branches that differ in many files."""
    fill(root, 2_000, 0, "same")
    fill(root, arguments.switched, 1)
    trial.git(root, "init", "-q", "-b", "one")
    trial.git(root, "add", "-A")
    trial.git(root, "commit", "-q", "-m", "one")
    trial.git(root, "checkout", "-q", "-b", "two")
    for folder in list(root.glob("part*"))[:50]:
        shutil.rmtree(folder)
    fill(root, arguments.switched // 2, 2)
    fill(root, arguments.switched // 2, 2, "other")
    trial.git(root, "add", "-A")
    trial.git(root, "commit", "-q", "-m", "two")
    differ = len(trial.git(root, "diff", "--name-only", "--no-renames", "one", "two").splitlines())
    tally.check(differ >= arguments.switched, f"round {n}: only {differ} files differ")
    watch = watching.Watch(binary, root, home).ready()
    watch.settle()
    cold = watch.of("snapshot")[0]["elapsed_ms"] / 1_000
    times = []
    for branch in ("one", "two") if n % 2 else ("one",):
        trial.git(root, "checkout", "-q", branch)
        start = time.monotonic()
        watch.settle(quiet=1.5)
        times.append(watch.of("snapshot")[-1]["_at"] - start)
    watching.is_equal_to_fresh(watch, binary, root, home, tally, f"round {n}, switched")
    return times, cold, differ


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--switched", type=int, default=5_000)
    arguments = parser.parse_args()
    binary = arguments.binary
    tally = trial.Tally()
    stops, switches, colds, reasons, differing = [], [], [], [], []
    for n in range(1, arguments.rounds + 1):
        for case in (stopped, switched):
            with tempfile.TemporaryDirectory() as temp:
                temp = pathlib.Path(temp).resolve()
                home, root = temp / "home", temp / "project"
                home.mkdir(), root.mkdir()
                if case is stopped:
                    took, told = stopped(binary, root, home, arguments, tally, n)
                    stops.append(took)
                    reasons += told
                else:
                    took, cold, differ = switched(binary, root, home, arguments, tally, n)
                    switches += took
                    colds.append(cold)
                    differing.append(differ)
        print(f"round {n}: {tally.failed} failed so far; stopped {stops[-1]:.1f} s, switch {switches[-1]:.1f} s", flush=True)
    middle = statistics.median
    print(f"{arguments.rounds} rounds: {arguments.files} files while stopped, right after {middle(stops):.1f} s (up to {max(stops):.1f}), "
          f"told {sorted(set(reasons))}; switches of {min(differing)} to {max(differing)} files right after {middle(switches):.1f} s "
          f"(up to {max(switches):.1f}), the cold snapshot of the whole tree took {middle(colds):.1f} s")
    tally.end()


if __name__ == "__main__":
    main()
