#!/usr/bin/env python3
"""Holds every command's --json output against that of an older program: the
same keys in the same order, the same values, the same exit code.

Runs all commands of every.py, and a list of wrong ones, with both programs on
two copies of one small project. Ids, paths, times and hashes of records differ
from run to run and are replaced by names in the order in which they appear.
Differences that are meant are given by --allow COMMAND.

Usage: json_outputs.py --binary NEW --old OLD [--allow handoff] ..."""

import difflib
import json
import pathlib
import re
import shutil
import sys

import every
import trial

# The same commits on both sides.
DATE = {"GIT_AUTHOR_DATE": "2026-01-02T00:00:00Z", "GIT_COMMITTER_DATE": "2026-01-02T00:00:00Z"}

# Lines of a difference that are shown.
SHOWN = 40

# Made anew in every run.
ID = re.compile(r"\b1[0-9a-z]{15}\b")
TIMES = ("elapsed_ms", "timings")


def plain(value):
    """Without what a clock decides."""
    if isinstance(value, dict):
        if "pack" in value:
            # Random ids take now more tokens, now fewer.
            value.update(tokens=0, needed=0)
        return {k: 0 if k in TIMES else plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value


def told(text, root, outside, names):
    """The output with stable names; JSON keeps its order."""
    try:
        text = json.dumps(plain(json.loads(text)), indent=1, ensure_ascii=False)
    except ValueError:
        pass
    text = text.replace(str(root), "ROOT").replace(str(outside), "OUTSIDE")
    text = re.sub(r'"(hash|revision_hash)": "[0-9a-f]{16,64}"', r'"\1": "HASH"', text)
    text = re.sub(r"\(\d+ kB\)", "(N kB)", text)
    return ID.sub(lambda found: names.setdefault(found[0], f"ID{len(names)}"), text)


def outputs(binary, folder, home):
    """Name, arguments and output of every call."""
    root, outside = every.tree(folder / "tree"), folder / "outside"
    outside.mkdir()
    calls = [call for call in every.calls(binary, outside) if call[0] not in every.STAYS]
    names, found = {}, []
    for name, arguments in calls:
        # Backups hold a database, which is not the same bytes twice.
        done = every.run(binary, root, home, name, [*arguments, "--json"], SOURCE_DATE_EPOCH="1767323045")
        shown = [a.replace(str(outside), "OUTSIDE") for a in arguments]
        found.append((f"{name} {' '.join(shown)}".strip(), done.returncode, told(done.stdout.decode(), root, outside, names)))
    shutil.rmtree(root)
    return found


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("--old", required=True, type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--allow", action="append", default=[], help="a command that may differ")
    arguments = parser.parse_args()
    trial.GIT.update(DATE)
    same = different = allowed = 0
    with trial.scratch() as (folder, home):
        sides = []
        for name, binary in (("old", arguments.old), ("new", arguments.binary)):
            (folder / name).mkdir()
            sides.append(outputs(binary, folder / name, home))
        for (command, code, old), (_, new_code, new) in zip(*sides):
            if (code, old) == (new_code, new):
                same += 1
            elif any(command == it or command.split()[0] == it for it in arguments.allow):
                allowed += 1
            else:
                different += 1
                print(f"{command}: exit {code}, now {new_code}")
                lines = list(difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=2))
                print("\n".join(line[:200] for line in lines[:SHOWN]))
    print(f"{same} the same, {allowed} differ as allowed, {different} differ")
    sys.exit(different > 0)


if __name__ == "__main__":
    main()
