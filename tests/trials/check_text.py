#!/usr/bin/env python3
"""What does `waypost check-text` find in real documents, and in spoilt ones?

Usage: check_text.py --binary WAYPOST [--texts 100] [--seed 1] [--list FILE] TREE...

Each TREE is a work tree. Its documents in Markdown and reStructuredText are checked,
without notes of changes and data of tests; with --list each finding is written to
FILE with the line that it is about, to be read: `check_text.tsv` holds those that
were, with the verdict first. Then texts
are made that name a path, a line, a declaration and a target of make or a script of
npm or cargo that are there, and the same with a mistake in one of the four: each
mistake has to be found, and nothing else.

Exit code 1 where less than 95 % of the mistakes are found, or a text without one
has a finding. Python's standard library and git only.
"""

import json
import pathlib
import random
import re
import subprocess
import sys

import trial

ENOUGH = 0.95


def check(binary, root, home, *files, text=None):
    done = subprocess.run([binary, "check-text", "--json", "--project-root", str(root), *files], cwd=root,
                          input=text, capture_output=True, env=trial.environment(home))
    if done.returncode > 1:
        sys.exit(f"{files}: {done.stderr.decode()}")
    return json.loads(done.stdout)["found"]


def documents(root):
    listed = subprocess.run(["git", "ls-files", "-z", "*.md", "*.rst"], cwd=root, capture_output=True, check=True).stdout.decode()
    skip = re.compile(r"(^|/)(vendor|node_modules|third_party|deps|tests?|testdata|fixtures|CHANGE|HISTORY|NEWS|release)", re.I)
    paths = [path for path in listed.split("\0") if path and not skip.search(path)]
    return [path for path in paths if (root / path).is_file()][:150]


def symbols(binary, root, home, path):
    done = subprocess.run([binary, "outline", path, "--json", "--project-root", str(root)], capture_output=True,
                          env=trial.environment(home))
    report = json.loads(done.stdout) if done.returncode == 0 else {}
    names = [s["name"] for s in report.get("symbols", []) if re.fullmatch(r"[a-z]+(_[a-z]+)+|[a-z]+([A-Z][a-z]+)+", s["name"])]
    return report.get("lines", 0), names


def command(root, draw):
    """A command that is there, and the same with another target."""
    if (root / "Makefile").is_file():
        targets = re.findall(r"^([a-z][a-z-]+):(?!=)", (root / "Makefile").read_text(errors="replace"), re.M)
        text = (root / "Makefile").read_text(errors="replace")
        if targets and not re.search(r"^-?include|^[^\t#\n]*[%$][^\n]*:(?!=)", text, re.M):
            return f"make {draw.choice(targets)}", "make zzz-not-there"
    if (root / "package.json").is_file():
        scripts = list(json.loads((root / "package.json").read_text()).get("scripts", {}))
        if scripts:
            return f"npm run {draw.choice(scripts)}", "npm run zzz-not-there"
    if (root / "Cargo.toml").is_file():
        return "cargo test", "cargo test --test zzz_not_there"
    return "git status", None


def spoilt(name, draw):
    """One letter other."""
    at = draw.randrange(1, len(name) - 1)
    return name[:at] + draw.choice([c for c in "qxzj" if c != name[at]]) + name[at + 1:]


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("--texts", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--list", type=pathlib.Path)
    parser.add_argument("trees", nargs="+", type=lambda path: pathlib.Path(path).resolve())
    arguments = parser.parse_args()
    draw = random.Random(arguments.seed)
    counts, listed = {}, []
    planted = {"path": [0, 0], "line": [0, 0], "symbol": [0, 0], "command": [0, 0]}
    false = 0
    with trial.scratch() as (folder, home):
        for tree in arguments.trees:
            docs = documents(tree)
            if docs:
                for found in check(arguments.binary, tree, home, *docs):
                    counts[found["kind"]] = counts.get(found["kind"], 0) + 1
                    line = (tree / found["file"]).read_text(errors="replace").splitlines()[found["line"] - 1]
                    listed.append("\t".join([tree.name, f"{found['file']}:{found['line']}", found["kind"], found["text"],
                                             str(found["nearest"]), line.strip()[:160]]))
            sources = [p for p in trial.git(tree, "ls-files").splitlines() if re.search(r"\.(py|rs|go|ts|js|rb|java)$", p) and "/" in p]
            draw.shuffle(sources)
            made = 0
            for path in sources:
                if made >= arguments.texts // len(arguments.trees) + 1:
                    break
                lines, names = symbols(arguments.binary, tree, home, path)
                if lines < 5 or not names or not re.fullmatch(r"[\w./-]+", path):
                    continue
                made += 1
                name = draw.choice(names)
                good, bad = command(tree, draw)
                parts = {"path": f"`{path}`", "line": f"`{path}:{draw.randrange(1, lines)}`", "symbol": f"`{name}()`", "command": f"`{good}`"}
                stem, end = path.rsplit(".", 1)
                wrong = {"path": f"`{stem}_gone.{end}`", "line": f"`{path}:{lines + 500}`", "symbol": f"`{spoilt(name, draw)}()`",
                         "command": f"`{bad}`"}
                text = "Look at {path}, at {line}, call {symbol} and run {command}.\n"
                clean = check(arguments.binary, tree, home, "-", text=text.format(**parts).encode())
                false += len(clean)
                for found in clean:
                    print(f"NOT SO {tree.name} {found}")
                for kind in planted:
                    if kind == "command" and bad is None:
                        continue
                    planted[kind][1] += 1
                    found = check(arguments.binary, tree, home, "-", text=text.format(**{**parts, kind: wrong[kind]}).encode())
                    if any(one["kind"] == kind for one in found):
                        planted[kind][0] += 1
                    else:
                        print(f"MISSED {tree.name} {kind} {wrong[kind]}")
    if arguments.list:
        arguments.list.write_text("\n".join(listed) + "\n")
    print(f"findings in documents: {sum(counts.values())} {counts}")
    print(f"planted and found: {planted}; findings in texts without a mistake: {false}")
    found, all_ = (sum(pair[at] for pair in planted.values()) for at in (0, 1))
    sys.exit(0 if found >= ENOUGH * all_ and not false else 1)


main()
