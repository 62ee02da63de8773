#!/usr/bin/env python3
"""Compares what waypost walks with what git lists.

For every real tree that is named, and for generated trees full of ignore
rules, the files and skipped entries of a command must be the set that
`git ls-files -co --exclude-standard` prints, apart from the classes in
`explained`. Prints counts and the first differences, exits 1 if there are any.

    tests/trials/walk.py [--generated N] [--seed S] [--command CMD] [TREE ...]

CMD gets the tree as its last argument and prints a JSON object with `files`
and `skipped`, lists of objects with a `path`. Without it `waypost snapshot`
and `waypost show-snapshot` are asked, on a copy of the tree. Not a test of
what files hold.
"""

import argparse
import collections
import json
import os
import random
import shlex
import shutil
import subprocess
import sys
import tempfile

NAMES = ["a", "b", "ab", "abc", "foo", "foo.o", "bar.pyc", "x.log", "README.md", ".hidden", "A", "{a,b}",
         "[x]", "a b", "a ", "#a", "!a", "a*b", "a\\b", "build", "target", "src", "é", "a-b", "a\tb",
         "test1", "test2", ".env", "docs", "café.txt", "-a", "a?b", "aXb", "b]", "x^", "long" * 20]
PIECES = ["*", "**", "?", "[ab]", "[!ab]", "[^a]", "[a-c]", "[]a]", "[a-]", "[[:alpha:]]", "[[:digit:]x]",
          "[\\]a]", "[!\\]]", "{a,b}", "a", "b", "ab", "foo", "*.o", "*.pyc", "*.log", "build", "src", "test",
          "\\*", "\\?", "\\[", "\\a", ".", ".*", "é", "-", "[", "]", "{", "}", "docs", "target", "\\ ", "a\\",
          "[a", "[!]", "[[:nope:]]", "[x]", "***", "a**", "**a", "#", "!", "[!a-z]", "[A-Z]", "1", "2", " "]


def git(tree, *arguments, env=None, check=True):
    base = ["git", "-C", tree, "-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "core.quotePath=false"]
    return subprocess.run(base + list(arguments), capture_output=True, check=check, env=env).stdout


def pattern(rng):
    """One line: mostly sane, sometimes as odd as can be."""
    if rng.random() < 0.25:
        line = rng.choice(NAMES)
    else:
        parts = ["".join(rng.choice(PIECES) for _ in range(rng.randint(1, 3))) for _ in range(rng.randint(1, 3))]
        line = "/".join(parts)
    if rng.random() < 0.25:
        line = "/" + line
    if rng.random() < 0.25:
        line += "/"
    if rng.random() < 0.3:
        line = "!" + line
    if rng.random() < 0.1:
        line += rng.choice([" ", "   ", "\t", "\\ ", "\\  ", "\\", "/**", "**", "\r"])
    if rng.random() < 0.05:
        line = rng.choice(["# comment", "", " ", "/", "!", "!/", "\\#a", "\\!a", "**", "*", "/*", "//a", "a//b"])
    return line


def rules(rng):
    end = rng.choice(["\n", "\n", "\n", "\r\n"])
    text = end.join(pattern(rng) for _ in range(rng.randint(1, 8)))
    text += rng.choice([end, ""])
    return (b"\xef\xbb\xbf" if rng.random() < 0.1 else b"") + text.encode()


def write(path, content):
    with open(path, "wb") as file:
        file.write(content)


def make_folder(rng, folder, depth, home):
    for name in rng.sample(NAMES, rng.randint(3, 12)):
        path = os.path.join(folder, name)
        kind = rng.random()
        if kind < 0.35 and depth < 4:
            os.mkdir(path)
            make_folder(rng, path, depth + 1, home)
        elif kind < 0.40:
            os.symlink(rng.choice(["/etc/passwd", "..", "a", "nowhere", "."]), path)
        elif kind < 0.42 and depth < 3:
            os.mkdir(path)
            git(path, "init", "-q", env=home)
            write(os.path.join(path, "inner"), b"inner")
            write(os.path.join(path, ".gitignore"), rules(rng))
        elif kind < 0.43:
            os.mkdir(path)
            write(os.path.join(path, ".git"), rng.choice([b"garbage", b"gitdir: /nope\n", b""]))
            write(os.path.join(path, "beside"), b"x")
        else:
            write(path, name.encode())
    if rng.random() < (0.9 if depth == 0 else 0.35):
        path = os.path.join(folder, ".gitignore")
        if rng.random() < 0.03:
            os.mkdir(path)
        elif rng.random() < 0.03:
            os.symlink("a", path)
        else:
            write(path, rules(rng))


def generate(rng, tree):
    """A repository; returns the environment that git and the command run in."""
    os.mkdir(tree)
    config = tree + ".config"
    excludes = tree + ".excludes"
    lines = "[core]\n\texcludesFile = %s\n" % excludes if rng.random() < 0.4 else ""
    if rng.random() < 0.1:
        lines += "[core]\n\tignoreCase = true\n"
    write(config, lines.encode())
    write(excludes, rules(rng))
    home = dict(os.environ, GIT_CONFIG_GLOBAL=config, GIT_CONFIG_NOSYSTEM="1", XDG_CONFIG_HOME=tree + ".none")
    git(tree, "init", "-q", env=home)
    make_folder(rng, tree, 0, home)
    if rng.random() < 0.4:
        write(os.path.join(tree, ".git/info/exclude"), rules(rng))
    tracked = [
        os.path.relpath(os.path.join(folder, name), tree)
        for folder, folders, names in os.walk(tree)
        for name in names
        if ".git" not in os.path.relpath(folder, tree).split(os.sep) and name != ".git"
    ]
    tracked.sort()
    chosen = rng.sample(tracked, min(len(tracked), rng.randint(0, 12)))
    for path in chosen:
        git(tree, "--literal-pathspecs", "add", "-f", "--", path, env=home, check=False)
    if rng.random() < 0.3 and chosen:
        # Gone from the work tree, still in the index.
        path = os.path.join(tree, rng.choice(chosen))
        if os.path.lexists(path):
            os.remove(path)
    return home


def listed_by_git(tree, env):
    output = git(tree, "ls-files", "-co", "--exclude-standard", "-z", env=env)
    return {path for path in output.split(b"\0") if path}


def listed_by_command(command, tree, env):
    if command:
        output = subprocess.run(shlex.split(command) + [tree], capture_output=True, check=True, env=env).stdout
        return json.loads(output)
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "copy")
        shutil.copytree(tree, copy, symlinks=True)
        run = ["waypost", "--project-root", copy]
        subprocess.run(run[:1] + ["snapshot", "--no-handoff"] + run[1:], capture_output=True, check=True, env=env)
        shown = subprocess.run(run[:1] + ["show-snapshot", "--json"] + run[1:], capture_output=True, check=True, env=env)
        return json.loads(shown.stdout)


def explained(path, tree, skipped):
    """The documented classes; the rest is a difference."""
    full = os.path.join(os.fsencode(tree), path)
    if not os.path.lexists(full):
        return "tracked, gone from the work tree"
    if b".waypost" in path.split(b"/"):
        return "our own folder"
    if path.endswith(b"/") and path.rstrip(b"/") in skipped:
        return "nested repository"
    try:
        path.decode()
    except UnicodeDecodeError:
        return "name is not UTF-8"
    return None


def compare(tree, command, env, classes):
    """The paths that only one side has and no class explains."""
    shown = listed_by_command(command, tree, env)
    files = {entry["path"].encode() for entry in shown["files"]}
    skipped = {entry["path"].encode(): entry["reason"] for entry in shown["skipped"]}
    ours = files | set(skipped)
    theirs = listed_by_git(tree, env)
    differences = []
    for path in sorted(theirs - ours):
        reason = explained(path, tree, skipped)
        if reason:
            classes[reason] += 1
        else:
            differences.append(("only git", path))
    for path in sorted(ours - theirs):
        if path + b"/" in theirs:
            continue
        special = ("named pipe", "socket", "device")
        if skipped.get(path) in special:
            classes["special file"] += 1
        else:
            differences.append(("only waypost", path))
    return len(theirs), differences


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("trees", nargs="*")
    parser.add_argument("--generated", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--command", default="")
    parser.add_argument("--keep", action="store_true", help="keep trees that differ")
    options = parser.parse_args()
    classes = collections.Counter()
    total = differing = trees = 0

    def report(label, tree, env):
        nonlocal total, differing, trees
        count, differences = compare(tree, options.command, env, classes)
        trees += 1
        total += count
        if differences:
            differing += 1
            if differing <= 20:
                print(f"{label}: {len(differences)} differences")
                for side, path in differences[:5]:
                    print(f"    {side}: {path!r}")
        return not differences

    for tree in options.trees:
        report(tree, tree, dict(os.environ))
    folder = tempfile.mkdtemp(prefix="walk-trial-")
    for number in range(options.generated):
        seed = options.seed + number
        tree = os.path.join(folder, str(seed))
        env = generate(random.Random(seed), tree)
        same = report(f"generated, --seed {seed} ({tree})", tree, env)
        if same or not options.keep:
            shutil.rmtree(tree)
    if not options.keep:
        shutil.rmtree(folder)
    print(f"{trees} trees, {total} paths listed by git, {differing} trees differ")
    for reason, count in sorted(classes.items()):
        print(f"    explained: {reason}: {count}")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
