#!/usr/bin/env python3
"""Holds waypost's outlines against universal-ctags on a real tree.

Usage: ctags.py ROOT LANGUAGE [--command "waypost outline {path} --json"] [--jsonl FILE]
                [--sample N] [--seed N] [--show N]

ROOT is a git work tree, LANGUAGE the name of a folder in `grammars/`. Each tracked file of the
language goes through `ctags --output-format=json` and through --command, where
{path} stands for the file (a command that takes several files and prints one
JSON object a line may use {paths}). --jsonl reads the outlines from a file
instead, one object a line, with paths relative to ROOT.

Prints, with `line` and `name` as the key:
- recall: what ctags places and the outline has, by ctags kind, and every miss
  with its source line (up to --show);
- precision: symbols whose name does not stand on their line and declarations
  that are listed twice (must be none), and a random sample of symbols with their source lines, to be read.

Misses that are ctags's own mistake are counted apart, by class: of `const A:
&'static str` it takes the word after a lifetime for the name, of `import {A}` it
makes an alias, objects are classes to it and macro calls functions.

Exit code: 0 when recall is at least 97 %, no name is off its line and none is listed twice, else 1.
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
    "javascript": {
        "class", "function", "method", "generator", "getter", "setter", "constant", "variable", "property", "field",
    },
    "typescript": {
        "class", "interface", "enum", "enumerator", "function", "generator", "method", "namespace", "alias",
        "constant", "variable", "property",
    },
    "go": {
        "func", "type", "struct", "interface", "methodSpec", "const", "var", "member", "anonMember", "talias",
    },
    "java": {"class", "interface", "enum", "annotation", "method", "enumConstant", "field"},
    "c": {"function", "struct", "union", "enum", "typedef", "macro", "enumerator", "member", "variable", "prototype"},
    "cpp": {
        "function", "class", "struct", "union", "enum", "typedef", "alias", "macro", "namespace", "enumerator",
        "member", "variable", "prototype",
    },
    "c-sharp": {"class", "enum", "enumerator", "event", "field", "interface", "method", "property", "struct"},
    "ruby": {"class", "method", "module", "singletonMethod", "constant", "accessor", "alias"},
    "php": {"class", "interface", "trait", "function", "define", "variable"},
    "kotlin": {"class", "interface", "object", "method", "typealias", "constant", "variable"},
    "bash": {"function", "alias"},
    "lua": {"function"},
    "elixir": {
        "protocol", "module", "function", "callback", "delegate", "guard", "implementation", "macro", "type", "exception",
    },
}
KINDS["tsx"] = KINDS["typescript"]
EXTRA = {
    "rust": {"enumerator", "field"},
    "python": {"variable"},
    "javascript": {"variable", "property", "constant", "field"},
    "typescript": {"variable", "property", "constant"},
    "tsx": {"variable", "property", "constant"},
    "go": set(),
    "java": set(),
    "c": {"variable"},
    "cpp": {"variable"},
    "c-sharp": set(),
    "ruby": set(),
    "php": {"variable"},
    "kotlin": {"variable"},
    "bash": set(),
    "lua": set(),
    "elixir": set(),
}
SUFFIX = {
    "rust": (".rs",),
    "python": (".py", ".pyi", ".pyw"),
    "javascript": (".js", ".jsx", ".mjs", ".cjs"),
    "typescript": (".ts", ".mts", ".cts"),
    "tsx": (".tsx",),
    "go": (".go",),
    "java": (".java",),
    "c": (".c", ".h"),
    "cpp": (".cc", ".cpp", ".cxx", ".hpp", ".hh", ".hxx", ".h"),
    "c-sharp": (".cs",),
    "ruby": (".rb", ".rake", ".gemspec"),
    "php": (".php",),
    "kotlin": (".kt", ".kts"),
    "bash": (".sh", ".bash"),
    "lua": (".lua",),
    "elixir": (".ex", ".exs"),
}
NAMES = {
    "rust": "Rust", "python": "Python", "javascript": "JavaScript", "typescript": "TypeScript", "tsx": "TypeScript",
    "go": "Go", "java": "Java", "c": "C", "cpp": "C++",
    "c-sharp": "C#", "ruby": "Ruby", "php": "PHP", "kotlin": "Kotlin", "bash": "Sh", "lua": "Lua", "elixir": "Elixir",
}
# What ctags must be told beside the language's name.
OPTIONS = {
    "rust": ["--kinds-Rust=*"],
    "tsx": ["--map-TypeScript=+.tsx"],
    "c": ["--kinds-C=+p", "--map-C=+.h"],
    "cpp": ["--kinds-C++=+pN"],
}


def tracked(root, language):
    out = subprocess.run(["git", "-C", root, "ls-files", "-z"], capture_output=True, check=True)
    paths = out.stdout.decode().split("\0")
    files = [p for p in paths if p.endswith(SUFFIX[language]) and (pathlib.Path(root) / p).is_file()]
    # Links are not followed, so what lies behind them is no file of the project.
    parts = lambda path: [pathlib.PurePath(path), *pathlib.PurePath(path).parents]
    return [p for p in files if not any((pathlib.Path(root) / part).is_symlink() for part in parts(p) if part.name)]


def ctags(root, language, paths):
    command = [
        "ctags", "--output-format=json", "--fields=+neKSts", "--languages=" + NAMES[language],
        *OPTIONS.get(language, []), "--sort=no", "-f", "-", "-L", "-",
    ]
    out = subprocess.run(
        command, cwd=root, input="\n".join(paths).encode(), capture_output=True, check=True
    )
    for line in out.stdout.splitlines():
        tag = json.loads(line)
        if tag.get("_type") == "tag" and tag["kind"] in KINDS[language]:
            yield tag


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


def is_mistake(language, tag, line):
    """Why a tag does not count: ctags read something else as a declaration,
    or named what has no name, or lists what only its function can see."""
    name, kind = tag["name"], tag["kind"]
    if name == "_" or name.lower().startswith(("__anon", "anonymousfunction", "anonymousclass")):
        return "no name"
    in_function = tag.get("scopeKind") in ("function", "method", "func", "generator", "getter", "setter")
    if in_function and kind in ("variable", "constant", "typedef", "alias", "type", "struct", "interface", "property"):
        return "local to a function"
    if language == "rust":
        after_lifetime = re.search(r"'\w+ (mut )?\[?&?('static )?" + re.escape(name) + r"\b", line)
        is_constant = re.match(r"(pub(\([^)]*\))? )?(const|static) (mut )?\w+:", line)
        is_impl = re.match(r"(unsafe )?impl<", line) and not line.endswith("{")
        if (is_constant and after_lifetime) or is_impl:
            return "the word after a lifetime"
    if language == "javascript" and kind == "class" and "class" not in line:
        return "an object or function as class"
    if language in ("typescript", "tsx") and kind == "alias" and not re.search(r"\btype " + re.escape(name) + r"\b.*[=<]?", line.split("import")[-1] if "=" in line else ""):
        return "an imported name as alias"
    if language in ("typescript", "tsx") and kind == "enumerator" and not line.lstrip("'\"").startswith(name):
        return "a value as enumerator"
    if language == "java" and re.match(r"@" + re.escape(name) + r"\b", line):
        return "an annotation as constant"
    if language == "java" and name in ("true", "false", "default"):
        return "a default as field"
    if language == "cpp" and kind == "prototype" and re.search(r"([.>:]|= ?|\(|, )" + re.escape(name) + r"\(", line):
        return "a call as prototype"
    if language in ("c", "cpp") and kind == "macro" and re.search(r"define\s+" + re.escape(name) + r"\s*(/[/*].*)?$", line):
        return "a macro without a value"
    if language in ("c", "cpp") and kind == "enumerator" and line.startswith(name + "("):
        return "a macro call as enumerator"
    if language in ("c", "cpp") and kind in ("function", "prototype", "variable") and re.match(r"[A-Z][A-Z0-9_a-z]*_?\(", line) and name in line.split("(")[0] and name.upper() == name:
        return "a macro call as function"
    if language == "c-sharp":
        if kind == "class" and re.search(r"\bwhere " + re.escape(name) + r" *:", line):
            return "a constraint as member"
        if kind == "field" and re.match(re.escape(name) + r" = ", line):
            return "an assignment as field"
        if re.search(r"\bwhere\b.*:.*\b" + re.escape(name) + r"\b", line) or kind == "property" and "{" not in line and "=>" not in line and re.search(r"[:,]\s*" + re.escape(name), line):
            return "a constraint as member"
        if kind == "field" and (re.search(re.escape(name) + r"\s*\).*(=>|$)", line) or re.search(r"[(,] *(\w+ )?\S+ " + re.escape(name) + r"\b", line)):
            return "a parameter as field"
    if language == "ruby":
        if kind == "singletonMethod" and re.match(r"def " + re.escape(name) + r"\.", line):
            return "an object with a method as the method"
        if kind == "accessor" and name.endswith("="):
            return "the writer of an accessor, which is one symbol"
        if kind == "constant" and re.search(r"\b" + re.escape(name) + r" ===? ", line):
            return "a comparison as constant"
        if kind == "alias" and re.match(r"alias " + re.escape(name) + r"[?!=]", line):
            return "an alias without its last character"
    if language == "kotlin":
        if kind in ("constant", "variable") and not re.search(r"\b(val|var)\b", line):
            return "a loop or lambda variable as constant"
        if kind == "method" and not re.search(r"\bfun\b[^={]*\b" + re.escape(name) + r" *\(", line):
            return "a lambda or an argument as method"
        if kind == "object" and name == "Companion":
            return "a companion, whose name is `companion` here"
        if kind == "object" and re.search(r"\bobject\b *(:|\{)", line):
            return "no name"
        if "`" in line:
            return "a name in backticks, garbled"
    if language == "php" and name.startswith("AnonymousClass"):
        return "no name"
    if language == "bash" and name.endswith("="):
        return "an array as function"
    return None


def key_of(name):
    """ctags writes `operator ()`, and `std::` where the code has `::std::`."""
    return re.sub(r"\s+", "", name) if name.startswith("operator") else name


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
    wanted, unread = set(paths), set()
    ours = collections.defaultdict(set)
    symbols = []
    for outline in outlines(args.root, paths, args):
        path = outline["path"]
        if path not in wanted:
            continue
        # Generated and vendored files are not read for what they declare.
        if not outline["lines"]:
            unread.add(path)
        for symbol in outline["symbols"]:
            ours[path, symbol["line"]].add(key_of(symbol["name"]))
            symbols.append((path, symbol))

    texts = {}

    def line_of(path, number):
        if path not in texts:
            text = (pathlib.Path(args.root) / path).read_text(encoding="utf-8", errors="replace")
            texts[path] = text.split("\n")
        lines = texts[path]
        return lines[number - 1].strip() if number <= len(lines) else "<beyond the end>"

    total, hit, misses, mistaken = collections.Counter(), collections.Counter(), [], collections.Counter()
    seen = set()
    for tag in ctags(args.root, args.language, [path for path in paths if path not in unread]):
        path, line, name, kind = tag["path"], tag["line"], tag["name"], tag["kind"]
        if (path, line, name, kind) in seen:
            continue
        seen.add((path, line, name, kind))
        found = key_of(name) in ours[path, line]
        # `class A::B` is `B` to ctags.
        if args.language in ("ruby", "elixir"):
            found = found or any(re.split(r"::|\.", known)[-1] == name for known in ours[path, line])
        # What implements an interface openly, `void IA.B()`, is `IA.B` to ctags.
        if args.language == "c-sharp" and "." in name:
            found = found or name.rsplit(".", 1)[-1].split("[")[0] in ours[path, line]
        mistake = None if found else is_mistake(args.language, tag, line_of(path, line))
        if mistake:
            mistaken[mistake] += 1
            continue
        total[kind] += 1
        if found:
            hit[kind] += 1
        else:
            misses.append((kind, path, line, name))
    core = [kind for kind in total if kind not in EXTRA[args.language]]
    for kind in sorted(total):
        note = "" if kind in core else "  (not counted)"
        print(f"{kind:16} {hit[kind]:7} of {total[kind]:7}  {100 * hit[kind] / total[kind]:6.2f} %{note}")
    found, all_ = sum(hit[k] for k in core), sum(total[k] for k in core)
    recall = 100 * found / max(all_, 1)
    for mistake, count in sorted(mistaken.items()):
        print(f"left out         {count:7} {mistake}")
    if unread:
        print(f"left out         {len(unread):7} files that are generated, vendored or no text")
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
        if s["kind"] not in ("variable", "field", "variant", "constant")
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
    return 0 if recall >= 97 and not off and not twice else 1


if __name__ == "__main__":
    sys.exit(main())
