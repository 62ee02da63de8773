#!/usr/bin/env python3
"""What a watch leaves after a random script of changes is what a fresh snapshot writes.

Usage: watch_oracle.py --binary WAYPOST [--seeds N] [--first N] [--operations N] [--jobs N] [--poll]

For each seed a small repository is made and watched, and that many operations
run on it with pauses of 0 to 50 ms: create, write, truncate and write, atomic
save, rename of files and folders, a folder in the place of a file and the other
way round, `mkdir -p` and write, delete, chmod, edits of ignore files, links,
moves out of the tree and back, commits and branch switches. When the watch has
settled, which takes it a second longer when git moved the work tree last, both
handoff files and the file table (paths, hashes, sizes, classes, what is
skipped) must equal a fresh snapshot's, byte for byte.

Prints counts; exit code 1 if anything failed. Zero failures of N bound the true
rate at 3/N (95 %). Python's standard library and git only.
"""

import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import trial
import watching

WORDS = "alpha beta gamma delta omega north south river stone cloud".split()
IGNORES = ["*.log\n", "build/\n", "/alpha\n", "*.md\n!beta.md\n", "", "river*\n", "**/stone/\n", "gamma/*\n!gamma/keep.py\n"]


class Script:
    """Random operations below a root; what cannot be done is not done."""

    def __init__(self, root, outside, seed):
        self.root, self.outside, self.rng, self.count = root, outside, random.Random(seed), 0
        self.log = []

    def text(self):
        self.count += 1
        word = self.rng.choice(WORDS)
        lines = [f'"""About {word} {self.count}."""', "import os", ""]
        lines += [f"def {word}_{self.count}_{n}(a, b):\n    return a + b + {n}\n" for n in range(self.rng.randrange(1, 6))]
        return "\n".join(lines)

    def name(self):
        return self.rng.choice(WORDS) + self.rng.choice([".py", ".py", ".rs", ".md", ".log", ".txt", ""])

    def every(self, kind):
        found = []
        for folder, folders, files in os.walk(self.root):
            folders[:] = sorted(f for f in folders if f not in (".git", ".waypost"))
            here = pathlib.Path(folder)
            found += [here / name for name in sorted(files if kind == "file" else folders)]
        return found

    def file(self):
        files = [f for f in self.every("file") if not f.name.startswith(".git")]
        return self.rng.choice(files) if files else self.new()

    def folder(self):
        return self.rng.choice([self.root, *self.every("folder")])

    def new(self):
        return self.folder() / self.name()

    def step(self):
        operation = self.rng.choice(OPERATIONS)
        try:
            operation(self)
        except (OSError, subprocess.CalledProcessError, shutil.Error) as error:
            self.log.append(f"{operation.__name__} failed: {error}")

    def said(self, what, *paths):
        self.log.append(" ".join([what, *(str(p.relative_to(self.root)) if p.is_relative_to(self.root) else str(p) for p in paths)]))


def create(s):
    path = s.new()
    s.said("create", path)
    path.write_text(s.text())


def write(s):
    path = s.file()
    s.said("append", path)
    with open(path, "a") as out:
        out.write(s.text())


def same_size(s):
    path = s.file()
    s.said("same size", path)
    data = bytearray(path.read_bytes())
    if data:
        data[-2:] = f"{s.rng.randrange(10)}\n".encode()
        path.write_bytes(bytes(data))


def truncate(s):
    path, text = s.file(), s.text()
    s.said("truncate", path)
    with open(path, "w") as out:
        out.flush()
        time.sleep(s.rng.choice([0, 0.004, 0.02]))
        out.write(text[: len(text) // 2])
        out.flush()
        time.sleep(s.rng.choice([0, 0.004]))
        out.write(text[len(text) // 2:])


def atomic(s):
    path = s.file()
    s.said("atomic", path)
    beside = path.with_name(path.name + ".tmp~")
    beside.write_text(s.text())
    os.replace(beside, path)


def backup_save(s):
    path = s.file()
    s.said("save with backup", path)
    backup = path.with_name(path.name + "~")
    os.rename(path, backup)
    path.write_text(s.text())
    backup.unlink()


def rename_file(s):
    path, to = s.file(), s.new()
    s.said("rename", path, to)
    os.rename(path, to)


def rename_folder(s):
    folders = s.every("folder")
    if folders:
        path, to = s.rng.choice(folders), s.folder() / s.rng.choice(WORDS)
        s.said("rename folder", path, to)
        os.rename(path, to)


def file_to_folder(s):
    path = s.file()
    s.said("file to folder", path)
    path.unlink()
    path.mkdir()
    (path / s.name()).write_text(s.text())


def folder_to_file(s):
    folders = s.every("folder")
    if folders:
        path = s.rng.choice(folders)
        s.said("folder to file", path)
        shutil.rmtree(path)
        path.write_text(s.text())


def replace_folder(s):
    folders = s.every("folder")
    if folders:
        path = s.rng.choice(folders)
        s.said("replace folder", path)
        os.rename(path, s.outside / f"old{s.count}")
        path.mkdir()
        (path / s.name()).write_text(s.text())
        s.count += 1


def deep(s):
    path = s.folder().joinpath(*(s.rng.choice(WORDS) for _ in range(s.rng.randrange(1, 5))))
    s.said("mkdir -p", path)
    path.mkdir(parents=True, exist_ok=True)
    (path / s.name()).write_text(s.text())


def delete(s):
    path = s.file()
    s.said("delete", path)
    path.unlink()


def delete_folder(s):
    folders = s.every("folder")
    if len(folders) > 4:
        path = s.rng.choice(folders)
        s.said("delete folder", path)
        shutil.rmtree(path)


def chmod(s):
    path = s.file()
    s.said("chmod", path)
    path.chmod(s.rng.choice([0o644, 0o600, 0o755, 0o000]))


def ignore(s):
    path = s.folder() / s.rng.choice([".gitignore", ".gitignore", ".waypostignore"])
    s.said("ignore", path)
    text = "".join(s.rng.sample(IGNORES, s.rng.randrange(0, 3)))
    if s.rng.random() < 0.3 and path.exists():
        path.unlink()
    elif s.rng.random() < 0.5:
        path.write_text(text)
    else:
        beside = path.with_name(".ignore.new")
        beside.write_text(text)
        os.replace(beside, path)


def exclude(s):
    path = s.root / ".git/info/exclude"
    s.said("info/exclude", path)
    path.parent.mkdir(exist_ok=True)
    path.write_text(s.rng.choice(IGNORES))


def link(s):
    path, to = s.new(), s.rng.choice([s.file(), s.folder(), s.root / "nowhere"])
    s.said("link", path, to)
    if path.is_symlink():
        path.unlink()
    os.symlink(to, path)


def out_and_in(s):
    path = s.folder()
    if path != s.root:
        away = s.outside / f"away{s.count}"
        s.count += 1
        s.said("out and in", path)
        os.rename(path, away)
        time.sleep(s.rng.choice([0, 0.01]))
        (away / s.name()).write_text(s.text())
        os.rename(away, path)


def move_in(s):
    from_there = s.outside / f"in{s.count}"
    (from_there / "deep/er").mkdir(parents=True)
    (from_there / "deep/er" / s.name()).write_text(s.text())
    to = s.folder() / s.rng.choice(WORDS)
    s.said("move in", to)
    os.rename(from_there, to)


def commit(s):
    s.said("commit")
    trial.git(s.root, "add", "-A", "--", ".", ":!.waypost")
    trial.git(s.root, "commit", "-q", "--allow-empty", "-m", f"state {s.count}")


def switch(s):
    s.said("switch")
    for arguments in (["stash", "-q", "-u", "--", ".", ":!.waypost"], ["checkout", "-q", "-B", s.rng.choice(WORDS), "HEAD~1"]):
        subprocess.run(["git", *arguments], cwd=s.root, env=trial.environment(s.root), capture_output=True)


OPERATIONS = (
    [create, write, truncate, atomic, rename_file, rename_folder, deep, delete] * 3
    + [same_size, backup_save, file_to_folder, folder_to_file, replace_folder, chmod, ignore, link] * 2
    + [delete_folder, exclude, out_and_in, move_in, commit, switch]
)


def plant(root, seed):
    """A small repository."""
    rng = random.Random(seed)
    script = Script(root, root.parent, seed)
    for n in range(25):
        path = root.joinpath(*(rng.choice(WORDS) for _ in range(rng.randrange(0, 3))), f"{WORDS[n % 10]}_{n}.py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script.text())
    trial.git(root, "init", "-q", "-b", "main")
    for n in range(2):
        trial.git(root, "add", "-A")
        trial.git(root, "commit", "-q", "--allow-empty", "-m", f"start {n}")


def run(binary, seed, arguments, tally):
    with tempfile.TemporaryDirectory() as temp:
        temp = pathlib.Path(temp).resolve()
        home, root, outside = temp / "home", temp / "project", temp / "outside"
        for folder in (home, root, outside):
            folder.mkdir()
        plant(root, seed)
        more = ["--poll=1"] if arguments.poll else []
        watch = watching.Watch(binary, root, home, "--debounce-ms", arguments.debounce, "--max-delay-ms", 400, *more).ready()
        script = Script(root, outside, seed)
        for _ in range(arguments.operations):
            script.step()
            time.sleep(script.rng.uniform(0, 0.05))
        done = time.monotonic()
        if arguments.poll:
            time.sleep(3.5)
        before = tally.failed
        held = watching.is_equal_to_fresh(watch, binary, root, home, tally, f"seed {seed}")
        written = [event["_at"] for event in watch.of("snapshot")]
        if tally.failed > before and arguments.verbose:
            print("\n".join(script.log[-30:]))
            kept = pathlib.Path(tempfile.gettempdir()) / f"watch-seed-{seed}.jsonl"
            import json
            kept.write_text("\n".join(json.dumps(e) for e in watch.events))
        return held, len(watch.of("snapshot")), max(last - done for last in [done, *written])


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--operations", type=int, default=200)
    parser.add_argument("--debounce", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--poll", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    binary = arguments.binary
    tally = trial.Tally()
    seeds = range(arguments.first, arguments.first + arguments.seeds)
    start = time.monotonic()
    with ThreadPoolExecutor(arguments.jobs) as pool:
        outcomes = list(pool.map(lambda seed: run(binary, seed, arguments, tally), seeds))
    equal, snapshots = (sum(outcome[n] for outcome in outcomes) for n in (0, 1))
    late = max(late for _, _, late in outcomes)
    print(f"{len(outcomes)} seeds of {arguments.operations} operations, {snapshots} snapshots, "
          f"{equal} equal to fresh, {len(outcomes) - equal} different, "
          f"the last snapshot at most {late:.1f} s after the last operation, {time.monotonic() - start:.0f} s")
    tally.end()


if __name__ == "__main__":
    main()
