#!/usr/bin/env python3
"""The handoff merges: branches made from real commits, line by line, with no driver.

Usage: merges.py --binary WAYPOST TREE... [--pairs N] [--seed N] [--goal] [--driver] [--show]

For each TREE (a git work tree with history; copied, never written to): takes a
commit, renders and commits the handoff there, and makes two branches of it, each
with some of the next commits picked onto it and its own handoff committed. Pairs
whose code does not merge by itself are left out. Then `git merge`:
- without a driver at most one merge in ten may conflict in the handoff;
- after `waypost handoff` no conflict is left and the file is what a fresh clone
  renders;
- a merge that git calls clean may be stale, but what `handoff --check` accepts
  must be what a fresh clone renders.

--goal: the base has a goal, and both sides take a snapshot, which chooses the
files for it anew. --driver: after `waypost init --merge-driver`; no merge may
conflict. --show prints the conflicts. Prints counts, exits 1 on a failure.
"""

import pathlib
import random
import shutil
import subprocess
import tempfile

import trial

FILES = (".waypost/handoff.md", ".waypost/handoff.json")


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("trees", nargs="+", type=pathlib.Path)
    parser.add_argument("--pairs", type=int, default=30, help="in all, spread over the trees")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--goal", action="store_true")
    parser.add_argument("--driver", action="store_true")
    parser.add_argument("--show", action="store_true")
    arguments = parser.parse_args()
    binary = arguments.binary
    tally = trial.Tally()
    merged = conflicted = memory = fresh = 0
    for n, tree in enumerate(arguments.trees):
        wanted = (arguments.pairs + n) // len(arguments.trees)
        with tempfile.TemporaryDirectory() as temp:
            pairs = Pairs(binary, tree.resolve(), pathlib.Path(temp), arguments, tally)
            pairs.run(wanted)
        print(f"{tree.name}: {pairs.merged} merges, {pairs.conflicted} conflict in the handoff "
              f"({pairs.which['md']} md, {pairs.which['json']} json), {pairs.memory} in the memory, {pairs.fresh} fresh as merged", flush=True)
        merged += pairs.merged
        conflicted += pairs.conflicted
        memory += pairs.memory
        fresh += pairs.fresh
    print(f"{merged} merges, {conflicted} conflict in the handoff, {memory} in the memory, {fresh} fresh as merged")
    limit = 0 if arguments.driver else merged // 10
    tally.check(merged >= min(arguments.pairs, 1), "no pair was found")
    tally.check(conflicted <= limit, f"{conflicted} of {merged} conflict, more than {limit}")
    tally.end()


class Pairs:
    def __init__(self, binary, tree, temp, arguments, tally):
        self.binary, self.temp, self.arguments, self.tally = binary, temp, arguments, tally
        self.rng = random.Random(arguments.seed)
        self.home = temp / "home"
        self.home.mkdir()
        self.root = trial.copy(tree, temp / tree.name)
        self.name = tree.name
        self.git("reset", "-q", "--hard")
        self.git("clean", "-fdxq")
        log = self.git("log", "--first-parent", "--no-merges", "--format=%H", "-n", "1200")
        self.commits = log.split()[::-1]
        self.merged = self.conflicted = self.memory = self.fresh = 0
        self.which = {"md": 0, "json": 0}

    def git(self, *arguments, check=True):
        done = subprocess.run(["git", *arguments], capture_output=True, cwd=self.root, env=trial.environment(self.home))
        if check and done.returncode:
            raise SystemExit(f"git {arguments}: {done.stderr.decode()}")
        return done.stdout.decode(errors="replace").strip() if check else done.returncode

    def waypost(self, *arguments, **more):
        return trial.run(self.binary, self.root, self.home, *arguments, **more)

    def run(self, wanted):
        tried = 0
        while self.merged < wanted and tried < 20 * wanted:
            tried += 1
            self.one()

    def one(self):
        at = self.rng.randrange(len(self.commits) - 20)
        count = self.rng.randrange(2, 13)
        following = self.commits[at + 1 : at + 1 + count]
        if self.rng.random() < 0.5:
            sides = (following[::2], following[1::2])
        else:
            cut = max(1, count // 2)
            sides = (following[:cut], following[cut:])
        self.git("merge", "--abort", check=False)
        self.git("checkout", "-qf", "--detach", self.commits[at])
        self.git("clean", "-fdxq", "-e", ".waypost/local")
        self.render("Make errors name file and line" if self.arguments.goal else None)
        base = self.commit("base")
        heads = []
        for side in sides:
            self.git("checkout", "-qf", "--detach", base)
            picked = [c for c in side if self.pick(c)]
            if not picked:
                return
            heads.append(self.git("rev-parse", "HEAD"))
        # Only pairs whose code merges by itself are about the handoff.
        if self.git("merge-tree", "--write-tree", *heads, check=False):
            return
        with_handoff = []
        for head in heads:
            self.git("checkout", "-qf", "--detach", head)
            self.render(None)
            with_handoff.append(self.commit("handoff"))
        self.git("checkout", "-qf", "--detach", with_handoff[0])
        if self.arguments.driver:
            self.waypost("init", "--merge-driver")
        failed = self.git("merge", "-q", "-m", "merge", with_handoff[1], check=False)
        conflicts = set(self.git("diff", "--name-only", "--diff-filter=U").split("\n")) - {""}
        self.merged += 1
        label = f"{self.name} {self.commits[at][:10]}+{count}"
        others = {c for c in conflicts if not c.startswith(".waypost/")}
        self.tally.check(not others, f"{label}: {sorted(others)[:3]} conflict")
        self.memory += any(c.startswith(".waypost/memory/") for c in conflicts)
        in_handoff = [f for f in FILES if f in conflicts]
        self.conflicted += bool(in_handoff)
        for file in in_handoff:
            self.which[file.rsplit(".")[-1]] += 1
        if in_handoff and self.arguments.show:
            print(f"--- {label}\n{self.git('diff', *in_handoff)}\n")
        check = self.waypost("handoff", "--check", expect=None)
        if not failed and check == b"":
            self.fresh += 1
            self.same_as_a_clone(f"{label}: merged")
        self.waypost("handoff")
        for file in FILES:
            text = (self.root / file).read_bytes()
            marked = any(line.startswith((b"<<<<<<< ", b">>>>>>> ")) for line in text.splitlines())
            self.tally.check(not marked, f"{label}: {file} has markers after rendering")
        self.git("add", "-A", ".waypost")
        self.git("commit", "-q", "--allow-empty", "-m", "again")
        self.tally.check(self.waypost("handoff", "--check", expect=None) == b"", f"{label}: stale after rendering")
        self.same_as_a_clone(f"{label}: rendered again")

    def render(self, goal):
        self.waypost("init")
        if goal is not None:
            self.waypost("snapshot", "--goal", goal)
        elif self.arguments.goal:
            self.waypost("snapshot")
        else:
            self.waypost("handoff")

    def commit(self, message):
        self.git("add", "-A", ".waypost")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def pick(self, commit):
        if self.git("cherry-pick", commit, check=False) == 0:
            return True
        self.git("cherry-pick", "--abort", check=False)
        self.git("reset", "-q", "--hard")
        return False

    def same_as_a_clone(self, label):
        """What lies here is what a fresh clone renders."""
        clone = self.temp / "clone"
        shutil.rmtree(clone, ignore_errors=True)
        subprocess.run(["git", "clone", "-q", "--no-checkout", "--shared", str(self.root), str(clone)], check=True, env=trial.environment(self.home), capture_output=True)
        head = self.git("rev-parse", "HEAD")
        trial.git(clone, "checkout", "-q", "--detach", head)
        for form in ("md", "json"):
            wanted = trial.run(self.binary, clone, self.home, "handoff", "--stdout", "--format", form)
            self.tally.check(wanted == (self.root / f".waypost/handoff.{form}").read_bytes(), f"{label}: handoff.{form} is not what a clone renders")


if __name__ == "__main__":
    main()
