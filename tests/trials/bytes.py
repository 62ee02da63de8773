#!/usr/bin/env python3
"""The handoff is canonical: the same content gives the same bytes everywhere.

Usage: bytes.py --binary WAYPOST TREE... [--signature PATH:OLD:NEW] [--variants N] [--seed N]

For each TREE (a git work tree; copied, never written to):
1. a snapshot with a goal in one copy;
2. a second copy, made file by file in a shuffled order at another path, and N
   variants of 1 or 8 threads, time zone, locale, current folder and clock in
   both copies: `handoff --stdout` must give the same bytes, md and json;
3. `git add -A && git commit`, then `handoff --check` must exit 0: at once, in a
   `git clone --depth 1`, on another branch, after an unrelated commit;
4. after one edit of a signature it must exit 1, and every line that the diff
   moves must hold the edited name. The signature is --signature, else the
   first function of the code map that is found once in its file.

Prints one line a failure, counts at the end; exit code 1 if anything failed.
Python's standard library and git only.
"""

import json
import os
import pathlib
import random
import re
import shutil
import sys
import tempfile

import trial

ZONES = ["UTC", "Pacific/Auckland", "America/St_Johns", "Asia/Kolkata"]
LOCALES = ["C", "C.UTF-8", "de_DE.UTF-8", "tr_TR.UTF-8", "ja_JP.SJIS"]


def shuffled_copy(source, to, rng):
    paths = []
    for folder, folders, files in os.walk(source):
        folders[:] = [f for f in folders if not (folder == str(source) and f == ".git")]
        if folder.endswith("/.waypost"):
            folders[:] = [f for f in folders if f != "local"]
        paths += [pathlib.Path(folder) / f for f in files]
        paths += [pathlib.Path(folder) / f for f in folders if (pathlib.Path(folder) / f).is_symlink()]
    rng.shuffle(paths)
    for path in paths:
        target = to / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target, follow_symlinks=False)
    shutil.copytree(source / ".git", to / ".git", symlinks=True)


def a_signature(root):
    """A function of the handoff whose declaration stands once in its file."""
    page = json.loads((root / ".waypost/handoff.json").read_text())
    for file in page.get("focus", []) + page.get("map", []):
        path = root / file["path"]
        if not path.is_file():
            continue
        text = path.read_text(errors="replace")
        for signature in file.get("symbols", []):
            found = re.match(r"\s*(?:pub(?:\([a-z]+\))? )?(?:async )?(?:fn|def) (\w+)\((.*)", signature)
            if not found or "…" in signature:
                continue
            name = found.group(1)
            declared = re.findall(rf"\b(?:fn|def) {name}\(", text)
            mentioned = sum(name in str(f.get("symbols", "")) + str(f.get("note", "")) for f in page.get("focus", []) + page.get("map", []))
            if len(declared) == 1 and mentioned == 1 and not name.startswith("__"):
                rust = path.suffix == ".rs"
                separator = "" if found.group(2).startswith(")") else ", "
                self_first = re.match(r"(&mut self|&self|self|mut self|cls)", found.group(2))
                if self_first:
                    old = f"{name}({self_first.group(1)}"
                    new = f"{old}, waypost_trial: u8" if rust else f"{old}, waypost_trial=0"
                    if not rust:
                        continue
                else:
                    old = f"{name}("
                    new = f"{name}(waypost_trial: u8{separator}" if rust else f"{name}(waypost_trial=0{separator}"
                    if not rust and "=" not in found.group(2) and separator:
                        new = f"{name}(waypost_trial{separator}"
                if text.count(old) == 1 or len(re.findall(rf"(?:fn|def) {re.escape(old)}", text)) == 1:
                    return file["path"], old, new, name
    sys.exit(f"{root}: no signature to change; use --signature")


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("trees", nargs="+", type=pathlib.Path)
    parser.add_argument("--signature")
    parser.add_argument("--variants", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    binary = arguments.binary
    rng = random.Random(arguments.seed)
    tally = trial.Tally()
    for tree in arguments.trees:
        with tempfile.TemporaryDirectory() as temp:
            one_tree(binary, tree.resolve(), pathlib.Path(temp), arguments, rng, tally)
    tally.end()


def one_tree(binary, tree, temp, arguments, rng, tally):
    name = tree.name
    home = temp / "home"
    home.mkdir()
    first = trial.copy(tree, temp / name)
    trial.run(binary, first, home, "snapshot", "--goal", "Make errors of the parser name file and line")
    wanted = {f: (first / f".waypost/handoff.{f}").read_bytes() for f in ("md", "json")}
    second = temp / "an other place" / name
    second.mkdir(parents=True)
    shuffled_copy(first, second, rng)
    for n in range(arguments.variants):
        root = [first, second][n % 2]
        for form in ("md", "json"):
            threads, zone, locale = rng.choice(["1", "8"]), rng.choice(ZONES), rng.choice(LOCALES)
            cwd = rng.choice(["/", "/tmp", str(root)])
            text = trial.run(
                binary, root, home, "handoff", "--stdout", "--format", form, cwd=cwd, RAYON_NUM_THREADS=threads,
                TZ=zone, LANG=locale, LC_ALL=locale, SOURCE_DATE_EPOCH=str(rng.randrange(2**31)),
            )
            tally.check(text == wanted[form], f"{name}: {form} differs with {root} {threads} {zone} {locale} {cwd}")
    trial.git(first, "add", "-A")
    trial.git(first, "commit", "-q", "-m", "Keep the handoff")
    fresh = lambda root, what: tally.check(
        trial.run(binary, root, home, "handoff", "--check", expect=None) == b"", f"{name}: stale {what}"
    )
    fresh(first, "after its own commit")
    trial.git(temp, "clone", "-q", "--depth", "1", f"file://{first}", str(temp / "clone"))
    fresh(temp / "clone", "in a shallow clone")
    trial.git(first, "switch", "-q", "-c", "another-branch")
    fresh(first, "on another branch")
    trial.git(first, "commit", "-q", "--allow-empty", "-m", "Parser: unrelated")
    fresh(first, "after an unrelated commit")
    if arguments.signature:
        path, old, new = arguments.signature.split(":")
        symbol = re.match(r"\w+", old).group()
    else:
        path, old, new, symbol = a_signature(first)
    file = first / path
    text = file.read_text()
    file.write_text(re.sub(rf"((?:fn|def) ){re.escape(old)}", lambda m: m.group(1) + new, text, count=1))
    diff = trial.run(binary, first, home, "handoff", "--check", expect=1).decode()
    moved = [l for l in diff.splitlines() if re.match(r"[+-](?![+-]{2} )", l)]
    others = [l for l in moved if symbol not in l]
    tally.check(moved and not others, f"{name}: `{symbol}` of {path} also moves:\n  " + "\n  ".join(others[:20]))
    print(f"{name}: {arguments.variants * 2} variants, `{symbol}` of {path}: {len(moved)} lines move", flush=True)


if __name__ == "__main__":
    main()
