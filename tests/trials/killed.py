#!/usr/bin/env python3
"""Memory survives kill -9: what was acknowledged is there, nothing is half-written.

Usage: killed.py --binary WAYPOST [--trials N] [--seed N]

Each trial starts `note`, `edit`, `import` or `backup` and kills it (SIGKILL)
after a random part of its usual time. Then every record that was acknowledged
must be there with its last acknowledged title or the one that was on its way,
an import must have brought all of its records or none, a backup file must be
absent or whole (it can be put back elsewhere), and no memory file unreadable.
"""

import random
import subprocess
import time

import trial


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    binary = arguments.binary
    rng = random.Random(arguments.seed)
    tally = trial.Tally()
    killed = {}
    with trial.scratch() as (temp, home):
        root = temp / "project"
        root.mkdir()
        trial.git(root, "init", "-q")
        first = trial.run(binary, root, home, "note", "--summary", "first").decode().strip()
        known = {first: {"first"}}
        exports = make_exports(binary, temp, home, arguments.trials)
        usual = {}
        for n in range(arguments.trials):
            what = rng.choice(["note", "edit", "import", "backup"])
            title = f"{what} {n}"
            record = rng.choice(sorted(known))
            backup = temp / f"{n}.tar.zst"
            export, members = exports[n % len(exports)]
            command = {
                "note": ["note", "--summary", title, "--body", "word " * 2000],
                "edit": ["edit", record, "--summary", title],
                "import": ["import", "--file", str(export)],
                "backup": ["backup", "--output", str(backup)],
            }[what]
            start = time.monotonic()
            process = subprocess.Popen([binary, *command, "--project-root", str(root)],
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=trial.environment(home))
            was_killed = False
            if what in usual:
                time.sleep(rng.uniform(0, 1.2) * usual[what])
                was_killed = process.poll() is None
                process.kill()
            said = process.communicate()[0].decode().strip()
            done = process.returncode == 0
            if what not in usual:
                usual[what] = time.monotonic() - start
            killed[what] = killed.get(what, 0) + was_killed
            shown = subprocess.run([binary, "notes", "--all", "--json", "--project-root", str(root)], capture_output=True, env=trial.environment(home))
            tally.check(shown.returncode == 0 and b"not read" not in shown.stderr, f"{title}: {shown.stderr.decode()}")
            import json
            there = {row["id"]: row["title"] for row in json.loads(shown.stdout)["notes"]}
            if what == "note":
                if done:
                    known[said] = {title}
                elif len(said) == 16:
                    tally.check(said in there, f"{title}: acknowledged and lost")
                    known[said] = {title}
                for new in set(there) - set(known):
                    tally.check(there[new] == title, f"{title}: {new} is {there[new]}")
                    known[new] = {title}
            elif what == "edit":
                known[record] = {title} if done else known[record] | {title}
            elif what == "import":
                came = members & set(there)
                tally.check(came in (set(), members), f"{title}: {len(came)} of {len(members)} came")
                tally.check(not done or came == members, f"{title}: acknowledged and not all there")
                for member in came:
                    known.setdefault(member, {there[member]})
            else:
                tally.check(not done or backup.exists(), f"{title}: acknowledged and no file")
                if backup.exists():
                    other = temp / f"other{n}"
                    other.mkdir()
                    put_back = subprocess.run([binary, "restore-backup", str(backup), "--yes", "--project-root", str(other)], capture_output=True, env=trial.environment(home))
                    tally.check(put_back.returncode == 0, f"{title}: {put_back.stderr.decode()}")
                    backup.unlink()
                    subprocess.run(["rm", "-rf", str(other)], check=True)
            for id, titles in known.items():
                tally.check(there.get(id) in titles, f"{title}: {id} is {there.get(id)}, not of {sorted(titles)[:3]}")
            known = {id: {there[id]} for id in known if id in there}
        index = trial.run(binary, root, home, "notes", "--all", "--json")
        for database in (root / ".waypost/local").glob("waypost.db*"):
            database.unlink()
        fields = lambda text: {r["id"]: (r["title"], r["body"]) for r in __import__("json").loads(text)["notes"]}
        tally.check(fields(index) == fields(trial.run(binary, root, home, "notes", "--all", "--json")), "index and files differ")
    print(f"{arguments.trials} trials, killed midway: {killed}; usual seconds: { {k: round(v, 3) for k, v in usual.items()} }")
    tally.end()


def make_exports(binary, temp, home, trials):
    """Some exports of 30 records each."""
    exports = []
    for n in range(max(1, min(10, trials // 8))):
        root = temp / f"source{n}"
        root.mkdir()
        ids = {trial.run(binary, root, home, "note", "--summary", f"import {n}.{m}").decode().strip() for m in range(30)}
        path = temp / f"export{n}.jsonl"
        trial.run(binary, root, home, "export", "--output", str(path))
        exports.append((path, ids))
    return exports


if __name__ == "__main__":
    main()
