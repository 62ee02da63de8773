#!/usr/bin/env python3
"""What editors, git and people do beside a watch, one case at a time.

Usage: watch_cases.py --binary WAYPOST [--only PART-OF-NAME] [--poll] [--rounds N]

Each case makes a small repository, watches it, does one thing as the program in
question does it (vim's backup and rename, JetBrains' temporary files, `git
rebase`, a folder in another one's place, ...) and waits. What is left must equal
a fresh snapshot, byte for byte; where a case says more (it must end, it must
warn, it must stay quiet), that holds too. Some cases need root or Linux and are
left out elsewhere, and say so.

Prints counts; exit code 1 if anything failed. Python's standard library and git
only.
"""

import ctypes
import mmap
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tarfile
import tempfile
import time

import trial
import watch_oracle
import watching

CASES = []


def case(function):
    CASES.append(function)
    return function


class Case:
    """A watched repository, and what was done to it."""

    def __init__(self, binary, temp, tally, name, more):
        self.binary, self.temp, self.tally, self.name, self.more = binary, temp, tally, name, more
        self.home, self.root, self.outside = temp / "home", temp / "project", temp / "outside"
        for folder in (self.home, self.root, self.outside):
            folder.mkdir()
        self.watch, self.is_over, self.fresh_arguments = None, False, ()

    def plant(self):
        watch_oracle.plant(self.root, 7)
        self.write("one.py", "def one(a):\n    return a\n")
        self.write("two.py", "from one import one\n\ndef two(a):\n    return one(a)\n")
        self.write("pack/three.py", "def three(a):\n    return a\n")
        self.write("pack/deep/four.py", "def four(a):\n    return a\n")
        self.commit("planted")

    def start(self, *arguments, **more):
        self.watch = watching.Watch(self.binary, self.root, self.home, "--debounce-ms", 40, *self.more, *arguments, **more)
        self.watch.ready()
        self.settle()

    def path(self, name):
        return self.root / name

    def write(self, name, text):
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode(errors="surrogateescape"))
        return path

    def git(self, *arguments):
        return trial.git(self.root, *arguments)

    def commit(self, text):
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", text)

    def run(self, *arguments, **more):
        return trial.run(self.binary, self.root, self.home, *arguments, **more)

    def settle(self):
        if self.more:
            time.sleep(2.2)
        self.check(self.watch.settle(quiet=0.35, seconds=60), "it does not settle")

    def page(self):
        return (self.root / ".waypost/handoff.md").read_text()

    def check(self, holds, what):
        return self.tally.check(holds, f"{self.name}: {what}")

    def shows(self, *texts):
        """What the handoff must show by now."""
        self.settle()
        for text in texts:
            self.check(text in self.page(), f"`{text}` is not in the handoff; {self.watch.events[-3:]}")

    def files(self, *names, gone=()):
        """Which paths the last snapshot must have, or must not."""
        self.settle()
        have = {row["path"] for row in trial.report(self.binary, self.root, self.home, "show-snapshot")["files"]}
        for name in names:
            self.check(name in have, f"{name!r} is not among the files")
        for name in gone:
            self.check(name not in have, f"{name!r} is still among the files")

    def ends(self, code, text):
        """It must end by itself, and say why."""
        try:
            found = self.watch.process.wait(20)
        except subprocess.TimeoutExpired:
            found = None
            self.watch.process.kill()
        self.watch.reader.join(5)
        time.sleep(0.1)
        said = "".join(self.watch.said)
        self.check(found == code, f"it ended with {found}, not {code}: {said}")
        self.check(text in said, f"it says {said!r}")
        last = self.watch.events[-1]
        self.check(last["event"] == "stopped", f"its last word is {last}")
        self.is_over = True

    def end(self):
        if self.is_over:
            return
        self.settle()
        code = self.watch.stop()
        self.check(code == 143, f"ended with {code}: {''.join(self.watch.said)[-500:]}")
        self.check(self.watch.events[-1]["event"] == "stopped", f"its last word is {self.watch.events[-1]}")
        self.check(not watching.strays(self.root), f"left behind {watching.strays(self.root)}")
        found = watching.state(self.binary, self.root, self.home)
        told = watching.differences(found, watching.fresh(self.binary, self.root, self.home, *self.fresh_arguments))
        self.check(not told, "; ".join(told))


def text(word):
    return f"def {word}(a):\n    return a\n"


# Editors.

@case
def vim_backup_and_rename(c):
    c.write(".one.py.swp", b"b0VIM\0")
    c.write("4913", "")
    c.path("4913").unlink()
    os.rename(c.path("one.py"), c.path("one.py~"))
    c.write("one.py", text("one_vim"))
    c.path("one.py~").unlink()
    c.path(".one.py.swp").unlink()
    c.shows("one_vim")
    c.files("one.py", gone=("one.py~", ".one.py.swp", "4913"))


@case
def vim_backup_copy(c):
    shutil.copy2(c.path("one.py"), c.path("one.py~"))
    with open(c.path("one.py"), "r+") as out:
        out.truncate(0)
        out.write(text("one_copy"))
        out.flush()
        os.fsync(out.fileno())
    c.path("one.py~").unlink()
    c.shows("one_copy")


@case
def emacs_lock_and_autosave(c):
    c.path(".#one.py").symlink_to("ann@host.4711:1700000000")
    c.write("#one.py#", text("half"))
    c.settle()
    os.rename(c.path("one.py"), c.path("one.py~"))
    c.write("one.py", text("one_emacs"))
    c.path("#one.py#").unlink()
    c.path(".#one.py").unlink()
    c.shows("one_emacs")
    c.files("one.py", "one.py~", gone=("#one.py#",))


@case
def vs_code_truncates_in_place(c):
    for n in range(5):
        with open(c.path("one.py"), "w") as out:
            out.flush()
            time.sleep(0.03)
            out.write(text(f"one_code_{n}"))
    c.shows("one_code_4")


@case
def jetbrains_safe_write(c):
    for n in range(3):
        c.write("one.py___jb_tmp___", text(f"one_jb_{n}"))
        os.rename(c.path("one.py"), c.path("one.py___jb_old___"))
        os.rename(c.path("one.py___jb_tmp___"), c.path("one.py"))
        c.path("one.py___jb_old___").unlink()
        c.shows(f"one_jb_{n}")
    c.files("one.py", gone=("one.py___jb_tmp___", "one.py___jb_old___"))


@case
def gedit_and_kate_temporaries(c):
    c.write(".goutputstream-AB12CD", text("one_gedit"))
    os.rename(c.path(".goutputstream-AB12CD"), c.path("one.py"))
    c.shows("one_gedit")
    c.write("one.py.kxQ81z", text("one_kate"))
    os.replace(c.path("one.py.kxQ81z"), c.path("one.py"))
    c.shows("one_kate")


@case
def sed_in_place(c):
    subprocess.run(["sed", "-i", "s/def one/def one_sed/", c.path("one.py")], check=True)
    subprocess.run("sed -i.bak s/three/three_sed/ pack/*.py", shell=True, check=True, cwd=c.root)
    c.shows("one_sed", "three_sed")


@case
def slow_writer_of_half_lines(c):
    with open(c.path("one.py"), "w") as out:
        for part in ("def one_", "slow(", "a):\n    ", "return a\n"):
            out.write(part)
            out.flush()
            time.sleep(0.2)
    c.shows("one_slow")


@case
def written_and_never_closed(c):
    with open(c.path("log.py"), "w") as out:
        out.write(text("open_1"))
        out.flush()
        c.shows("open_1")
        out.write(text("open_2"))
        out.flush()
        c.shows("open_2")
        # The writer holds on to the file while it and its folder move.
        os.rename(c.path("log.py"), c.path("pack/moved.py"))
        out.write(text("open_3"))
        out.flush()
        c.shows("open_3")
        os.rename(c.path("pack"), c.path("pocket"))
        c.settle()
        out.write(text("open_4"))
        out.flush()
        c.shows("open_4")


@case
def mapped_into_memory(c):
    with open(c.path("one.py"), "r+b") as out:
        out.write(text("one_xxxxxx").encode())
        out.truncate()
        out.flush()
        with mmap.mmap(out.fileno(), 0) as mapped:
            c.settle()
            at = mapped.find(b"xxxxxx")
            mapped[at:at + 6] = b"mapped"
    c.shows("one_mapped")


@case
def unnamed_file_linked_in(c):
    at = os.open(c.root, os.O_TMPFILE | os.O_RDWR, 0o644)
    os.write(at, text("linked_in").encode())
    # Python's `os.link` does not follow the link that stands for the file.
    done = ctypes.CDLL(None).linkat(-100, f"/proc/self/fd/{at}".encode(), -100, os.fsencode(c.path("linked.py")), 0x400)
    c.check(done == 0, "no name for an unnamed file")
    os.close(at)
    c.shows("linked_in")


@case
def grown_and_cut_without_a_write(c):
    os.truncate(c.path("one.py"), 0)
    c.settle()
    os.truncate(c.path("two.py"), 30)
    c.settle()
    os.truncate(c.path("pack/three.py"), 1_000)


# Times and sizes.

def keep_times(path, new):
    before = path.stat()
    path.write_text(new)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@case
def same_size_and_same_time(c):
    for n in range(10):
        keep_times(c.path("one.py"), text(f"same_{n}"))
        c.shows(f"same_{n}")


@case
def times_set_to_the_past(c):
    old = c.write("new.py", text("from_the_past"))
    os.utime(old, (1, 1))
    c.shows("from_the_past")
    source = c.outside / "copied.py"
    source.write_text(text("copied_old"))
    os.utime(source, (100_000, 100_000))
    subprocess.run(["cp", "-p", source, c.path("one.py")], check=True)
    c.shows("copied_old")
    source.write_text(text("packed_old"))
    os.utime(source, (100_000, 100_000))
    with tarfile.open(c.outside / "a.tar", "w") as archive:
        archive.add(source, "pack/three.py")
    subprocess.run(["tar", "xf", c.outside / "a.tar"], cwd=c.root, check=True)
    c.shows("packed_old")
    subprocess.run(["touch", "-d", "1969-07-20", c.path("two.py")], check=True)


@case
def times_in_the_future(c):
    for n in range(4):
        path = c.write("one.py", text(f"ahead_{n}"))
        os.utime(path, (4_000_000_000 - n, 4_000_000_000 - n))
        c.shows(f"ahead_{n}")
    keep_times(path, text("ahead_x"))
    c.shows("ahead_x")


@case
def touched_without_a_change(c):
    before = len(c.watch.of("snapshot"))
    stamp = c.path(".waypost/handoff.md").stat()
    for _ in range(3):
        os.utime(c.path("one.py"))
        c.path("two.py").chmod(0o600)
        c.path("two.py").chmod(0o644)
        c.settle()
    after = c.path(".waypost/handoff.md").stat()
    c.check((stamp.st_mtime_ns, stamp.st_ino) == (after.st_mtime_ns, after.st_ino), "the handoff was written again")
    written = [event for event in c.watch.of("snapshot")[before:] if event["written"]]
    c.check(not written, f"it wrote {written}")


# Names.

@case
def names_of_every_kind(c):
    names = [b"caf\xe9.py", b"new\nline.py", b"tab\t.py", b"-dash.py", b" space .py", "emoji_🦀.py".encode(),
             b"\xff\xfe.py", "rtl_\u202e.py".encode(), b"back\\slash.py", b"quo\"te.py", b"*.py", b"[a].py", b"C:.py",
             "a\u0308.py".encode(), "\u00e4.py".encode(), b"x" * 250 + b".py"]
    for n, name in enumerate(names):
        path = os.path.join(os.fsencode(c.root), b"names", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as out:
            out.write(text(f"named_{n}"))
    c.settle()
    for n, name in enumerate(names):
        path = os.path.join(os.fsencode(c.root), b"names", name)
        with open(path, "a") as out:
            out.write(text(f"again_{n}"))
    c.settle()
    for name in names[::2]:
        path = os.path.join(os.fsencode(c.root), b"names", name)
        os.rename(path, path[:-3] + b".md" if len(name) < 250 else path[:-10])
    c.settle()
    # A folder whose name is no text.
    folder = os.path.join(os.fsencode(c.root), b"d\xe9p\xf4t")
    os.makedirs(folder)
    with open(os.path.join(folder, b"in.py"), "w") as out:
        out.write(text("inside"))
    c.settle()
    with open(os.path.join(folder, b"in.py"), "a") as out:
        out.write(text("inside_more"))
    c.settle()
    os.rename(folder, os.path.join(os.fsencode(c.root), b"depot"))
    c.shows("inside_more")


@case
def only_the_case_of_a_name(c):
    os.rename(c.path("one.py"), c.path("One.py"))
    c.files("One.py", gone=("one.py",))
    os.rename(c.path("pack"), c.path("Pack"))
    c.files("Pack/three.py", gone=("pack/three.py",))
    c.write("Pack/three.py", text("three_big"))
    c.shows("three_big")
    c.git("mv", "two.py", "TWO.py")
    c.write("two.py", text("both"))
    c.files("TWO.py", "two.py")


@case
def deep_and_long_paths(c):
    deep = c.root
    for n in range(12):
        deep = deep / f"{n}{'d' * 28}"
    deep.mkdir(parents=True)
    (deep / "bottom.py").write_text(text("bottom"))
    c.shows("bottom")
    (deep / "bottom.py").write_text(text("lower"))
    c.shows("lower")
    try:
        c.write("x" * 300 + ".py", "")
        c.check(False, "the system takes a name of 300 characters")
    except OSError:
        pass
    # Longer than a system call takes in one piece.
    at = os.getcwd()
    try:
        os.chdir(c.root)
        for _ in range(30):
            os.mkdir("l" * 200)
            os.chdir("l" * 200)
        pathlib.Path("far.py").write_text(text("far"))
        c.settle()
        pathlib.Path("far.py").write_text(text("farther"))
        c.settle()
    finally:
        os.chdir(at)
    c.end()
    c.is_over = True
    subprocess.run(["rm", "-rf", c.path("l" * 200)], check=True)


# Folders.

@case
def file_and_folder_change_places(c):
    path = c.path("one.py")
    for n in range(5):
        path.unlink()
        path.mkdir()
        c.write("one.py/inner.py", text("inner"))
        shutil.rmtree(path)
        c.write("one.py", text(f"swapped_{n}"))
    c.shows("swapped_4")
    path.unlink()
    path.mkdir()
    c.write("one.py/inner.py", text("inner"))
    c.files("one.py/inner.py", gone=("one.py",))
    shutil.rmtree(path)
    c.write("one.py", text("back"))
    c.files("one.py", gone=("one.py/inner.py",))


def exchange(a, b):
    """Both at once, as `renameat2` with RENAME_EXCHANGE does."""
    done = ctypes.CDLL(None, use_errno=True).renameat2(-100, os.fsencode(a), -100, os.fsencode(b), 2)
    if done:
        raise OSError(ctypes.get_errno(), "renameat2")


@case
def two_names_exchanged(c):
    c.write("peck/three.py", text("other_three"))
    c.settle()
    exchange(c.path("one.py"), c.path("two.py"))
    c.settle()
    exchange(c.path("pack"), c.path("peck"))
    c.settle()
    c.write("pack/three.py", text("after_a"))
    c.write("peck/three.py", text("after_b"))
    c.shows("after_a", "after_b")
    exchange(c.path("pack"), c.path("one.py"))
    c.settle()
    c.write("one.py/deep/four.py", text("fourth")) if c.path("one.py/deep").exists() else c.write("one.py/three.py", text("fourth"))
    c.shows("fourth")


@case
def folders_that_come_and_go(c):
    for n in range(6):
        shutil.rmtree(c.path("pack"))
        c.write("pack/three.py", text(f"round_{n}"))
        c.write("pack/deep/four.py", text(f"below_{n}"))
        time.sleep(0.05 * (n % 3))
    c.shows("round_5", "below_5")
    c.write("pack/deep/four.py", text("last"))
    c.shows("last")


@case
def folder_moved_out_edited_and_moved_in(c):
    os.rename(c.path("pack"), c.outside / "pack")
    c.files(gone=("pack/three.py",))
    quiet = len(c.watch.events)
    (c.outside / "pack/three.py").write_text(text("edited_outside"))
    (c.outside / "pack/deep/four.py").write_text(text("edited_outside_too"))
    c.settle()
    c.check(len(c.watch.events) == quiet, f"it heard of a folder outside: {c.watch.events[quiet:]}")
    os.rename(c.outside / "pack", c.path("packed"))
    c.shows("edited_outside", "edited_outside_too")
    c.write("packed/deep/four.py", text("edited_inside"))
    c.shows("edited_inside")


@case
def nested_folders_made_at_once(c):
    for n in range(20):
        subprocess.run(f"mkdir -p n{n}/a/b/c && echo 'def made_{n}(): pass' > n{n}/a/b/c/x.py", shell=True, check=True, cwd=c.root)
    c.files(*(f"n{n}/a/b/c/x.py" for n in range(20)))
    subprocess.run("cp -r n3 m3 && mv n4 n5/a && cp -r n5 k", shell=True, check=True, cwd=c.root)
    c.files("m3/a/b/c/x.py", "n5/a/n4/a/b/c/x.py", "k/a/n4/a/b/c/x.py")
    c.write("k/a/n4/a/b/c/x.py", text("copied"))
    c.shows("copied")


@case
def links_to_folders(c):
    (c.outside / "far.py").write_text(text("far_away"))
    c.path("inner_link").symlink_to("pack")
    c.path("outer_link").symlink_to(c.outside)
    c.path("loop").symlink_to(".")
    c.settle()
    (c.outside / "far.py").write_text(text("far_off"))
    c.settle()
    c.write("inner_link/three.py", text("through_a_link"))
    c.shows("through_a_link")
    c.path("inner_link").unlink()
    c.write("inner_link/own.py", text("own_now"))
    c.shows("own_now")
    shutil.rmtree(c.path("inner_link"))
    c.path("inner_link").symlink_to(c.outside)
    c.settle()
    shutil.rmtree(c.path("pack"))
    c.path("pack").symlink_to("inner_link")
    c.files(gone=("pack/three.py", "inner_link/far.py"))


@case
def hard_links(c):
    os.link(c.path("one.py"), c.path("twin.py"))
    c.settle()
    c.write("twin.py", text("twins"))
    c.shows("twins")
    os.link(c.path("two.py"), c.path("pack/twin2.py"))
    c.path("two.py").unlink()
    c.shows("two(a)")


@case
def what_is_no_file(c):
    os.mkfifo(c.path("pipe.py"))
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(c.path("s")))
        c.settle()
    c.path("one.py").unlink()
    os.mkfifo(c.path("one.py"))
    c.files(gone=("one.py", "pipe.py"))
    c.path("one.py").unlink()
    c.write("one.py", text("a_file_again"))
    c.shows("a_file_again")


@case
def kinds_of_content(c):
    c.write("one.py", b"\0\1\2" * 500)
    c.settle()
    c.write("one.py", text("text_again"))
    c.shows("text_again")
    c.write("two.py", ("x = 1\n" * 900_000))
    c.settle()
    c.write("two.py", text("small_again"))
    c.shows("small_again")
    c.write(".env", "TOKEN=abc\n")
    c.settle()
    os.rename(c.path("one.py"), c.path("pack/.env"))
    c.settle()
    c.write("pack/three.py", "# @generated by a tool\n" + text("made"))
    c.settle()
    c.write("pack/three.py", text("by_hand"))
    c.shows("by_hand")
    c.write("script", "#!/usr/bin/env python3\n" + text("with_a_shebang"))
    c.shows("with_a_shebang")
    c.write("script", "just words\n")


# Rules.

@case
def a_big_folder_is_no_longer_ignored(c):
    for n in range(3_000):
        c.write(f"big/{n % 60}/f{n}.py", text(f"big_{n}"))
    c.write(".gitignore", "big/\n")
    c.settle()
    before = len(c.watch.events)
    c.write("big/7/f7.py", text("unseen"))
    c.settle()
    c.check(len(c.watch.events) == before, f"an ignored file woke it: {c.watch.events[before:]}")
    c.write(".gitignore", "\n")
    c.files("big/7/f7.py", "big/59/f2999.py")
    c.write("big/7/f7.py", text("seen_now"))
    c.settle()
    c.write(".gitignore", "big/\n")
    c.files(gone=("big/7/f7.py",))
    before = len(c.watch.events)
    c.write("big/7/f7.py", text("unseen"))
    c.settle()
    c.check(len(c.watch.events) == before, f"an ignored file woke it: {c.watch.events[before:]}")


@case
def rules_of_every_place(c):
    c.write("a.log", "1\n")
    c.write("pack/b.log", "1\n")
    c.files("a.log", "pack/b.log")
    c.write("pack/.gitignore", "*.log\n")
    c.files("a.log", gone=("pack/b.log",))
    os.rename(c.path("pack/.gitignore"), c.path(".gitignore"))
    c.files(gone=("a.log", "pack/b.log"))
    c.path(".gitignore").unlink()
    c.files("a.log", "pack/b.log")
    shutil.rmtree(c.path(".git/info"), ignore_errors=True)
    c.settle()
    c.write(".git/info/exclude", "*.log\n")
    c.files(gone=("a.log", "pack/b.log"))
    shutil.rmtree(c.path(".git/info"))
    c.files("a.log", "pack/b.log")
    c.write(".waypostignore", "*.log\n")
    c.files(gone=("a.log", "pack/b.log"))
    c.path(".waypostignore").unlink()
    c.path(".gitignore").mkdir()
    c.files("a.log", "pack/b.log")
    c.path(".gitignore").rmdir()
    c.path(".gitignore").symlink_to("rules")
    c.write("rules", "*.log\n")
    c.settle()
    c.path(".gitignore").unlink()
    c.write("elsewhere", "*.log\n")
    c.git("config", "core.excludesFile", str(c.path("elsewhere")))
    c.files(gone=("a.log", "pack/b.log"))
    c.write("elsewhere", "a.log\n")
    c.files("pack/b.log", gone=("a.log",))
    c.git("config", "--unset", "core.excludesFile")
    c.files("a.log", "pack/b.log")


@case
def rules_of_the_person(c):
    c.write("a.log", "1\n")
    c.settle()
    (c.home / "git").mkdir()
    (c.home / "git/ignore").write_text("*.log\n")
    c.files(gone=("a.log",))
    (c.home / "git/ignore").write_text("")
    c.files("a.log")
    # Settings are often links to where somebody keeps them.
    kept = c.temp / "dotfiles"
    kept.mkdir()
    (kept / "ignore").write_text("")
    (c.home / "git/ignore").unlink()
    (c.home / "git/ignore").symlink_to(kept / "ignore")
    c.write(".git/config", c.path(".git/config").read_text() + "\n")
    c.settle()
    (kept / "ignore").write_text("*.log\n")
    c.files(gone=("a.log",))
    (c.home / "waypost").mkdir()
    (c.home / "waypost/config.toml").write_text('exclude = ["pack/"]\n')
    c.files(gone=("pack/three.py",))


@case
def no_rules_from_nowhere(c):
    c.git("config", "core.excludesFile", "/dev/null")
    c.settle()
    before = len(c.watch.events)
    for _ in range(20):
        pathlib.Path("/dev/null").write_text("nothing")
    c.settle()
    c.check(len(c.watch.events) == before, f"`/dev/null` woke it: {c.watch.events[before:]}")


@case
def settings_of_git_and_of_the_person(c):
    c.watch.stop()
    # Not the file that the trials name otherwise, but those that git finds by itself.
    c.start(GIT_CONFIG_GLOBAL=None)
    c.write("a.log", "1\n")
    rules = c.temp / "rules"
    rules.write_text("*.log\n")
    c.files("a.log")
    (c.home / ".gitconfig").write_text(f"[core]\n\texcludesFile = {rules}\n")
    c.files(gone=("a.log",))
    (c.home / ".gitconfig").unlink()
    c.files("a.log")


@case
def tracked_although_ignored(c):
    c.write(".gitignore", "build/\n*.gen.py\n")
    c.write("build/out/made.py", text("made_here"))
    c.write("x.gen.py", text("x_gen"))
    c.files(gone=("build/out/made.py", "x.gen.py"))
    c.git("add", "-f", "build/out/made.py", "x.gen.py")
    c.files("build/out/made.py", "x.gen.py")
    c.write("build/out/made.py", text("made_anew"))
    c.write("x.gen.py", text("x_anew"))
    c.shows("made_anew", "x_anew")
    c.git("rm", "-q", "--cached", "-r", "-f", "build")
    c.files("x.gen.py", gone=("build/out/made.py",))
    c.git("update-index", "--index-version", "4")
    c.git("add", "-f", "build/out/made.py")
    c.files("build/out/made.py")
    c.git("update-index", "--split-index")
    c.git("rm", "-q", "--cached", "x.gen.py", "-f")
    c.files("build/out/made.py", gone=("x.gen.py",))
    c.git("add", "-f", "-N", "x.gen.py")
    c.files("build/out/made.py", "x.gen.py")


@case
def settings_and_goal(c):
    c.write(".waypost/config.toml", 'exclude = ["pack/"]\n')
    c.files(gone=("pack/three.py",))
    c.write(".waypost/config.toml", "handoff_budget = 700\n")
    c.files("pack/three.py")
    c.path(".waypost/config.toml").unlink()
    c.settle()
    goal = "Make three faster"
    c.run("snapshot", "--goal", goal)
    c.settle()
    c.check(goal in c.page(), "the goal is not in the handoff")
    c.write("pack/three.py", text("three_faster"))
    c.shows(goal, "three_faster")
    c.fresh_arguments = ("--goal", goal)


@case
def records_beside_it(c):
    c.run("note", "--summary", "Beside a watch")
    c.shows("Beside a watch")
    c.run("pin", "pack/three.py", "--note", "look here")
    c.shows("look here")
    record = next(p for p in c.path(".waypost/memory").glob("*.md") if "Beside a watch" in p.read_text())
    record.write_text(record.read_text().replace("Beside a watch", "By hand"))
    c.shows("By hand")
    record.unlink()
    c.settle()
    c.check("By hand" not in c.page(), "a removed record is shown")
    shutil.rmtree(c.path(".waypost/memory"))
    c.settle()
    c.run("note", "--summary", "A new folder")
    c.shows("A new folder")


# git.

def leave_the_handoff_to_us(c):
    """What git does to an uncommitted handoff that is written again at once is another question."""
    c.write(".git/info/exclude", ".waypost/\n")
    c.settle()


@case
def git_stash(c):
    leave_the_handoff_to_us(c)
    c.write("one.py", text("stashed"))
    c.write("fresh.py", text("stashed_new"))
    c.shows("stashed")
    c.git("stash", "-q", "-u")
    c.files("one.py", gone=("fresh.py",))
    c.git("stash", "pop", "-q")
    c.shows("stashed", "stashed_new")


@case
def git_rebase_and_merge_with_conflicts(c):
    leave_the_handoff_to_us(c)
    c.git("checkout", "-q", "-b", "topic")
    for n in range(5):
        c.write("one.py", text(f"topic_{n}"))
        c.commit(f"topic {n}")
    c.git("checkout", "-q", "main")
    c.write("one.py", text("mainly"))
    c.commit("main")
    c.git("checkout", "-q", "topic")
    c.settle()
    c.check(subprocess.run(["git", "rebase", "-q", "main"], cwd=c.root, env=trial.environment(c.home), capture_output=True).returncode, "no conflict")
    c.settle()
    c.git("rebase", "--abort")
    c.shows("topic_4")
    c.git("rebase", "-q", "-X", "theirs", "main")
    c.shows("topic_4")
    c.git("checkout", "-q", "main")
    c.git("reset", "-q", "--hard", "HEAD~1")
    c.write("one.py", text("clash"))
    c.commit("clash")
    c.check(subprocess.run(["git", "merge", "-q", "topic"], cwd=c.root, env=trial.environment(c.home), capture_output=True).returncode, "no conflict")
    c.settle()
    c.write("one.py", text("solved"))
    c.commit("merged")
    c.shows("solved")


@case
def git_with_no_change_of_files(c):
    c.write("one.py", text("staged"))
    c.settle()
    c.git("add", "-A")
    c.settle()
    c.git("commit", "-q", "-m", "Only a commit")
    c.settle()
    c.git("commit", "-q", "--amend", "-m", "Another word")
    c.settle()
    c.git("checkout", "-q", "-b", "deep/er/branch")
    c.settle()
    c.git("checkout", "-q", "--detach")
    c.settle()
    c.git("branch", "-q", "-D", "deep/er/branch")
    c.git("tag", "v1")
    c.git("gc", "-q", "--prune=now")
    c.settle()
    c.git("bisect", "start")
    c.settle()
    c.git("bisect", "reset")


@case
def git_cleans_up(c):
    c.write("new.py", text("untracked"))
    c.settle()
    c.git("clean", "-q", "-fdx")
    time.sleep(1.5)
    c.files(gone=("new.py",))
    c.write("one.py", text("after_the_cleaning"))
    c.shows("after_the_cleaning")
    c.git("reset", "-q", "--hard")
    c.shows("def one(a)")


@case
def git_worktrees(c):
    c.git("worktree", "add", "-q", "inside", "-b", "side")
    c.settle()
    c.write("inside/one.py", text("in_the_worktree"))
    c.settle()
    c.check("in_the_worktree" not in c.page(), "another work tree is read")
    c.git("worktree", "add", "-q", str(c.outside / "tree"), "-b", "out")
    c.settle()
    c.git("worktree", "remove", "--force", "inside")
    c.settle()


@case
def git_repository_is_gone_and_made_again(c):
    c.write(".gitignore", "*.log\n")
    c.write("a.log", "1\n")
    c.settle()
    shutil.rmtree(c.path(".git"))
    c.settle()
    c.write("one.py", text("without_git"))
    c.shows("without_git")
    c.git("init", "-q", "-b", "trunk")
    c.commit("Again")
    c.settle()
    c.write("one.py", text("with_git"))
    c.shows("with_git")
    os.rename(c.path(".git"), c.outside / "git")
    c.settle()
    os.rename(c.outside / "git", c.path(".git"))
    c.settle()
    c.git("checkout", "-q", "-b", "other")


@case
def repositories_inside(c):
    trial.git(c.path("pack"), "init", "-q")
    c.settle()
    c.write("pack/three.py", text("nested_now"))
    c.settle()
    shutil.rmtree(c.path("pack/.git"))
    c.shows("nested_now")
    subprocess.run(["git", "clone", "-q", c.root, c.path("cloned")], check=True, env=trial.environment(c.home))
    c.settle()
    c.write("cloned/own.py", text("in_a_clone"))
    c.settle()
    c.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(c.root), "sub")
    c.settle()
    c.git("commit", "-q", "-m", "A submodule")
    c.write("sub/own.py", text("in_a_submodule"))
    c.settle()
    c.git("rm", "-q", "-f", "sub")
    c.settle()
    shutil.rmtree(c.path("cloned/.git"))
    c.shows("in_a_clone")


@case
def sparse_and_skipped(c):
    c.git("sparse-checkout", "set", "pack")
    c.settle()
    c.git("sparse-checkout", "disable")
    c.settle()
    c.git("update-index", "--skip-worktree", "two.py")
    c.path("two.py").unlink()
    c.files(gone=("two.py",))
    c.git("update-index", "--no-skip-worktree", "two.py")
    c.git("checkout", "-q", "--", "two.py")
    c.files("two.py")


# Our own files.

@case
def own_folder_is_deleted(c):
    shutil.rmtree(c.path(".waypost"))
    time.sleep(2.5)
    c.settle()
    c.write("one.py", text("after_the_deletion"))
    time.sleep(1.5)
    c.shows("after_the_deletion")


@case
def database_is_deleted(c):
    for path in c.path(".waypost/local").glob("waypost.db*"):
        path.unlink()
    c.write("one.py", text("no_database"))
    c.shows("no_database")
    c.write("one.py", text("and_again"))
    c.shows("and_again")
    shutil.rmtree(c.path(".waypost/local"))
    c.write("pack/three.py", text("no_folder"))
    c.shows("no_folder")


@case
def database_is_broken(c):
    for path in c.path(".waypost/local").glob("waypost.db*"):
        path.write_bytes(b"nothing of the kind" * 1_000)
    c.write("one.py", text("broken_database"))
    time.sleep(6)
    c.shows("broken_database")
    c.write("one.py", text("still_right"))
    c.shows("still_right")


@case
def handoff_is_touched_by_others(c):
    page = c.page()
    for name in ("handoff.md", "handoff.json"):
        path = c.path(".waypost") / name
        path.unlink()
        c.settle()
        c.check(path.exists(), f"{name} is not back")
        path.write_text("by hand\n")
        c.settle()
        c.check(path.read_text() != "by hand\n", f"{name} stays as others left it")
    c.check(c.page() == page, "another page")
    c.path(".waypost/handoff.md").unlink()
    c.path(".waypost/handoff.md").symlink_to(c.outside / "planted")
    c.settle()
    c.check(not (c.outside / "planted").exists(), "a link was followed")
    c.check(c.watch.of("warning"), "it does not say that a link is in the way")
    c.path(".waypost/handoff.md").unlink()
    # A failed look is tried again after five seconds.
    time.sleep(6)
    c.settle()


@case
def others_write_beside_it(c):
    for n in range(5):
        c.write("one.py", text(f"beside_{n}"))
        c.run("snapshot")
        c.run("note", "--summary", f"Note {n}")
        c.run("search", f"beside_{n}", expect=None)
    c.shows("beside_4", "Note 4")
    second = subprocess.run([c.binary, "watch", "--project-root", str(c.root)], capture_output=True, env=trial.environment(c.home))
    said = second.stderr.decode()
    c.check(second.returncode == 2 and f"process {c.watch.process.pid}, since 20" in said, f"a second one: {second.returncode} {said}")


# The root.

@case
def root_is_moved(c):
    os.rename(c.root, c.outside / "moved")
    c.ends(2, "was moved or deleted")
    c.check(not c.root.exists(), "it made the folder again")


@case
def root_is_deleted(c):
    shutil.rmtree(c.root)
    c.ends(2, "was moved or deleted")
    c.check(not c.root.exists(), "it made the folder again")


@case
def root_is_made_again(c):
    os.rename(c.root, c.outside / "moved")
    c.root.mkdir()
    c.write("new.py", text("another_project"))
    c.ends(2, "was replaced by another folder")
    c.check(not c.path(".waypost").exists(), "it wrote into another folder")


@case
def parent_of_the_root_is_moved(c):
    parent = c.temp / "above"
    parent.mkdir()
    c.watch.stop()
    os.rename(c.root, parent / "project")
    c.root = parent / "project"
    c.start()
    os.rename(parent, c.temp / "moved")
    c.ends(2, "was moved or deleted")
    c.check(not parent.exists(), "it made the folder again")


@case
def root_behind_a_link(c):
    c.watch.stop()
    link = c.temp / "link"
    link.symlink_to(c.root)
    real, c.root = c.root, link
    c.start()
    (real / "one.py").write_text(text("behind_a_link"))
    c.shows("behind_a_link")


@case
def root_below_the_repository(c):
    c.watch.stop()
    whole, c.root = c.root, c.root / "pack"
    c.start()
    c.write("three.py", text("three_below"))
    c.shows("three_below")
    (whole / ".gitignore").write_text("four.py\n")
    c.settle()
    trial.git(whole, "rm", "-q", "--cached", "pack/deep/four.py")
    c.files(gone=("deep/four.py",))
    (whole / ".gitignore").write_text("")
    c.files("deep/four.py")
    trial.git(whole, "checkout", "-q", "-b", "above")
    c.settle()
    before = len(c.watch.of("snapshot"))
    (whole / "one.py").write_text(text("not_ours"))
    c.settle()
    c.check(len(c.watch.of("snapshot")) == before, "a file outside woke it")


@case
def root_is_a_linked_worktree(c):
    c.watch.stop()
    c.git("worktree", "add", "-q", str(c.outside / "tree"), "-b", "linked")
    main, c.root = c.root, c.outside / "tree"
    c.start()
    c.write("one.py", text("in_a_linked_tree"))
    c.shows("in_a_linked_tree")
    c.commit("In the linked tree")
    c.settle()
    c.check("In the linked tree" in c.path(".waypost/local/now.md").read_text(), "the commit is not in now.md")
    (main / ".git/info").mkdir(exist_ok=True)
    (main / ".git/info/exclude").write_text("new.log\n")
    c.write("new.log", "1\n")
    c.files(gone=("new.log",))
    c.git("checkout", "-q", "--detach")


@case
def project_without_git(c):
    c.watch.stop()
    shutil.rmtree(c.path(".git"))
    c.start()
    c.write("one.py", text("never_git"))
    c.write("a/b/c.py", text("deep_without"))
    c.shows("never_git", "deep_without")
    c.write(".gitignore", "a/\n")
    c.files(gone=("a/b/c.py",))


@case
def nothing_at_all(c):
    c.watch.stop()
    for path in c.root.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    c.start()
    c.write("first.py", text("first_of_all"))
    c.shows("first_of_all")
    c.path("first.py").unlink()
    c.files(gone=("first.py",))


# What the machine does.

@case
def stopped_and_gone_on(c):
    c.watch.process.send_signal(signal.SIGSTOP)
    for n in range(50):
        c.write(f"pack/new{n % 5}/f{n}.py", text(f"stopped_{n}"))
    shutil.rmtree(c.path("pack/deep"))
    c.watch.process.send_signal(signal.SIGCONT)
    c.files("pack/new4/f49.py", gone=("pack/deep/four.py",))


@case
def file_system_in_memory(c):
    if not os.path.ismount("/dev/shm"):
        return print("left out: file_system_in_memory, no /dev/shm")
    c.watch.stop()
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        c.root = pathlib.Path(folder, "project")
        c.root.mkdir()
        c.plant()
        c.start()
        for n in range(5):
            keep_times(c.path("one.py"), text(f"memory_{n}"))
            c.shows(f"memory_{n}")
        shutil.rmtree(c.path("pack"))
        c.write("pack/three.py", text("again_here"))
        c.shows("again_here")
        c.end()
        c.is_over = True


def mounted(c, options="size=4m"):
    """A small file system in the place of the root, or nothing where that is not allowed."""
    folder = c.temp / "mount"
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", folder], capture_output=True)
    return None if done.returncode else folder


@case
def disk_is_full(c):
    folder = mounted(c)
    if folder is None:
        return print("left out: disk_is_full, no mount")
    c.watch.stop()
    try:
        c.root = folder / "project"
        c.root.mkdir()
        c.plant()
        c.start()
        fill = folder / "fill"
        at = os.open(fill, os.O_CREAT | os.O_WRONLY)
        try:
            while os.write(at, b"0" * 4096):
                pass
        except OSError:
            os.close(at)
        c.path("two.py").rename(c.path("renamed.py"))
        time.sleep(3)
        c.check(c.watch.process.poll() is None, f"it ended: {c.watch.said}")
        c.check(c.watch.of("warning"), "it does not say that the disk is full")
        fill.unlink()
        c.write("one.py", text("room_again"))
        time.sleep(7)
        c.shows("room_again")
        c.end()
        c.is_over = True
    finally:
        c.watch.stop()
        subprocess.run(["umount", folder], check=False)


@case
def file_system_goes_away(c):
    folder = mounted(c)
    if folder is None:
        return print("left out: file_system_goes_away, no mount")
    c.watch.stop()
    c.root = folder
    c.plant()
    c.start()
    subprocess.run(["umount", "-l", folder], check=True)
    c.ends(2, "project root")


def as_nobody(c):
    """From here on the program runs as a user who may not everything."""
    if os.getuid():
        return True
    if shutil.which("setpriv") is None:
        return False
    for folder in (c.temp, *c.temp.parents):
        if folder.stat().st_mode & 0o001 == 0 and folder != pathlib.Path("/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    wrapper = c.temp / "as-nobody"
    wrapper.write_text(f'#!/bin/sh\nexec setpriv --reuid=65534 --regid=65534 --clear-groups "{c.binary}" "$@"\n')
    wrapper.chmod(0o755)
    for folder in (c.root, c.home):
        subprocess.run(["chown", "-R", "65534:65534", folder], check=True)
    c.binary = str(wrapper)
    return True


@case
def permissions_taken_and_given_back(c):
    c.watch.stop()
    if not as_nobody(c):
        return print("left out: permissions_taken_and_given_back, no setpriv")
    c.start()
    c.path("pack").chmod(0)
    c.files(gone=("pack/three.py",))
    c.path("pack").chmod(0o755)
    c.files("pack/three.py", "pack/deep/four.py")
    c.write("pack/deep/four.py", text("may_again"))
    c.shows("may_again")
    c.path("one.py").chmod(0)
    c.files(gone=("one.py",))
    c.path("one.py").chmod(0o644)
    c.files("one.py")
    # May be listed, but not entered.
    c.path("pack").chmod(0o444)
    c.settle()
    c.path("pack").chmod(0o755)
    c.files("pack/three.py")
    c.write("pack/three.py", text("entered_again"))
    c.shows("entered_again")
    # May be entered, but not listed.
    c.path("pack").chmod(0o111)
    c.settle()
    c.path("pack").chmod(0o755)
    c.files("pack/three.py")


@case
def own_folder_may_not_be_written(c):
    c.watch.stop()
    if not as_nobody(c):
        return print("left out: own_folder_may_not_be_written, no setpriv")
    c.start()
    c.path(".waypost").chmod(0o555)
    c.write("one.py", text("not_to_be_written"))
    c.settle()
    c.check(c.watch.process.poll() is None, f"it ended: {c.watch.said}")
    c.check(c.watch.of("warning"), "it does not say that it cannot write")
    c.path(".waypost").chmod(0o755)
    time.sleep(6)
    c.shows("not_to_be_written")


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("--only", default="", help="cases whose name holds this")
    parser.add_argument("--poll", action="store_true")
    parser.add_argument("--rounds", type=int, default=1)
    arguments = parser.parse_args()
    tally, done = trial.Tally(), 0
    for function in CASES * arguments.rounds:
        if arguments.only not in function.__name__:
            continue
        with tempfile.TemporaryDirectory() as temp:
            made = Case(arguments.binary, pathlib.Path(temp).resolve(), tally, function.__name__,
                        ["--poll=1"] if arguments.poll else [])
            made.plant()
            made.start()
            try:
                function(made)
                made.end()
            except SystemExit as error:
                tally.check(False, f"{function.__name__}: {error}")
            except OSError as error:
                tally.check(False, f"{function.__name__}: {error!r}")
            finally:
                if made.watch.process.poll() is None:
                    made.watch.process.kill()
            done += 1
    print(f"{done} cases")
    tally.end()


if __name__ == "__main__":
    main()
