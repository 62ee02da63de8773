#!/usr/bin/env python3
"""Several processes on one project get along.

Usage: together.py --binary WAYPOST [--rounds N] [--seconds S]

Each round, for S seconds on one project: two `watch`, two writers that add and
edit records, one reader that asks one thing after the other, and somebody who
saves files. A second `watch` may refuse to run if it says who holds the project.
Then: nobody said `database is locked` or ended with an error, every record that
was acknowledged is there with its last title, snapshots are strictly ordered,
`doctor` is content, and the handoff is what the tree renders to.
"""

import json
import pathlib
import signal
import subprocess
import tempfile
import threading
import time

import trial


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=10)
    arguments = parser.parse_args()
    binary = arguments.binary
    tally = trial.Tally()
    for n in range(arguments.rounds):
        with tempfile.TemporaryDirectory() as temp:
            one_round(binary, pathlib.Path(temp), arguments.seconds, tally, n)
    tally.end()


def one_round(binary, temp, seconds, tally, n):
    home, root = temp / "home", temp / "project"
    home.mkdir()
    (root / "src").mkdir(parents=True)
    for name in range(30):
        (root / f"src/part{name}.py").write_text(f"def main_{name}(x):\n    return x\n")
    trial.git(root, "init", "-q")
    deadline = time.monotonic() + seconds
    said, known, asked, lock = [], {}, [0], threading.Lock()

    def run(*command):
        done = subprocess.run([binary, *command, "--project-root", str(root)], capture_output=True, env=trial.environment(home))
        with lock:
            said.append(done.stderr.decode())
        tally.check(done.returncode == 0, f"round {n}: {command}: ended with {done.returncode}: {done.stderr.decode()}")
        return done.stdout.decode().strip() if done.returncode == 0 else None

    def write(writer):
        mine = []
        while time.monotonic() < deadline:
            title = f"writer {writer}, note {len(mine)}"
            added = run("note", "--summary", title)
            if added:
                mine.append(added)
                known[added] = title
            if len(mine) % 5 == 4:
                title = f"writer {writer}, edit {len(mine)}"
                if run("edit", mine[-3], "--summary", title) is not None:
                    known[mine[-3]] = title

    def read():
        commands = [["status"], ["notes"], ["snapshots"], ["search", "main_7"], ["handoff", "--stdout"], ["context", "writer note"]]
        while time.monotonic() < deadline:
            run(*commands[asked[0] % len(commands)])
            asked[0] += 1

    watches = [subprocess.Popen([binary, "watch", "--project-root", str(root), "--debounce-ms", "50", "--min-interval-sec", "0"],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=trial.environment(home)) for _ in range(2)]
    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(2)] + [threading.Thread(target=read)]
    for thread in threads:
        thread.start()
    saves = 0
    while time.monotonic() < deadline:
        with open(root / f"src/part{saves % 30}.py", "a") as file:
            file.write(f"\n\ndef added_{saves}(x):\n    return x\n")
        saves += 1
        time.sleep(0.3)
    for thread in threads:
        thread.join()
    time.sleep(1)
    refused = 0
    for watch in watches:
        if watch.poll() is None:
            watch.send_signal(signal.SIGINT)
        try:
            err = watch.communicate(timeout=30)[1].decode()
        except subprocess.TimeoutExpired:
            watch.kill()
            err = watch.communicate()[1].decode() + "\nhangs"
            tally.check(False, f"round {n}: a watch hangs")
        said.append(err)
        if watch.returncode == 2:
            refused += 1
            tally.check(any(str(other.pid) in err for other in watches if other is not watch), f"round {n}: a watch ended: {err}")
        else:
            tally.check(watch.returncode == 130, f"round {n}: a watch ended with {watch.returncode}: {err}")
    tally.check(refused < 2, f"round {n}: no watch ran")
    locked = [text for text in said if "is locked" in text or "has been writing for" in text]
    tally.check(not locked, f"round {n}: {locked[:2]}")
    there = {row["id"]: row["title"] for row in trial.report(binary, root, home, "notes", "--all")["notes"]}
    lost = {id: title for id, title in known.items() if there.get(id) != title}
    tally.check(not lost, f"round {n}: {len(lost)} of {len(known)} records lost: {list(lost.items())[:3]}")
    ids = [int(s["id"].lstrip("s")) for s in trial.report(binary, root, home, "snapshots")["snapshots"]]
    times = [s["created_at"] for s in trial.report(binary, root, home, "snapshots")["snapshots"]]
    tally.check(ids == sorted(set(ids), reverse=True), f"round {n}: snapshots out of order: {ids}")
    # The time is when reading began: two watches may end in another order.
    tally.check(not refused or times == sorted(times, reverse=True), f"round {n}: times out of order: {times}")
    trial.run(binary, root, home, "snapshot")
    tally.check(trial.run(binary, root, home, "handoff", "--check", expect=None) == b"", f"round {n}: the handoff is not right")
    doctor = json.loads(trial.run(binary, root, home, "doctor", "--json", expect=None))
    tally.check(not [c for c in doctor["checks"] if c["status"] == "fail"], f"round {n}: {doctor}")
    print(f"round {n}: {len(known)} records, {len(ids)} snapshots, {asked[0]} questions, {saves} saves, {refused} watch refused, {len(locked)} locked", flush=True)


if __name__ == "__main__":
    main()
