#!/usr/bin/env python3
"""The share of a real tree's lines that no symbol, import or comment covers, by language.

Usage: uncovered.py --binary WAYPOST [--base WAYPOST] [--language NAME]... [--sample N] [--seed N]
                    [--show N] ROOT...

ROOT is a git work tree. Each tracked file of a language that waypost knows goes
through `waypost outline FILE --json` of --binary and, if given, of --base, an
older build to compare with. A line is covered when it stands in a symbol, in an
import, in a comment, or between an attribute and its declaration. Blank lines and
lines of closing brackets count for nothing.

Prints for each language, and for each root:
- `uncovered`: lines that nothing covers, of all lines that count;
- `top level`: the same of lines that begin at the margin;
- `lost`: lines at the margin that nothing covers and that look like a declaration
  of the language (up to --show of them each are printed). These are misses, or
  code that only looks like it; read them.
- files whose tree has errors (`has_error`).

Scripts, settings and tests that run at the top level are not covered and should
not be: hold the figures against those of --base, not against zero.

Exit code: 0, or 1 where a language of a root has a larger uncovered share, or more
lost declarations, than with --base.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import trial

# Line comments and block comments by language, and how a declaration begins at the margin.
C_LIKE = ("//", ("/*", "*/"))
HASH = ("#", None)
LANGUAGES = {
    "bash": (HASH, r"(function\s+[\w:.-]+|[\w:.-]+\s*\(\s*\)\s*([{(]|$|for\b|while\b|until\b|if\b|case\b))"),
    "c": (C_LIKE, r"(?!return|else|typedef\s*$)(typedef\b|(struct|union|enum)\s+\w+\s*\{|[A-Za-z_][\w \t*]*[ \t*]\w+\s*\([^;]*\)?\s*[{,]?$)"),
    "c-sharp": (
        C_LIKE,
        r"((public|internal|private|protected|static|sealed|abstract|partial|readonly|file|unsafe)\s+)*(class|struct|interface|enum|record|delegate)\s+\w+",
    ),
    "cpp": (C_LIKE, r"(template\b|class\s+\w+|struct\s+\w+|enum\s+\w+|union\s+\w+|namespace\b|using\s+\w+\s*=|concept\b|(export\s+)?module\b|[A-Za-z_][\w:<>, \t*&~]*[ \t*&][\w:~]+\s*\([^;]*\)?\s*(const)?\s*[{,]?$)"),
    "dart": (C_LIKE, r"((abstract|base|final|sealed|interface|mixin)\s+)*(class|mixin|enum|extension|typedef)\s+\w+"),
    "elixir": (HASH, r"(defmodule|defprotocol|defimpl)\s+\w+"),
    "go": (C_LIKE, r"(func|type|var|const)\b"),
    "java": (
        C_LIKE,
        r"((public|private|protected|static|final|abstract|sealed|non-sealed|strictfp)\s+)*(class|interface|enum|record|@interface)\s+\w+",
    ),
    "javascript": (C_LIKE, r"(export\s+(default\s+)?)?((async\s+)?function\b\*?\s*\w+|class\s+\w+|(const|let|var)\s+\w+)"),
    "kotlin": (
        C_LIKE,
        r"((public|private|internal|protected|open|abstract|sealed|data|inline|value|enum|annotation|inner|fun|expect|actual|override|const|lateinit|suspend|operator|infix|tailrec|external|companion)\s+)*(class|interface|object|fun|val|var|typealias)\b",
    ),
    "lua": (("--", ("--[[", "]]")), r"(local\s+)?function\b"),
    "php": (C_LIKE, r"((abstract|final|readonly)\s+)*(class|interface|trait|enum|function)\s+\w+"),
    "python": (HASH, r"(async\s+def|def|class)\s+\w+"),
    "ruby": (("#", ("=begin", "=end")), r"(class|module|def)\s+[\w:.<]+"),
    "rust": (
        C_LIKE,
        r"(pub(\([^)]*\))?\s+)?((default|const|async|unsafe|auto|safe|gen|extern(\s+\"[^\"]*\")?)\s+)*(fn|struct|enum|union|trait|impl|mod|type|static|const|macro|macro_rules!)\b",
    ),
    "scala": (
        C_LIKE,
        r"((private|protected|final|sealed|abstract|implicit|lazy|case|inline|transparent|opaque|open|override)(\[[^\]]*\])?\s+)*(class|trait|object|enum|def|val|var|type|given|extension)\b",
    ),
    "swift": (
        C_LIKE,
        r"((public|private|internal|open|fileprivate|package|final|indirect|static|async|nonisolated|distributed)(\([^)]*\))?\s+)*(class|struct|enum|protocol|extension|actor|func|typealias|let|var|macro|operator|precedencegroup)\b",
    ),
    "typescript": (
        C_LIKE,
        r"(export\s+(default\s+)?)?(declare\s+)?((abstract\s+)?class|interface|type|enum|const\s+enum|namespace|module|(async\s+)?function\*?|const|let|var)\s+[\w$]+",
    ),
    "zig": (("//", None), r"(pub\s+)?(fn|const|var)\s+\w+"),
}
LANGUAGES["tsx"] = LANGUAGES["typescript"]

# Classes of files that are not read for what they declare.
UNREAD = ("binary", "generated", "minified", "vendored")


def lines_of(path):
    text = path.read_text(encoding="utf-8", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def is_blank(line):
    """Nothing, or nothing but what ends something that is told elsewhere."""
    return not re.search(r"\w", line) or re.fullmatch(r"\s*(end|fi|done|esac)\s*;?\s*", line) is not None


def comment_lines(lines, line_mark, block):
    """Numbers, from 1, of lines that hold nothing but a comment."""
    found = set()
    end_mark = None
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if end_mark:
            found.add(number)
            if end_mark in text:
                end_mark = None
        elif block and text.startswith(block[0]):
            found.add(number)
            if block[1] not in text[len(block[0]) :]:
                end_mark = block[1]
        elif text.startswith(line_mark):
            found.add(number)
    return found


OPEN, CLOSE = "([{", ")]}"


def end_of_statement(lines, number):
    """Last line of what begins on a line: where its brackets are closed."""
    depth = 0
    for at in range(number, min(number + 400, len(lines)) + 1):
        text = re.sub(r"\"[^\"]*\"|'[^']*'|//.*", "", lines[at - 1])
        depth += sum(text.count(mark) for mark in OPEN) - sum(text.count(mark) for mark in CLOSE)
        if depth <= 0 and not text.rstrip().endswith("\\"):
            return at
    return number


def covered_lines(outline, lines, line_mark, block):
    covered = comment_lines(lines, line_mark, block)
    for symbol in outline["symbols"]:
        covered.update(range(symbol["line"], symbol["end_line"] + 1))
    for imported in outline["imports"]:
        covered.update(range(imported["line"], end_of_statement(lines, imported["line"]) + 1))
    # What heads a file, and what stands before a declaration and belongs to it.
    for number, line in enumerate(lines, 1):
        if re.match(r"\s*(package|module|namespace|use strict|#!|<\?php)\b", line):
            covered.add(number)
    head = re.compile(r"\s*([@\[#]|\w+\s*$|template\b|pub\b|public\b|static\b|export\b|(const|static|extern)\b.*[^;]$)")
    for number in range(len(lines) - 1, 0, -1):
        if number + 1 in covered and number not in covered and head.match(lines[number - 1]):
            covered.add(number)
    # An import or a group of declarations that is written in brackets: `import (`, `const (`.
    for number, line in enumerate(lines, 1):
        if re.match(r"(import|const|var|type)\s*\($", line):
            covered.update(range(number, end_of_statement(lines, number) + 1))
    return covered


class Count:
    def __init__(self):
        self.lines = self.uncovered = self.margin = self.margin_uncovered = self.errors = self.files = 0
        self.lost = []

    def add(self, path, outline, lines, rule):
        (line_mark, block), declaration = rule
        covered = covered_lines(outline, lines, line_mark, block)
        self.files += 1
        self.errors += bool(outline.get("has_error"))
        for number, line in enumerate(lines, 1):
            if is_blank(line):
                continue
            self.lines += 1
            is_margin = not line[0].isspace()
            self.margin += is_margin
            if number in covered:
                continue
            self.uncovered += 1
            self.margin_uncovered += is_margin
            if is_margin and re.match(declaration, line):
                self.lost.append(f"{path}:{number}: {line[:110]}")

    def share(self):
        return 100 * self.uncovered / max(self.lines, 1)

    def row(self):
        margin = 100 * self.margin_uncovered / max(self.margin, 1)
        return (
            f"uncovered {self.uncovered:7} of {self.lines:8} {self.share():6.2f} %   "
            f"top level {self.margin_uncovered:7} of {self.margin:7} {margin:6.2f} %   "
            f"lost {len(self.lost):5}   errors {self.errors:4} of {self.files:5} files"
        )


def outline(binary, root, home, path):
    command = [binary, "outline", path, "--json", "--project-root", str(root)]
    done = subprocess.run(command, cwd=root, capture_output=True, env=trial.environment(home))
    try:
        return json.loads(done.stdout)
    except ValueError:
        return None


def outlines(binary, root, home, paths):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda path: outline(binary, root, home, path), paths))


def tracked(root):
    out = subprocess.run(["git", "-C", str(root), "ls-files", "-z"], capture_output=True, check=True)
    paths = out.stdout.decode(errors="surrogateescape").split("\0")
    return [path for path in paths if path and (root / path).is_file() and not (root / path).is_symlink()]


def known_paths(binary, root, home):
    """Paths by language, as the program tells languages by a file's name."""
    listed = json.loads(subprocess.run([binary, "languages", "--json"], capture_output=True, cwd=home).stdout)
    by_extension = {}
    for language in listed.get("languages", listed) if isinstance(listed, dict) else listed:
        for extension in language.get("extensions", []):
            by_extension[extension] = language["name"]
    found = collections.defaultdict(list)
    for path in tracked(root):
        language = by_extension.get(pathlib.PurePosixPath(path).suffix[1:])
        if language in LANGUAGES:
            found[language].append(path)
    return found


def counted(binary, root, home, paths):
    counts = collections.defaultdict(Count)
    for path, found in zip(paths, outlines(binary, root, home, paths)):
        # `.h` may be of another language than its name tells.
        rule = LANGUAGES.get(found and found["language"])
        if rule and found["class"] not in UNREAD and not found["unparsed"]:
            counts[found["language"]].add(path, found, lines_of(root / path), rule)
    return counts


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("--base", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--language", action="append", choices=sorted(LANGUAGES))
    parser.add_argument("--sample", type=int, help="at most so many files of each language")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=20)
    parser.add_argument("roots", nargs="+", metavar="ROOT")
    args = parser.parse_args()
    is_worse = False
    with tempfile.TemporaryDirectory() as home:
        for root in args.roots:
            root = pathlib.Path(root).resolve()
            for language, paths in sorted(known_paths(args.binary, root, home).items()):
                if args.language and language not in args.language:
                    continue
                if args.sample and len(paths) > args.sample:
                    paths = sorted(random.Random(args.seed).sample(paths, args.sample))
                before = counted(args.base, root, home, paths) if args.base else {}
                for told, after in sorted(counted(args.binary, root, home, paths).items()):
                    if args.language and told not in args.language:
                        continue
                    if told in before:
                        print(f"{root.name:16} {told:11} before  {before[told].row()}")
                        is_worse |= after.share() > before[told].share() + 0.005
                        is_worse |= len(after.lost) > len(before[told].lost)
                    print(f"{root.name:16} {told:11} after   {after.row()}", flush=True)
                    for line in after.lost[: args.show]:
                        print(f"    {line}")
    return 1 if is_worse else 0


if __name__ == "__main__":
    sys.exit(main())
