#!/usr/bin/env python3
"""kill -9 in `checkpoint`, `log add`, `run` and `claim`: what was acknowledged is there afterwards.

Usage: killed_sessions.py --binary WAYPOST [--rounds N] [--seed N]

Each round starts one of the commands and kills its whole group after a random time, from nothing to half as long again
as the command takes. One that ended with 0 before that was acknowledged: its entry, receipt or claim must be found. The
database must be sound at the end, and no claim may be held twice.
"""

import json
import os
import random
import signal
import subprocess
import time

import trial


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    binary = arguments.binary
    tally = trial.Tally()
    with trial.scratch() as (temp, home):
        root = temp / "tree"
        (root / "src").mkdir(parents=True)
        (root / "src/a.rs").write_text("fn a() {}\n")
        trial.git(root, "init", "-q")
        trial.git(root, "add", "-A")
        trial.git(root, "commit", "-qm", "Start")
        session = trial.run(binary, root, home, "session", "start", "--agent", "ann").decode().strip()
        other = trial.run(binary, root, home, "session", "start", "--agent", "bob").decode().strip()

        def start(*call):
            return subprocess.Popen([binary, *call], cwd=root, env=trial.environment(home), start_new_session=True,
                                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

        calls = {
            "log": lambda n: ("log", "add", f"entry {n}", "--session", session),
            "checkpoint": lambda n: ("checkpoint", "--summary", f"checkpoint {n}", "--session", session),
            "run": lambda n: ("run", "--session", session, "--json", "--", "sh", "-c", f"echo output {n}"),
            "claim": lambda n: ("claim", f"name:thing-{n}", "--session", session if n % 2 else other),
        }
        took = {}
        for name, call in calls.items():
            began = time.monotonic()
            start(*call(-1)).communicate()
            took[name] = time.monotonic() - began
        acknowledged = {name: {} for name in calls}
        killed = 0
        for n in range(arguments.rounds):
            name = list(calls)[n % len(calls)]
            process = start(*calls[name](n))
            time.sleep(rng.uniform(0, 1.5 * took[name]))
            ended = process.poll()
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            out = process.communicate()[0]
            if ended is None and process.returncode != 0:
                killed += 1
            elif process.returncode == 0:
                acknowledged[name][n] = out
            else:
                tally.check(False, f"{calls[name](n)} ended with {process.returncode}")
        log = json.loads(trial.run(binary, root, home, "log", "--limit", "1000000", "--json"))["events"]
        texts = {event["text"] for event in log}
        for n in acknowledged["log"]:
            tally.check(f"entry {n}" in texts, f"entry {n} is lost")
        points = json.loads(trial.run(binary, root, home, "checkpoint", "list", "--limit", "1000000", "--json", expect=None) or b"{}")
        titles = {point["title"] for point in points.get("checkpoints", [])}
        for n in acknowledged["checkpoint"]:
            tally.check(f"checkpoint {n}" in titles, f"checkpoint {n} is lost")
        for n, out in acknowledged["run"].items():
            id = json.loads(out)["id"]
            fetched = trial.run(binary, root, home, "fetch", id, expect=None)
            tally.check(fetched == f"output {n}\n".encode(), f"the output of run {n} is lost")
        held = json.loads(trial.run(binary, root, home, "claims", "--json"))["claims"]
        names = [claim["resource"] for claim in held]
        for n in acknowledged["claim"]:
            tally.check(any(f"thing-{n}" == name.removeprefix("name:") for name in names), f"claim {n} is lost")
        tally.check(len(names) == len(set(names)), "a claim is held twice")
        verified = trial.run(binary, root, home, "receipts", "verify", "--json")
        tally.check(json.loads(verified)["sound"], "a receipt is damaged")
        checks = json.loads(trial.run(binary, root, home, "doctor", "--json", expect=None))["checks"]
        tally.check(all(check["status"] != "fail" for check in checks), f"doctor: {[c for c in checks if c['status'] == 'fail']}")
        done = sum(map(len, acknowledged.values()))
        print(f"{arguments.rounds} rounds: {killed} killed, {done} acknowledged")
    tally.end()


if __name__ == "__main__":
    main()
