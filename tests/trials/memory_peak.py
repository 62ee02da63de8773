"""Hostile inputs take no more memory than a stated bound: each is made or taken
from a folder, given to the command that reads it, and the greatest memory of
the program and of every process that it starts is compared with that of the
same command on a harmless input.

Made here: archives with long names, extended headers, windows, manifests and
empty files; indexes of git whose names share their beginnings; imports with
long lines, many records and deep nesting; databases with a large schema or
large values; ignore rules, settings, records, commits' messages and
transcripts of great size. With --inputs, also every `*.tar.zst` and `*.jsonl`
of a folder.

Above the harmless run no command may take more than --bound MB (256), and
none may end with a signal, a panic or after more than --patience seconds.
"""

import json
import os
import pathlib
import random
import resource
import sqlite3
import struct
import subprocess
import sys
import tarfile
import time
import io

import trial

MB = 1 << 20


def block(last, kind, size, data):
    return (last | (kind << 1) | (size << 3)).to_bytes(3, "little") + data


def frame(*blocks):
    """A zstd frame of blocks, which are bytes or (byte, times)."""
    out = b"\x28\xb5\x2f\xfd\x00\x58"
    for at, one in enumerate(blocks):
        last = at + 1 == len(blocks)
        if isinstance(one, bytes):
            pieces = [one[i:i + 100_000] for i in range(0, len(one), 100_000)] or [b""]
            out += b"".join(block(last and i + 1 == len(pieces), 0, len(p), p) for i, p in enumerate(pieces))
        else:
            byte, times = one
            while times > 0:
                size = min(times, 131_072)
                times -= size
                out += block(last and times == 0, 1, size, byte)
    return out


def header(name, size, kind):
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info.tobuf(tarfile.GNU_FORMAT)


END = b"\0" * 1024


def archives():
    large = 2 << 30
    yield "long name", frame(header("././@LongLink", large, b"L"), (b"A", large), header("config.toml", 0, b"0") + END)
    yield "long link", frame(header("././@LongLink", large, b"K"), (b"A", large), header("config.toml", 0, b"0") + END)
    yield "pax header", frame(header("./PaxHeaders/x", large, b"x"), (b"1", large), header("config.toml", 0, b"0") + END)
    yield "global pax header", frame(header("x", large, b"g"), (b"1", large), END)
    yield "a large file of nothing", frame(header("memory/x.md", large, b"0"), (b"\0", large), END)
    yield "a large manifest", frame(header("manifest.json", large, b"0"), (b" ", large), END)
    text = b'{"waypost":"backup 1","tree":1,"files":{' + b",".join(b'"%d":""' % n for n in range(2_000_000)) + b"}}"
    yield "a manifest of many files", frame(header("manifest.json", len(text), b"0"), text + b"\0" * (-len(text) % 512) + END)
    many = b"".join(header(f"memory/{n}", 0, b"0") for n in range(60_000))
    yield "many empty files", frame(many + END)
    # A window of 2 GB, as the first byte behind the descriptor says.
    yield "a large window", b"\x28\xb5\x2f\xfd\x00\xa8" + block(1, 1, 131_072, b"A")
    yield "names one after another", frame(b"".join(header("././@LongLink", 512, b"L") + b"a" * 512 for _ in range(1000)) + END)


def entry(kept, more):
    stat = struct.pack(">10I", *[0] * 6, 0o100644, 0, 0, 0)
    offset, digits = kept, []
    digits.append(offset & 0x7f)
    while offset := offset >> 7:
        offset -= 1
        digits.append(0x80 | (offset & 0x7f))
    return stat + bytes(20) + b"\0\0" + bytes(reversed(digits)) + more + b"\0"


def index(entries):
    body = b"".join(entries)
    return b"DIRC" + struct.pack(">II", 4, len(entries)) + body + bytes(20)


def indexes():
    yield "one long name, then longer ones", index([entry(0, b"a" * 60_000)] + [entry(0, b"a") for _ in range(60_000)])
    yield "names as long as a path may be", index([entry(0, b"a" * 4_000)] + [entry(0, b"") for _ in range(60_000)])
    yield "a million names", index([entry(0, b"a")] + [entry(1, f"{n:07}".encode()) for n in range(1_400_000)])
    yield "a count without entries", b"DIRC" + struct.pack(">II", 2, 2**32 - 1) + bytes(20)
    yield "an extension of any length", b"DIRC" + struct.pack(">II", 2, 0) + b"TREE" + struct.pack(">I", 2**32 - 1) + bytes(20)
    yield "the greatest file that is read", index([entry(0, b"a")] + [entry(1, f"{n:06}".encode() * 10) for n in range(700_000)])


HEAD = '{"waypost":"memory","version":1}\n'


def imports():
    yield "one long line", (HEAD + "x" * (63 * MB)).encode()
    yield "deep nesting", (HEAD + "[" * (60 * MB)).encode()
    yield "many lines", (HEAD + "{}\n" * (20 * MB)).encode()
    history = ",".join('{"revision":%d,"event":"added","at":"2026","hash":null,"text":null}' % n for n in range(1, 600_000))
    yield "a long history", (HEAD + '{"id":"1m8p3mhjxec3e511","record":null,"history":[%s]}\n{"end":1}\n' % history).encode()
    marks = "".join('{"id":"1m8p3mhjxec%05d","record":null,"history":[{"revision":1,"event":"erased","at":"2026","hash":null,"text":null}]}\n' % n
                    for n in range(99_000))
    yield "many marks", (HEAD + marks + '{"end":99000}\n').encode()


def measure(binary, root, home, patience, *arguments):
    """Exit code, megabytes of the largest process, seconds, what was said."""
    command = [binary, *arguments, "--project-root", str(root)]
    code = (
        "import json,resource,subprocess,sys\n"
        "done=subprocess.run(sys.argv[2:],capture_output=True,timeout=float(sys.argv[1]))\n"
        "most=resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss//1024\n"
        "print(json.dumps([done.returncode,most,(done.stdout+done.stderr).decode(errors='replace')[-400:]]))\n"
    )
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code, str(patience), *command], capture_output=True, cwd=root, env=trial.environment(home))
    if done.returncode:
        return None, 0, time.monotonic() - started, done.stderr.decode()[-300:]
    code, most, said = json.loads(done.stdout)
    return code, most, time.monotonic() - started, said


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("--bound", type=int, default=256)
    parser.add_argument("--patience", type=float, default=120)
    parser.add_argument("--inputs", type=pathlib.Path)
    arguments = parser.parse_args()
    tally = trial.Tally()
    with trial.scratch() as (folder, home):
        root = folder / "project"
        root.mkdir()
        (root / "a.py").write_text("def a():\n    return 1\n")
        trial.git(root, "init", "-q", "-b", "main")
        trial.git(root, "add", "-A")
        trial.git(root, "commit", "-q", "-m", "Start")
        run = lambda *words: measure(arguments.binary, root, home, arguments.patience, *words)
        trial.run(arguments.binary, root, home, "snapshot", "--goal", "x")
        idle = {}

        def idle_of(*words):
            if words[0] not in idle:
                idle[words[0]] = run(*words)[1]
            return idle[words[0]]

        def check(title, harmless, *words):
            base = idle_of(*harmless)
            code, most, seconds, said = run(*words)
            title = f"{words[0]}: {title}"
            print(f"{most - base:6} MB above {base} MB, {seconds:5.1f} s, ended with {code}: {title}", flush=True)
            tally.check(code in (0, 1, 2) and "panicked" not in said, f"{title}: {code}: {said}")
            tally.check(most - base <= arguments.bound, f"{title}: {most - base} MB")

        good = folder / "good.tar.zst"
        trial.run(arguments.binary, root, home, "backup", "--output", str(good))
        bad = folder / "bad"
        for title, bytes in archives():
            bad.write_bytes(bytes)
            check(title, ("restore-backup", str(good)), "restore-backup", str(bad), "--yes")
        export = folder / "good.jsonl"
        trial.run(arguments.binary, root, home, "export", "--output", str(export))
        for title, bytes in imports():
            bad.write_bytes(bytes)
            check(title, ("import", "--file", str(export)), "import", "--file", str(bad), "--dry-run")
        if arguments.inputs:
            for path in sorted(arguments.inputs.iterdir()):
                if path.name.endswith(".tar.zst"):
                    check(path.name, ("restore-backup", str(good)), "restore-backup", str(path), "--yes")
                elif path.suffix == ".jsonl":
                    check(path.name, ("import", "--file", str(export)), "import", "--file", str(path), "--dry-run")
        git_index = root / ".git/index"
        kept = git_index.read_bytes()
        idle_of("snapshot"), idle_of("status")
        for title, bytes in indexes():
            git_index.write_bytes(bytes)
            for command in ("snapshot", "status"):
                check(title, (command,), command)
        git_index.write_bytes(kept)
        database = root / ".waypost/local/waypost.db"
        sound = database.read_bytes()
        for title, sql in [
            ("many tables", [f"CREATE TABLE t{n} (a, b, c)" for n in range(5_000)]),
            ("a long definition", [f"CREATE TABLE t{n} (a DEFAULT '{'x' * 900_000}')" for n in range(120)]),
            ("many columns", [f"CREATE TABLE t{n} ({', '.join(f'c{m}' for m in range(1_900))})" for n in range(300)]),
            ("a large value", ["UPDATE snapshot SET goal = printf('%.*c', 900000000, 'x')"]),
            ("large values", [f"INSERT INTO history VALUES ('{n}', zeroblob(120000000))" for n in range(4)]),
            ("a large history", ["UPDATE content SET data = zeroblob(200000000)"]),
        ]:
            for left in database.parent.glob("waypost.db-*"):
                left.unlink()
            database.write_bytes(sound)
            connection = sqlite3.connect(database)
            for statement in sql:
                connection.execute(statement)
            connection.commit()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()
            planted = database.read_bytes() if database.stat().st_size < 600 * MB else None
            check(title, ("snapshots",), "snapshots")
            check(title, ("snapshot",), "snapshot")
            if planted is not None:
                for left in database.parent.glob("waypost.db*"):
                    left.unlink()
                database.write_bytes(planted)
                check(title, ("doctor",), "doctor", "--fix")
            for left in database.parent.glob("waypost.db*"):
                left.unlink()
        trial.run(arguments.binary, root, home, "snapshot")
        for name, text in [(".waypost/config.toml", "x" * (300 * MB)), (".waypost/memory/x.md", "+++\n" + "x" * (300 * MB)),
                           (".waypost/handoff.json", "[" * (300 * MB)), (".gitignore", "x" * (15 * MB)),
                           (".waypost/local/import.jsonl", HEAD + "[" * (200 * MB))]:
            path = root / name
            kept = path.read_bytes() if path.exists() else None
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
            check(f"a large {name}", ("snapshot",), "snapshot")
            check(f"a large {name}", ("notes",), "notes")
            path.unlink()
            if kept is not None:
                path.write_bytes(kept)
        (root / "b.py").write_text("def b(): ...\n")
        for size in (220, 660):
            (folder / "message").write_text("x\n\n" + "long words\n" * (size * MB // 11))
            made = trial.git(root, "commit-tree", "HEAD^{tree}", "-p", "HEAD", "-F", str(folder / "message"))
            trial.git(root, "reset", "-q", made)
            check(f"a commit's message of {size} MB", ("snapshot",), "snapshot", "--goal", "b")
            check(f"a commit's message of {size} MB", ("status",), "status")
    tally.end()


if __name__ == "__main__":
    main()
