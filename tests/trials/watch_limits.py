#!/usr/bin/env python3
"""Where the system cannot tell of changes, watch says what helps and is still right.

Usage: watch_limits.py --binary WAYPOST [--rounds N]

Each round runs a script of changes (`watch_oracle.py`) under a limit of 10
watches and of 0 instances (in a user namespace: `unshare -Ur`), with few open
files allowed, and with `--poll`. The warning must name the line that raises the
limit, `--poll` must not warn, and what is left must equal a fresh snapshot,
byte for byte. Linux only.
"""

import pathlib
import tempfile
import time

import trial
import watch_oracle
import watching

LIMITED = "echo {number} > /proc/sys/user/{limit} && exec \"$@\""


def limited(limit, number):
    return ("unshare", "-Ur", "sh", "-c", LIMITED.format(limit=limit, number=number), "sh")


CASES = {
    "10 watches": (limited("max_inotify_watches", 10), [], "fs.inotify.max_user_watches="),
    "0 instances": (limited("max_inotify_instances", 0), [], "fs.inotify.max_user_instances="),
    "--poll": ((), ["--poll"], None),
    "--poll=1": ((), ["--poll=1"], None),
}


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--operations", type=int, default=60)
    arguments = parser.parse_args()
    binary = arguments.binary
    tally = trial.Tally()
    for n in range(arguments.rounds):
        for name, (wrapper, more, remedy) in CASES.items():
            with tempfile.TemporaryDirectory() as temp:
                temp = pathlib.Path(temp).resolve()
                home, root, outside = temp / "home", temp / "project", temp / "outside"
                for folder in (home, root, outside):
                    folder.mkdir()
                watch_oracle.plant(root, n)
                watch = watching.Watch(binary, root, home, "--debounce-ms", 50, *more, wrapper=wrapper).ready()
                warnings = [event["text"] for event in watch.of("warning")]
                if remedy:
                    tally.check(any(remedy in text and "sysctl" in text for text in warnings), f"{name}: it says {warnings}")
                    if n == 0:
                        print(f"{name}: {warnings}")
                else:
                    tally.check(not warnings, f"{name}: it says {warnings}")
                tally.check(watch.of("ready")[0]["polling_sec"] is not None, f"{name}: it does not poll")
                script = watch_oracle.Script(root, outside, n)
                for _ in range(arguments.operations):
                    script.step()
                    time.sleep(script.rng.uniform(0, 0.05))
                time.sleep(5)
                watching.is_equal_to_fresh(watch, binary, root, home, tally, f"{name}, round {n}")
    tally.end()


if __name__ == "__main__":
    main()
