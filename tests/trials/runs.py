#!/usr/bin/env python3
"""`waypost run` against the same commands run plainly: streams, exit codes and signals are equal, fetched bytes
are those that were printed, every line of an error and every test that failed is in the digest, and what it costs.

    tests/trials/runs.py --binary PATH [--rounds N]

The commands are shell lines that print what compilers and test runners print, binary bytes and long outputs; a round
runs all of them. Ends with a line of counts, and with 1 if anything differs.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import trial

LINES = "i=0; while [ $i -lt {n} ]; do echo \"line $i of the build\"; i=$((i+1)); done; "
COMMANDS = [
    ("true", [], []),
    ("exit 7", [], []),
    ("echo out; echo err >&2; exit 1", [], []),
    ("kill -TERM $$", [], []),
    ("kill -KILL $$", [], []),
    ("kill -SEGV $$", [], []),
    ("printf 'a\\000b\\377\\r\\n'", [], []),
    ("head -c 3000000 /dev/urandom", [], []),
    ("cat; echo done", [], []),
    (LINES.format(n=4000) + "echo 'error[E0308]: mismatched types'; echo 'warning: unused' >&2; exit 101",
     ["error[E0308]: mismatched types", "warning: unused"], []),
    (LINES.format(n=4000) + "echo 'test store::a ... FAILED'; echo 'test store::b ... ok'; exit 101", [], ["store::a"]),
    (LINES.format(n=4000) + "echo 'FAILED tests/test_a.py::test_b - assert 1 == 2'; exit 1", [], ["tests/test_a.py::test_b"]),
    (LINES.format(n=4000) + "echo '--- FAIL: TestSum (0.00s)'; exit 1", [], ["TestSum"]),
    (LINES.format(n=4000) + "echo 'not ok 3 - adds two'; exit 1", [], ["adds two"]),
    (LINES.format(n=4000) + "echo 'npm ERR! code ELIFECYCLE' >&2; exit 1", ["npm ERR! code ELIFECYCLE"], []),
    ("python3 -c 'import sys; [sys.stdout.write(\"x\" * 9999 + chr(10)) for _ in range(2000)]; 1/0'",
     ["ZeroDivisionError: division by zero"], []),
]
LONG = "head -c 200000000 /dev/zero | tr '\\000' 'a'; echo; echo 'fatal: the end'; exit 3"


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    program = options.binary
    top = tempfile.mkdtemp(prefix="runs-")
    root = os.path.join(top, "project")
    os.mkdir(root)
    environment = {"PATH": os.environ["PATH"], "HOME": os.path.join(top, "home")}

    def run(*arguments):
        return subprocess.run(arguments, cwd=root, env=environment, capture_output=True, stdin=subprocess.DEVNULL)

    session = run(program, "session", "start").stdout.decode().strip()
    wrong, runs, plain_s, passed_s = [], 0, [], []

    def check(line, what, is_right):
        if not is_right:
            wrong.append((what, line[:60]))

    for _ in range(options.rounds):
        for line, errors, failed in COMMANDS + ([(LONG, ["fatal: the end"], [])] if not runs else []):
            is_random = "urandom" in line
            started = time.monotonic()
            plain = run("sh", "-c", line)
            plain_s.append(time.monotonic() - started)
            started = time.monotonic()
            passed = run(program, "run", "--raw", "--", "sh", "-c", line)
            passed_s.append(time.monotonic() - started)
            runs += 1
            code = plain.returncode if plain.returncode >= 0 else 128 - plain.returncode
            check(line, "exit code", passed.returncode == code)
            check(line, "stdout", is_random or passed.stdout == plain.stdout)
            check(line, "stderr", passed.stderr == plain.stderr)
            receipt = json.loads(run(program, "receipts", "list", "--limit", "1", "--json").stdout)["receipts"][0]
            fetched = run(program, "fetch", receipt["id"]).stdout
            check(line, "fetched stdout", fetched == passed.stdout)
            check(line, "fetched stderr", run(program, "fetch", receipt["id"], "--stderr").stdout == passed.stderr)
            short = run(program, "run", "--session", session, "--", "sh", "-c", line)
            check(line, "exit code of the digest", short.returncode == code)
            told = short.stdout.decode(errors="replace") + short.stderr.decode(errors="replace")
            for text in errors + failed:
                check(line, f"`{text}` in the digest", text in told)
    verified = run(program, "receipts", "verify")
    check("receipts verify", "sound", verified.returncode == 0)
    shutil.rmtree(top)
    for what, line in wrong:
        print(f"{what}: {line}")
    middle = lambda all: sorted(all)[len(all) // 2]
    cost = sorted(passed - plain for passed, plain in zip(passed_s, plain_s))
    print(f"{runs} commands: {len(wrong)} differences, {middle(cost) * 1000:.0f} ms more in the middle "
          f"({middle(plain_s) * 1000:.0f} plain, {middle(passed_s) * 1000:.0f} run)")
    sys.exit(1 if wrong else 0)


main()
