#!/usr/bin/env python3
"""Does `waypost impact` find who uses a declaration, as the ecosystem's own tool does?

Usage: impact.py --binary WAYPOST [--symbols 100] [--seed 1] [--show] LANGUAGE TREE...

LANGUAGE is `python` (jedi, `pip install jedi`; run the script with that Python) or `go` (`gopls` on the path). Public
functions, classes and types at the top of source files are drawn from each TREE; files that use one are compared: those
that the tool finds references in, without the file of the declaration, and those that `impact` names.

Prints recall and precision, of files that `impact` calls resolved as well, and with --show the misses first. Needs
Python's standard library, git and the tool.
"""

import json
import pathlib
import random
import re
import subprocess
import tempfile

import trial

NAMES = {"python": r"^(?:async )?(?:def|class) ([A-Za-z]\w*)", "go": r"^(?:func|type) ([A-Z]\w*)"}
ENDINGS = {"python": ".py", "go": ".go"}


def drawn(tree, language, wanted, seed):
    """Declarations at the margin: (path, line, column, name)."""
    found = []
    for path in sorted(trial.git(tree, "ls-files", "*" + ENDINGS[language]).splitlines()):
        if re.search(r"(^|/)(tests?|testing|testdata|examples?|docs?|vendor)/|_test\.|(^|/)test_", path):
            continue
        for number, line in enumerate((tree / path).read_text(errors="replace").splitlines(), 1):
            match = re.match(NAMES[language], line)
            if match and len(match[1]) > 2:
                found.append((path, number, match.start(1), match[1]))
    return random.Random(seed).sample(found, min(wanted, len(found)))


def by_jedi(tree, cases):
    import jedi

    project = jedi.Project(str(tree))
    for path, line, column, _ in cases:
        script = jedi.Script(path=str(tree / path), project=project)
        references = script.get_references(line, column, scope="project")
        yield {str(pathlib.Path(one.module_path).relative_to(tree)) for one in references
               if one.module_path and pathlib.Path(one.module_path).is_relative_to(tree)}


def by_gopls(tree, cases):
    for path, line, column, _ in cases:
        done = subprocess.run(["gopls", "references", f"{path}:{line}:{column + 1}"], cwd=tree, capture_output=True)
        lines = done.stdout.decode().splitlines()
        yield {str(pathlib.Path(one.rsplit(":", 2)[0]).relative_to(tree)) for one in lines if one.startswith(str(tree))} if not done.returncode else None


def share(part, whole):
    return f"{part} of {whole} ({100 * part / max(whole, 1):.1f} %)"


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("--symbols", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("language", choices=sorted(NAMES))
    parser.add_argument("trees", nargs="+", type=lambda path: pathlib.Path(path).resolve())
    arguments = parser.parse_args()
    tool = {"python": by_jedi, "go": by_gopls}[arguments.language]
    asked = sought = found = told = right = resolved = resolved_right = 0
    with trial.scratch() as (folder, home):
        for tree in arguments.trees:
            cases = drawn(tree, arguments.language, arguments.symbols // len(arguments.trees), arguments.seed)
            trial.run(arguments.binary, tree, home, "snapshot", expect=None)
            for (path, line, _, name), users in zip(cases, tool(tree, cases)):
                if users is None:
                    continue
                done = subprocess.run([arguments.binary, "impact", f"{path}#{name}", "--json", "--lines", "1000", "--project-root", str(tree)],
                                      capture_output=True, env=trial.environment(home))
                if done.returncode > 1:
                    print("FAILED", path, name, done.stderr.decode().strip()[:200])
                    continue
                symbols = [one for one in json.loads(done.stdout)["symbols"] if one["path"] == path and one["name"] == name]
                lines = [user for one in symbols for user in one["users"] if user["path"].endswith(ENDINGS[arguments.language])]
                users -= {path}
                named = {user["path"] for user in lines} - {path}
                sure = {user["path"] for user in lines if user["resolved"]} - {path}
                asked, sought, found = asked + 1, sought + len(users), found + len(users & named)
                told, right = told + len(named), right + len(named & users)
                resolved, resolved_right = resolved + len(sure), resolved_right + len(sure & users)
                if arguments.show and users - named:
                    print(f"MISSED {tree.name} {path}#{name}: {sorted(users - named)[:4]}")
                if arguments.show and named - users:
                    print(f"WRONG {tree.name} {path}#{name}: {sorted(named - users)[:4]}")
    print(f"{asked} declarations: {share(found, sought)} of the using files found, {share(right, told)} of the named ones use it, "
          f"of those that are called resolved {share(resolved_right, resolved)}")


main()
