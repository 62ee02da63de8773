#!/usr/bin/env python3
"""No file stops a snapshot: bombs for parsers, broken files, noise.

Usage: bombs.py --binary WAYPOST [TREE...] [--kinds A,B] [--languages A,B] [--fragments N] [--mutants N] [--alone N]
               [--seed N] [--slack X] [--keep]

For every language whose parser is part of the binary:
1. bombs: each of 96 fragments repeated to 40 KB, on lines of 5,000 bytes (a
   longer line makes a file count as minified);
2. mutants: real files of the language, from the TREEs (read, never written)
   and from `grammars/*/cases`, with bytes flipped, cut off, tokens doubled and
   parts of two files spliced;
3. nests: each bracket 1,000,000 times: open, and half of them closed; and
   small nests up to the limit of depth, over and over;
4. noise: one line of 5 MB, 5 MB of lines, random bytes, random characters.

Of each kind and language one folder is made and a snapshot taken. Then every
file that stopped its parser (at most --alone of a folder, by chance) is
outlined alone. What must hold:
- every run ends with 0 and says nothing of a panic;
- a file alone takes at most 2 times the limit of 2 s (--slack for machines
  that do other things meanwhile: seconds of the processor count, not the clock);
- no process of a run takes more memory than the limit for workers;
- every file of a folder is in its snapshot or is skipped with a reason;
- no worker is left after a run;
- a second snapshot parses nothing again: it takes a fraction of the first.

On a machine so busy that a file reaches the deadline of the clock (60 s), it is
named as stopped from outside and tried again; run the trial on an idle one.
Crashes are counted by language; they cost a file and no more. Prints counts
and exits 1 if anything failed. Linux, Python's standard library only.
"""

import collections
import json
import os
import pathlib
import random
import resource
import subprocess
import tempfile
import time

import trial

LIMIT = 2.0
MEMORY = 500_000_000
SIZE = 40_000
LINE = 5_000

FRAGMENTS = [
    # openers
    "(", "[", "{", "<", "a(", "a[", "a{", "a<", "((", "[[", "{{", "([{", "(a", "{a:", "[a,", "<a ",
    # openers with operands
    "a.b<", "a<b,", "Map<A,", "a(b,", "f(a,", "x=(", "a::b<", "fn(", "if(", "a=[", "a?(", "a=>(", "->(", "a[b(", "#(", "$(",
    # closers and pairs
    ")", "]", "}", ">", "()", "[]", "{}", "<>", ")(", "a)", "};", "</a>", "<a>", "({})", "[](", "}{",
    # operators
    "a|", "a.", "a,", "a?", "a?b:", "a=", "a+", "-", "!", "*", "&", "a&&", "a->", "a=>", "::a", "a..",
    # keywords
    "if ", "else if a ", "a if ", "class a ", "fn a", "def a:", "case a ", "for a in ", "begin ", "do ", "not ", "new ", "async ", "let a=", "return ", "match a ",
    # quotes, comments, escapes, here-documents, templates, directives
    "'", '"', "`", '"""', "/*", "//", "#", "--", "\\", "${", "<<A ", "{{a", "<!--", "@a", "#if a", "%",
]
assert len(FRAGMENTS) == len(set(FRAGMENTS)) == 96


def lines_of(fragment, size):
    line = fragment * max(1, LINE // len(fragment)) + "\n"
    return (line * (size // len(line) + 1))[:size]


class Trial:
    def __init__(self, arguments, place):
        self.arguments = arguments
        self.binary = arguments.binary
        self.place = place
        self.home = place / "home"
        self.home.mkdir()
        self.tally = trial.Tally()
        self.reasons = collections.Counter()
        self.crashed = collections.Counter()
        self.files = self.runs = 0
        self.slowest = (0.0, "")
        self.largest = (0, "")

    def run(self, root, *command):
        """Runs the program; gives its report, seconds of the clock, seconds of
        processors and the most memory that it or a worker took."""
        self.runs += 1
        environment = trial.environment(self.home, WAYPOST_MAX_FILE_SIZE="20000000")
        command = [self.binary, *command, "--json", "--project-root", str(root)]
        start = time.monotonic()
        with open(self.place / "out", "w+b") as out, open(self.place / "err", "w+b") as err:
            child = subprocess.Popen(command, stdout=out, stderr=err, cwd=root, env=environment)
            _, status, usage = os.wait4(child.pid, 0)
            wall = time.monotonic() - start
            child.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0), err.seek(0)
            text, said = out.read(), err.read().decode(errors="replace")
        name = f"{root.name}: {' '.join(command[1:3])}"
        self.tally.check(child.returncode == 0, f"{name}: ended with {child.returncode}: {said[-300:]}")
        self.tally.check("panicked" not in said, f"{name}: {said[-300:]}")
        memory = usage.ru_maxrss * 1024
        self.tally.check(memory <= MEMORY, f"{name}: {memory // 1_000_000} MB")
        self.largest = max(self.largest, (memory, name))
        self.tally.check(not workers(child.pid), f"{name}: left a worker")
        report = json.loads(text) if text else {}
        return report, wall, usage.ru_utime + usage.ru_stime

    def folder(self, root, language, rng):
        """One snapshot of a folder, and of each suspicious file on its own."""
        names = sorted(path.name for path in root.iterdir() if path.is_file())
        self.files += len(names)
        report, wall, used = self.run(root, "snapshot")
        skipped = {row["path"]: row["reason"] for row in report.get("skipped", [])}
        self.tally.check(report.get("files") == len(names), f"{root.name}: {report.get('files')} of {len(names)} files")
        self.tally.check(all(skipped.values()) and set(skipped) <= set(names), f"{root.name}: skipped without a name or a reason")
        failed = {name: reason for name, reason in skipped.items() if "pars" in reason or "deep" in reason}
        self.reasons.update(reason if name in failed else "not read: " + reason.split(":")[0] for name, reason in skipped.items())
        self.crashed[language] += sum("crash" in reason for reason in failed.values())
        stopped = [name for name, reason in sorted(failed.items()) if "deep" not in reason]
        self.tally.check(used <= 2 * LIMIT * len(names), f"{root.name}: {used:.0f} s of processors")
        again, _, used_again = self.run(root, "snapshot")
        # The deadline of the clock, on a machine that has no time: tried again.
        unfinished = {name for name, reason in failed.items() if "outside" in reason}
        again = {row["path"] for row in again.get("skipped", [])}
        self.tally.check(set(skipped) - unfinished <= again <= set(skipped), f"{root.name}: other files the second time")
        self.tally.check(unfinished or used_again <= max(1, used / 2), f"{root.name}: {used:.0f} s, again {used_again:.0f} s")
        for name in rng.sample(stopped, min(len(stopped), self.arguments.alone)):
            self.alone(root, name, failed[name])
        return len(names), len(failed), used

    def alone(self, root, name, reason):
        _, wall, used = self.run(root, "outline", "./" + name)
        seconds = min(wall, used)
        self.slowest = max(self.slowest, (seconds, f"{root.name}/{name}: {reason}"))
        self.tally.check(seconds <= 2 * LIMIT and wall <= 2 * LIMIT * self.arguments.slack, f"{root.name}/{name}: {wall:.1f} s, {used:.1f} s of processors: {reason}")


def workers(parent):
    """Workers whose program has ended. Each is in a group of its own."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and b"parse-for-waypost" in (entry / "cmdline").read_bytes():
                found += [entry.name] if int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1]) in (1, parent) else []
        except OSError:
            pass
    return found


def languages(binary, place, chosen):
    found = trial.report(binary, place, place, "languages")["languages"]
    found = [one for one in found if one["compiled_in"] and (one["extensions"] or one["filenames"])]
    return [one for one in found if not chosen or one["name"] in chosen]


def name_of(language, stem):
    """A file name that the language is known by."""
    if language["extensions"]:
        return f"{stem}.{language['extensions'][0]}"
    return None


def samples(language, trees):
    cases = pathlib.Path(__file__).resolve().parents[2] / "grammars" / language["name"] / "cases"
    endings = tuple("." + extension for extension in language["extensions"])
    found = [path for path in cases.iterdir() if path.suffix != ".outline"]
    for tree in trees:
        for folder, folders, files in os.walk(tree):
            folders[:] = sorted(set(folders) - {".git", ".waypost", "target", "node_modules"})
            found += [pathlib.Path(folder, name) for name in sorted(files) if endings and name.endswith(endings)]
    texts = [path.read_bytes() for path in found[:400] if path.is_file() and path.stat().st_size < 200_000]
    return [text for text in texts if text]


def mutant(rng, texts):
    text = bytearray(rng.choice(texts))
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(text) + 1)
        kind = rng.randrange(6)
        if kind == 0:
            for _ in range(rng.randint(1, 30)):
                if text:
                    text[rng.randrange(len(text))] ^= 1 << rng.randrange(8)
        elif kind == 1:
            del text[at:]
        elif kind == 2:
            words = bytes(text).split()
            if words:
                word = rng.choice(words)
                text[at:at] = (word + b" ") * rng.choice([2, 20, 2_000])
        elif kind == 3:
            other = rng.choice(texts)
            cut = rng.randrange(len(other))
            text[at:] = other[cut:]
        elif kind == 4:
            del text[at:at + rng.randint(1, 200)]
        else:
            text[at:at] = bytes(text[at:at + rng.randint(1, 200)]) * rng.choice([2, 50])
    return bytes(text[:200_000])


def noise(rng, size):
    characters = "abcxyz019 \t()[]{}<>=+-*/|&!?.,:;'\"`#@$%^~\\_"
    text = "".join(rng.choices(characters, k=size))
    return "\n".join(text[at:at + 100] for at in range(0, size, 100))


def fill(kind, language, trial_, rng, texts):
    """Makes the folder of a kind; gives it, or None if it would be empty."""
    root = trial_.place / f"{language['name']}-{kind}"
    root.mkdir()
    files = {}
    if kind == "bombs":
        for n, fragment in enumerate(FRAGMENTS[: trial_.arguments.fragments]):
            files[f"b{n:02}"] = lines_of(fragment, SIZE).encode()
    elif kind == "mutants":
        for n in range(trial_.arguments.mutants):
            files[f"m{n:04}"] = mutant(rng, texts)
    elif kind == "nests":
        for n, (opened, closed) in enumerate(["()", "[]", "{}", "<>"]):
            wide = lambda mark: ((mark * LINE + "\n") * (500_000 // LINE)).encode()
            files[f"open{n}"] = wide(opened) * 2
            files[f"pair{n}"] = wide(opened) + wide(closed)
            files[f"kept{n}"] = ((f"a{opened}\n" * 200 + f"{closed}\n" * 200 + ";\n") * 300).encode()
        files["line"] = ("(" * 1_000_000).encode()
    elif kind == "noise":
        whole = b"\n".join(texts)
        lines = (whole + b"\n") * (5_000_000 // (len(whole) + 1) + 1)
        files["line"] = lines[:5_000_000].replace(b"\n", b" ").replace(b"\r", b" ")
        files["lines"] = lines[:5_000_000]
        files["bytes"] = rng.randbytes(200_000)
        files["text"] = noise(rng, 200_000).encode()
        files["long"] = noise(rng, 2_000_000).encode()
    for stem, text in files.items():
        (root / name_of(language, stem)).write_bytes(text)
    return root


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("trees", nargs="*", type=pathlib.Path)
    parser.add_argument("--fragments", type=int, default=96)
    parser.add_argument("--mutants", type=int, default=2_000)
    parser.add_argument("--kinds", default="bombs,mutants,nests,noise")
    parser.add_argument("--languages", default="")
    parser.add_argument("--alone", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--slack", type=float, default=1.0, help="by how much a busy machine is slower")
    parser.add_argument("--keep", action="store_true", help="keep the folders in which something failed")
    arguments = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    counts = collections.Counter()
    with tempfile.TemporaryDirectory() as temp:
        bombs = Trial(arguments, pathlib.Path(temp))
        chosen = set(filter(None, arguments.languages.split(",")))
        for language in languages(bombs.binary, pathlib.Path(temp), chosen):
            if not name_of(language, "a"):
                print(f"{language['name']}: has no extension, left out")
                continue
            rng = random.Random(f"{arguments.seed} {language['name']}")
            texts = samples(language, [tree.resolve() for tree in arguments.trees])
            for kind in arguments.kinds.split(","):
                root = fill(kind, language, bombs, rng, texts)
                before = bombs.tally.failed
                files, failed, used = bombs.folder(root, language["name"], rng)
                counts[kind] += files
                print(f"{root.name}: {files} files, {failed} not parsed, {used:.1f} s of processors", flush=True)
                if not (arguments.keep and bombs.tally.failed > before):
                    subprocess.run(["rm", "-rf", str(root)], check=True)
                else:
                    subprocess.run(["mv", str(root), tempfile.mkdtemp(prefix="bombs-")], check=True)
    print(", ".join(f"{count} {kind}" for kind, count in counts.items()), f"in {bombs.runs} runs")
    for reason, count in bombs.reasons.most_common():
        print(f"  {count:6} {reason}")
    print("crashes:", ", ".join(f"{name} {count}" for name, count in bombs.crashed.items() if count) or "none")
    print(f"slowest alone: {bombs.slowest[0]:.2f} s ({bombs.slowest[1]})")
    print(f"most memory: {bombs.largest[0] // 1_000_000} MB ({bombs.largest[1]})")
    bombs.tally.end()


if __name__ == "__main__":
    main()
