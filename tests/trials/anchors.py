#!/usr/bin/env python3
"""Anchors over real history, against `git log -L`.

Usage: anchors.py --binary WAYPOST TREE [--symbols N] [--commits N] [--skip N] [--seed N]

TREE is cloned at the commit that lies N commits back on its first-parent
history. Records are anchored to random functions there, then every commit
forward is checked out and `verify` asked; what drifted is accepted, so that the
next change is seen too. What git says changed the lines of a symbol must be
reported at that commit and nothing else; a symbol that is gone must be
orphaned. A symbol is followed until it is gone.
"""

import json
import pathlib
import random
import subprocess

import trial


def oracle(binary, root, home, base, last, path, name):
    """The commits that git says changed the lines of a symbol up to a commit."""
    trial.git(root, "checkout", "-q", last)
    for symbol in trial.report(binary, root, home, "outline", path)["symbols"]:
        if (f"{symbol['parent']}.{symbol['name']}" if symbol["parent"] else symbol["name"]) == name:
            lines = f"-L{symbol['line']},{symbol['end_line']}:{path}"
            return set(trial.git(root, "log", "--first-parent", "-s", "--format=%H", lines, f"{base}..{last}").split())
    return None


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("tree", type=pathlib.Path)
    parser.add_argument("--symbols", type=int, default=100)
    parser.add_argument("--commits", type=int, default=200)
    parser.add_argument("--skip", type=int, default=0, help="commits left out at the new end")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    binary = arguments.binary
    rng = random.Random(arguments.seed)
    tally = trial.Tally()
    with trial.scratch() as (temp, home):
        root = temp / "tree"
        trial.git(temp, "clone", "-q", str(arguments.tree.resolve()), str(root))
        commits = trial.git(root, "rev-list", "--first-parent", f"--max-count={arguments.commits + 1}", f"--skip={arguments.skip}", "HEAD").split()
        commits.reverse()
        base, commits = commits[0], commits[1:]
        trial.git(root, "checkout", "-q", base)
        trial.run(binary, root, home, "snapshot", "--no-handoff")
        # The files that history touches: others can only tell that nothing happens.
        touched = set(trial.git(root, "diff", "--name-only", base, commits[-1]).split())
        symbols = []
        for path in sorted(p for p in touched if p.endswith((".rs", ".py")) and (root / p).is_file()):
            outline = trial.report(binary, root, home, "outline", path)["symbols"]
            names = [(f"{s['parent']}.{s['name']}" if s["parent"] else s["name"], s) for s in outline]
            once = [(n, s) for n, s in names if [m for m, _ in names].count(n) == 1]
            symbols += [(path, n) for n, s in once if s["kind"] in ("function", "method") and "#" not in n]
        symbols = rng.sample(symbols, min(len(symbols), arguments.symbols))
        told = {}
        ids = {}
        for path, name in symbols:
            title = f"About {path} {name}"
            ids[trial.run(binary, root, home, "note", "--summary", title, "--anchor", f"{path}#{name}").decode().strip()] = (path, name)
            told[(path, name)] = {"ours": set(), "gone": None}
        for commit in commits:
            trial.git(root, "checkout", "-q", commit)
            report = json.loads(trial.run(binary, root, home, "verify", "--json"))
            drifted = []
            for record in report["records"]:
                one = told[ids[record["id"]]]
                anchor = record["anchors"][0]
                if one["gone"]:
                    continue
                if anchor["state"] == "drifted":
                    one["ours"].add(commit)
                    drifted.append(record["id"])
                elif anchor["state"] == "orphaned":
                    one["gone"] = (commit, anchor["found"])
            if drifted:
                trial.run(binary, root, home, "verify", "--accept", *drifted)
        order = {commit: n for n, commit in enumerate(commits)}
        missed = false = right = unfit = 0
        for (path, name), one in told.items():
            # git follows lines backwards, from where they stand last.
            last = commits[order[one["gone"][0]] - 1] if one["gone"] and order[one["gone"][0]] else commits[-1]
            if one["gone"] and not order[one["gone"][0]]:
                last = base
            one["git"] = oracle(binary, root, home, base, last, path, name)
            if one["git"] is None:
                unfit += 1
        moved = {True: 0, False: 0}
        for (path, name), one in told.items():
            if one["git"] is None:
                continue
            end = order[one["gone"][0]] if one["gone"] else len(commits)
            git = {c for c in one["git"] if c in order and order[c] < end}
            ours = {c for c in one["ours"] if order[c] < end}
            right += len(git & ours)
            for commit in git - ours:
                missed += 1
                print(f"MISSED {path}#{name} at {commit[:10]}")
            for commit in ours - git:
                false += 1
                print(f"FALSE  {path}#{name} at {commit[:10]}")
            if one["gone"]:
                commit, found = one["gone"]
                moved[found is not None] += 1
                last = f"{commit}^:{path}"
                still = subprocess.run(["git", "show", f"{commit}:{path}"], cwd=root, capture_output=True)
                short = name.split(".")[-1].encode()
                print(f"GONE   {path}#{name} at {commit[:10]}: {'found ' + found['path'] + '#' + str(found['symbol']) if found else 'not found'}")
                there = still.returncode == 0 and (b"def " + short + b"(" in still.stdout)
                tally.check(not (there and not found and "." not in name), f"{last}: {name} is still there")
        print(f"{len(symbols)} symbols ({unfit} without an oracle), {len(commits)} commits: {right} changes reported by both, {missed} missed, {false} false; "
              f"{sum(moved.values())} gone, {moved[True]} of them found again")
        tally.check(missed == 0, f"{missed} missed")
        tally.check(false <= 0.02 * max(right, 1), f"{false} false of {right}")
    tally.end()


if __name__ == "__main__":
    main()
