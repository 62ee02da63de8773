#!/usr/bin/env python3
"""The measurements of scale.sh, which makes the trees and tells what they are.
Prints one Markdown table. Python's standard library and git only.

A figure is the median of the rounds with the least and the greatest in
brackets. Both sides of a ratio are measured in the same rounds, one right after
the other, and the ratio is the median of those of the rounds: on a busy machine
it holds where seconds do not.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests/trials"))
import trial  # noqa: E402
import watching  # noqa: E402
from end_to_end import measure  # noqa: E402

# What each peer is called to do, where it is installed; {tree} is a copy.
PEERS = {
    "repomix --compress": "repomix --compress --quiet -o {out} {tree}",
    # Without a model it opens a browser; none is called for its map.
    "aider's repo map": "OPENAI_API_KEY=none aider --model gpt-4o --show-repo-map --yes-always --no-check-update"
    " --no-show-model-warnings --analytics-disable",
    "code-review-graph": "code-review-graph build",
    "codegraph": "codegraph init -i",
    "sigmap": "sigmap",
    "ctags -R": "ctags -R --exclude=.git --exclude=.waypost -f {out} {tree}",
}


class Table:
    def __init__(self):
        print("| what | waypost | reference | ratio of wall, of processor time | target |\n|---|---|---|---|---|", flush=True)

    def row(self, what, figure, reference="", ratio="", target=""):
        print(f"| {what} | {figure} | {reference} | {ratio} | {target} |", flush=True)

    def compared(self, what, ours, name, theirs, target):
        """Rounds of ours beside rounds of a reference."""
        ratios = [statistics.median(a[unit] / max(b[unit], 1e-3) for a, b in zip(ours, theirs)) for unit in ("wall", "cpu")]
        self.row(what, spread(ours), f"{name}: {spread(theirs)}", ", ".join(f"{ratio:.2f}" for ratio in ratios), target)


def spread(rounds, unit="wall", digits=2):
    values = [one[unit] for one in rounds] if isinstance(rounds[0], dict) else rounds
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}..{max(values):.{digits}f})" + (" s" if unit == "wall" else "")


def forget(root):
    shutil.rmtree(root / ".waypost", ignore_errors=True)


def snapshot(binary, root):
    return measure([binary, "snapshot", "-q", "--project-root", str(root)], root)


def in_rounds(runs, *sides):
    """Each side measured once a round, in turn; the first round warms up."""
    found = [[side() for side in sides] for _ in range(runs + 1)][1:]
    return [[one[n] for one in found] for n in range(len(sides))]


def cold(asked, table):
    for name in ("linux", "mixed"):
        root = tree(asked, name)

        def ours():
            forget(root)
            return snapshot(asked.binary, root)

        def bare():
            return measure([asked.parse, str(root), str(asked.threads)], root)

        def tags():
            return measure(["ctags", "-R", "--exclude=.git", "--exclude=.waypost", "-f", str(asked.scratch / "tags"), str(root)], root)

        has_ctags = shutil.which("ctags")
        rounds = [(ours(), bare(), tags() if has_ctags else None) for _ in range(asked.runs)]
        ours_, bare_, tags_ = zip(*rounds)
        table.compared(f"cold `snapshot`, {name}", ours_, "bare parse", bare_, "1.5")
        table.row("... its peak memory", spread(ours_, "memory", 0) + " MB", "", "", "1,500 MB")
        if has_ctags:
            table.compared("... beside `ctags -R`", ours_, "ctags -R", tags_, "told")


def peers(asked, table):
    for name in filter(lambda name: getattr(asked, name), ("flask", "ripgrep", "django")):
        root = trial.copy(getattr(asked, name), asked.scratch / f"peers-{name}")
        out = asked.scratch / "out"

        def ours():
            forget(root)
            return snapshot(asked.binary, root)

        for peer, command in PEERS.items():
            program = next(word for word in command.split() if "=" not in word)
            if not shutil.which(program):
                print(f"{peer} is not on PATH: left out", file=sys.stderr)
                continue

            def theirs():
                # Its own cache counts as ours does, and it must not see ours.
                forget(root)
                out.unlink(missing_ok=True)
                subprocess.run(["git", "clean", "-qfdx"], cwd=root, check=True)
                return measure(command.format(out=out, tree=root), root, shell=True)

            target = "told" if peer.startswith("ctags") else "below 1"
            table.compared(f"cold `snapshot`, {name}", *pair(in_rounds(asked.runs, ours, theirs), peer), target)
        shutil.rmtree(root)


def pair(sides, name):
    ours, theirs = sides
    return ours, name, theirs


def status(root):
    return measure(["git", "status"], root)


def unchanged(asked, table):
    for name in ("linux", "django", "mixed"):
        root = prepared(asked, name)
        ours, theirs = in_rounds(asked.runs, lambda: snapshot(asked.binary, root), lambda: status(root))
        table.compared(f"`snapshot`, nothing changed, {name}", ours, "git status", theirs, "2")


def edited(asked, table):
    root = prepared(asked, "linux")
    # An ordinary file, and one of the longest that people work on.
    for name in ("lib/kobject.c", "kernel/sched/core.c"):
        path = root / name
        text = path.read_bytes()

        def ours():
            path.write_bytes(text + b"\nint edited_%d(void);\n" % time.monotonic_ns())
            return snapshot(asked.binary, root)

        try:
            ours_, theirs = in_rounds(asked.runs, ours, lambda: status(root))
        finally:
            path.write_bytes(text)
        lines = text.count(b"\n")
        table.compared(f"`snapshot`, {name} edited ({lines:,} lines)", ours_, "git status", theirs, "2.5")


def tree(asked, name):
    """The kernel where it lies, 20,000 generated files, or a copy of a tree."""
    if name == "linux":
        return pathlib.Path(asked.linux)
    root = asked.scratch / f"snapshot-{name}"
    if root.exists():
        return root
    if name == "mixed":
        committed(generated(root, 20_000))
    else:
        trial.copy(getattr(asked, name), root)
    return root


def committed(root):
    trial.git(root, "init", "-qb", "main")
    trial.git(root, "add", "-A")
    trial.git(root, "commit", "-qm", "one")
    return root


def prepared(asked, name):
    """A tree with a snapshot whose stamps are old enough to be trusted."""
    root = tree(asked, name)
    snapshot(asked.binary, root)
    time.sleep(3)
    snapshot(asked.binary, root)
    return root


def latency(asked, table):
    for name, targets in (("django", "p50 40 ms, p99 150 ms"), ("linux", "p50 200 ms")):
        saves = asked.saves if name == "django" else max(20, asked.saves // 4)
        command = [sys.executable, str(HERE / "watch.py"), "latency", "--json", "--binary", asked.binary, "--saves", str(saves),
                   getattr(asked, name)]
        told = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "TMPDIR": str(asked.scratch)})
        row = json.loads(told.stdout.splitlines()[0])
        table.row(f"watch: last write to new handoff, {name}", f"p50 {row['p50']} ms, p99 {row['p99']} ms, most {row['max']} ms",
                  f"{row['saves']} saves", "", targets)


def switch(asked, table):
    """A branch switch of 5,000 files beside a cold snapshot of those files."""
    both = committed(generated(asked.scratch / "switch", 7_000))
    home = asked.scratch / "home"
    home.mkdir(exist_ok=True)
    trial.git(both, "checkout", "-qb", "other")
    files = sorted(p for p in both.rglob("*") if p.is_file() and ".git" not in p.parts)[:5_000]
    alone = asked.scratch / "alone"
    for n, path in enumerate(files):
        path.write_text(path.read_text() + f"\n{comment(path)} another {n}\n")
        to = alone / path.relative_to(both)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, to)
    trial.git(both, "commit", "-qam", "two")

    def ours(branch):
        trial.git(both, "checkout", "-q", "main" if branch == "other" else "other")
        forget(both)
        watch = watching.Watch(asked.binary, both, home).ready()
        watch.settle()
        trial.git(both, "checkout", "-q", branch)
        start = time.monotonic()
        watch.settle(quiet=1)
        last = watch.of("snapshot")[-1]["_at"] - start
        watch.stop()
        return {"wall": last, "cpu": last}

    def theirs():
        forget(alone)
        return snapshot(asked.binary, alone)

    rounds = [(ours(["main", "other"][n % 2]), theirs()) for n in range(asked.runs)]
    table.compared("watch: branch switch of 5,000 files", [r[0] for r in rounds], "cold snapshot of them", [r[1] for r in rounds], "2")


def idle(asked, table):
    for name, most in (("linux", 500), ("django", 120)):
        command = [sys.executable, str(HERE / "watch.py"), "idle", "--binary", asked.binary, "--minutes", str(asked.minutes), getattr(asked, name)]
        told = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "TMPDIR": str(asked.scratch)})
        table.row(f"watch, idle, {name}", told.stdout.strip(), "", "", f"0.1 %, no file read, {most} MB")


def size(asked, table):
    root = prepared(asked, "linux")
    database = sum(p.stat().st_size for p in (root / ".waypost/local").glob("waypost.db*"))
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True).stdout.split(b"\0")
    source = sum(os.lstat(root / os.fsdecode(name)).st_size for name in listed if name)
    table.row("database, kernel", f"{database / 1e6:.0f} MB", f"source: {source / 1e6:.0f} MB", f"{database / source:.3f}", "0.20")
    command = [sys.executable, str(HERE.parent / "tests/trials/watch_day.py"), "--binary", asked.binary, "--saves", "2000", asked.django]
    told = subprocess.run(command, capture_output=True, text=True)
    table.row("database after 2,000 saves, django", "; ".join(told.stdout.strip().splitlines()), "", "", "1.5")


def growth(asked, table):
    counts = [1_000, 3_000, 10_000, 30_000, 100_000]
    points = []
    for count in counts:
        root = generated(asked.scratch / f"tree-{count}", count)
        runs = []
        for _ in range(asked.runs if count <= 20_000 else 3):
            forget(root)
            runs.append(snapshot(asked.binary, root))
        points.append((count, statistics.median(r["cpu"] for r in runs), statistics.median(r["memory"] for r in runs)))
        shutil.rmtree(root)
    for unit, column in (("s of processor time", 1), ("MB", 2)):
        slope, base, fit = line([p[0] for p in points], [p[column] for p in points])
        shown = ", ".join(f"{p[0]:,}: {p[column]:.1f}" for p in points)
        table.row(f"growth, {unit}", shown, f"{base:.2f} + {1_000 * slope:.3f} per 1,000 files", f"R² {fit:.4f}", "linear")


def line(x, y):
    """Least squares: slope, value at 0, R²."""
    slope, base = statistics.linear_regression(x, y)
    mean = statistics.mean(y)
    rest = sum((b - base - slope * a) ** 2 for a, b in zip(x, y))
    return slope, base, 1 - rest / sum((b - mean) ** 2 for b in y)


KINDS = {
    "py": 'import os\nfrom pkg{a}.mod{b} import call{b}\n\n\nclass Model{n}:\n    """Keeps {w}."""\n\n    def read_{w}(self, path):\n'
          '        return call{b}(os.path.join(path, "{w}"))\n\n\ndef call{n}(value):\n    return Model{n}().read_{w}(value)\n',
    "rs": "//! Keeps {w}.\nuse crate::pkg{a}::mod{b};\n\npub struct Model{n} {{\n    pub {w}: u32,\n}}\n\nimpl Model{n} {{\n"
          "    /// Reads {w}.\n    pub fn read(&self) -> u32 {{\n        mod{b}::call{b}(self.{w})\n    }}\n}}\n\npub fn call{n}(value: u32) -> u32 {{\n    value + {n}\n}}\n",
    "c": '#include "mod{b}.h"\n\nstruct model{n} {{\n\tint {w};\n}};\n\nint call{n}(struct model{n} *model)\n{{\n\treturn call{b}(0) + model->{w};\n}}\n',
    "h": "#ifndef MOD{n}_H\n#define MOD{n}_H\nint call{n}(void *model);\n#endif\n",
    "ts": 'import {{ call{b} }} from "../pkg{a}/mod{b}";\n\n/** Keeps {w}. */\nexport interface Model{n} {{\n  {w}: number;\n}}\n\n'
          "export function call{n}(model: Model{n}): number {{\n  return call{b}(model as never) + model.{w};\n}}\n",
    "go": "package pkg{a}\n\n// Model{n} keeps {w}.\ntype Model{n} struct {{\n\t{w} int\n}}\n\nfunc Call{n}(model Model{n}) int {{\n\treturn model.{w} + {n}\n}}\n",
    "java": "package pkg{a};\n\n/** Keeps {w}. */\npublic class Model{n} {{\n    int {w};\n\n    int call(Model{b} other) {{\n        return other.{w} + {n};\n    }}\n}}\n",
    "md": "# Part {n}\n\nHow {w} is kept, see [the other](../pkg{a}/mod{b}.md).\n",
    "json": '{{"name": "part{n}", "{w}": {b}}}\n',
}


def generated(root, count):
    """A tree of so many files in nine languages, from a handful to some hundred
    lines each, forty to a folder."""
    shutil.rmtree(root, ignore_errors=True)
    rng = random.Random(count)
    words = "parser index queue cache token route widget signal packet buffer ledger socket".split()
    kinds = list(KINDS)
    for n in range(count):
        kind = kinds[n % len(kinds)]
        folder = root / f"part{n // 2_000}/pkg{n // 40}"
        folder.mkdir(parents=True, exist_ok=True)
        other = rng.randrange(count)
        text = "".join(
            KINDS[kind].format(n=f"{n}_{part}" if part else n, w=rng.choice(words), a=other // 40, b=other)
            for part in range(1 if kind == "json" else min(60, int(rng.paretovariate(0.9))))
        )
        (folder / f"mod{n}.{kind}").write_text(text)
    return root


def comment(path):
    return "#" if path.suffix in (".py", ".md") else "//"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="+")
    parser.add_argument("--scratch", type=pathlib.Path, required=True)
    for name in ("binary", "parse", "flask", "ripgrep", "django", "linux"):
        parser.add_argument(f"--{name}", default="")
    for name, value in (("runs", 5), ("saves", 200), ("threads", 2)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--minutes", type=float, default=10)
    asked = parser.parse_args()
    asked.binary = str(pathlib.Path(asked.binary).resolve())
    asked.scratch = asked.scratch.resolve()
    every = (cold, peers, unchanged, edited, latency, switch, idle, size, growth)
    rows = {one.__name__: one for one in every}
    unknown = [row for row in asked.rows if row not in rows]
    if unknown:
        sys.exit(f"no such rows: {' '.join(unknown)}; there are {' '.join(rows)}")
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} processors, load {load:.1f}, {asked.runs} rounds\n")
    table = Table()
    for row in asked.rows:
        rows[row](asked, table)


if __name__ == "__main__":
    main()
