#!/usr/bin/env python3
"""How many of the other files of past commits are told from a part of them?

Usage: companions.py --binary WAYPOST [--cases 100] [--k 4,9] REPOSITORY...

Each REPOSITORY is a clone with history, bare or not. `waypost bench --companions`
replays its commits in a clone that shares the objects, on the tree and the history
of each parent; the figures here are means over all questions of all repositories,
with 95 % intervals by drawing repositories anew.

Exit code 1 where one whole file is shown and the list finds less than it should:
70 % of the other source files at 4, 86 % at 9, or where less than 35 % of the list
that ends by itself is right. Python's standard library and git only.
"""

import json
import pathlib
import random
import subprocess
import sys

import trial

WANTED = {"4": 0.70, "9": 0.86}
PRECISION = 0.35


def measured(binary, repository, folder, home, cases, k):
    clone = folder / "clone"
    git_dir = repository if (repository / "objects").is_dir() else repository / ".git"
    subprocess.run(["git", "clone", "-q", "--shared", "--no-checkout", str(git_dir), str(clone)], check=True)
    try:
        done = subprocess.run(
            [binary, "bench", "--companions", "--cases", str(cases), "--k", k, "--json", "--project-root", str(clone)],
            capture_output=True, env=trial.environment(home))
        if done.returncode:
            print(f"{repository}: {done.stderr.decode().strip().splitlines()[0]}", flush=True)
            return None
        return json.loads(done.stdout)
    finally:
        subprocess.run(["rm", "-rf", str(clone)], check=True)


def mean(rows):
    """Of (sum, weight), with an interval by drawing rows anew."""
    total = lambda rows: sum(s for s, _ in rows) / max(sum(w for _, w in rows), 1e-9)
    draw = random.Random(1)
    drawn = sorted(total([draw.choice(rows) for _ in rows]) for _ in range(1000))
    return total(rows), drawn[25], drawn[974]


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--k", default="4,9")
    parser.add_argument("repositories", nargs="+", type=lambda path: pathlib.Path(path).resolve())
    arguments = parser.parse_args()
    reports = []
    with trial.scratch() as (folder, home):
        for repository in arguments.repositories:
            report = measured(arguments.binary, repository, folder, home, arguments.cases, arguments.k)
            if report:
                reports.append(report)
                of_file = report["asked"][0]
                first = of_file["sources"][0]["recall"]
                shown = " ".join(f"@{k} {100 * first[k]['mean']:.0f}" for k in first)
                print(f"{repository.parent.name:36} {report['cases']:4} commits {of_file['questions']:5} questions  {shown}"
                      f"  list {of_file['list']['length']:.1f} files {100 * of_file['list']['precision']:.0f} % right"
                      f"  {report['elapsed_ms'] / 1000:.0f} s", flush=True)
    commits = sum(report["cases"] for report in reports)
    print(f"\n{commits} commits of {len(reports)} repositories")
    holds = True
    for at, shown in enumerate(["file", "hunk", "rest"]):
        asked = [report["asked"][at] for report in reports]
        print(f"\n{shown} shown, {sum(one['questions'] for one in asked)} questions")
        for what in ("sources", "all"):
            for ranking in range(len(asked[0][what])):
                cells = []
                for k in arguments.k.split(","):
                    rows = [(one[what][ranking]["recall"][k]["mean"] * one["questions"], one["questions"]) for one in asked]
                    value, low, high = mean(rows)
                    cells.append(f"recall@{k} {100 * value:5.1f} [{100 * low:.0f}-{100 * high:.0f}]")
                    if shown == "file" and what == "sources" and ranking == 0:
                        holds &= value >= WANTED.get(k, 0)
                print(f"  {what:8} {asked[0][what][ranking]['ranking']:9} {'  '.join(cells)}")
        listed = [(one["list"]["precision"] * one["list"]["length"] * one["questions"], one["list"]["length"] * one["questions"]) for one in asked]
        value, low, high = mean(listed)
        length = sum(weight for _, weight in listed) / max(sum(one["questions"] for one in asked), 1)
        empty = sum(one["list"]["empty"] * one["questions"] for one in asked) / max(sum(one["questions"] for one in asked), 1)
        print(f"  the list that ends by itself: {100 * value:.1f} % [{100 * low:.0f}-{100 * high:.0f}] right, {length:.1f} files, empty {100 * empty:.0f} %")
        if shown == "file":
            holds &= value >= PRECISION
    sys.exit(0 if holds else 1)


main()
