#!/usr/bin/env python3
"""Time and memory of a whole `waypost snapshot`, cold and warm, beside any
other command.

Usage: end_to_end.py --binary WAYPOST TREE... [--runs N] [--beside COMMAND] [--goal TEXT] [--json]

For each TREE (copied, never written to), N rounds of: a cold snapshot (no
database, no handoff), a warm one (one file edited since), one of an unchanged
tree, and COMMAND, back to back, so that what else the machine does hits all of
them alike. COMMAND is run by a shell in the tree and must write elsewhere; in
it, {out} stands for a scratch file.

Prints medians with the least and greatest value: wall clock and processor time
in seconds, peak memory in MB (of the largest process), and the median of the
N ratios COMMAND / cold snapshot. The first round is thrown away: it warms the
system's file cache. Python's standard library and git only.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time


def measure(command, cwd, shell=False):
    """Wall clock, processor time and peak memory of a command and its children."""
    start = time.monotonic()
    process = subprocess.Popen(command, cwd=cwd, shell=shell, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    error = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command} ended with {process.returncode}:\n{error.decode(errors='replace')}")
    # Linux counts kilobytes here, macOS bytes.
    unit = 1024 if sys.platform != "darwin" else 1024 * 1024
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "memory": usage.ru_maxrss / unit}


def an_ordinary_file(tree):
    """The middle one of the source files by size."""
    files = [p for p in tree.rglob("*") if p.suffix in (".rs", ".py") and p.is_file() and ".git" not in p.parts]
    return sorted(files, key=lambda p: (p.stat().st_size, p))[len(files) // 2]


def rounds(tree, arguments, scratch):
    copy = scratch / tree.name
    subprocess.run(["cp", "-a", str(tree), str(copy)], check=True)
    own = copy / ".waypost"
    snapshot = [str(pathlib.Path(arguments.binary).resolve()), "snapshot", "--project-root", str(copy), "-q"]
    edited = an_ordinary_file(copy)
    found = {"cold": [], "warm": [], "unchanged": [], "beside": []}
    for n in range(arguments.runs + 1):
        shutil.rmtree(own, ignore_errors=True)
        one = {"cold": measure(snapshot + ["--goal", arguments.goal], copy)}
        with open(edited, "a") as file:
            file.write("\n")
        one["warm"] = measure(snapshot, copy)
        one["unchanged"] = measure(snapshot, copy)
        if arguments.beside:
            # The other command shall not see our folder.
            shutil.rmtree(own)
            one["beside"] = measure(arguments.beside.replace("{out}", str(scratch / "out")), copy, shell=True)
        if n:
            for what, figures in one.items():
                found[what].append(figures)
    return found


def row(runs, unit):
    values = [run[unit] for run in runs]
    digits = 0 if unit == "memory" else 2
    return f"{statistics.median(values):8.{digits}f} ({min(values):.{digits}f}..{max(values):.{digits}f})"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("trees", nargs="+", type=pathlib.Path)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--beside")
    parser.add_argument("--goal", default="Make errors of the parser name file and line")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    everything = {}
    for tree in arguments.trees:
        with tempfile.TemporaryDirectory() as scratch:
            found = rounds(tree.resolve(), arguments, pathlib.Path(scratch))
        everything[tree.name] = found
        if arguments.json:
            continue
        print(f"{tree.name}, {arguments.runs} rounds, median (least..greatest)")
        print(f"  {'':10} {'wall s':>24} {'processor s':>24} {'memory MB':>24}")
        for what, runs in found.items():
            if runs:
                cells = [f"{row(runs, unit):>24}" for unit in ("wall", "cpu", "memory")]
                print(f"  {what:10} {' '.join(cells)}", flush=True)
        if found["beside"]:
            for unit in ("wall", "cpu", "memory"):
                pairs = zip(found["beside"], found["cold"])
                ratio = statistics.median(other[unit] / own[unit] for other, own in pairs)
                print(f"  {unit}: the other takes {ratio:.1f} times as much as a cold snapshot")
    if arguments.json:
        print(json.dumps(everything, indent=1))


if __name__ == "__main__":
    main()
