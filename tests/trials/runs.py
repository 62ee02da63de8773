#!/usr/bin/env python3
"""`waypost run` against the same commands run plainly: streams, exit codes and signals are equal, fetched bytes
are those that were printed, every line of an error and every test that failed is in the digest, and what it costs.

    tests/trials/runs.py --binary PATH [--rounds N] [--trees FOLDER] [--python PROGRAM]

The commands are shell lines that print what compilers and test runners print, binary bytes and long outputs; a round
runs all of them. With `--trees`, whose folders are clones called `owner+name` or `owner+name/repo`, real ones follow: git
and tools on each clone, cargo, npm, make, a compiler and pytest (of `--python`) on small projects that pass and fail.
Ends with a line of counts, and with 1 if anything differs.
"""

import json
import os
import pathlib
import re
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



# On each clone.
ON_TREES = [
    "git log --stat -n 300",
    "git log --format=%s -n 3000",
    "git show --stat HEAD",
    "git diff HEAD~5",
    "git ls-tree -r HEAD",
    "git archive HEAD | head -c 3000000",
    "git grep -n -I -i -e error -- | head -n 3000",
    "find . -path ./.git -prune -o -type f -print | sort",
    "git ls-files -z | head -c 20000 | xargs -0 wc -l",
    "git rev-list --count HEAD",
    "git log no-such-branch..",
    "git checkout no-such-branch",
    "cat no-such-file $(git ls-files | head -n 1)",
    "tar cf - .git/HEAD | gzip -n | head -c 100000",
    "git cat-file --batch-check --batch-all-objects | sort | head -n 20000",
    "grep -rn TODO --include=* . | sort | head -n 5000; exit 3",
]

CRATE = {
    "Cargo.toml": "[package]\nname = \"small\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
    "src/lib.rs": "pub fn half(n: u32) -> u32 { n / 2 }\n\n#[cfg(test)]\nmod tests {\n    use super::*;\n"
    + "".join(f"    #[test]\n    fn case_{n}() {{ assert_eq!(half({n}), {n // 2 + (n % 40 == 7)}); }}\n" for n in range(200)) + "}\n",
    "src/main.rs": "fn main() { let unused = 1; println!(\"{}\", small::half(8)); std::process::exit(9) }\n",
    "src/bin/broken.rs": "fn main() { let n: u32 = \"text\"; missing(); }\n",
    "src/bin/panics.rs": "fn main() { panic!(\"at the end\") }\n",
}
ON_CRATE = [
    ("cargo test --offline --lib -- --test-threads=1", [f"tests::case_{n}" for n in range(7, 200, 40)]),
    ("cargo test --offline --lib case_1 -- --test-threads=1", ["tests::case_127", "tests::case_167"]),
    ("cargo test --offline --lib case_2 -- --test-threads=1 --nocapture", []),
    ("cargo test --offline --lib case_47 -q -- --test-threads=1", ["tests::case_47"]),
    ("cargo build --offline --bin broken", []),
    ("cargo build --offline --bin broken --message-format short", []),
    ("cargo run --offline -q --bin small", []),
    ("cargo run --offline -q --bin panics", []),
    ("cargo test --offline --no-such-flag", []),
    ("cargo metadata --offline --format-version 1 --no-deps", []),
]

PYTHON = {
    "test_sums.py": "import pytest\n\n" + "".join(f"def test_sum_{n}():\n    assert {n} + 1 == {n + 1 + (n % 60 == 7)}\n\n" for n in range(300)),
    "test_broken.py": "import no_such_module\n",
    "test_unit.py": "import unittest\n\nclass Sums(unittest.TestCase):\n" + "".join(f"    def test_{n}(self):\n        self.assertEqual({n} % 50, {n if n < 50 else n % 50 + (n == 77)})\n" for n in range(100)),
}
SUMS = [f"test_sums.py::test_sum_{n}" for n in range(7, 300, 60)]
ON_PYTHON = [
    ("PYTHON -m pytest -p no:cacheprovider -q test_sums.py", SUMS),
    ("PYTHON -m pytest -p no:cacheprovider -v test_sums.py", SUMS),
    ("PYTHON -m pytest -p no:cacheprovider --tb=long test_sums.py", SUMS),
    ("PYTHON -m pytest -p no:cacheprovider -x test_sums.py", SUMS[:1]),
    ("PYTHON -m pytest -p no:cacheprovider test_broken.py", ["test_broken.py"]),
    ("PYTHON -m pytest -p no:cacheprovider -q test_unit.py", ["test_unit.py::Sums::test_77"]),
    ("python3 -m unittest -v test_unit", ["test_77"]),
    ("python3 -m unittest test_unit.Sums.test_1", []),
    ("python3 -c 'import no_such_module'", []),
    ("python3 -m json.tool < test_unit.py", []),
]

NPM = {
    "package.json": json.dumps({"name": "small", "version": "1.0.0", "scripts": {
        "test": "node --test --test-reporter=tap", "build": "node build.js", "ok": "node -e \"console.log('x'.repeat(70000))\""}}),
    "sums.test.js": "const test = require('node:test'); const assert = require('assert');\n" + "".join(
        f"test('adds {n}', () => assert.strictEqual({n} + 1, {n + 1 + (n % 50 == 7)}));\n" for n in range(150)),
    "build.js": "for (let n = 0; n < 3000; n++) console.log('chunk ' + n); throw new Error('no entry point');\n",
}
ON_NPM = [
    ("npm test", [f"adds {n}" for n in range(7, 150, 50)]),
    ("npm run build", []),
    ("npm run no-such-script", []),
    ("npm run ok", []),
    ("node -e 'process.kill(process.pid, \"SIGTERM\"); setTimeout(() => {}, 1000)'", []),
]

MAKE = {
    "Makefile": "all: one two\none:\n\tgcc -Wall -c good.c -o /dev/null\ntwo:\n\tgcc -Wall -c bad.c -o /dev/null\nlink:\n\tgcc good.c -o /dev/null\n",
    "good.c": "int missing(void);\nint main(void) { int unused; return missing(); }\n",
    "bad.c": "int main(void) { return undeclared + ; }\n",
}
ON_MAKE = [("make", []), ("make -k", []), ("make link", []), ("make no-such-target", []), ("gcc -c bad.c -o /dev/null -fdiagnostics-color=always", [])]

# What is not the same twice: how long it took, a process, an address.
VARIES = re.compile(rb"\d+(\.\d+)? ?(ms|s)\b|duration_ms:? [\d.]+|thread '[^']+' \(\d+\)|/tmp/cc\w+\.o|/\d{4}-\d\d-\d\dT[\w-]+\.log|0x[0-9a-f]{6,}|=+ .* in [\d.]+s =+|time: [\d.]+")
# Lines that a tool prints for an error; independent of waypost's own list of words.
ERROR = re.compile(r"^(error(\[E\d+\])?: .*|fatal: .*|E   .*|npm (ERR!|error) .*|\w*Error: .*|make: \*\*\* .*|.*: error: .*|cat: .*: No such file.*|thread .* panicked.*|FAILED .*|not ok .*)$")


def projects(top, trees, python):
    """Folders with the real commands that run there, and the tests that fail in each."""
    for name, files, commands in [("crate", CRATE, ON_CRATE), ("py", PYTHON, ON_PYTHON), ("npm", NPM, ON_NPM), ("make", MAKE, ON_MAKE)]:
        root = pathlib.Path(top) / name
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        for line, failed in commands:
            if python or "PYTHON" not in line:
                yield root, line.replace("PYTHON", str(python)), failed
    for tree in sorted(trees):
        source = tree / "repo" if (tree / "repo").is_dir() else tree
        root = pathlib.Path(top) / tree.name
        trial.git(top, "clone", "-q", "--shared", str(source), str(root))
        yield from ((root, line, []) for line in ON_TREES)
        shutil.rmtree(root)


class Comparison:
    """Runs commands plainly and by waypost, and notes what differs."""

    def __init__(self, program, top):
        self.program, self.wrong, self.runs, self.plain_s, self.passed_s = program, [], 0, [], []
        home = os.path.join(top, "home")
        cargo = {name: os.environ.get(name, os.path.expanduser(f"~/.{name[:-5].lower()}")) for name in ("CARGO_HOME", "RUSTUP_HOME")}
        self.environment = {"PATH": os.environ["PATH"], "HOME": home, **cargo, "GIT_CONFIG_NOSYSTEM": "1", "TZ": "UTC"}

    def call(self, root, *arguments):
        return subprocess.run(arguments, cwd=root, env=self.environment, capture_output=True, stdin=subprocess.DEVNULL)

    def timed(self, into, root, *arguments):
        started = time.monotonic()
        done = self.call(root, *arguments)
        into.append(time.monotonic() - started)
        return done

    def check(self, line, what, is_right):
        if not is_right:
            self.wrong.append((what, line[:90]))

    def one(self, root, session, line, errors, failed, is_real=False):
        same = (lambda one, other: VARIES.sub(b"", one) == VARIES.sub(b"", other)) if is_real else (lambda one, other: one == other)
        if is_real:
            self.call(root, "sh", "-c", line)
        plain = self.timed(self.plain_s, root, "sh", "-c", line)
        passed = self.timed(self.passed_s, root, self.program, "run", "--raw", "--", "sh", "-c", line)
        self.runs += 1
        code = plain.returncode if plain.returncode >= 0 else 128 - plain.returncode
        self.check(line, f"exit code {passed.returncode} for {code}", passed.returncode == code)
        self.check(line, "stdout", "urandom" in line or same(passed.stdout, plain.stdout))
        self.check(line, "stderr", same(passed.stderr, plain.stderr))
        receipt = json.loads(self.call(root, self.program, "receipts", "list", "--limit", "1", "--json").stdout)["receipts"][0]
        self.check(line, "fetched stdout", self.call(root, self.program, "fetch", receipt["id"]).stdout == passed.stdout)
        self.check(line, "fetched stderr", self.call(root, self.program, "fetch", receipt["id"], "--stderr").stdout == passed.stderr)
        short = self.call(root, self.program, "run", "--session", session, "--", "sh", "-c", line)
        self.check(line, "exit code of the digest", short.returncode == code)
        told = short.stdout.decode(errors="replace") + short.stderr.decode(errors="replace")
        if is_real:
            errors = error_lines(plain)
            told = VARIES.sub(b"", re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", told).encode()).decode(errors="replace")
        for text in errors + failed:
            self.check(line, f"`{text[:80]}` in the digest", text in told)

    def tell(self):
        for what, line in self.wrong:
            print(f"{what}: {line}")
        middle = lambda all: sorted(all)[len(all) // 2] * 1000
        cost = [passed - plain for passed, plain in zip(self.passed_s, self.plain_s)]
        print(f"{self.runs} commands: {len(self.wrong)} differences, {middle(cost):.1f} ms more in the middle "
              f"({middle(self.plain_s):.1f} plain, {middle(self.passed_s):.1f} run)")


def error_lines(done):
    """Lines of errors, as far as a digest shows a line and without what varies; from 5,000 on it only counts them."""
    lines = (done.stdout + b"\n" + done.stderr).decode(errors="replace").split("\n")
    plain = lambda line: re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", line).strip()
    found = list(dict.fromkeys(plain(line)[:300] for line in lines if ERROR.match(plain(line)) and "\r" not in line.rstrip("\r")))
    return [VARIES.sub(b"", line.encode()).decode() for line in found[:4000]]


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--trees", type=pathlib.Path)
    parser.add_argument("--only", nargs="*", default=[], help="of the trees, as owner+name")
    parser.add_argument("--python", type=pathlib.Path, help="a Python that has pytest")
    options = parser.parse_args()
    top = tempfile.mkdtemp(prefix="runs-")
    comparison = Comparison(options.binary, top)
    begin = lambda root: comparison.call(root, options.binary, "session", "start").stdout.decode().strip()
    root = os.path.join(top, "project")
    os.mkdir(root)
    session = begin(root)
    for n in range(options.rounds):
        for line, errors, failed in COMMANDS + ([(LONG, ["fatal: the end"], [])] if n == 0 else []):
            comparison.one(root, session, line, errors, failed)
    verified = comparison.call(root, options.binary, "receipts", "verify")
    comparison.check("receipts verify", "sound", verified.returncode == 0)
    if options.trees:
        trees = [tree for tree in options.trees.iterdir() if tree.is_dir() and (not options.only or tree.name in options.only)]
        where = None
        for root, line, failed in projects(top, trees, options.python):
            if root != where:
                where, session = root, begin(root)
            comparison.one(root, session, line, [], failed, is_real=True)
    shutil.rmtree(top)
    comparison.tell()
    sys.exit(1 if comparison.wrong else 0)


main()
