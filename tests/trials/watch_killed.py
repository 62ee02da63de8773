#!/usr/bin/env python3
"""A watch that is killed under load leaves nothing torn, and the next start is right.

Usage: watch_killed.py --binary WAYPOST TREE [--trials N] [--seed N]

TREE is copied, never written to. Each trial starts a watch, edits files all the
time and kills the watch (SIGKILL) after a random part of a few seconds. Then
both handoff files must be whole, `doctor` must find nothing broken, and a watch
that is started again must be ready without a word, leave what a fresh snapshot
of the tree leaves, and no stray file. Python's standard library and git only.
"""

import json
import pathlib
import random
import threading
import time

import trial
import watching


def load(files, rng, stop):
    """Edits files until it is stopped, some of them in place, some by rename."""
    n = 0
    while not stop.is_set():
        path, n = rng.choice(files), n + 1
        if n % 3:
            with open(path, "a") as out:
                out.write(f"\n# edit {n}\n")
        else:
            beside = path.with_name(path.name + ".new")
            beside.write_bytes(path.read_bytes() + b"\n")
            beside.replace(path)
        time.sleep(rng.uniform(0, 0.02))


def is_whole(folder):
    if not (folder / "handoff.md").exists():
        return True
    try:
        json.loads((folder / "handoff.json").read_text())
    except ValueError:
        return False
    return (folder / "handoff.md").read_bytes().endswith(b"\n")


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("tree", type=pathlib.Path)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    binary = arguments.binary
    rng, tally = random.Random(arguments.seed), trial.Tally()
    with trial.scratch() as (temp, home):
        root = trial.copy(arguments.tree.resolve(), temp / arguments.tree.name)
        files = watching.sources(root)
        mid_look = 0
        for n in range(arguments.trials):
            what = f"trial {n}"
            watch = watching.Watch(binary, root, home, "--debounce-ms", 10, "--max-delay-ms", 50)
            stop = threading.Event()
            editing = threading.Thread(target=load, args=(files, rng, stop))
            if n % 10:
                watch.ready()
            editing.start()
            time.sleep(rng.uniform(0, 1.5))
            watch.process.kill()
            watch.process.wait()
            stop.set()
            editing.join()
            left = watching.strays(root)
            mid_look += any("tmp" in name for name in left)
            tally.check(is_whole(root / ".waypost"), f"{what}: a torn handoff")
            doctor = json.loads(trial.run(binary, root, home, "doctor", "--json", expect=None) or b"{}")
            failed = [check for check in doctor.get("checks", [{"status": "fail"}]) if check["status"] == "fail"]
            tally.check(not failed, f"{what}: doctor: {failed}")
            # What was left a moment ago may belong to somebody; later it is swept.
            for path in (root / ".waypost").rglob("*.tmp"):
                old = time.time() - 120
                import os
                os.utime(path, (old, old))
            again = watching.Watch(binary, root, home, "--debounce-ms", 10).ready()
            again.settle(quiet=0.3)
            tally.check(not again.of("warning") and not again.said, f"{what}: {again.of('warning')} {again.said}")
            code = again.stop()
            tally.check(code == 143, f"{what}: ended with {code}")
            tally.check(not watching.strays(root), f"{what}: left behind {watching.strays(root)}")
            check = trial.run(binary, root, home, "handoff", "--check", expect=None)
            tally.check(check == b"", f"{what}: the handoff is not right: {check[:300]}")
            if n % 10 == 9:
                told = watching.differences(watching.state(binary, root, home), watching.fresh(binary, root, home))
                tally.check(not told, f"{what}: {'; '.join(told)}")
                trial.git(root, "checkout", "-q", "--", ".")
                print(f"{n + 1} trials, {tally.failed} failed", flush=True)
    print(f"{arguments.trials} trials, {mid_look} killed while a file was written")
    tally.end()


if __name__ == "__main__":
    main()
