#!/usr/bin/env python3
"""Anchors over renames and moves of public history.

Usage: anchor_moves.py --binary WAYPOST REPOSITORY... [--commits N] [--seed N] [--verbose]

Of each repository commits are drawn that rename files or take functions out of
them. Before each, records are anchored to what it renames, moves and deletes;
after it `verify` is asked. What is right is told without waypost's own rules:
git's renames for files, for functions the likeness of their texts (difflib)
with those that came with the commit. What is neither clearly moved nor clearly
gone is left out. Wrong is a place that is not the right one, also for what is
gone. The program only tells where functions begin and end.
"""

import collections
import difflib
import json
import pathlib
import random
import shutil

import trial

CODE = (".py", ".rs", ".go", ".ts", ".js", ".java")
# Likeness from which on a function moved, and up to which it is gone.
MOVED, GONE = 0.8, 0.4


def functions(binary, root, home, paths):
    """Of each file its functions by qualified name: their lines."""
    found = {}
    for path in paths:
        file = root / path
        if not path.endswith(CODE) or not file.is_file() or file.is_symlink() or file.stat().st_size > 300_000:
            continue
        lines = file.read_text(errors="replace").splitlines()
        out = trial.run(binary, root, home, "outline", path, "--json", expect=None)
        try:
            symbols = json.loads(out)["symbols"]
        except (ValueError, KeyError):
            continue
        names = collections.Counter()
        for symbol in symbols:
            name = f"{symbol['parent']}.{symbol['name']}" if symbol["parent"] else symbol["name"]
            names[name] += 1
            if symbol["kind"] in ("function", "method"):
                body = lines[symbol["line"] - 1 : symbol["end_line"]]
                found[(path, name)] = (symbol["name"], body)
        for key in [key for key in found if key[0] == path and names[key[1]] > 1]:
            del found[key]
    return found


def text(function):
    name, body = function
    return "\n".join(line.strip() for line in body).replace(name, "_")


def likeness(one, other):
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() > GONE else 0.0


def cases(old, new, renamed):
    """What became of each function that is gone from its place: the places that are right, none for gone."""
    back = {to: source for source, to in renamed.items()}
    came = {key: text(f) for key, f in new.items() if (back.get(key[0], key[0]), key[1]) not in old}
    for (path, name), function in old.items():
        # A `#` in a name would be taken for the mark before it.
        if len(function[1]) < 3 or "#" in name or (path, name) in new:
            continue
        place = (renamed.get(path), name)
        if place in new:
            yield "function of a renamed file", (path, name), {place}
            continue
        mine = text(function)
        alike = sorted(((likeness(mine, other), key) for key, other in came.items()), reverse=True)
        best = alike[0][0] if alike else 0.0
        if best >= MOVED and (len(alike) < 2 or alike[1][0] < best - 0.1):
            yield "moved or renamed function", (path, name), {alike[0][1]}
        elif best < GONE:
            yield "deleted function", (path, name), set()


def changes(root, commit):
    """Files by status, with renames from and to."""
    parts = trial.git(root, "diff-tree", "-r", "-M", "-l4000", "-z", "--name-status", f"{commit}^", commit).split("\0")
    by, renamed = collections.defaultdict(list), {}
    at = 0
    while at + 1 < len(parts):
        status = parts[at][:1]
        if status == "R":
            renamed[parts[at + 1]] = parts[at + 2]
        else:
            by[status].append(parts[at + 1])
        at += 3 if status in "RC" else 2
    return by, renamed


def drawn(root, rng, wanted):
    """Commits that rename files, and those that take functions out of files."""
    renames = trial.git(root, "log", "--no-merges", "-M", "--diff-filter=R", "--max-count=800", "--format=%H").split()
    moves = trial.git(root, "log", "--no-merges", "--max-count=800", "--format=%H", "-G", r"^-?\s*(pub )?(async )?(def|fn|func) ", "--diff-filter=MD").split()
    rng.shuffle(renames)
    rng.shuffle(moves)
    half = wanted // 2
    return list(dict.fromkeys(renames[:half] + moves[: wanted - half]))


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("repositories", nargs="+", type=pathlib.Path)
    parser.add_argument("--commits", type=int, default=30, help="drawn of each repository")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verbose", action="store_true", help="tell what was not followed")
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    binary = arguments.binary
    right, lost, wrong = collections.Counter(), collections.Counter(), []
    for repository in arguments.repositories:
        with trial.scratch() as (temp, home):
            root = temp / "tree"
            trial.git(temp, "clone", "-q", "--shared", "--no-checkout", str(repository.resolve()), str(root))
            for commit in drawn(root, rng, arguments.commits):
                by, renamed = changes(root, commit)
                touched = len(renamed) + sum(map(len, by.values()))
                if touched > 150:
                    continue
                trial.git(root, "checkout", "-qf", commit)
                new = functions(binary, root, home, by["A"] + by["M"] + list(renamed.values()))
                trial.git(root, "checkout", "-qf", f"{commit}^")
                old = functions(binary, root, home, by["D"] + by["M"] + list(renamed))
                found = collections.defaultdict(list)
                for kind, place, truth in cases(old, new, renamed):
                    found[kind].append((place, truth))
                for path, to in renamed.items():
                    if (root / path).stat().st_size > 60:
                        found["renamed file"].append(((path, None), {(to, None)}))
                for path in by["D"]:
                    found["deleted file"].append(((path, None), set()))
                asked = {}
                for kind, of in found.items():
                    for (path, name), truth in rng.sample(of, min(len(of), 3)):
                        anchor = f"{path}#{name}" if name else path
                        arguments_ = ("note", "--summary", f"About {anchor}", "--anchor", anchor)
                        id = trial.run(binary, root, home, *arguments_, expect=None).decode().strip()
                        if id:
                            asked[id] = (kind, anchor, truth)
                if not asked:
                    continue
                trial.git(root, "checkout", "-qf", commit)
                for record in trial.report(binary, root, home, "verify")["records"]:
                    kind, anchor, truth = asked[record["id"]]
                    told = record["anchors"][0]
                    place = (told["found"]["path"], told["found"]["symbol"]) if told["state"] == "moved" else None
                    if place in truth or (not truth and place is None):
                        right[kind] += 1
                    elif place is None:
                        lost[kind] += 1
                        if arguments.verbose:
                            print(f"LOST   {repository.parent.name} {commit[:10]} {anchor} ({kind}), is {truth}: {told}")
                    else:
                        wrong.append(kind)
                        print(f"WRONG  {repository.parent.name} {commit[:10]} {anchor} ({kind}), is {truth}: {told}", flush=True)
                shutil.rmtree(root / ".waypost/memory", ignore_errors=True)
        print(f"{repository.parent.name}: {sum(right.values())} right, {sum(lost.values())} lost, {len(wrong)} wrong so far", flush=True)
    for kind in sorted(set(right) | set(lost)):
        print(f"{kind}: {right[kind]} right, {lost[kind]} not followed, {wrong.count(kind)} wrong")
    moved = [kind for kind in set(right) | set(lost) if "deleted" not in kind]
    followed, all_moved = sum(right[kind] for kind in moved), sum(right[kind] + lost[kind] + wrong.count(kind) for kind in moved)
    print(f"{followed} of {all_moved} renames and moves followed ({100 * followed / max(all_moved, 1):.1f} %), {len(wrong)} wrong")
    tally = trial.Tally()
    tally.check(followed >= 0.95 * all_moved, "less than 95 % followed")
    tally.check(not wrong, f"{len(wrong)} wrong")
    tally.end()


if __name__ == "__main__":
    main()
