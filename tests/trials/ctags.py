#!/usr/bin/env python3
"""Holds waypost's outlines against universal-ctags on a real tree.

Usage: ctags.py ROOT LANGUAGE [--command "waypost outline {path} --json"] [--jsonl FILE]
                [--sample N] [--seed N] [--show N]

ROOT is a git work tree, LANGUAGE `rust` or `python`. Each tracked file of the
language goes through `ctags --output-format=json` and through --command, where
{path} stands for the file (a command that takes several files and prints one
JSON object a line may use {paths}). --jsonl reads the outlines from a file
instead, one object a line, with paths relative to ROOT.

Prints, with `line` and `name` as the key:
- recall: what ctags places and the outline has, by ctags kind, and every miss
  with its source line (up to --show);
- precision: symbols whose name does not stand on their line and declarations
  that are listed twice (must be none), and a random sample of symbols with their source lines, to be read.

Misses that are ctags's own mistake are counted apart: of `const A: &'static str`
and `impl<'a, P> T<P>` it takes the word after a lifetime for the name.

Exit code: 0 when recall is at least 99 %, no name is off its line and none is listed twice, else 1.
"""

import argparse
import collections
import json
import pathlib
import random
import re
import shlex
import subprocess
import sys

# Kinds of ctags that count. Fields, variables, parameters and the like are
# left out: an outline is about functions, types, traits, macros, constants.
KINDS = {
    "rust": {
        "function", "method", "struct", "enum", "interface", "trait", "implementation",
        "macro", "typedef", "constant", "variable", "module", "enumerator", "field",
    },
    "python": {"class", "function", "member", "variable"},
}
EXTRA = {"rust": {"enumerator", "field"}, "python": {"variable"}}
SUFFIX = {"rust": (".rs",), "python": (".py", ".pyi", ".pyw")}
NAMES = {"rust": "Rust", "python": "Python"}


def tracked(root, language):
    out = subprocess.run(["git", "-C", root, "ls-files", "-z"], capture_output=True, check=True)
    paths = out.stdout.decode().split("\0")
    return [p for p in paths if p.endswith(SUFFIX[language]) and (pathlib.Path(root) / p).is_file()]


def ctags(root, language, paths):
    command = [
        "ctags", "--output-format=json", "--fields=+neKSt", "--languages=" + NAMES[language],
        "--kinds-Rust=*", "--sort=no", "-f", "-", "-L", "-",
    ]
    out = subprocess.run(
        command, cwd=root, input="\n".join(paths).encode(), capture_output=True, check=True
    )
    for line in out.stdout.splitlines():
        tag = json.loads(line)
        if tag.get("_type") == "tag" and tag["kind"] in KINDS[language]:
            yield tag["path"], tag["line"], tag["name"], tag["kind"]


def outlines(root, paths, args):
    if args.jsonl:
        for line in open(args.jsonl, encoding="utf-8"):
            yield json.loads(line)
        return
    many = "{paths}" in args.command
    step = 500 if many else 1
    for start in range(0, len(paths), step):
        batch = paths[start : start + step]
        words = []
        for word in shlex.split(args.command):
            words += batch if word == "{paths}" else [word.replace("{path}", batch[0])]
        out = subprocess.run(words, cwd=root, capture_output=True, check=True)
        if not many:
            yield json.loads(out.stdout)
            continue
        for line in out.stdout.splitlines():
            yield json.loads(line)


def is_mistake(name, line):
    """ctags read a type or a parameter as the name of a constant or an impl."""
    after_lifetime = re.search(r"'\w+ (mut )?\[?&?('static )?" + re.escape(name) + r"\b", line)
    is_constant = re.match(r"(pub(\([^)]*\))? )?(const|static) (mut )?\w+:", line)
    is_impl = re.match(r"(unsafe )?impl<", line) and not line.endswith("{")
    return bool((is_constant and after_lifetime) or is_impl)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__.replace("%", "%%"), formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("root")
    parser.add_argument("language", choices=KINDS)
    parser.add_argument("--command", default="waypost outline {path} --json")
    parser.add_argument("--jsonl")
    parser.add_argument("--sample", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=60)
    args = parser.parse_args()

    paths = tracked(args.root, args.language)
    wanted = set(paths)
    ours = collections.defaultdict(set)
    symbols = []
    for outline in outlines(args.root, paths, args):
        path = outline["path"]
        if path not in wanted:
            continue
        for symbol in outline["symbols"]:
            ours[path, symbol["line"]].add(symbol["name"])
            symbols.append((path, symbol))

    texts = {}

    def line_of(path, number):
        if path not in texts:
            text = (pathlib.Path(args.root) / path).read_text(encoding="utf-8", errors="replace")
            texts[path] = text.split("\n")
        lines = texts[path]
        return lines[number - 1].strip() if number <= len(lines) else "<beyond the end>"

    total, hit, misses, mistaken = collections.Counter(), collections.Counter(), [], 0
    for path, line, name, kind in set(ctags(args.root, args.language, paths)):
        if name not in ours[path, line] and is_mistake(name, line_of(path, line)):
            mistaken += 1
            continue
        total[kind] += 1
        if name in ours[path, line]:
            hit[kind] += 1
        else:
            misses.append((kind, path, line, name))
    core = [kind for kind in total if kind not in EXTRA[args.language]]
    for kind in sorted(total):
        note = "" if kind in core else "  (not counted)"
        print(f"{kind:16} {hit[kind]:7} of {total[kind]:7}  {100 * hit[kind] / total[kind]:6.2f} %{note}")
    found, all_ = sum(hit[k] for k in core), sum(total[k] for k in core)
    recall = 100 * found / max(all_, 1)
    print(f"mistakes of ctags {mistaken}")
    print(f"recall           {found:7} of {all_:7}  {recall:6.2f} %")
    for kind, path, line, name in sorted(misses, key=lambda miss: (miss[0] not in core, miss))[: args.show]:
        print(f"  miss {kind} {name}  {path}:{line}: {line_of(path, line)[:110]}")

    off = [(p, s) for p, s in symbols if s["name"] not in line_of(p, s["line"])]
    print(f"symbols          {len(symbols)}, name not on its line: {len(off)}")
    for path, symbol in off[: args.show]:
        print(f"  off {symbol['name']}  {path}:{symbol['line']}: {line_of(path, symbol['line'])[:110]}")
    # `a, b = 1, 2` declares two names in one place; nothing else does.
    places = collections.Counter(
        (p, s["line"], s["end_line"], s["kind"], s["signature"])
        for p, s in symbols
        if s["kind"] not in ("variable", "field")
    )
    twice = [place for place, count in places.items() if count > 1]
    print(f"listed twice     {len(twice)}")
    for place in twice[: args.show]:
        print("  twice", *place)
    random.seed(args.seed)
    for path, symbol in random.sample(symbols, min(args.sample, len(symbols))):
        print(f"  {symbol['kind']:9} {symbol['name']}  {path}:{symbol['line']}")
        print(f"      is {line_of(path, symbol['line'])[:120]}")
        print(f"      as {symbol['signature']}")
        if symbol["doc"]:
            print(f"      -- {symbol['doc']}")
    return 0 if recall >= 99 and not off and not twice else 1


if __name__ == "__main__":
    sys.exit(main())
