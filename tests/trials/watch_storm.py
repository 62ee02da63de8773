#!/usr/bin/env python3
"""A storm of writes does not starve the watch, and is not answered too often.

Usage: watch_storm.py --binary WAYPOST [--seconds N] [--runs N] [TREE]

In a copy of TREE (or in a small repository) one file is written every
millisecond. Snapshots must appear all the time: never more than the longest
delay plus the time of a snapshot apart, never closer than the delay. When the
storm is over the handoff must hold the last write and equal a fresh snapshot's.
Python's standard library and git only.
"""

import pathlib
import time

import trial
import watch_oracle
import watching


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("tree", nargs="?", type=pathlib.Path)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--cap", type=int, default=2_000, help="milliseconds, as --max-delay-ms")
    arguments = parser.parse_args()
    binary = arguments.binary
    tally = trial.Tally()
    for n in range(arguments.runs):
        with trial.scratch() as (temp, home):
            root = temp / "project"
            if arguments.tree:
                trial.copy(arguments.tree.resolve(), root)
            else:
                root.mkdir()
                watch_oracle.plant(root, n)
            watch = watching.Watch(binary, root, home, "--max-delay-ms", arguments.cap).ready()
            watch.settle()
            before = len(watch.of("snapshot"))
            path, writes, pauses = root / "storm.py", 0, []
            start = last = time.monotonic()
            while time.monotonic() - start < arguments.seconds:
                writes += 1
                path.write_text(f"def storm_{writes}():\n    pass\n")
                now = time.monotonic()
                pauses.append(now - last)
                last = now
                time.sleep(0.001)
            end = time.monotonic()
            watch.settle()
            taken = watch.of("snapshot")[before:]
            during = [event for event in taken if event["_at"] <= end]
            cap = arguments.cap / 1_000
            longest = max(event["elapsed_ms"] for event in taken) / 1_000
            times = [start] + [event["_at"] for event in during] + [end]
            gap = max(b - a for a, b in zip(times, times[1:]))
            # A writer that is kept waiting by the machine lets a change settle.
            pauses = sum(1 for pause in pauses if pause > 0.09)
            most = arguments.seconds / cap + 1 + pauses
            tally.check(gap <= cap + longest + 0.5, f"run {n}: nothing for {gap:.1f} s, a snapshot took up to {longest:.2f} s")
            tally.check(len(during) <= most, f"run {n}: {len(during)} snapshots, more than {most:.0f}")
            last = f"storm_{writes}" in (root / ".waypost/handoff.md").read_text() or arguments.tree is not None
            tally.check(last, f"run {n}: the last write is not in the handoff")
            watching.is_equal_to_fresh(watch, binary, root, home, tally, f"run {n}")
            print(f"run {n}: {writes} writes in {arguments.seconds:.0f} s ({pauses} pauses of 90 ms or more), {len(during)} snapshots during them, "
                  f"at most {gap:.2f} s apart, the longest took {longest:.2f} s", flush=True)
    tally.end()


if __name__ == "__main__":
    main()
