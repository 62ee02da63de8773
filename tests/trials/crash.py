#!/usr/bin/env python3
"""A snapshot that is killed leaves the old or the new state, never a mix.

Usage: crash.py --binary WAYPOST [TREE] [--files N] [--trials N] [--seed N]

TREE is copied, never written to; without one a tree of N files is made. Each trial edits some files and starts
`snapshot`, killing it (SIGKILL) after a random part, from 0 to 1.2, of the time
that one takes. Then:
- `doctor --json` must report no failed check;
- the last snapshot must show as many files as its header says, and be one that
  was finished;
- both handoff files must be whole: the JSON parses, the Markdown ends in a line
  feed; pairs of two states, which a kill between two renames can leave, are
  counted;
- after the next snapshot no temporary file lies about;
- the next snapshot must work, `restore` must call everything valid, and
  `handoff --check` must find nothing, which renders the tree anew.

Prints counts; exit code 1 if anything failed. Zero failures of N bound the true
rate at 3/N (95 %). Python's standard library and git only.
"""

import json
import pathlib
import random
import subprocess
import time

import trial


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("tree", type=pathlib.Path, nargs="?")
    parser.add_argument("--files", type=int, default=2_000)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    binary = arguments.binary
    rng = random.Random(arguments.seed)
    tally = trial.Tally()
    killed = mixed = 0
    with trial.scratch() as (temp, home):
        root = temp / "project"
        if arguments.tree:
            trial.copy(arguments.tree.resolve(), root)
        else:
            make(root, arguments.files)
        files = [p for p in root.rglob("*") if p.suffix in (".rs", ".py", ".md") and p.is_file() and ".git" not in p.parts]
        start = time.monotonic()
        trial.run(binary, root, home, "snapshot", "--goal", "Make errors name file and line")
        cold = time.monotonic() - start
        for n in range(arguments.trials):
            # Some trials begin without a database.
            if rng.random() < 0.2:
                for file in (root / ".waypost/local").glob("waypost.db*"):
                    file.unlink()
            for file in rng.sample(files, min(len(files), rng.randrange(1, 40))):
                with open(file, "a") as out:
                    out.write(f"\n# trial {n}\n")
            goal = f"Make errors name file and line, take {n}"
            process = subprocess.Popen(
                [binary, "snapshot", "--project-root", str(root), "--goal", goal],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=trial.environment(home),
            )
            try:
                process.wait(rng.uniform(0, 1.2) * cold)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                killed += 1
            mixed += look(binary, root, home, n, tally)
            if n % 50 == 49:
                print(f"{n + 1} trials, {killed} killed midway, {tally.failed} checks failed", flush=True)
    print(f"{arguments.trials} trials, {killed} killed midway, a cold snapshot takes {cold:.2f} s; {mixed} mixed pairs, mended by the next run")
    tally.end()


def make(root, files):
    """Modules that import each other, in folders of twenty."""
    for n in range(files):
        path = root / f"src/pack{n // 20}/part{n}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'"""Part {n}."""\n\nfrom pack{(n * 7) % files // 20} import part{(n * 7) % files}\n\n\ndef main_of_{n}(x):\n    return x\n')
    trial.git(root, "init", "-q")
    trial.git(root, "add", "-A")
    trial.git(root, "commit", "-q", "-m", "Start")


def look(binary, root, home, n, tally):
    doctor = json.loads(trial.run(binary, root, home, "doctor", "--json", expect=None) or b"{}")
    failed = [c for c in doctor.get("checks", [{"status": "fail"}]) if c["status"] == "fail"]
    tally.check(not failed, f"trial {n}: doctor: {failed}")
    mixed = any("do not belong together" in c["detail"] for c in doctor.get("checks", []))
    snapshots = trial.report(binary, root, home, "snapshots")["snapshots"]
    if snapshots:
        shown = trial.report(binary, root, home, "show-snapshot")
        tally.check(len(shown["files"]) == snapshots[0]["files"], f"trial {n}: {shown['id']} lost files")
    folder = root / ".waypost"
    if (folder / "handoff.md").exists():
        whole = (folder / "handoff.md").read_bytes().endswith(b"\n")
        try:
            json.loads((folder / "handoff.json").read_text())
        except ValueError:
            whole = False
        tally.check(whole, f"trial {n}: a torn handoff")
    trial.run(binary, root, home, "snapshot")
    strays = [p.name for p in root.rglob(".waypost-*")]
    tally.check(not strays, f"trial {n}: {len(strays)} temporary files: {strays[:5]}")
    summary = trial.report(binary, root, home, "restore")["summary"]
    tally.check((summary["changed"], summary["missing"], summary["new"]) == (0, 0, 0), f"trial {n}: {summary}")
    check = trial.run(binary, root, home, "handoff", "--check", expect=None)
    tally.check(check == b"", f"trial {n}: the next handoff is not right")
    return mixed


if __name__ == "__main__":
    main()
