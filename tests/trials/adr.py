#!/usr/bin/env python3
"""The status of decision records in public repositories, against verdicts by reading.

Usage: adr.py --binary WAYPOST [--list FILE] [--write] TREES

TREES is a folder with a clone of each repository of the list, called
`owner+name`. The list (`adr.tsv` beside this script) has a line for each record:
repository, path (`path#decision` for one of a log), the status that a reader
gives it, and the one that an import gave. A reader takes what holds for
`accepted`, what held for `superseded`, what was turned down for `rejected`, and
everything else, also what says nothing known, for `proposed`; what states no
status at all holds. `left out` is a template, an index or no decision.

Prints counts; `--write` renews the last column. Exit code 1 when less than 98 %
are right or a file of the list is missing. Python's standard library and git
only.
"""

import collections
import pathlib
import shutil

import trial

ENOUGH = 0.98


def statuses(binary, tree, paths):
    """What a dry run says of each of these files of a tree."""
    with trial.scratch() as (temp, home):
        root = temp / "tree"
        for path in paths:
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(tree / path, target, follow_symlinks=False)
        root.mkdir(exist_ok=True)
        report = trial.report(binary, root, home, "import", "--file", ".", "--dry-run")
    found = {row["source"]: row["status"] for row in report["records"]}
    found.update({row["path"].removeprefix("./"): "left out" for row in report["left_out"]})
    return found


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("trees", type=pathlib.Path)
    parser.add_argument("--list", type=pathlib.Path, default=pathlib.Path(__file__).with_name("adr.tsv"))
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    head, *lines = arguments.list.read_text().splitlines()
    by_tree = collections.defaultdict(list)
    for line in lines:
        repository, path, expected, _ = line.split("\t")
        by_tree[repository].append((path, expected))
    right, missing, out = 0, 0, [head]
    for repository, rows in sorted(by_tree.items()):
        tree = arguments.trees / repository.replace("/", "+")
        files = {path.split("#")[0] for path, _ in rows}
        there = {path for path in files if (tree / path).is_file()}
        missing += len(files - there)
        for path in sorted(files - there):
            print(f"{repository}: {path} is missing")
        found = statuses(arguments.binary, tree, there)
        wrong = [(path, expected) for path, expected in rows if found.get(path) != expected]
        for path, expected in wrong:
            print(f"{repository}: {path}: {found.get(path, 'nothing')}, read as {expected}")
        out += [f"{repository}\t{path}\t{expected}\t{found.get(path, 'nothing')}" for path, expected in rows]
        right += len(rows) - len(wrong)
        print(f"{repository}: {len(rows) - len(wrong)} of {len(rows)}", flush=True)
    if arguments.write:
        arguments.list.write_text("\n".join(out) + "\n")
    share = right / len(lines)
    print(f"{len(by_tree)} repositories, {right} of {len(lines)} right: {share:.1%}")
    raise SystemExit(missing > 0 or share < ENOUGH)


if __name__ == "__main__":
    main()
