"""Crafted databases: each of many mutations of schema and rows is refused or
set aside, none is used, none holds a command up, and the next command works.

A database is made by the program, changed by one to three statements drawn at
random (versions, tables, views, triggers, columns, values of another kind or
out of range, bytes of pages, pieces cut off), and put back in its place, as if
it was damaged there, or into another project, as if it came with a clone. Then
`snapshots`, `snapshot`, `search` and `doctor --fix` run on it.

- No command takes longer than --patience seconds or ends with a signal or panic.
- After `snapshot` or `doctor --fix`, `snapshot`, `note` and `snapshots` end with 0.
- What was planted elsewhere is never shown, and its file is kept byte for byte.
- A sound database that nobody changed is never set aside (one in ten).
"""

import os
import pathlib
import random
import shutil
import sqlite3
import subprocess
import time

import trial

MARK = "Planted by somebody"
VALUES = ["NULL", "''", "'text'", "x'ff'", "x''", "-1", "1.5", "9223372036854775807", "-9223372036854775808",
          "'../../etc'", "zeroblob(100000)", "CAST(x'c3' AS TEXT)", f"'{MARK}'", "4294967296"]


def tables(connection):
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'")
    return [name for (name,) in rows]


def columns(connection, table):
    return [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]


def statement(rng, connection):
    """One change as SQL, and whether it alone makes the database unusable."""
    table = rng.choice(tables(connection))
    kind = rng.choice(["version", "drop", "view", "trigger", "table", "index", "column", "rename", "value", "value",
                       "value", "value", "delete", "sequence", "schema", "shadow"])
    if kind == "version":
        return f"PRAGMA user_version = {rng.choice([0, 1, 2, 3, 5, 8, 9, 11, 99, -1, 2**31 - 1])}", True
    if kind == "drop":
        return f'DROP TABLE "{table}"', True
    if kind == "view":
        return f"CREATE VIEW v{rng.randrange(9)} AS SELECT '{MARK}' AS goal", True
    if kind == "trigger":
        return f'CREATE TRIGGER t{rng.randrange(9)} AFTER INSERT ON "{table}" BEGIN DELETE FROM record_event; END', True
    if kind == "table":
        return f"CREATE TABLE more{rng.randrange(9)} (a, b)", True
    if kind == "index":
        return f'CREATE INDEX i{rng.randrange(9)} ON "{table}"("{rng.choice(columns(connection, table))}")', True
    if kind == "column":
        return f'ALTER TABLE "{table}" ADD COLUMN c{rng.randrange(9)}', True
    if kind == "rename":
        return f'ALTER TABLE "{table}" RENAME TO "{table}_x"', True
    if kind == "sequence":
        return f"UPDATE sqlite_sequence SET seq = {rng.choice(VALUES)}", False
    if kind == "delete":
        return f'DELETE FROM "{table}"', False
    if kind == "shadow":
        return "UPDATE code_fts_data SET block = x'00112233'", False
    if kind == "schema":
        how = rng.choice(["sql = sql || ' '", "sql = NULL", "name = name || 'x'", "rootpage = rootpage + 1", "type = 'view'",
                          "sql = 'CREATE TABLE x(y)'"])
        return f"PRAGMA writable_schema = ON; UPDATE sqlite_master SET {how} WHERE name = '{table}'", False
    return f'UPDATE OR IGNORE "{table}" SET "{rng.choice(columns(connection, table))}" = {rng.choice(VALUES)}', False


def mutate(rng, path):
    """Changes the file; gives what was done."""
    if rng.random() < 0.15:
        data = bytearray(path.read_bytes())
        how = rng.choice(["flip", "cut", "fill", "page"])
        if how == "flip":
            for _ in range(rng.choice([1, 10, 1000])):
                data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        elif how == "cut":
            del data[rng.randrange(len(data)):]
        elif how == "fill":
            at = rng.randrange(len(data))
            data[at:at + 5000] = bytes([rng.randrange(256)]) * len(data[at:at + 5000])
        else:
            page, other = (rng.randrange(len(data) // 4096) * 4096 for _ in range(2))
            data[page:page + 4096] = data[other:other + 4096]
        path.write_bytes(data)
        return how
    done = []
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = OFF")
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        try:
            sql, _ = statement(rng, connection)
            connection.executescript(sql)
            done.append(sql)
        except sqlite3.Error as error:
            done.append(f"({error})")
            break
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error:
        pass
    connection.close()
    return "; ".join(done)


class Ended(Exception):
    pass


def run(binary, root, home, patience, tally, title, *arguments):
    command = [binary, *arguments, "--project-root", str(root)]
    started = time.monotonic()
    try:
        done = subprocess.run(command, capture_output=True, cwd=root, env=trial.environment(home), timeout=patience)
    except subprocess.TimeoutExpired:
        tally.check(False, f"{title}: `{arguments[0]}` takes longer than {patience} s")
        raise Ended from None
    text = (done.stdout + done.stderr).decode(errors="replace")
    tally.check(done.returncode in (0, 1, 2) and "panicked" not in text, f"{title}: `{arguments[0]}`: {done.returncode}: {text[-300:]}")
    run.slowest = max(run.slowest, time.monotonic() - started)
    return done.returncode, text


run.slowest = 0


def fill(binary, root, home, goal):
    root.mkdir()
    (root / "a.py").write_text("def a():\n    return 1\n")
    (root / "b.py").write_text("import a\n\ndef b():\n    return a.a()\n")
    trial.run(binary, root, home, "snapshot", "--goal", goal)
    trial.run(binary, root, home, "note", "--summary", "Keep locks short", "--anchor", "a.py")
    trial.run(binary, root, home, "search", "locks")
    (root / "a.py").write_text("def a():\n    return 2\n")
    trial.run(binary, root, home, "snapshot")


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("--mutations", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patience", type=float, default=60)
    arguments = parser.parse_args()
    binary, tally = arguments.binary, trial.Tally()
    counts = {"set aside": 0, "refused": 0, "used as it was": 0, "rows only, sound": 0}
    with trial.scratch() as (folder, home):
        fill(binary, folder / "ours", home, "Ours")
        other = folder / "home of another"
        other.mkdir()
        fill(binary, folder / "theirs", other, MARK)
        pristine = {name: (folder / name / ".waypost/local/waypost.db").read_bytes() for name in ("ours", "theirs")}
        backup = folder / "waypost"
        shutil.copytree(folder / "ours" / ".waypost", backup)
        for number in range(arguments.mutations):
            rng = random.Random(f"{arguments.seed}/{number}")
            root, is_theirs = folder / "ours", rng.random() < 0.4
            shutil.rmtree(root / ".waypost")
            shutil.copytree(backup, root / ".waypost")
            database = root / ".waypost/local/waypost.db"
            for left in root.glob(".waypost/local/waypost.db-*"):
                left.unlink()
            database.write_bytes(pristine["theirs" if is_theirs else "ours"])
            is_changed = rng.random() < 0.9
            done = mutate(rng, database) if is_changed else "nothing"
            title = f"{number} ({'theirs' if is_theirs else 'ours'}: {done})"
            planted = database.read_bytes()
            try:
                ask = lambda *words: run(binary, root, home, arguments.patience, tally, title, *words)
                said = [ask("snapshots"), ask("snapshot" if number % 2 else "doctor", *([] if number % 2 else ["--fix"])),
                        ask("search", "locks"), ask("snapshot"), ask("note", "--summary", f"n{number}"), ask("snapshots")]
            except Ended:
                continue
            text = "".join(text for _, text in said)
            aside = [path for path in root.glob(".waypost/local/waypost.db.*-*") if not path.name.endswith(("-wal", "-shm"))]
            # A newer version is refused, whoever made it, until somebody moves it away.
            if "use a newer waypost" in text:
                counts["refused"] += 1
                tally.check(database.read_bytes() == planted, f"{title}: refused and changed")
            else:
                codes = [code for code, _ in said[3:]]
                tally.check(codes == [0, 0, 0], f"{title}: goes on to fail: {codes}: {said[-1][1][-300:]}")
                counts["set aside" if aside else "rows only, sound" if is_changed else "used as it was"] += 1
            if is_theirs:
                tally.check(MARK not in text, f"{title}: what was planted is shown: {text[-600:]}")
                if "use a newer waypost" not in text:
                    tally.check(any(path.read_bytes() == planted for path in aside), f"{title}: not kept as it was")
            if not is_changed and not is_theirs:
                tally.check(not aside, f"{title}: a sound one was set aside")
    print(", ".join(f"{number} {what}" for what, number in counts.items()), f"; the slowest command took {run.slowest:.1f} s", sep="")
    tally.end()


if __name__ == "__main__":
    main()
