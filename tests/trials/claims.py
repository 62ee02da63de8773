#!/usr/bin/env python3
"""Twenty processes claim one resource at once, through different spellings: exactly one is granted. Then it
is freed by a release, by the end of its session, or by the end of its lease, in turn.

    tests/trials/claims.py --binary PATH [--rounds N] [--processes N]

Ends with a line of counts, and with 1 if a round had another outcome.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time

import trial


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=20)
    options = parser.parse_args()
    program = options.binary
    top = tempfile.mkdtemp(prefix="claims-")
    root = os.path.join(top, "project")
    environment = {
        "PATH": os.environ["PATH"], "HOME": os.path.join(top, "home"), "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
    }

    def run(*arguments):
        return subprocess.run([program, *arguments], cwd=root, env=environment, capture_output=True, text=True)

    def git(*arguments):
        identity = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
        subprocess.run(["git", *identity, *arguments], cwd=root, env=environment, check=True, capture_output=True)

    os.makedirs(os.path.join(root, "src"))
    with open(os.path.join(root, "src/a.rs"), "w") as file:
        file.write("fn a() {}\n")
    os.symlink("src", os.path.join(root, "link"))
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "Start")
    run("init")
    side = os.path.join(top, "side")
    git("worktree", "add", "-q", "-b", "side", side)
    spellings = ["src/a.rs", "./src/a.rs", "src/../src/a.rs", "SRC/A.RS", "link/a.rs",
                 os.path.join(root, "src/a.rs"), os.path.join(side, "src/a.rs"), "src", "."]

    def begin(number):
        return run("session", "start", "--agent", f"agent {number}").stdout.strip()

    sessions = [begin(number) for number in range(options.processes)]
    wrong, errors, waited = 0, 0, []
    for number in range(options.rounds):
        started = time.monotonic()
        ttl = "1s" if number % 50 == 49 else "2h"
        asked = [
            subprocess.Popen([program, "claim", spellings[(at + number) % len(spellings)], "--ttl", ttl, "--session", id],
                             cwd=root, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for at, id in enumerate(sessions)
        ]
        codes = [process.wait() for process in asked]
        waited.append(time.monotonic() - started)
        granted = [at for at, code in enumerate(codes) if code == 0]
        errors += sum(code not in (0, 4) for code in codes)
        # A lease of a second may run out while the others ask.
        if len(granted) != 1 and not (ttl == "1s" and waited[-1] > 0.9 and granted):
            wrong += 1
            print(f"round {number}: granted to {granted}, codes {sorted(set(codes))}")
        if ttl == "1s":
            time.sleep(1.05)
        elif number % 10 == 9:
            holder = granted[0] if granted else 0
            run("session", "end", sessions[holder])
            sessions[holder] = begin(holder)
        else:
            for at in granted:
                run("release", "--all", "--session", sessions[at])
    left = run("claims", "--json").stdout.count('"resource"') if options.rounds % 50 else 0
    shutil.rmtree(top)
    waited.sort()
    print(f"{options.rounds} rounds of {options.processes} processes: {wrong} wrong, {errors} errors, "
          f"{left} claims left, a round took {waited[len(waited) // 2]:.2f} s in the middle")
    sys.exit(1 if wrong or errors else 0)


main()
