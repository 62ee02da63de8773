"""What the trials of `watch` share: a running watch with its events, when it
is settled, and whether what it wrote is what a fresh snapshot writes. Not a
trial itself."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import threading
import time

import trial

# Longer than a watch waits for git after a look during which it moved the work
# tree (`AT_WORK` in `src/watch/mod.rs`): the handoff is written after that.
UNHELD = 2.0


class Watch:
    """A `waypost watch --json` with what it said so far."""

    def __init__(self, binary, root, home, *arguments, wrapper=(), **more):
        self.root, self.events, self.at = pathlib.Path(root), [], time.monotonic()
        command = [*wrapper, binary, "watch", "--json", "--project-root", str(root), *map(str, arguments)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            cwd=root, env=trial.environment(home, **more),
        )
        self.said = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        threading.Thread(target=self._listen, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            event = json.loads(line)
            event["_at"] = self.at = time.monotonic()
            self.events.append(event)

    def _listen(self):
        for line in self.process.stderr:
            self.said.append(line.decode(errors="replace"))

    def of(self, kind):
        return [event for event in list(self.events) if event["event"] == kind]

    def until(self, condition, seconds=120):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end or self.process.poll() is not None:
                return False
            time.sleep(0.005)
        return True

    def ready(self, seconds=300):
        if not self.until(lambda: self.of("ready"), seconds):
            raise SystemExit(f"watch does not get ready: {self.process.poll()} {''.join(self.said)} {self.events[-3:]}")
        return self

    def is_busy(self):
        """Whether a thread runs, waits for a processor or the disk, or a child is there."""
        own = str(self.process.pid)
        try:
            for task in os.scandir(f"/proc/{own}/task"):
                if stat(task.path)[0] != "S":
                    return True
            children = [stat(entry.path) for entry in os.scandir("/proc") if entry.name.isdigit()]
            # Parsers sleep between looks; git ends.
            return any(parent == own and (state != "S" or name == "git") for state, parent, name in children)
        except OSError:
            return True

    def work(self):
        """Processor time so far, in ticks."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    def settle(self, quiet=0.6, seconds=600):
        """Waits until it says nothing and does nothing for a while, however
        little of the machine it gets."""
        start = since = time.monotonic()
        while time.monotonic() - max(since, self.at) < quiet:
            time.sleep(0.03)
            if self.is_busy():
                since = time.monotonic()
            if time.monotonic() > start + seconds or self.process.poll() is not None:
                return False
        return True

    def stop(self, number=signal.SIGTERM, seconds=30):
        """Ends it; gives its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.reader.join(10)
        return code


def sources(root):
    """Files that a person edits, sorted."""
    edited = (p for p in root.rglob("*") if p.suffix in (".py", ".rs", ".md") and p.is_file())
    return sorted(p for p in edited if ".git" not in p.parts)


def stat(process):
    """State, parent and name of a process or a thread."""
    try:
        name, rest = pathlib.Path(process, "stat").read_text().split("(", 1)[1].rsplit(")", 1)
        return rest.split()[:2] + [name]
    except (OSError, IndexError):
        return ["S", "", ""]


def state(binary, root, home):
    """Both handoff files, the live part and the file table of the last snapshot."""
    folder = pathlib.Path(root) / ".waypost"
    shown = trial.report(binary, root, home, "show-snapshot")
    return {
        "handoff.md": (folder / "handoff.md").read_bytes(),
        "handoff.json": (folder / "handoff.json").read_bytes(),
        # Without git it tells what changed since the last snapshot, which a fresh one has not.
        "now.md": (folder / "local/now.md").read_bytes() if (folder.parent / ".git").exists() else b"",
        "files": shown["files"],
        "skipped": shown["skipped"],
    }


def fresh(binary, root, home, *arguments):
    """The same of a snapshot that knows nothing of what was before."""
    folder = pathlib.Path(root) / ".waypost"
    shutil.rmtree(folder / "local")
    for name in ("handoff.md", "handoff.json"):
        (folder / name).unlink()
    trial.run(binary, root, home, "snapshot", *arguments)
    return state(binary, root, home)


def differences(found, wanted):
    """What differs, in words; empty when nothing does."""
    told = []
    for what in wanted:
        if found[what] == wanted[what]:
            continue
        if isinstance(wanted[what], bytes):
            before, after = (set(x[what].decode().splitlines()) for x in (found, wanted))
        else:
            before, after = ({json.dumps(row, sort_keys=True) for row in x[what]} for x in (found, wanted))
        told.append(f"{what}: only watch {sorted(before - after)[:4]}, only fresh {sorted(after - before)[:4]}")
    return told


def strays(root, now=None):
    """Files of ours that should not be there when nothing runs."""
    folder = pathlib.Path(root) / ".waypost"
    return [str(p.relative_to(folder)) for p in folder.rglob("*")
            if p.name.endswith((".tmp", "-wal", "-shm", "-journal", ".lock")) or p.name.startswith(".tmp")]


def is_equal_to_fresh(watch, binary, root, home, tally, what):
    """Ends a settled watch and compares what it left with a fresh snapshot."""
    settled = watch.settle(quiet=UNHELD)
    tally.check(settled, f"{what}: it does not settle")
    code = watch.stop()
    tally.check(code == 143, f"{what}: ended with {code}: {''.join(watch.said)[-500:]}")
    last = watch.events[-1] if watch.events else {}
    tally.check(last.get("event") == "stopped", f"{what}: its last word is {last}")
    tally.check(not strays(root), f"{what}: left behind {strays(root)}")
    told = differences(state(binary, root, home), fresh(binary, root, home))
    return tally.check(not told, f"{what}: {'; '.join(told)}")
