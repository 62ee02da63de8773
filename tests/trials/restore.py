#!/usr/bin/env python3
"""`restore` tells every kind of change on a real tree, and only those.

Usage: restore.py --binary WAYPOST TREE... [--rounds N] [--seed N]

For each TREE (copied, never written to) and N rounds with other files: edit,
delete, add, rename, branch switch, touch without change, an edit of the same
size with the old time, and everything at once. The sets that `restore --json`
names must be exactly those that were changed.

Prints counts; exit code 1 if anything failed. Python's standard library and
git only.
"""

import os
import pathlib
import random

import trial


class Round:
    def __init__(self, binary, root, home, rng, tally):
        self.binary, self.root, self.home, self.rng, self.tally = binary, root, home, rng, tally
        trial.git(root, "checkout", "-q", "-f", "trial")
        trial.git(root, "clean", "-q", "-f", "-d", "-e", ".waypost")
        report = trial.report(binary, root, home, "snapshot", "--no-handoff")
        self.total = report["files"]
        shown = trial.report(binary, root, home, "show-snapshot")
        read = [f["path"] for f in shown["files"] if f["class"] in ("source", "test", "doc") and f["size"] > 64]
        self.files = rng.sample([p for p in read if not (root / p).is_symlink()], 12)

    def check(self, what, changed=(), missing=(), new=(), renamed=(), stale=0):
        report = trial.report(self.binary, self.root, self.home, "restore")
        found = tuple(report[key] for key in ("changed", "missing", "new"))
        found += ([(one["from"], one["to"]) for one in report["renamed"]],)
        wanted = tuple(sorted(paths) for paths in (changed, missing, new, renamed))
        holds = found == wanted and len(report["stale"]) == stale
        holds = holds and report["summary"]["valid"] == self.total - len(changed) - len(missing) - len(renamed)
        self.tally.check(holds, f"{self.root.name}: {what}: {found} {report['stale']}, wanted {wanted}, {stale} stale")

    def edit_in_place(self, path):
        """Same size, same time; the first letter of a word becomes another."""
        file = self.root / path
        before = file.stat()
        data = bytearray(file.read_bytes())
        at = next(n for n in range(len(data) // 2, len(data)) if chr(data[n]).isalpha())
        data[at] = ord("q") if data[at] != ord("q") else ord("z")
        file.write_bytes(data)
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    def run(self):
        root, files = self.root, self.files
        self.check("untouched")
        for path in files[:3]:
            os.utime(root / path)
        self.check("touched")
        self.edit_in_place(files[3])
        changed = [files[3]]
        self.check("an edit of the same size and time", changed)
        with open(root / files[4], "a") as file:
            file.write("\n")
        changed.append(files[4])
        self.check("an edit", changed)
        (root / files[5]).unlink()
        missing = [files[5]]
        self.check("a deletion", changed, missing)
        new = ["waypost_trial_new.py"]
        (root / new[0]).write_text("def new(): ...\n")
        self.check("an addition", changed, missing, new)
        renamed = [(files[6], files[6] + ".renamed")]
        (root / files[6]).rename(root / renamed[0][1])
        self.check("a rename", changed, missing, new, renamed)
        trial.git(root, "checkout", "-q", "-f", "trial")
        trial.git(root, "clean", "-q", "-f", "-d", "-e", ".waypost")
        self.check("everything put back")
        trial.git(root, "switch", "-q", "other")
        self.check("a branch switch", [self.other], [], ["waypost_trial_branch.py"], stale=2)
        trial.git(root, "switch", "-q", "trial")
        self.check("and back")


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("trees", nargs="+", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    binary = arguments.binary
    rng = random.Random(arguments.seed)
    tally = trial.Tally()
    for tree in arguments.trees:
        with trial.scratch() as (temp, home):
            root = trial.copy(tree.resolve(), temp / tree.name)
            trial.git(root, "checkout", "-q", "-B", "other")
            (root / "waypost_trial_branch.py").write_text("def branch(): ...\n")
            other = "README.md" if (root / "README.md").exists() else "README.rst"
            with open(root / other, "a") as file:
                file.write("more\n")
            trial.git(root, "add", "-f", "--", other, "waypost_trial_branch.py")
            trial.git(root, "commit", "-q", "-m", "Another branch")
            trial.git(root, "checkout", "-q", "-f", "-B", "trial", "HEAD~1")
            for _ in range(arguments.rounds):
                one = Round(binary, root, home, rng, tally)
                one.other = other
                one.run()
            print(f"{tree.name}: {arguments.rounds} rounds of {one.total} files", flush=True)
    tally.end()


if __name__ == "__main__":
    main()
