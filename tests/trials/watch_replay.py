#!/usr/bin/env python3
"""A watch that follows real commits, file by file, shows what a fresh look shows.

Usage: watch_replay.py --binary WAYPOST [--steps N] [--goal TEXT] [--seed N] TREE ...

Each TREE is copied and set back by N commits in its work tree only (the head
stays where it is not, so nothing but files changes). Then the watch runs, and
the commits' changes are made again, one file after the other, as an editor
saves them: in place, by rename, or cut in two writes. Most of them are saves of
known files, for which a watch looks at nothing else. After every commit `handoff
--check` must find the handoff fresh, and at the end both files and the file
table must equal those of a fresh snapshot, byte for byte.

Prints counts; exit code 1 if anything failed. Python's standard library and git
only.
"""

import os
import pathlib
import random
import subprocess
import time

import trial
import watching


def blob(root, commit, path):
    done = subprocess.run(["git", "show", f"{commit}:{path}"], cwd=root, capture_output=True)
    return done.stdout if done.returncode == 0 else None


def save(path, text, rng):
    """As one of the editors does it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = rng.randrange(4)
    if kind == 0 and path.exists():
        beside = path.with_name(path.name + ".tmp~")
        beside.write_bytes(text)
        os.replace(beside, path)
    elif kind == 1 and path.exists():
        with open(path, "r+b") as out:
            out.truncate(0)
            out.write(text[: len(text) // 2])
            out.flush()
            time.sleep(0.01)
            out.write(text[len(text) // 2:])
    else:
        path.write_bytes(text)


def replay(binary, tree, arguments, tally):
    rng = random.Random(arguments.seed)
    with trial.scratch() as (temp, home):
        root = trial.copy(tree.resolve(), temp / tree.name)
        trial.git(root, "config", "core.quotePath", "false")
        line = trial.git(root, "rev-list", "--first-parent", f"--max-count={arguments.steps + 1}", "HEAD").split("\n")[::-1]
        trial.git(root, "checkout", "-q", "--force", "--detach", line[0])
        # The index goes on to the end: what is tracked is not the question here.
        trial.git(root, "reset", "-q", "--soft", line[-1])
        trial.git(root, "read-tree", line[-1])
        more = ["--goal", arguments.goal] if arguments.goal else []
        watch = watching.Watch(binary, root, home, "--debounce-ms", 15, "--max-delay-ms", 200, *more).ready()
        watch.settle()
        saves = 0
        for before, after in zip(line, line[1:]):
            names = trial.git(root, "diff", "--name-only", "--no-renames", before, after).split("\n")
            for name in filter(None, names):
                path, text = root / name, blob(root, after, name)
                try:
                    if text is None:
                        path.unlink()
                    elif not path.is_symlink() and not path.is_dir():
                        save(path, text, rng)
                except OSError as error:
                    print(f"{name}: {error}")
                saves += 1
                time.sleep(rng.choice([0, 0.01, 0.03, 0.08]))
            watch.settle(quiet=0.12)
            check = trial.run(binary, root, home, "handoff", "--check", expect=None)
            tally.check(check == b"", f"{tree.name}, {after[:9]}: {check[:400]}")
        taken = len(watch.of("snapshot"))
        told = [event["elapsed_ms"] for event in watch.of("snapshot")]
        watching_fresh = ("--goal", arguments.goal) if arguments.goal else ()
        tally.check(watch.stop() == 143, f"{tree.name}: it did not end well")
        found = watching.state(binary, root, home)
        different = watching.differences(found, watching.fresh(binary, root, home, *watching_fresh))
        tally.check(not different or arguments.goal, f"{tree.name}: {'; '.join(different)}")
        print(f"{tree.name}: {len(line) - 1} commits, {saves} saves, {taken} snapshots, the middle one took {sorted(told)[len(told) // 2]} ms", flush=True)


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("trees", nargs="+", type=pathlib.Path)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--goal")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    tally = trial.Tally()
    for tree in arguments.trees:
        replay(arguments.binary, tree, arguments, tally)
    tally.end()


if __name__ == "__main__":
    main()
