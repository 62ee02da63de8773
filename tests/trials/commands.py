#!/usr/bin/env python3
"""What the page says of public projects, against verdicts by reading: how their
tests are run, all and one, which tools they need, what they are, where they start.

Usage: commands.py --binary WAYPOST [--list FILE] [--show] TREES [REPOSITORY...]

TREES is a folder with a clone of each repository of the list, called
`owner+name`, at the commit of the list or a later one. The list (`commands.tsv`
beside this script) has a line for each: repository, commit, ecosystem, the
commands of which one has to be listed as written, where the maintainers say so
(file:line), what the command for one test has to hold, tools with versions, words
of the description, and the files of which one has to be among those where the
project starts. Alternatives stand behind ` | `, tools behind commas; `none` says
that there is no such thing and nothing may be listed.

Prints what is missing, and each command that names a target, script or file which
is not there, or does harm. Exit code 1 below the counts in `ENOUGH`. Python's
standard library and git only.
"""

import collections
import json
import pathlib
import re
import subprocess

import trial

ENOUGH = {"test": 38, "one": 36, "tools": 40, "is": 38, "starts": 38, "exists": 40, "harmless": 40}
HARM = re.compile(r"publish|upload|sudo |db:drop|db:reset|fresh|rm -rf|deploy|git push|apt|brew |open ")


def page(binary, tree):
    with trial.scratch() as (_, home):
        return trial.report(binary, tree, home, "handoff", "--stdout", "--budget", "16000")


def tracked(tree):
    done = subprocess.run(["git", "ls-files"], cwd=tree, capture_output=True, check=True)
    return done.stdout.decode(errors="replace").splitlines()


def names_what_is_there(tree, files, line):
    """`False` where a command names a make target, a script or a file that is not there."""
    folder = ""
    if found := re.match(r"cd (\S+) && (.*)", line):
        folder, line = found.groups()
    base = tree / folder
    words = [word for word in line.split() if not re.match(r"[A-Z_]+=", word)]
    if words[0] in ("make", "gmake") and "-C" not in words:
        texts = [path.read_text(errors="replace") for path in base.glob("*akefile*")]
        targets = [word for word in words[1:] if not word.startswith("-") and "=" not in word and not word.isdigit()]
        generic = {"check", "all", "test", "install"} if not texts or (base / "configure.ac").exists() else set()
        return all(
            target in generic or any(".DEFAULT:" in text or re.search(rf"^[^\t#=]*\b{re.escape(target)}\b[^=]*:", text, re.M) for text in texts)
            for target in targets
        )
    if words[0] in ("npm", "pnpm", "yarn") and not any(word.startswith(("-F", "--filter", "-w", "-C")) for word in words):
        manifest = json.loads((base / "package.json").read_text())
        rest = [word for word in words[1:] if not word.startswith("-") and word != "run"]
        own = {"install", "i", "ci", "exec", "dlx"}
        known = {**manifest.get("scripts", {}), **manifest.get("devDependencies", {}), **manifest.get("dependencies", {})}
        return not rest or rest[0] in own or rest[0] in known
    first = words[0].removeprefix("./")
    if first == "configure" and (base / "configure.ac").exists():
        return True
    if "/" in words[0] and not words[0].startswith(("vendor/", "./vendor/", "node_modules/", "./node_modules/")):
        return (base / first).exists()
    return True


def holds(text, alternatives):
    return any(one.strip() in text for one in alternatives.split(" | "))


def judge(tree, row, view):
    """The counts that this repository meets, and what is wrong with it."""
    commands = [command for part in (view, view.get("more") or {}) for command in part.get("commands") or []]
    lines = collections.defaultdict(list)
    for command in commands:
        lines[command["purpose"]].append(command["command"])
    tools = {tool["name"]: tool["version"] for part in (view, view.get("more") or {}) for tool in part.get("tools") or []}
    about = " ".join(view.get("about") or [])
    starts = list(view.get("entry_points") or {})
    wrong = {}
    tests = lines["test"]
    if row["test"] == "none":
        if tests:
            wrong["test"] = f"there are no tests, but {tests}"
    elif not any(one in tests for one in row["test"].split(" | ")):
        wrong["test"] = f"{row['test']!r} is not in {tests}"
    one = " ; ".join(lines["one test"])
    if row["one"] == "none":
        if one:
            wrong["one"] = f"there are no tests, but {one}"
    elif not holds(one, row["one"]) or not one:
        wrong["one"] = f"{row['one']!r} is not in {one!r}"
    for tool in filter(None, row["tools"].split(", ")):
        name, version = tool.split(" ", 1)
        if version not in tools.get(name, ""):
            wrong["tools"] = f"{tool!r} is not in {tools}"
    if not holds(about, row["is"]):
        wrong["is"] = f"{row['is']!r} is not in {about!r}"
    if not any(one == start or start.startswith(one.rstrip("/") + "/") for one in row["starts"].split(" | ") for start in starts):
        wrong["starts"] = f"{row['starts']!r} is not in {starts}"
    files = tracked(tree)
    every = [line for purpose, of in lines.items() for line in of if purpose != "install"]
    if gone := [line for line in every if not names_what_is_there(tree, files, line)]:
        wrong["exists"] = f"{gone}"
    if harm := [line for line in every if HARM.search(line)]:
        wrong["harmless"] = f"{harm}"
    return wrong, commands, tools, about, starts


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("trees", type=pathlib.Path)
    parser.add_argument("only", nargs="*")
    parser.add_argument("--list", type=pathlib.Path, default=pathlib.Path(__file__).with_name("commands.tsv"))
    parser.add_argument("--show", action="store_true", help="print what is listed as well")
    arguments = parser.parse_args()
    rows = []
    for line in arguments.list.read_text().splitlines()[1:]:
        names = ["repository", "commit", "ecosystem", "test", "evidence", "one", "tools", "is", "starts"]
        rows.append(dict(zip(names, line.split("\t"), strict=True)))
    rows = [row for row in rows if not arguments.only or row["repository"] in arguments.only]
    met = collections.Counter()
    for row in rows:
        tree = arguments.trees / row["repository"].replace("/", "+")
        wrong, commands, tools, about, starts = judge(tree, row, page(arguments.binary, tree))
        met.update(kind for kind in ENOUGH if kind not in wrong)
        print(f"{row['repository']} ({row['ecosystem']}): {'right' if not wrong else ''}", flush=True)
        for kind, what in wrong.items():
            print(f"  {kind}: {what}")
        if arguments.show:
            for command in commands:
                print(f"    {command['purpose']}: {command['command']} ({command['source']})")
            print(f"    needs {tools}\n    is {about}\n    starts at {starts}")
    print(f"{len(rows)} repositories: " + ", ".join(f"{kind} {met[kind]}" for kind in ENOUGH))
    raise SystemExit(not arguments.only and any(met[kind] < least for kind, least in ENOUGH.items()))


if __name__ == "__main__":
    main()
