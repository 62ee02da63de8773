#!/usr/bin/env python3
"""Is a test that a commit changed among the first three of `waypost tests`?

Usage: tests_of_change.py --binary WAYPOST [--commits 20] [--show] REPOSITORY...

Each REPOSITORY is a clone with history, bare or not. Commits are taken that change
source files and tests that both exist before; in a clone at the parent only the
source files are changed, as before the tests are touched, and `waypost tests` is
asked. Right is a commit of which any changed test is among the first three; a source
file of Rust is one where the commit changed the tests inside it.

Prints counts for each. Exit code 1 below 85 % of all. Python's standard library
and git only.
"""

import json
import pathlib
import re
import subprocess
import sys

import trial

ENOUGH = 0.85
CODE = re.compile(r"\.(py|go|rs|rb|[jt]sx?|java|kt|php|cs|swift|ex|exs|c|cc|cpp|h|hpp|vue)$")


def is_test(path):
    path = pathlib.PurePosixPath(path)
    name = path.name
    return bool(CODE.search(name)) and bool(
        re.match(r"test_.*\.py$|.*_test\.(py|go|rb|exs?|cc|cpp|c)$|.*[._-](test|spec)\.[jt]sx?$|.*_spec\.rb$|.*Tests?\.(java|kt|php|cs|swift)$", name)
        or ({"tests", "test", "__tests__"} & set(path.parts[:-1]) and path.suffix in (".rs", ".ts", ".js", ".c", ".cpp")))


def has_changed_own_tests(clone, parent, commit, path):
    """Whether a commit changed the tests at the end of a source file."""
    if not path.endswith(".rs"):
        return False
    begins = re.search(r"#\[cfg\(test\)\]\s*mod tests? \{", trial.git(clone, "show", f"{parent}:{path}"))
    if not begins:
        return False
    first = trial.git(clone, "show", f"{parent}:{path}")[: begins.start()].count("\n") + 1
    diff = trial.git(clone, "diff", "-U0", parent, commit, "--", path)
    return any(int(line) >= first for line in re.findall(r"^@@ -(\d+)", diff, re.M))


def commits(clone, wanted):
    log = trial.git(clone, "log", "--no-merges", "--max-count=1500", "--name-status", "--no-renames", "--format=%x00%H %P")
    found = []
    for entry in log.split("\0")[1:]:
        head, *lines = entry.strip().splitlines()
        ids = head.split()
        changed = [line.split("\t")[1] for line in lines if line.startswith("M\t")]
        tests = [path for path in changed if is_test(path)]
        sources = [path for path in changed if CODE.search(path) and not is_test(path) and "test" not in path.lower()]
        if len(ids) == 2 and tests and sources and len(lines) <= 15:
            found.append((ids[0], ids[1], sources, tests))
    step = max(1, len(found) // wanted)
    return found[::step][:wanted]


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("--commits", type=int, default=20)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("repositories", nargs="+", type=lambda path: pathlib.Path(path).resolve())
    arguments = parser.parse_args()
    all_right = all_asked = said_all = 0
    with trial.scratch() as (folder, home):
        for repository in arguments.repositories:
            clone = folder / "clone"
            git_dir = repository if (repository / "objects").is_dir() else repository / ".git"
            subprocess.run(["git", "clone", "-q", "--shared", str(git_dir), str(clone)], check=True)
            right = asked = 0
            for commit, parent, sources, tests in commits(clone, arguments.commits):
                trial.git(clone, "checkout", "-q", "-f", parent)
                trial.git(clone, "clean", "-qfdx", "-e", ".waypost")
                trial.git(clone, "checkout", "-q", commit, "--", *sources)
                done = subprocess.run([arguments.binary, "tests", "--json", "--project-root", str(clone)],
                                      capture_output=True, env=trial.environment(home))
                if done.returncode:
                    print(f"FAILED {commit}: {done.stderr.decode().strip()}")
                    continue
                report = json.loads(done.stdout)
                named = [test["path"] for test in report["tests"]]
                asked += 1
                said_all += report["all"] is not None
                inside = [path for path in sources if has_changed_own_tests(clone, parent, commit, path)]
                is_right = any(path in tests or path in inside for path in named[:3])
                right += is_right
                if arguments.show and not is_right:
                    print(f"  {commit[:10]} {sources} wanted {tests} told {named[:4]} all {report['all']}")
            subprocess.run(["rm", "-rf", str(clone)], check=True)
            print(f"{repository.parent.name:36} {right} of {asked}", flush=True)
            all_right, all_asked = all_right + right, all_asked + asked
    share = all_right / max(all_asked, 1)
    half = 196 * (share * (1 - share) / max(all_asked, 1)) ** 0.5
    print(f"{all_right} of {all_asked} commits: a changed test is among the first three ({100 * share:.1f} % ± {half:.1f}); "
          f"`all` was said of {said_all}")
    sys.exit(0 if share >= ENOUGH else 1)


main()
