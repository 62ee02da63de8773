#!/usr/bin/env python3
"""Does the page name the right test for a file, among the first two?

Usage: tests_of.py --binary WAYPOST [--files 20] [--seed 1] [--show] TREE...

Each TREE is a clone of a repository. Source files are drawn that have a test by
the convention of their language: `test_x.py`, `x_test.go` in the same folder,
`x.test.ts` or `x.spec.ts` beside it or in `__tests__`, `XTest.java`, `XTest.php`,
`XTests.cs`, `x_spec.rb`, each with the folders repeated where the tests have
folders of their own. A name alone decides nothing where it may be read off: the
test has to mention the module, or what the file declares by its own name. Where
several tests fit, any of them is right.

Prints counts for each tree. Exit code 1 below 85 % of all. Python's standard
library and git only.
"""

import pathlib
import random
import re
import subprocess

import trial

ENOUGH = 0.85
SKIP = re.compile(r"(^|/)(vendor|node_modules|third_party|testdata|fixtures|examples?|samples?|dist|build)/")


def words(stem):
    return re.sub(r"[^a-z0-9]", "", stem.lower())


def is_test(path):
    name, folders = path.name, set(path.parts[:-1])
    return bool(
        re.match(r"test_.*\.py$|.*_test\.(py|go|rb|exs)$|.*[._](test|spec)\.[jt]sx?$|.*_spec\.rb$|.*Tests?\.(java|kt|php|cs)$", name)
        or ({"__tests__"} & folders and path.suffix in (".ts", ".tsx", ".js"))
    )


def subject(path):
    """What a test is about, by its name."""
    stem = path.name.split(".")[0]
    return words(re.sub(r"^test_|_test$|_spec$|Tests?$", "", stem))


def mentions(text, source):
    stem = source.stem
    return re.search(rf"\b{re.escape(stem)}\b", text, re.I) is not None or words(stem) in words(text[:20000])


def fits(tree, source, test):
    """By the convention of the language."""
    if subject(test) != words(source.name.split(".")[0]) or test.suffix.replace("x", "") != source.suffix.replace("x", ""):
        return False
    if source.suffix == ".go":
        return test.parent == source.parent
    own, its = set(source.parts[:-1]), set(test.parts[:-1])
    same_name_elsewhere = len(own - its) > len(own & its) + 2
    return not same_name_elsewhere and mentions((tree / test).read_text(errors="replace"), source)


def cases(tree):
    listed = subprocess.run(["git", "ls-files"], cwd=tree, capture_output=True, check=True).stdout.decode(errors="replace")
    paths = [pathlib.PurePosixPath(path) for path in listed.splitlines() if not SKIP.search(path)]
    paths = [path for path in paths if path.suffix in (".py", ".go", ".ts", ".tsx", ".js", ".java", ".kt", ".php", ".cs", ".rb", ".exs")]
    tests = [path for path in paths if is_test(path) and (tree / path).is_file()]
    by_subject = {}
    for test in tests:
        by_subject.setdefault(subject(test), []).append(test)
    found = []
    for source in paths:
        if is_test(source) or "test" in "/".join(source.parts[:-1]).lower() or not (tree / source).is_file():
            continue
        right = [str(test) for test in by_subject.get(words(source.name.split(".")[0]), []) if fits(tree, source, test)]
        if right:
            found.append((str(source), right))
    return found


def told(binary, tree, home, source):
    """The tests that the page names for a file, in its order."""
    page = trial.run(binary, tree, home, "prompt", "--goal", f"Mend `{source}`", "--token-budget", "2000").decode()
    section = page.split("## Tests", 1)[1].split("\n## ", 1)[0] if "## Tests" in page else ""
    return re.findall(r"^[-*] `+ ?([^`]+?) ?`+", section, re.M), section


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("trees", nargs="+", type=pathlib.Path)
    parser.add_argument("--files", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="print what is told of the files that fail")
    arguments = parser.parse_args()
    right, all_of_them = 0, 0
    for tree in arguments.trees:
        found = cases(tree)
        drawn = random.Random(arguments.seed).sample(found, min(arguments.files, len(found)))
        of_tree = 0
        with trial.scratch() as (temp, home):
            clone = temp / "clone"
            subprocess.run(["git", "clone", "-q", "--shared", str(tree), str(clone)], check=True)
            trial.run(arguments.binary, clone, home, "snapshot")
            for source, tests in drawn:
                named, section = told(arguments.binary, clone, home, source)
                good = any(test in named[:2] for test in tests)
                of_tree += good
                if not good:
                    print(f"  {source}: {tests} is not in {named[:3]}" + (section if arguments.show else ""))
        right, all_of_them = right + of_tree, all_of_them + len(drawn)
        print(f"{tree.name}: {of_tree} of {len(drawn)} ({len(found)} have a test)", flush=True)
    share = right / max(all_of_them, 1)
    print(f"{right} of {all_of_them}: {share:.1%}")
    raise SystemExit(share < ENOUGH)


if __name__ == "__main__":
    main()
