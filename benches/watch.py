#!/usr/bin/env python3
"""What `waypost watch` costs: from a save to the new handoff, while nothing
happens, and how far apart the events of one change are.

Usage: watch.py latency --binary WAYPOST TREE [--saves N] [--debounce MS] [--json]
       watch.py idle --binary WAYPOST TREE [--minutes N]
       watch.py gaps TREE

TREE is copied, never written to.

`latency` changes a signature that the handoff shows and waits until the handoff
on disk has it: the time from the end of the last write, with the settle time
taken off, as p50, p90, p99 and maximum, and the same for the `snapshot` event.

`idle` counts processor time, system calls that read, and memory while nothing
happens.

`gaps` shows how far apart the events of one change are (a branch switch, a copy
of a folder, an editor's save): the quiet time must be longer. Linux only.

Python's standard library and git only.
"""

import argparse
import ctypes
import json
import os
import pathlib
import random
import re
import select
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests/trials"))
import trial  # noqa: E402
import watching  # noqa: E402

SIGNATURE = re.compile(r"\b((?:def|fn|func|function|void|int|bool)\s+\w+\()")


def shown_places(root):
    """Signatures that the handoff shows, and the files where they stand."""
    page = json.loads((root / ".waypost/handoff.json").read_text())
    found = []
    for entry in page.get("focus", []) + page.get("map", []):
        text = (root / entry["path"]).read_text(errors="replace")
        heads = {match.group(1) for symbol in entry.get("symbols", []) for match in SIGNATURE.finditer(symbol)}
        found += [(root / entry["path"], head) for head in sorted(heads) if text.count(head) == 1]
    return found


def quantile(values, part):
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


def latency(arguments, root, home):
    binary = str(pathlib.Path(arguments.binary).resolve())
    watch = watching.Watch(binary, root, home, "--debounce-ms", arguments.debounce).ready()
    places = shown_places(root)
    if not places:
        sys.exit("the handoff shows no signature that can be changed")
    rng = random.Random(1)
    handoffs, events = [], []
    page = root / ".waypost/handoff.md"
    for n in range(arguments.saves + 5):
        watch.settle(quiet=0.25)
        path, head = rng.choice(places)
        added = f"int w{n}, " if path.suffix in (".c", ".h") else f"w{n}=0, "
        text = re.sub(re.escape(head) + r"((?:int )?w\d+(?:=0)?, )?", head + added, path.read_text(errors="surrogateescape"), count=1)
        old, seen = page.stat().st_ino, len(watch.of("snapshot"))
        path.write_text(text, errors="surrogateescape")
        start = time.monotonic()
        while page.stat().st_ino == old and time.monotonic() < start + 30:
            time.sleep(0.0005)
        handoff = time.monotonic() - start - arguments.debounce / 1_000
        watch.until(lambda: len(watch.of("snapshot")) > seen, 30)
        event = watch.of("snapshot")[-1]["_at"] - start - arguments.debounce / 1_000
        # The first ones warm things up.
        if n >= 5 and added.rstrip(", ") in page.read_text():
            handoffs.append(1_000 * handoff)
            events.append(1_000 * event)
    memory = memory_of(watch.process.pid)
    watch.stop()
    for name, values in (("handoff on disk", handoffs), ("snapshot event", events)):
        row = {f"p{p}": round(quantile(values, p / 100), 1) for p in (50, 90, 99)} | {"max": round(max(values), 1)}
        print(json.dumps({"what": name, "saves": len(values), **row}) if arguments.json
              else f"{name}: {len(values)} saves, " + ", ".join(f"{k} {v} ms" for k, v in row.items()))
    print(f"memory: {memory}")


def memory_of(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    found = dict(re.findall(r"^(VmHWM|VmRSS):\s+(\d+) kB", status, re.M))
    return f"{int(found['VmRSS']) / 1024:.0f} MB, at most {int(found['VmHWM']) / 1024:.0f} MB"


def idle(arguments, root, home):
    binary = str(pathlib.Path(arguments.binary).resolve())
    watch = watching.Watch(binary, root, home).ready()
    watch.settle(quiet=3)
    pid = watch.process.pid

    def reads():
        io = dict(line.split(": ") for line in pathlib.Path(f"/proc/{pid}/io").read_text().splitlines())
        return int(io["syscr"]), int(io["rchar"])

    work, (calls, count), start = watch.work(), reads(), time.monotonic()
    time.sleep(60 * arguments.minutes)
    spent, took = (watch.work() - work) / os.sysconf("SC_CLK_TCK"), time.monotonic() - start
    calls, count = reads()[0] - calls, reads()[1] - count
    told = [event["event"] for event in watch.events if event["_at"] > start]
    print(f"{took:.0f} s idle: {spent:.2f} s of processor time ({100 * spent / took:.3f} %), "
          f"{calls} reads of {count} bytes, {memory_of(pid)}, events {told}")
    watch.stop()


def gaps(arguments, root, home):
    """Gaps between events, by inotify(7) itself."""
    libc = ctypes.CDLL(None, use_errno=True)
    queue = libc.inotify_init1(os.O_NONBLOCK)
    mask = 0x2 | 0x4 | 0x8 | 0x40 | 0x80 | 0x100 | 0x200

    def watch_all():
        for folder, folders, _ in os.walk(root):
            folders[:] = [f for f in folders if f != ".git"]
            libc.inotify_add_watch(queue, os.fsencode(folder), mask)

    def measured(name, run):
        watch_all()
        process = subprocess.Popen(run, shell=True, cwd=root, env=trial.environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        times, ended = [], None
        while ended is None or time.monotonic() < ended + 0.3:
            if select.select([queue], [], [], 0.05)[0]:
                os.read(queue, 1 << 16)
                times.append(time.monotonic())
            if ended is None and process.poll() is not None:
                ended = time.monotonic()
        between = [1_000 * (b - a) for a, b in zip(times, times[1:])]
        if between:
            print(f"{name}: {len(times)} reads of events over {times[-1] - times[0]:.2f} s, gaps p50 {statistics.median(between):.2f} ms, "
                  f"p99 {quantile(between, 0.99):.1f} ms, longest {max(between):.1f} ms", flush=True)

    first = sorted(p for p in root.iterdir() if p.is_dir() and p.name != ".git")[0].name
    some = next(str(p.relative_to(root)) for p in sorted(root.rglob("*.py")))
    measured("branch switch, 200 commits back", "git checkout -q HEAD~200")
    measured("and forth", "git checkout -q -")
    measured("copy of the whole tree into it", "mkdir zz && cp -r [!z]* zz/")
    measured("removal of it", "rm -rf zz")
    measured("unpacked archive", "git archive HEAD | tar -x -C . --one-top-level=unpacked")
    measured("save in place", f"printf '#\\n' >> {some}")
    measured("sed -i", f"sed -i s/import/import/ {some}")
    measured("sed -i on a folder", f"find {first} -name '*.py' | xargs sed -i s/import/import/")
    if shutil.which("vim"):
        measured("vim", f"vim -es -c 'normal Gox' -c wq {some}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["latency", "idle", "gaps"])
    parser.add_argument("tree", type=pathlib.Path)
    parser.add_argument("--binary")
    parser.add_argument("--saves", type=int, default=200)
    parser.add_argument("--debounce", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temp:
        temp = pathlib.Path(temp).resolve()
        home = temp / "home"
        home.mkdir()
        root = trial.copy(arguments.tree.resolve(), temp / arguments.tree.name)
        {"latency": latency, "idle": idle, "gaps": gaps}[arguments.what](arguments, root, home)


if __name__ == "__main__":
    main()
