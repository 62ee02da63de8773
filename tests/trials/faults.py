#!/usr/bin/env python3
"""Every failure to write is told with the path, undone, and leaves the last good state.

Usage: faults.py --binary WAYPOST [--commands NAME...] [--errors ERRNO...] [--stride N] [--full-disk] [--calls NAME...]

Needs strace (and root, or user namespaces, for --full-disk). For each command,
each call that writes and each error, the N-th such call fails, N = 1, 2, 3 ...
until a run has no N-th call. After each run:
- a run that ended with 0 must have done everything: what it was for is there,
  equal to a run without faults (a failed call of no consequence: closing down,
  clearing away, saving time), or, where a file of the tree could not be opened,
  say that it was left out;
- any other run must end with 2 and name a path on standard error, and nobody
  was killed;
- both handoff files, the export and the backup are whole, each as before or as
  a run without faults leaves it, and the pair belongs together;
- `doctor` finds no failed check, and the command works when it is run again.

--full-disk: the same on a file system of 2 MB with ever less room, and on a
read-only one. Prints counts; exits 1 on a failure.
"""

import json
import re
import shutil
import subprocess

import trial

CALLS = ["openat", "write", "pwrite64", "writev", "fsync", "fdatasync", "rename", "renameat2", "ftruncate", "mkdir", "unlink", "linkat", "fchmod"]
ERRORS = ["ENOSPC", "EIO", "EROFS", "EDQUOT"]
GOAL = "Make errors name file and line"


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("--commands", nargs="*")
    parser.add_argument("--errors", nargs="*", default=ERRORS)
    parser.add_argument("--calls", nargs="*", default=CALLS)
    parser.add_argument("--stride", type=int, default=1, help="every how many-th call fails")
    parser.add_argument("--full-disk", action="store_true")
    arguments = parser.parse_args()
    binary = arguments.binary
    tally = trial.Tally()
    with trial.scratch() as (temp, home):
        if arguments.full_disk:
            full_disk(binary, temp, home, tally)
            tally.end()
        runs = 0
        for name in arguments.commands or list(Bench.COMMANDS):
            bench = Bench(binary, temp / name.replace(" ", "-"), home, name, tally)
            for call in arguments.calls:
                for error in ["EMFILE"] * (call == "openat") + arguments.errors:
                    runs += bench.all_of(call, error, arguments.stride)
            print(f"{name}: {bench.runs} runs, {bench.harmless} ended well", flush=True)
    print(f"{runs} runs with a fault")
    tally.end()


class Bench:
    """A small project, ready for one command; copied anew for every run."""

    # What it is, what prepares it, and where its artefact is.
    COMMANDS = {
        "first snapshot": ([], ["snapshot", "--goal", GOAL]),
        "snapshot": ([["snapshot", "--goal", GOAL], "edit"], ["snapshot"]),
        "note": ([["snapshot"]], ["note", "--summary", "A new one", "--body", "word " * 50]),
        "edit": ([["note", "--summary", "Old", "--slug", "old"]], ["edit", "old", "--summary", "New"]),
        "handoff": ([["snapshot", "--goal", GOAL], "edit"], ["handoff"]),
        "backup": ([["snapshot", "--goal", GOAL], ["backup", "--output", "{root}/out.tar.zst"], ["note", "--summary", "x"]], ["backup", "--output", "{root}/out.tar.zst"]),
        "export": ([["note", "--summary", "One"], ["export", "--output", "{root}/out.jsonl"], ["note", "--summary", "Two"]], ["export", "--output", "{root}/out.jsonl"]),
        "import": ([["snapshot"]], ["import", "--file", "{export}"]),
        "init": ([], ["init"]),
    }

    def __init__(self, binary, folder, home, name, tally):
        self.binary, self.folder, self.home, self.name, self.tally = binary, folder, home, name, tally
        self.runs = self.harmless = 0
        folder.mkdir()
        self.root = folder / "project"
        self.export = folder / "export.jsonl"
        other = folder / "other"
        other.mkdir()
        for n in range(5):
            trial.run(binary, other, home, "note", "--summary", f"Imported {n}")
        trial.run(binary, other, home, "export", "--output", str(self.export))
        prepare, self.command = self.COMMANDS[name]
        make_project(self.root)
        for step in prepare:
            if step == "edit":
                with open(self.root / "src/a.py", "a") as file:
                    file.write("\n\ndef added_later(x):\n    return x\n")
            else:
                trial.run(binary, self.root, home, *self.filled(step))
        self.before = folder / "before"
        subprocess.run(["cp", "-a", str(self.root), str(self.before)], check=True)
        self.old = self.artefacts()
        trial.run(binary, self.root, home, *self.filled(self.command))
        self.new = self.artefacts()
        self.records = self.titles()

    def filled(self, step):
        return [part.format(root=self.root, export=self.export) for part in step]

    def artefacts(self):
        names = [".waypost/handoff.md", ".waypost/handoff.json", "out.jsonl", "out.tar.zst"]
        return {name: (self.root / name).read_bytes() if (self.root / name).exists() else None for name in names}

    def titles(self):
        """Titles in the memory's files, whatever the index says."""
        found = []
        for file in sorted((self.root / ".waypost/memory").glob("*.md")):
            title = re.search(r'^title = "(.*)"$', file.read_text(), re.M)
            found.append(title.group(1) if title else None)
        return sorted(found, key=str)

    def reset(self):
        shutil.rmtree(self.root)
        subprocess.run(["cp", "-a", str(self.before), str(self.root)], check=True)

    def all_of(self, call, error, stride):
        n = 1
        while self.one(call, error, n):
            n += stride
        return (n - 1) // stride

    def one(self, call, error, n):
        """One run; `False` when there was no such call any more."""
        self.reset()
        log = self.folder / "strace.log"
        command = ["strace", "-f", "-qq", "-o", str(log), "-e", f"trace={call},execve", "-e", f"inject={call}:error={error}:when={n}",
                   self.binary, *self.filled(self.command), "--project-root", str(self.root)]
        done = subprocess.run(command, capture_output=True, cwd=self.root, env=trial.environment(self.home, RAYON_NUM_THREADS="1"))
        lines = log.read_text(errors="replace").splitlines()
        # Other programs count their calls by themselves; what they cannot do is theirs.
        others = {line.split()[0] for line in lines if " execve(" in line and f'execve("{self.binary}"' not in line}
        injected = [line for line in lines if "(INJECTED)" in line]
        if not injected:
            return False
        if all(line.split()[0] in others for line in injected):
            return True
        self.runs += 1
        told = next(line for line in injected if line.split()[0] not in others).split(" ", 1)[1][:160]
        in_git = any(line.split()[0] in others for line in injected)
        if in_git:
            told += " and in git"
        label = f"{self.name}: {call} {error} #{n} ({told})"
        said = done.stderr.decode(errors="replace")
        is_read = call == "openat" and not re.search("O_CREAT|O_WRONLY|O_RDWR|O_TMPFILE", told)
        # A program that starts before ours says anything is not ours.
        if re.search(r'openat\(AT_FDCWD, "(/etc/ld|/lib|/usr/lib|/proc/self|/sys)', told) and done.returncode in (127, 134, 1, 2):
            return True
        is_ours = self.tally.check(done.returncode in (0, 2), f"{label}: ended with {done.returncode}\n{said}")
        if is_ours and done.returncode == 0:
            self.harmless += 1
            same = {k: v for k, v in self.artefacts().items() if not k.endswith((".zst", ".jsonl"))}
            wanted = {k: v for k, v in self.new.items() if not k.endswith((".zst", ".jsonl"))}
            whole = self.artefacts()["out.jsonl"] is None or self.artefacts()["out.jsonl"].count(b"\n") == self.new["out.jsonl"].count(b"\n")
            if (is_read or in_git) and same != wanted:
                # What cannot be read, of the tree or by git, is left out, and told,
                # unless it was the telling that failed.
                self.tally.check("not read" in said or "warning" in said or "write(2," in told, f"{label}: ended with 0 and says nothing of what it left out\n{said}")
                self.look(label, other_state=True)
                return True
            self.tally.check(same == wanted and whole and self.titles() == self.records, f"{label}: ended with 0 and has not done it\n{said}")
        elif is_ours:
            names_path = bool(re.search(r"`[^`]*/[^`]*`", said)) or "standard output" in said
            # strace counts the calls of each thread, so the first one of the thread
            # that tells the error may fail as well.
            names_path = names_path or any('write(2, "error: ' in line for line in injected)
            # `openat` of a library or of git's own files is told by git.
            self.tally.check(names_path, f"{label}: no path in: {said}")
        self.look(label)
        return True

    def look(self, label, other_state=False):
        now = self.artefacts()
        for name, bytes in now.items() if not other_state else ():
            if name == "out.tar.zst":
                # Its database differs from run to run: it must be whole.
                good = bytes == self.old[name] or self.is_backup(self.root / name)
            elif name == "out.jsonl":
                good = bytes == self.old[name] or bytes.endswith(b"}\n") and b'{"end":' in bytes
            elif self.name == "first snapshot" or name.startswith(".waypost/handoff"):
                good = bytes in (self.old[name], self.new[name])
            else:
                good = bytes in (self.old[name], self.new[name])
            self.tally.check(good, f"{label}: {name} is neither old nor new")
        pair = (now[".waypost/handoff.md"], now[".waypost/handoff.json"])
        pairs = [tuple(state[name] for name in (".waypost/handoff.md", ".waypost/handoff.json")) for state in (self.old, self.new)]
        doctor = json.loads(trial.run(self.binary, self.root, self.home, "doctor", "--json", expect=None) or b"{}")
        mixed = any("do not belong together" in c["detail"] for c in doctor.get("checks", []))
        self.tally.check(not mixed and (pair in pairs or other_state), f"{label}: the pair is mixed")
        failed = [c for c in doctor.get("checks", [{"status": "fail"}]) if c["status"] == "fail" and c["name"] != "layout"]
        self.tally.check(not failed, f"{label}: doctor: {failed}")
        again = subprocess.run([self.binary, *self.filled(self.command), "--project-root", str(self.root)], capture_output=True, cwd=self.root, env=trial.environment(self.home))
        self.tally.check(again.returncode == 0, f"{label}: again: {again.stderr.decode()}")
        strays = [p.name for p in self.root.rglob("*.tmp")]
        self.tally.check(not strays, f"{label}: left over after the next run: {strays}")

    def is_backup(self, path):
        other = self.folder / "put-back"
        shutil.rmtree(other, ignore_errors=True)
        other.mkdir()
        done = subprocess.run([self.binary, "restore-backup", str(path), "--yes", "--project-root", str(other)], capture_output=True, env=trial.environment(self.home))
        return done.returncode == 0


def make_project(root):
    (root / "src").mkdir(parents=True)
    for name in "abcdef":
        other = "bcdefa"["abcdef".index(name)]
        (root / f"src/{name}.py").write_text(f'"""Part {name}."""\n\nimport {other}\n\n\ndef {name}_main(x):\n    return {other}.{other}_main(x)\n')
    (root / "README.md").write_text("# Project\n\nA small one to break.\n")
    trial.git(root, "init", "-q", "-b", "main")
    trial.git(root, "add", "-A")
    trial.git(root, "commit", "-q", "-m", "Start")


def full_disk(binary, temp, home, tally):
    """A file system of 2 MB that has ever less room, then a read-only one."""
    mount = temp / "disk"
    mount.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(mount)], check=True)
    runs = 0
    try:
        root = mount / "project"
        make_project(root)
        trial.run(binary, root, home, "snapshot", "--goal", GOAL)
        saved = temp / "saved"
        subprocess.run(["cp", "-a", str(root), str(saved)], check=True)
        for command in (["snapshot"], ["snapshot", "--goal", "Another one " * 40], ["note", "--summary", "New", "--body", "word " * 4000],
                        ["handoff"], ["backup", "--output", str(mount / "out.tar.zst")], ["export", "--output", str(mount / "out.jsonl")]):
            for room in [0, 1, 4, 8, 12, 20, 32, 48, 64, 96, 128, 192, 256, 384, 512]:
                shutil.rmtree(root)
                for out in mount.glob("out.*"):
                    out.unlink()
                filler = mount / "filler"
                filler.unlink(missing_ok=True)
                subprocess.run(["cp", "-a", str(saved), str(root)], check=True)
                with open(root / "src/a.py", "a") as file:
                    file.write("\n\ndef added_later(x):\n    return x\n" * 30)
                old = [(root / f".waypost/handoff.{f}").read_bytes() for f in ("md", "json")]
                fill(filler, room * 1024)
                done = subprocess.run([binary, *command, "--project-root", str(root)], capture_output=True, env=trial.environment(home))
                said = done.stderr.decode()
                label = f"{command[0]} with {room} kB left"
                runs += 1
                now = [(root / f".waypost/handoff.{f}").read_bytes() for f in ("md", "json")]
                if tally.check(done.returncode in (0, 2), f"{label}: ended with {done.returncode}: {said}") and done.returncode:
                    tally.check("no space left on the disk" in said and re.search(r"`/[^`]*`", said), f"{label}: says {said}")
                    tally.check(command[0] not in ("backup", "export") or not list(mount.glob("out.*")), f"{label}: a piece of the output lies there")
                whole = now == old or all(now) and now[0].endswith(b"\n") and json.loads(now[1])
                tally.check(whole, f"{label}: the handoff is torn")
                tally.check((now[0] == old[0]) == (now[1] == old[1]), f"{label}: the pair is mixed")
                filler.unlink()
                doctor = json.loads(trial.run(binary, root, home, "doctor", "--json", expect=None))
                failed = [c for c in doctor["checks"] if c["status"] == "fail"]
                tally.check(not failed, f"{label}: doctor: {failed}")
                trial.run(binary, root, home, "snapshot")
                check = trial.run(binary, root, home, "handoff", "--check", expect=None)
                tally.check(check == b"", f"{label}: not right after the next snapshot")
        subprocess.run(["mount", "-o", "remount,ro", str(mount)], check=True)
        before = {p: p.read_bytes() for p in root.rglob("*") if p.is_file()}
        for command, code in ((["snapshot"], 2), (["handoff"], None), (["handoff", "--stdout"], 0), (["handoff", "--check"], 0), (["status"], 0), (["restore"], 0),
                              (["snapshots"], 0), (["notes"], 0), (["search", "main"], 0), (["context", "main"], 0), (["prompt"], 0), (["doctor"], None),
                              (["note", "--summary", "x"], 2), (["goal", "y"], 2), (["backup", "--output", str(mount / "b")], 2),
                              (["export", "--output", str(mount / "e")], 2), (["export", "--output", str(temp / "e")], 0), (["pin", "src/a.py"], 2)):
            done = subprocess.run([binary, *command, "--project-root", str(root)], capture_output=True, env=trial.environment(home))
            said = done.stderr.decode()
            runs += 1
            tally.check(code is None and done.returncode in (0, 1) or done.returncode == code, f"read-only: {command}: ended with {done.returncode}: {said}")
            if done.returncode == 2:
                tally.check("read-only" in said.lower() and "`" in said, f"read-only: {command}: says {said}")
        tally.check(before == {p: p.read_bytes() for p in root.rglob("*") if p.is_file()}, "read-only: something changed")
    finally:
        subprocess.run(["umount", str(mount)], check=True)
    print(f"{runs} runs on full and read-only disks")


def fill(path, room):
    """Fills the disk up to so many bytes of room."""
    with open(path, "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            pass
        file.truncate(max(0, file.tell() - room))


if __name__ == "__main__":
    main()
