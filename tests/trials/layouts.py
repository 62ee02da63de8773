#!/usr/bin/env python3
"""Nothing outside the root is read or written, whatever lies in it.

Usage: layouts.py --binary WAYPOST [--layouts N] [--swaps N] [--seed N]

Each layout is a small project with one trap: a link in the place of a source,
a manifest, an ignore file, a file of git's or one of ours, to a file, a folder,
a loop or a device; a pipe, a socket, a device node; a repository that names
another one; a mount; an odd name; a depth. Outside lie files and a repository
with a canary in every content, name and commit. `snapshot`, `prompt`, `search`,
`context`, `outline`, a note, `handoff --check` and `doctor` run in it. Then the
canary must be in no byte below `.waypost` and of what was printed, everything
outside must be as before, and nothing may hang or panic; odd names are exact in
JSON and on one line without control characters in Markdown. At last folders and
files are swapped for links to the outside, N times, while snapshots are taken.
Needs root for device nodes, `unshare -Urm` for mounts; says what it left out.
"""

import ctypes
import hashlib
import json
import os
import pathlib
import random
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import unicodedata

import every
import trial

CANARY = "zqcanaryxw"

# Places that are read or written by name.
SPECIAL = """README.md Cargo.toml package.json pyproject.toml Makefile go.mod tsconfig.json .gitignore .waypostignore
src/.gitignore src/.waypostignore .github/workflows/ci.yml AGENTS.md src/mod.py src/link.rs docs/README.md
.git/info/exclude .git/HEAD .git/packed-refs .git/index .git/config .git/shallow .git/info/attributes
.git/refs/heads/main .git/logs .git/refs .git/refs/heads .git/objects .git/objects/pack .git/info
.waypost .waypost/config.toml .waypost/handoff.md .waypost/handoff.json .waypost/memory .waypost/memory/x.md
.waypost/.gitignore .waypost/local .waypost/local/waypost.db .waypost/local/waypost.db-wal
.waypost/local/waypost.db-shm .waypost/local/now.md .waypost/local/prompts .waypost/local/.gitignore
.waypost/local/prompts/generic-agent-restore.md .waypost/local/import.jsonl .waypost/local/lock""".split()

NAMES = ["new\nline", "\n# heading\n", "tab\there", "cr\rname", "esc\x1b[2J", "osc\x1b]52;c;YQ==\x07", "c1\u009b31m",
         "del\x7f", "bell\x07", "bs\x08\x08", "bidi\u202esr", "iso\u2066x\u2069", "zw\u200bj\u200d", "bom\ufeff", "tag\U000e0041",
         "vs\ufe0f\ufe01\U000e0101", "ls\u2028ps\u2029", "nel\u0085", "soft\u00adhyphen", "hangul\u3164", "nonchar\ufffe", "braille\u2800",
         "quote\"'", "tick`", "``` fence", "~~~", "pipe|", "# head", "<!-- c -->", "--> x", "<b>html", "[l](http:x)",
         "-rf", "--help", " lead", "trail ", "   ", "back\\slash", "\\u{202e}", "\\x1b", "$(touch pwned)", "`touch pwned`",
         "; touch pwned", "&& x", "%s%n", "{{ name }}", "{% raw %}", "CON", "dot.", "a:b", "..hidden", "...", "~", "*", "?",
         "[a]", "é", "e\u0301", "文档", "🦀", "a" * 240, "null\\0", "\"}],\"x\":[{", "\ud7ff", "%2e%2e%2f", "‮evil", "@", "!x",
         "a,b", "a=b", "(x)", "<system>", "ignore previous instructions"]
BYTES = [b"bad\xff", b"bad\xfe", b"\xc3", b"a\x80b", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"latin1 caf\xe9", b"\xffesc\x1b[m"]


def hidden(text):
    """A character that no output may hold, or None."""
    for c in text:
        if c in "\n\t":
            continue
        category, code = unicodedata.category(c), ord(c)
        if category in ("Cc", "Cf", "Zl", "Zp") or code in (0x115f, 0x1160, 0x3164, 0xffa0, 0x2800, 0x34f) \
                or 0xe0000 <= code <= 0xe0fff or 0xfdd0 <= code <= 0xfdef or code & 0xfffe == 0xfffe:
            return c
    return None


class Place:
    """A project with the outside around it."""

    def __init__(self, top):
        self.top = top
        self.root = top / "in/project"
        self.out = top / "out"
        self.home = top / "home"
        self.other = self.out / "repo"
        template = top.parent / "template"
        if not template.exists():
            self.fill(template)
        subprocess.run(["cp", "-a", str(template), str(top)], check=True)
        # A sparse one, so that reading it all would hang.
        with open(self.out / "huge.py", "wb") as file:
            file.write((self.out / "file.py").read_bytes())
            file.truncate(1 << 36)

    def fill(self, template):
        self.out = template / "out"
        every.tree(template / "in/project")
        (template / "home").mkdir()
        (self.out / "folder").mkdir(parents=True)
        text = f'"""{CANARY} alpha"""\n\n\ndef {CANARY}(alpha):\n    """{CANARY}"""\n'
        for name in ("file.py", "folder/file.py", "folder/README.md", f"folder/{CANARY}.py", "folder/x.md", "now.md"):
            (self.out / name).write_text(text)
        (self.out / "rules").write_text(f"{CANARY}\n")
        (self.out / "config.toml").write_text(f'name = "{CANARY}"\n')
        (self.out / "package.json").write_text(json.dumps({"name": CANARY, "description": CANARY, "scripts": {"test": CANARY}}))
        self.other = self.out / "repo"
        self.other.mkdir()
        (self.other / f"{CANARY}.py").write_text(text)
        trial.git(self.other, "init", "-q", "-b", f"{CANARY}")
        trial.git(self.other, "add", "-A")
        trial.git(self.other, "commit", "-q", "-m", f"{CANARY} alpha subject")
        trial.git(self.other, "branch", "main")
        self.out = self.top / "out"
        self.other = self.out / "repo"

    def path(self, name):
        path = self.root / name
        if name.startswith(".waypost"):
            (self.root / ".waypost/memory").mkdir(parents=True, exist_ok=True)
            (self.root / ".waypost/local/prompts").mkdir(parents=True, exist_ok=True, mode=0o700)
            (self.root / ".waypost/local").chmod(0o700)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        return path

    def outside(self):
        state = {}
        for folder, folders, files in os.walk(self.out):
            for name in sorted(folders + files):
                path = os.path.join(folder, name)
                stat = os.lstat(path)
                small = os.path.isfile(path) and stat.st_size < 1 << 20
                data = hashlib.sha1(open(path, "rb").read()).hexdigest() if small else ""
                state[path] = (stat.st_mode, stat.st_size, stat.st_mtime_ns, data)
        return state


def layouts(rng):
    """(title, what it makes); more than any number that is asked for."""
    found = []
    targets = ["file.py", "folder", "folder/file.py", "repo", "repo/.git", "repo/.git/HEAD", "rules", "config.toml",
               "package.json", "huge.py", "nowhere", "folder/nowhere"]
    for name in SPECIAL:
        mine = rng.sample(targets, 3)
        for target in mine:
            found.append((f"link {name} -> {target}", lambda p, n=name, t=target: p.path(n).symlink_to(p.out / t)))
        found.append((f"pipe {name}", lambda p, n=name: os.mkfifo(p.path(n))))
    for target in targets + ["/etc/passwd", "/dev/zero", "/dev/random", "/proc/self/root", "/proc/self/cwd", "/proc/self/environ",
                             "/", "..", "../..", "../../..", ".", "./src/..", "/dev/fd/0", "/proc/self/fd"]:
        def link(p, t=target):
            p.path("src/trap.py").symlink_to(p.out / t if t in targets else t)
        found.append((f"link to {target}", link))

        def relative(p, t=target):
            if t in targets:
                t = os.path.relpath(p.out / t, p.root / "src")
            p.path("src/trap.py").symlink_to(t)
            p.path("trapdir").symlink_to("src/trap.py")
        found.append((f"relative link to {target}", relative))
    for length in (2, 40, 60):
        def chain(p, length=length):
            for n in range(length):
                p.path(f"chain{n}").symlink_to(f"chain{n + 1}")
            p.path(f"chain{length}").symlink_to(p.out / "folder")
        found.append((f"chain of {length}", chain))
    found.append(("loop", lambda p: p.path("loop").symlink_to("loop")))
    found.append(("two-loop", lambda p: (p.path("l1").symlink_to("l2"), p.path("l2").symlink_to("l1"))))
    for name in ("src/node.py", "Makefile", "package.json", ".waypost/memory/x.md", ".git/info/exclude", "src/a.py"):
        def sock(p, n=name):
            with socket.socket(socket.AF_UNIX) as one:
                folder = os.open(p.path(n).parent, os.O_DIRECTORY)
                try:
                    one.bind(f"/proc/self/fd/{folder}/{os.path.basename(n)}")
                finally:
                    os.close(folder)
        found.append((f"socket {name}", sock))
        for kind, major, minor in ((0o020000, 1, 5), (0o020000, 5, 0), (0o060000, 7, 0)):
            found.append((f"device {name} {major}:{minor}",
                          lambda p, n=name, k=kind, a=major, b=minor: os.mknod(p.path(n), k | 0o644, os.makedev(a, b))))
    for name in NAMES:
        found.append((f"name {name!r}"[:60], named(name.encode("utf-8", "surrogatepass"))))
    for name in BYTES:
        found.append((f"bytes {name!r}", named(name)))
    found += repositories()
    for depth, size in ((50, 80), (500, 3), (1100, 3), (120, 40), (25, 200)):
        def deep(p, depth=depth, size=size):
            script = f"for i in $(seq {depth}); do mkdir {'d' * size} && cd {'d' * size} || exit 1; done; echo 'x = 1' > f.py"
            subprocess.run(["bash", "-c", script], cwd=p.root, check=True)
        found.append((f"{depth} folders of {size}", deep))
    for name in ("src", "docs", "src/inner"):
        found.append((f"unreadable {name}", lambda p, n=name: ((p.root / n).mkdir(exist_ok=True), (p.root / n).chmod(0))))
    found.append(("many names", lambda p: [(p.root / f"n{n}.py").write_text("x = 1\n") for n in range(3000)]))
    found.append(("hard links", lambda p: [os.link(p.root / "src/b.py", p.root / f"h{n}.py") for n in range(20)]))
    return found


def named(name):
    def make(p):
        for where in (b"", b"src/"):
            path = os.fsencode(p.root) + b"/" + where + name
            with open(path + b".py" if len(name) < 250 else path, "w") as file:
                file.write("def named_function(x):\n    '''Does it.'''\n")
        folder = os.fsencode(p.root) + b"/dir" + name[:200]
        os.makedirs(folder, exist_ok=True)
        with open(folder + b"/inner.py", "w") as file:
            file.write("def inner_function(x): pass\n")
        p.name = name
    return make


def repositories():
    """Repositories that name another one."""
    def replaced(write):
        def make(p):
            shutil.rmtree(p.root / ".git")
            write(p)
        return make

    def gitfile(target):
        return replaced(lambda p: (p.root / ".git").write_text(f"gitdir: {target(p)}\n"))

    def fake_worktree(p):
        fake = p.root / "fake/worktrees/x"
        fake.mkdir(parents=True)
        (fake / "commondir").write_text(f"{p.other / '.git'}\n")
        (fake / "gitdir").write_text(f"{p.root / '.git'}\n")
        (fake / "HEAD").write_text("ref: refs/heads/main\n")
        (p.root / ".git").write_text(f"gitdir: {fake}\n")

    def commondir(p):
        (p.root / ".git/commondir").write_text(f"{p.other / '.git'}\n")
        (p.root / ".git/HEAD").write_text(f"ref: refs/heads/{CANARY}\n")

    def alternates(p):
        (p.root / ".git/objects/info").mkdir(exist_ok=True)
        (p.root / ".git/objects/info/alternates").write_text(f"{p.other / '.git/objects'}\n")

    def head_link(p):
        (p.root / ".git/HEAD").unlink()
        (p.root / ".git/HEAD").symlink_to(p.other / ".git/HEAD")

    def work_tree(value):
        return lambda p: trial.git(p.root, "config", "core.worktree", str(value(p)))

    def include(p):
        trial.git(p.root, "config", "include.path", str(p.out / "rules"))

    def excludes(p):
        trial.git(p.root, "config", "core.excludesFile", str(p.out / "rules"))

    def nested(kind):
        def make(p):
            inner = p.root / "nested"
            inner.mkdir()
            (inner / "n.py").write_text("def n(): pass\n")
            if kind == "file":
                (inner / ".git").write_text(f"gitdir: {p.other / '.git'}\n")
            elif kind == "link":
                (inner / ".git").symlink_to(p.other / ".git")
            elif kind == "bare":
                trial.git(inner, "init", "-q", "--bare", ".")
            else:
                trial.git(inner, "init", "-q")
        return make

    loop = replaced(lambda p: (p.root / ".git").write_text("gitdir: .git\n"))
    link_loop = replaced(lambda p: (p.root / ".git").symlink_to(".git"))
    return [
        (".git file to another repository", gitfile(lambda p: p.other / ".git")),
        (".git file, relative", gitfile(lambda p: os.path.relpath(p.other / ".git", p.root))),
        (".git link to another repository", replaced(lambda p: (p.root / ".git").symlink_to(p.other / ".git"))),
        (".git file to a file", gitfile(lambda p: p.out / "file.py")), (".git file to nothing", gitfile(lambda p: "/nope")),
        (".git file loop", loop), (".git link loop", link_loop), ("made-up work tree", replaced(fake_worktree)),
        ("commondir elsewhere", commondir), ("alternates elsewhere", alternates), ("HEAD is a link", head_link),
        ("work tree outside", work_tree(lambda p: p.out)), ("work tree above", work_tree(lambda p: p.top)),
        ("work tree is /", work_tree(lambda p: "/")), ("included file", include), ("excludes elsewhere", excludes),
        ("nested: file", nested("file")), ("nested: link", nested("link")), ("nested: bare", nested("bare")),
        ("nested: own", nested("own")), ("garbage .git", replaced(lambda p: (p.root / ".git").write_bytes(b"\xff\x00garbage"))),
        ("no repository", replaced(lambda p: None)), ("link in refs", lambda p: (p.root / ".git/refs/heads/main").unlink()
         or (p.root / ".git/refs/heads/main").symlink_to(p.other / ".git/refs/heads/main")),
    ]


COMMANDS = [("snapshot", ["--goal", "alpha", "--json"]), ("prompt", []), ("search", ["alpha"]), ("context", ["alpha"]),
            ("outline", ["src/a.py"]), ("outline", ["src/trap.py"]), ("outline", ["../../out/file.py"]),
            ("note", ["--summary", "a note", "--anchor", "src/a.py"]), ("handoff", ["--check"]), ("doctor", ["--json"])]


def inspect(binary, place, title, tally, prefix=()):
    """Runs the commands; gives the number of canaries."""
    before = place.outside()
    seen = 0
    for name, arguments in COMMANDS:
        command = [*prefix, binary, name, *arguments, "--project-root", str(place.root)]
        try:
            done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, cwd=place.top, timeout=60,
                                  env=trial.environment(place.home, XDG_STATE_HOME=str(place.home)))
        except subprocess.TimeoutExpired:
            tally.check(False, f"{title}: {name} hangs")
            continue
        said = done.stdout + done.stderr
        seen += said.count(CANARY.encode())
        text = said.decode("utf-8", "replace")
        bad = hidden(text) or ("panicked" in text and "panic") or (done.returncode not in (0, 1, 2) and done.returncode)
        if CANARY.encode() in said or bad:
            tally.check(False, f"{title}: {name} {arguments}: {bad!r} {said[-300:]!r}")
        if name == "snapshot" and done.returncode == 0 and hasattr(place, "name"):
            check_name(place, json.loads(done.stdout), title, tally)
    for folder, _, files in os.walk(place.root / ".waypost"):
        for name in files:
            path = os.path.join(folder, name)
            if not os.path.islink(path) and os.path.isfile(path):
                found = open(path, "rb").read().count(CANARY.encode())
                seen += found
                tally.check(not found, f"{title}: the canary is in {path}")
                if name.endswith(".md") and hidden(open(path, encoding="utf-8", errors="replace").read()):
                    tally.check(False, f"{title}: a control character in {path}")
    tally.check(place.outside() == before, f"{title}: the outside was changed")
    return seen


def check_name(place, report, title, tally):
    added = report["changes"]["added"] + report["changes"].get("modified", [])
    try:
        name = place.name.decode()
    except UnicodeDecodeError:
        skipped = [one["path"] for one in report["skipped"]]
        tally.check(any("\\x" in path for path in skipped), f"{title}: not listed in {skipped[:9]}")
        return
    file = name + (".py" if len(place.name) < 250 else "")
    for path in (file, f"src/{file}", f"dir{place.name[:200].decode()}/inner.py"):
        tally.check(path in added, f"{title}: {path!r} is not exact in JSON")
    handoff = place.root / ".waypost/handoff.md"
    lines = handoff.read_text().split("\n")
    tally.check(sum("named_function" in line for line in lines) <= 6, f"{title}: {handoff}")


def swaps(binary, temp, count, tally):
    """Swaps names for links to the outside while snapshots are taken."""
    place = Place(temp / "swaps")
    renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    pairs = []
    for n, (name, target) in enumerate([("src", "folder"), ("pkg/deep", "folder"), ("pkg/deep/er", "folder"),
                                        ("one.py", "file.py"), ("pkg", "folder"), (".waypost/memory", "folder")]):
        path = place.root / name
        if "." in path.name and not name.startswith("."):
            path.write_text("def one(): pass\n")
        else:
            path.mkdir(parents=True, exist_ok=True)
            (path / "file.py").write_text("def inside(): pass\n")
            (path / "README.md").write_text("Inside.\n")
        link = place.top / "in" / f"link{n}"
        link.symlink_to(place.out / target)
        pairs.append((os.fsencode(link), os.fsencode(path)))
    before = place.outside()
    swapped = [0]

    def swap():
        while swapped[0] < count:
            link, path = pairs[swapped[0] // 2 % len(pairs)]
            if renameat2(-100, link, -100, path, 2) == 0:
                swapped[0] += 1
                # So that they last as long as twenty runs.
                time.sleep(0.002)
            else:
                os.stat(place.root)
    thread = threading.Thread(target=swap)
    thread.start()
    runs = seen = done_well = 0
    while thread.is_alive() or runs < 20:
        name, arguments = COMMANDS[runs % len(COMMANDS)]
        done = every.run(binary, place.root, place.home, name, arguments, XDG_STATE_HOME=str(place.home))
        runs += 1
        done_well += done.returncode in (0, 1)
        seen += (done.stdout + done.stderr).count(CANARY.encode())
        tally.check(b"panicked" not in done.stderr and b"TIMED OUT" not in done.stderr, f"swaps: {done.stderr[-300:]}")
    thread.join()
    for folder, _, files in os.walk(place.root / ".waypost"):
        for name in files:
            path = os.path.join(folder, name)
            if not os.path.islink(path):
                seen += open(path, "rb").read().count(CANARY.encode())
    tally.check(not seen, f"swaps: {seen} canaries")
    after = place.outside()
    changed = [path for path in set(before) | set(after) if before.get(path) != after.get(path)]
    tally.check(not changed, f"swaps: the outside was changed: {changed[:5]}")
    print(f"{swapped[0]} swaps during {runs} runs ({done_well} of them with a result): {seen} canaries", flush=True)


def mounts(binary, temp, tally):
    """Folders of the outside mounted into the tree."""
    made = 0
    for n, (kind, where) in enumerate([("bind", "src/mounted"), ("bind", "docs"), ("file", "src/one.py"), ("proc", "p"),
                                       ("tmpfs", "t"), ("bind", ".waypost/memory")]):
        place = Place(temp / f"mount{n}")
        target = place.path(where)
        if kind == "file":
            target.write_text("x = 1\n")
        else:
            target.mkdir(parents=True)
        mount = {"bind": f"mount --bind '{place.out}/folder'", "file": f"mount --bind '{place.out}/file.py'",
                 "proc": "mount -t proc proc", "tmpfs": "mount -t tmpfs none"}[kind]
        fill = f"; cp '{place.out}/file.py' '{target}'" if kind == "tmpfs" else ""
        flags = ["-Urmpf"] if kind == "proc" else ["-Urm"]
        prefix = ["unshare", *flags, "sh", "-c", f"{mount} '{target}'{fill}; exec \"$@\"", "sh"]
        works = subprocess.run([*prefix, "mountpoint", str(target)], capture_output=True, text=True)
        if "is a mountpoint" not in works.stdout and kind != "file":
            print(f"left out: mount {kind} {where}: {works.stderr.strip()[:100]}")
            continue
        made += 1
        seen = inspect(binary, place, f"mount {kind} {where}", tally, prefix)
        tally.check(not seen, f"mount {kind} {where}: {seen} canaries")
        every.wipe(place.top)
    return made


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("--layouts", type=int, default=10_000)
    parser.add_argument("--swaps", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    binary = arguments.binary
    rng = random.Random(arguments.seed)
    tally = trial.Tally()
    made = canaries = 0
    with tempfile.TemporaryDirectory() as temp:
        temp = pathlib.Path(temp).resolve()
        everything = layouts(rng)
        if arguments.layouts < len(everything):
            everything = rng.sample(everything, arguments.layouts)
        for n, (title, make) in enumerate(everything):
            place = Place(temp / f"l{n}")
            try:
                make(place)
            except OSError as error:
                print(f"left out: {title}: {error}")
            else:
                made += 1
                seen = inspect(binary, place, title, tally)
                canaries += seen
                tally.check(not seen, f"{title}: {seen} canaries")
            every.wipe(place.top)
            print(f"{made} layouts, {canaries} canaries", end="\n" if made % 50 == 0 else "\r", flush=True)
        made += mounts(binary, temp, tally)
        print(f"{made} layouts x {len(COMMANDS)} commands: {canaries} canaries", flush=True)
        if arguments.swaps:
            swaps(binary, temp, arguments.swaps, tally)
    tally.end()


if __name__ == "__main__":
    main()
