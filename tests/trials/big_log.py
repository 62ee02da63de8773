#!/usr/bin/env python3
"""What hooks and the commands about sessions take beside a log of 100,000 entries of 1,000 sessions, with lessons
that have triggers: the median of a number of calls each, in milliseconds.

    tests/trials/big_log.py --binary PATH [--tree PATH] [--events N] [--sessions N] [--rounds N]

Without `--tree` a tree of 300 files is made. Ends with 1 where a hook takes 100 ms or more, or `sitrep`, `resume`
or `session` 50 ms or more.
"""

import json
import pathlib
import sqlite3
import statistics
import subprocess
import sys
import time

import trial

KINDS = ["tool_call", "file_change", "command", "command", "prompt"]


def made(root):
    """A small project in many files."""
    for number in range(300):
        path = pathlib.Path(root) / f"src/part{number % 20}/m{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"def work{number}(x):\n    return x + {number}\n")
    trial.git(root, "init", "-q", "-b", "main")
    trial.git(root, "add", "-A")
    trial.git(root, "commit", "-q", "-m", "Start")


def fill(root, events, sessions):
    """As many sessions and entries as a year brings."""
    database = sqlite3.connect(pathlib.Path(root) / ".waypost/local/waypost.db")
    now = int(time.time() * 1000)
    rows = []
    for number in range(sessions):
        at = now - (sessions - number) * 60_000
        ended = at + 30_000 if number % 10 else None
        rows.append((f"made{number}", "claude", "conversation", f"work {number}", "{}", str(root), "main", at, at + 30_000, ended))
    database.executemany(
        "INSERT INTO session (id, agent, kind, title, meta, worktree, branch, started_ms, beat_ms, ended_ms, doing, summary)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '')", rows)
    first = database.execute("SELECT min(seq) FROM session WHERE id LIKE 'made%'").fetchone()[0]
    rows = []
    for number in range(events):
        kind = KINDS[number % len(KINDS)]
        session = first + number * sessions // events
        failed = kind == "command" and number % 7 == 0
        data = json.dumps({"error": f"error[E{number % 40:04}]: cannot find `v{number}` at src/m{number}.py:{number}"}) if failed else None
        text = {"command": f"cargo test case{number % 50}", "prompt": f"Do the thing number {number} in this way"}.get(kind, "Edit")
        path = f"src/part{number % 20}/m{number % 300}.py" if kind == "file_change" else None
        rows.append((now - (events - number) * 300, session, kind, text, path, 101 if failed else 0 if kind == "command" else None, data))
    database.executemany("INSERT INTO event (at_ms, session, kind, text, path, code, data) VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    database.commit()
    database.close()


def timed(options, root, home, rounds, arguments, feed=None):
    """The median of so many calls, and what the last one printed."""
    lasted = []
    for _ in range(rounds):
        started = time.monotonic()
        done = subprocess.run([options.binary, *arguments], input=feed, capture_output=True, text=True, cwd=root,
                              env=trial.environment(home))
        lasted.append((time.monotonic() - started) * 1000)
        if done.returncode not in (0, 1):
            sys.exit(f"{arguments}: {done.returncode} {done.stderr}")
    return statistics.median(lasted), done.stdout


def calls(root):
    """Name, arguments, input, bound in milliseconds."""
    def hook(event, **more):
        return json.dumps({"session_id": "now-1", "cwd": str(root), **more}), ["hook", event, "--client", "claude"]

    bash = {"tool_name": "Bash", "tool_input": {"command": "cargo publish"}}
    edit = {"tool_name": "Edit", "tool_input": {"file_path": str(pathlib.Path(root) / "src/part1/m1.py")}}
    failed = {"stdout": "error[E0001]: cannot find `x` at src/m1.py:3", "exit_code": 101}
    for name, event, more in [
        ("session-start", "session-start", {"source": "startup"}),
        ("session-start after compaction", "session-start", {"source": "compact"}),
        ("prompt", "prompt", {"prompt": "Mend it"}),
        ("pre-tool, a command", "pre-tool", bash),
        ("pre-tool, an edit", "pre-tool", edit),
        ("post-tool, an edit", "post-tool", {**edit, "tool_response": {}}),
        ("post-tool, a failure", "post-tool", {**bash, "tool_response": failed}),
        ("pre-compact", "pre-compact", {}),
        ("stop", "stop", {}),
    ]:
        feed, arguments = hook(event, **more)
        yield f"hook {name}", arguments, feed, 100
    for arguments in [["sitrep"], ["resume"], ["session", "list", "--limit", "20"], ["session", "show", "now-1"], ["session", "signals", "now-1"]]:
        yield " ".join(arguments), arguments, None, 50
    for arguments in [["lessons", "match", "--tool", "Bash", "--arg", "ls"], ["lessons", "mine"], ["stats", "failures"]]:
        yield " ".join(arguments), arguments, None, None


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("--tree")
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--sessions", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    with trial.scratch() as (folder, home):
        root = folder / "project"
        if options.tree:
            trial.copy(options.tree, root)
        else:
            root.mkdir()
            made(root)
        run = lambda *arguments: trial.run(options.binary, root, home, *arguments)
        run("init")
        run("snapshot", "--goal", "Mend the work of part 1")
        run("session", "start")
        for number in range(30):
            run("note", "--kind", "lesson", "--summary", f"Lesson {number}", "--trigger", f"arg=command{number} --now")
        run("note", "--kind", "lesson", "--summary", "Publish from the branch", "--trigger", "arg=cargo publish")
        fill(root, options.events, options.sessions)
        slow = 0
        for name, arguments, feed, most in calls(root):
            median, _ = timed(options, root, home, options.rounds if most else 3, arguments, feed)
            is_slow = most is not None and median >= most
            slow += is_slow
            print(f"{median:8.1f} ms  {name}{'  TOO SLOW' if is_slow else ''}", flush=True)
    print(f"{options.events} entries of {options.sessions} sessions: {slow} too slow")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
