#!/usr/bin/env python3
"""Records of two branches merge: nothing is lost, only true conflicts are left.

Usage: merge.py --binary WAYPOST [--records N] [--seed N]

Makes a repository with twenty old records and two clones of it. Each adds N
records and edits fifteen of the old ones, ten of which both edit. After the
merge git must name exactly those ten as conflicts; with them settled, all
records of both sides must be there with the texts that they were given, and the
index that grew with the merge must give the same lists as one that is built from
the files alone.
"""

import pathlib
import subprocess

import trial

OLD = 20


def notes(binary, root, home):
    rows = trial.report(binary, root, home, "notes", "--all")["notes"]
    return {row["id"]: {k: v for k, v in row.items() if k != "revision"} for row in rows}


def note(binary, root, home, *arguments):
    return trial.run(binary, root, home, "note", *arguments).decode().strip()


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("--records", type=int, default=200)
    arguments = parser.parse_args()
    binary = arguments.binary
    tally = trial.Tally()
    with trial.scratch() as (temp, home):
        base = temp / "base"
        base.mkdir()
        trial.git(base, "init", "-q", "-b", "main")
        (base / "code.py").write_text("def f():\n    pass\n")
        old = [note(binary, base, home, "--summary", f"Old {n}", "--body", f"line {n}\n" * 5) for n in range(OLD)]
        trial.git(base, "add", "-A")
        trial.git(base, "commit", "-q", "-m", "Start")
        sides = []
        for name, edited in (("left", old[:15]), ("right", old[5:])):
            root = temp / name
            trial.git(temp, "clone", "-q", str(base), str(root))
            trial.git(root, "switch", "-q", "-c", name)
            added = [
                note(binary, root, home, "--summary", f"{name} {n}", "--anchor", "code.py", "--tag", name)
                for n in range(arguments.records)
            ]
            for record in edited:
                trial.run(binary, root, home, "edit", record, "--summary", f"{name} was here: {record}")
            trial.git(root, "add", "-A")
            trial.git(root, "commit", "-q", "-m", name)
            sides.append((root, added))
        (left, of_left), (right, of_right) = sides
        trial.git(left, "fetch", "-q", str(right), "right")
        merge = ["git", "merge", "-q", "-m", "Merge", "FETCH_HEAD"]
        merged = subprocess.run(merge, cwd=left, capture_output=True, env=trial.environment(left))
        conflicts = trial.git(left, "diff", "--name-only", "--diff-filter=U").split()
        wanted = sorted(old[5:15])
        found = sorted(pathlib.Path(path).name.split("-")[0] for path in conflicts)
        tally.check(found == wanted, f"conflicts: {found}, not {wanted}; {merged.stderr.decode()}")
        # A file with conflict marks is told, with its line, and kept.
        told = subprocess.run([binary, "notes", "--project-root", str(left)], capture_output=True, env=trial.environment(home))
        tally.check(told.stderr.count(b"is kept and not read: line ") == 10, f"conflicts told: {told.stderr.decode()}")
        for path in conflicts:
            trial.git(left, "checkout", "-q", "--theirs", path)
        trial.git(left, "add", "-A")
        trial.git(left, "commit", "-q", "-m", "Merge")
        grown = notes(binary, left, home)
        tally.check(set(grown) == set(old + of_left + of_right), f"{len(grown)} records")
        for n, record in enumerate(old):
            title = grown[record]["title"]
            side = "left" if n < 5 else "right"
            tally.check(title == f"{side} was here: {record}", f"{record}: {title}")
        for name, ids in (("left", of_left), ("right", of_right)):
            for n, record in enumerate(ids):
                tally.check(grown[record]["title"] == f"{name} {n}", f"{record}: {grown[record]['title']}")
        for database in (left / ".waypost/local").glob("waypost.db*"):
            database.unlink()
        tally.check(notes(binary, left, home) == grown, "the index is not the one of the files")
    tally.end()


if __name__ == "__main__":
    main()
