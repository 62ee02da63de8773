#!/usr/bin/env python3
"""The sessions of README and docs on a real repository: every command does and says
what stands there.

Usage: tour.py --binary WAYPOST TREE [--write]

TREE, a clone of flask, is cloned anew for each console block. The
program is one with the default languages. Ids,
times and durations may differ, a line `...` stands for any lines, one that
ends in `...` for any end. `--write` prints the blocks as they should be instead.
"""

import argparse
import os
import pathlib
import re
import subprocess
import tempfile

import trial

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks():
    """Of each console block the commands with the lines that they print."""
    text = "\n".join(page.read_text() for page in PAGES)
    for block in re.findall(r"^```console\n(.*?)^```", text, re.M | re.S):
        steps = []
        for line in block.rstrip("\n").split("\n"):
            if line.startswith("$ "):
                steps.append((line[2:], []))
            else:
                steps[-1][1].append(line)
        for _, told in steps:
            while told and not told[-1]:
                told.pop()
        yield steps


def plain(line):
    line = re.sub(r"\b[0-9a-hjkmnp-tv-z]{16}\b", "ID", line)
    line = re.sub(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME", line)
    return re.sub(r"\b\d+ ms\b", "N ms", line).rstrip()


def matches(expected, told):
    """Whether the lines are those of a block, with what it leaves open."""
    if not expected:
        return not told
    first, rest = expected[0], expected[1:]
    if first == "...":
        return any(matches(rest, told[n:]) for n in range(len(told) + 1))
    if not told:
        return False
    same = told[0].startswith(first[:-3]) if first.endswith("...") else told[0] == first
    return same and matches(rest, told[1:])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tree", type=pathlib.Path)
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    tally = trial.Tally()
    with tempfile.TemporaryDirectory() as temp:
        temp = pathlib.Path(temp)
        (temp / "home").mkdir()
        (temp / "bin").mkdir()
        (temp / "bin/waypost").symlink_to(arguments.binary.resolve())
        environment = trial.environment(temp / "home", PATH=f"{temp / 'bin'}:{os.environ['PATH']}")
        for number, steps in enumerate(blocks()):
            # The place that the pages show.
            root = temp / str(number) / "flask"
            trial.git(temp, "clone", "-q", str(arguments.tree.resolve()), str(root))
            for command, expected in steps:
                done = subprocess.run(["sh", "-c", "{ " + command + "\n} 2>&1"], cwd=root, env=environment, capture_output=True)
                told = done.stdout.decode().replace(str(root), "/home/me/flask").rstrip("\n")
                told = told.split("\n") if told else []
                if arguments.write:
                    print("$ " + command, *told, sep="\n")
                    continue
                held = matches([plain(line) for line in expected], [plain(line) for line in told])
                tally.check(held, f"$ {command}\n" + "\n".join(told))
    if not arguments.write:
        tally.end()


if __name__ == "__main__":
    main()
