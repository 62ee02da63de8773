#!/usr/bin/env python3
"""What leaves a project's memory and comes into another one, and what is erased.

Usage: transfer.py --binary WAYPOST TREE [--records N] [--erased N] [--seed N]

TREE is cloned twice. One clone gets N records with all fields, anchors, links,
edits, roll-backs and deletions. Then
- its export, imported into the other clone and exported there, is byte-equal;
  importing it again changes no file; links lead to the same records, anchors
  have the same verdicts, also after an edit, another title, and an index that is
  built from the files alone;
- 100 MB, a million lines, cut, touched, doubled and slipping imports, archives
  that lead out, and hostile front matter are refused or told with a reason, and
  nothing changes;
- of N erased records no word is in any file of `.waypost`, nor after a rebuild.
"""

import argparse
import io
import json
import pathlib
import random
import shutil
import string
import subprocess
import tarfile
import tempfile
import zipfile

import trial

KINDS = ["decision", "lesson", "fact", "question", "preference", "observation", "diary"]
ODD = ["plain", "naïve café", "数据库", "a | b", "`code`", "- item\n- item", "## Rationale", "\\## Impact", "line\n\nline", "+++", "<b>&amp;", "'\"\\"]


def files(root):
    folder = root / ".waypost"
    return {p.relative_to(folder): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file() and "local" not in p.parts}


def fill(binary, root, home, rng, count, paths):
    ids = []
    for n in range(count):
        text = lambda: f"{rng.choice(ODD)} {n} {rng.choice(ODD)}"
        arguments = ["note", "--kind", rng.choice(KINDS), "--summary", f"Number {n}: {rng.choice(ODD[:6]).splitlines()[0]}", "--body", text()]
        for flag in ("--rationale", "--impact", "--alternative", "--section", "--tag", "--author"):
            if rng.random() < 0.5:
                value = text() if flag in ("--rationale", "--impact", "--alternative") else f"{flag[2:]} {rng.randrange(9)}"
                arguments += [flag, value]
        if rng.random() < 0.5:
            arguments += ["--anchor", rng.choice(paths)]
        if ids and rng.random() < 0.4:
            arguments += ["--link", f"{rng.choice(['relates', 'contradicts', 'caused-by'])}:{rng.choice(ids)}"]
        if rng.random() < 0.3:
            arguments += ["--slug", f"slug-{n}"]
        if rng.random() < 0.5:
            arguments += ["--confidence", f"{rng.random():.2f}"]
        ids.append(trial.run(binary, root, home, *arguments).decode().strip())
    for id in rng.sample(ids, count // 4):
        trial.run(binary, root, home, "edit", id, "--rationale", rng.choice(ODD), "--confidence", f"{rng.random():.2f}")
    for id in rng.sample(ids, count // 20):
        trial.run(binary, root, home, "rollback", id, "1")
    gone = rng.sample(ids, count // 20)
    trial.run(binary, root, home, "forget", *gone, "--yes")
    return [id for id in ids if id not in gone]


def facts(binary, root, home):
    """Links and anchors with their verdicts."""
    notes = trial.report(binary, root, home, "notes", "--all")["notes"]
    return {n["id"]: (n["links"], [(a["path"], a["symbol"], a["state"]) for a in n["anchors"]]) for n in notes}


def export(binary, root, home, path):
    trial.run(binary, root, home, "export", "--output", str(path))
    return path.read_bytes()


def round_trip(binary, one, other, home, temp, tally, ids):
    first = export(binary, one, home, temp / "one.jsonl")
    trial.run(binary, other, home, "import", "--file", str(temp / "one.jsonl"))
    tally.check(export(binary, other, home, temp / "other.jsonl") == first, "the export differs after an import elsewhere")
    tally.check(facts(binary, other, home) == facts(binary, one, home), "links or anchors differ after an import")
    before = files(other)
    trial.run(binary, other, home, "import", "--file", str(temp / "one.jsonl"))
    tally.check(files(other) == before, "importing again changes files")
    tally.check(export(binary, other, home, temp / "again.jsonl") == first, "importing again changes the export")
    wanted = facts(binary, other, home)
    for id in ids[:10]:
        trial.run(binary, other, home, "edit", id, "--summary", f"Renamed {id}")
    tally.check(facts(binary, other, home) == wanted, "links or anchors differ after an edit")
    for path in list((other / ".waypost/memory").glob("*.md"))[:10]:
        path.rename(path.with_name(f"{path.stem}-again.md"))
    tally.check(facts(binary, other, home) == wanted, "links or anchors differ after files were renamed")
    shutil.rmtree(other / ".waypost/local")
    tally.check(facts(binary, other, home) == wanted, "links or anchors differ after a rebuild")
    return first


def refused(binary, root, home, tally, what, *arguments):
    before = files(root)
    done = subprocess.run([binary, *arguments, "--project-root", str(root)], capture_output=True, cwd=root, env=trial.environment(home))
    told = done.stderr.decode(errors="replace").strip()
    tally.check(done.returncode == 2 and told.startswith("error: "), f"{what}: ends with {done.returncode}: {told[:200]}")
    tally.check(files(root) == before, f"{what}: something changed")
    print(f"{what}: {told.splitlines()[0][:160] if told else told}", flush=True)


def hostile(binary, root, home, temp, tally, text):
    bad = temp / "bad.jsonl"
    lines = text.decode().splitlines()
    record = next(line for line in lines if '"id":"' in line)
    big = json.loads(record)

    def attempt(what, content):
        bad.write_bytes(content if isinstance(content, bytes) else content.encode())
        refused(binary, root, home, tally, what, "import", "--file", str(bad))

    attempt("100 MB in one line", lines[0] + "\n" + json.dumps({**big, "x": "y" * 100_000_000}))
    attempt("100 MB of records", lines[0] + "\n" + "\n".join([record] * (100_000_000 // len(record))))
    attempt("a million lines", lines[0] + "\n" + "{}\n" * 1_000_000)
    attempt("a million records", lines[0] + "\n" + "".join(record.replace(big["id"], f"{n:016d}") + "\n" for n in range(1_000_000)) if len(record) < 60 else lines[0] + "\n" + '{"id":"x"}\n' * 1_000_000)
    attempt("cut", "\n".join(lines[:-1]))
    attempt("an id twice", "\n".join([lines[0], record, record, *lines[2:]]))
    attempt("an id that leads out", text.decode().replace('"id":"', '"id":"../../', 1))
    attempt("a touched text", text.decode().replace("Number 1:", "Number one:", 1))
    attempt("deep", lines[0] + "\n" + "[" * 100_000)
    attempt("noise", random.Random(1).randbytes(100_000))
    attempt("empty", "")
    mine = json.loads(trial.run(binary, root, home, "notes", "--json"))["notes"][0]["id"]
    colliding = text.decode().replace(big["id"], mine)
    attempt("an id of ours", colliding)

    slips = {"../evil": None, "/tmp/evil": None, "memory/../../evil": None, "memory/link": tarfile.SYMTYPE, "memory/hard": tarfile.LNKTYPE, "memory/dev": tarfile.CHRTYPE}
    for name, kind in slips.items():
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as archive:
            entry = tarfile.TarInfo(name)
            if kind:
                entry.type, entry.linkname = kind, "/etc/passwd"
                archive.addfile(entry)
            else:
                entry.size = 1
                archive.addfile(entry, io.BytesIO(b"x"))
        plain = temp / "slip.tar"
        plain.write_bytes(out.getvalue())
        packed = temp / "slip.tar.zst"
        if subprocess.run(["zstd", "-qf", str(plain), "-o", str(packed)]).returncode == 0:
            refused(binary, root, home, tally, f"archive with {name}", "restore-backup", str(packed))
        refused(binary, root, home, tally, f"plain archive with {name}", "restore-backup", str(plain))
    with zipfile.ZipFile(temp / "slip.zip", "w") as archive:
        archive.writestr("../../evil", "x")
    refused(binary, root, home, tally, "zip", "restore-backup", str(temp / "slip.zip"))
    tally.check(not (temp / "evil").exists() and not pathlib.Path("/tmp/evil").exists(), "something was written outside")

    folder = root / ".waypost/memory"
    front = lambda more: f"+++\nid = 'hostile'\nkind = 'fact'\ntitle = 't'\n{more}\n+++\nbody\n"
    hostiles = ["anchors = [{path = '../../etc/passwd'}]", "anchors = [{path = '/etc/passwd'}]", "slug = '../x'", "links = [{relation = 'relates', id = '../x'}]",
                "tags = [" + "'x'," * 100_000 + "]", "confidence = nan", "confidence = 1e400", "x = " + "[" * 10_000, "created = '9999-99-99T99:99:99Z; rm'", "title = 'again'",
                "\0", "[a.b.c]", "a.b = 1", "status = 'accepted\\u202e'", "kind = 'goal'"]
    for more in hostiles:
        path = folder / "hostile.md"
        path.write_text(front(more))
        done = subprocess.run([binary, "notes", "--json", "--project-root", str(root)], capture_output=True, cwd=root, env=trial.environment(home))
        told = done.stderr.decode(errors="replace")
        held = done.returncode == 0 and ("hostile.md" in told or "9999" in more or "1e400" in more) and path.read_text() == front(more)
        tally.check(held, f"front matter {more[:40]!r}: {done.returncode} {told[:200]}")
        path.unlink()


def erased(binary, root, home, rng, tally, count):
    words, ids = [], []
    for n in range(count):
        word = "zq" + "".join(rng.choices(string.ascii_lowercase, k=14))
        words.append(word)
        ids.append(trial.run(binary, root, home, "note", "--summary", f"About {word}", "--body", f"{word} {word}", "--tag", word).decode().strip())
        if n % 3 == 0:
            trial.run(binary, root, home, "edit", ids[-1], "--summary", f"More about {word}")
        if n % 4 == 0:
            trial.run(binary, root, home, "goal", f"Reach {word}")
            ids.append(trial.report(binary, root, home, "goal")["id"])
    trial.run(binary, root, home, "snapshot")
    trial.run(binary, root, home, "search", words[0])
    trial.run(binary, root, home, "erase", "--yes", *ids)

    def holders():
        found = [p for p in (root / ".waypost").rglob("*") if p.is_file() and any(w.encode() in p.read_bytes().lower() for w in words)]
        export = trial.run(binary, root, home, "export", "--output", "-", expect=None)
        return [str(p.name) for p in found] + (["export"] if any(w.encode() in export for w in words) else [])

    tally.check(not holders(), f"erased words are still in {holders()}")
    trial.run(binary, root, home, "doctor", "--fix", expect=None)
    trial.run(binary, root, home, "snapshot")
    tally.check(not holders(), f"after a rebuild erased words are in {holders()}")
    print(f"{count} records erased with {len(ids) - count} goals")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tree", type=pathlib.Path)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--records", type=int, default=200)
    parser.add_argument("--erased", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    binary = str(pathlib.Path(arguments.binary).resolve())
    rng = random.Random(arguments.seed)
    tally = trial.Tally()
    with tempfile.TemporaryDirectory() as temp:
        temp = pathlib.Path(temp)
        home = temp / "home"
        home.mkdir()
        one, other, third = temp / "a/tree", temp / "b/tree", temp / "c/tree"
        for root in (one, other, third):
            trial.git(temp, "clone", "-q", str(arguments.tree.resolve()), str(root))
        paths = trial.git(one, "ls-files", "*.py", "*.rs").split()
        ids = fill(binary, one, home, rng, arguments.records, paths)
        text = round_trip(binary, one, other, home, temp, tally, ids)
        trial.run(binary, third, home, "note", "--summary", "Ours")
        hostile(binary, third, home, temp, tally, text)
        erased(binary, third, home, rng, tally, arguments.erased)
    tally.end()


if __name__ == "__main__":
    main()
