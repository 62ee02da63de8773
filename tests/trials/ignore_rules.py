#!/usr/bin/env python3
"""Tries random ignore files against git: whatever git ignores is never published.

Each tree has some hundred ignore files (`.gitignore`, `.waypostignore`,
`info/exclude`, `core.excludesFile`, the settings of the user and of the
project), with sane, odd, broken, over-long, binary and very many rules. What
`git check-ignore` says of each file is compared with what a snapshot lists;
what a `.waypostignore` or a setting leaves out, git is asked about in a twin
that has the same lines as a `.gitignore`.

A file that git ignores and a snapshot lists fails the trial, and so does one
that only git lists, unless a warning says that an ignore file counts as not
known. Prints counts, exits 1 if there are any.

    tests/trials/ignore_rules.py [--files N] [--seed S] [--binary PATH]
"""

import argparse
import collections
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

import walk

FOLDERS = 100
PARTS = ["a", "b", "ab", "foo", "x", "test", "[x]", "é", "A", "a b", "1", "long" * 30]
ENDS = ["", ".o", ".pyc", ".log", ".py", "~", "1", "\t", "]"]
BROKEN = ["[", "[!", "[a", "a\\", "[[:", "[[:nope:]]", "[[:alpha:]", "a//", "**//", "\\", "!\\", "[]", "[!]", "[z-a]",
          "[a-", "[\\", "[a\\]", "!", "!!a", "{a,b}", "a{", "***", "**a**", "a**/", "\\*", "[--/]", "[+--]", "//"]


def name(rng):
    return rng.choice(PARTS) + rng.choice(ENDS)


def long_rule(rng):
    size = rng.choice([200, 255, 256, 300, 1_000, 4_090, 5_000, 70_000, 250_000])
    piece = rng.choice(["?", "*a", "a", "*", "[ab]", "[", "**/", "a/", "\\a", "[[:alpha:]]", "!", " ", "é", "[:", "*?"])
    line = piece * (size // len(piece) + 1)
    return rng.choice(["", "!", "/"]) + line + rng.choice(["", "*", "/", "b", "]"])


def raw_rule(rng):
    return bytes(rng.choice(b"ab*?[]!/\\ \t\r\0\x80\xff\xc3\xa9-^:.#{},") for _ in range(rng.randint(1, 12)))


def line(rng):
    kind = rng.random()
    if kind < 0.55:
        text = walk.pattern(rng)
    elif kind < 0.75:
        text = rng.choice(["", "!", "/"]) + name(rng) + rng.choice(["", "", "/"])
    elif kind < 0.85:
        text = rng.choice(BROKEN)
    elif kind < 0.90:
        return raw_rule(rng)
    elif kind < 0.93:
        text = long_rule(rng)
    else:
        text = rng.choice(["*" + end for end in ENDS]) + rng.choice(["", "/"])
    return text.encode()


def rules(rng):
    """One ignore file: mostly a few lines, at times thousands."""
    kind = rng.random()
    if kind < 0.90:
        lines = [line(rng) for _ in range(rng.randint(1, 12))]
    elif kind < 0.99:
        lines = [line(rng) for _ in range(3)]
        form = rng.choice(["file#", "/a/b#", "*.ext#", "[a-z]*#?x[!q]", "!n#", "**/a#/*", "a#/"])
        lines += [form.replace("#", str(n)).encode() for n in range(rng.randint(100, 3_000))]
        rng.shuffle(lines)
    else:
        lines = [b"z%d*[a-c]" % n for n in range(100_000)] + [line(rng) for _ in range(3)]
    end = rng.choice([b"\n", b"\n", b"\r\n"])
    text = end.join(lines) + rng.choice([b"", end])
    return (b"\xef\xbb\xbf" if rng.random() < 0.05 else b"") + text


def make(rng, tree, state):
    """A repository, and a twin in which git reads what is ours alone."""
    twin = tree + ".twin"
    for top in (tree, twin):
        os.mkdir(top)
        walk.git(top, "init", "-q")
    ours = rng.choice([".waypostignore", "setting"])
    count = 0
    folders = []
    while len(folders) < FOLDERS:
        parent = rng.choice(folders) if folders and rng.random() < 0.4 else ""
        folder = os.path.join(parent, name(rng).replace("/", "") + (str(len(folders)) if rng.random() < 0.7 else ""))
        if folder.count("/") > 5 or os.path.lexists(os.path.join(tree, folder)):
            continue
        folders.append(folder)
        for top in (tree, twin):
            os.mkdir(os.path.join(top, folder))
    for folder in [""] + folders:
        for _ in range(rng.randint(2, 6)):
            path = os.path.join(folder, name(rng))
            for top in (tree, twin):
                if not os.path.isdir(os.path.join(top, path)):
                    walk.write(os.path.join(top, path), b"x = 1\n")
        if rng.random() < 0.97 and folder:
            walk.write(os.path.join(tree, folder, ".gitignore"), rules(rng))
            count += 1
        if ours == ".waypostignore" and rng.random() < 0.5:
            text = rules(rng)
            walk.write(os.path.join(tree, folder, ".waypostignore"), text)
            walk.write(os.path.join(twin, folder, ".gitignore"), text)
            count += 1
    walk.write(os.path.join(tree, ".git/info/exclude"), rules(rng))
    excludes, config = tree + ".excludes", tree + ".gitconfig"
    walk.write(excludes, rules(rng))
    walk.write(config, b"[core]\n\texcludesFile = %s\n" % excludes.encode())
    if rng.random() < 0.2:
        walk.git(tree, "config", "core.ignoreCase", "true")
        if ours == ".waypostignore":
            walk.git(twin, "config", "core.ignoreCase", "true")
    count += 2
    home = tree + ".home"
    os.makedirs(os.path.join(home, ".config/waypost"))
    if ours == "setting":
        # A setting's paths begin at the root, as those of its ignore file do.
        count += setting(rng, tree, twin, home)
    env = dict(os.environ, HOME=home, GIT_CONFIG_GLOBAL=config, GIT_CONFIG_NOSYSTEM="1", XDG_CONFIG_HOME=home + "/.config",
               XDG_STATE_HOME=state)
    return twin, env, count


def setting(rng, tree, twin, home):
    """`exclude` of the project, then that of the user, which has the last word."""
    lists = []
    for path in [os.path.join(tree, ".waypost/config.toml"), os.path.join(home, ".config/waypost/config.toml")]:
        lines = [line.decode(errors="ignore").replace("\0", "") for line in rules(rng)[:400_000].splitlines()]
        # Only what both formats hold alike.
        lines = [line for line in lines if line.isprintable() and line]
        os.makedirs(os.path.dirname(path), exist_ok=True)
        walk.write(path, b"exclude = " + json.dumps(lines, ensure_ascii=False).encode() + b"\n")
        lists.append(lines)
    both = [line for line in lists[0] if line not in set(lists[1])] + lists[1]
    walk.write(os.path.join(twin, ".gitignore"), "\n".join(both).encode())
    return 2


def ignored(top, paths, env):
    """What git ignores of these, tracked or not, and what it cannot tell: some
    rules of a quarter of a million bytes are too deep for it, and it crashes."""
    command = ["git", "-C", top, "check-ignore", "--no-index", "-z", "--stdin"]
    asked = b"".join(path + b"\0" for path in paths)
    done = subprocess.run(command, input=asked, capture_output=True, env=env)
    if done.returncode >= 0:
        return set(done.stdout.split(b"\0")) - {b""}, set()
    if len(paths) == 1:
        return set(), set(paths)
    half = len(paths) // 2
    (a, b), (c, d) = ignored(top, paths[:half], env), ignored(top, paths[half:], env)
    return a | c, b | d


def files(tree):
    found = []
    for folder, folders, names in os.walk(os.fsencode(tree)):
        folders[:] = [one for one in folders if one not in (b".git", b".waypost")]
        found += [os.path.relpath(os.path.join(folder, one), os.fsencode(tree)) for one in names]
    return found


def compare(binary, tree, twin, env):
    run = [binary, "--project-root", tree]
    done = subprocess.run(run + ["snapshot"], capture_output=True, env=env)
    if done.returncode:
        return None, [("fails", done.stderr[-300:])], 0, 0
    shown = json.loads(subprocess.run(run + ["show-snapshot", "--json"], capture_output=True, check=True, env=env).stdout)
    listed = {entry["path"].encode() for entry in shown["files"] + shown["skipped"]}
    paths = files(tree)
    nobody = dict(env, GIT_CONFIG_GLOBAL="/dev/null")
    (out, crashed), (more, crashed_too) = ignored(tree, paths, env), ignored(twin, paths, nobody)
    out, unsure = out | more, crashed | crashed_too
    published = [("published", path) for path in sorted(listed & out)]
    # Names that are not UTF-8 are listed under others; there are none here.
    is_unknown = b"whatever it might leave out" in done.stderr
    missing = [] if is_unknown else [("only git", path) for path in sorted(set(paths) - out - listed - unsure)]
    return paths, published + missing, len(out), len(unsure)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000, help="ignore files to try")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--binary", default="waypost")
    parser.add_argument("--keep", action="store_true", help="keep trees that differ")
    options = parser.parse_args()
    counts = collections.Counter()
    folder = tempfile.mkdtemp(prefix="ignore-rules-")
    seed = options.seed
    while counts["ignore files"] < options.files:
        tree = os.path.join(folder, str(seed))
        twin, env, count = make(random.Random(seed), tree, folder + "/state")
        paths, differences, out, unsure = compare(options.binary, tree, twin, env)
        counts["trees"] += 1
        counts["ignore files"] += count
        counts["files"] += len(paths or [])
        counts["files that git ignores"] += out
        counts["files on which git crashes"] += unsure
        for side, _ in differences:
            counts[side] += 1
        for side, path in differences[:5]:
            print(f"--seed {seed} ({tree}): {side}: {path!r}")
        if not (differences and options.keep):
            for one in os.listdir(folder):
                if one.startswith(str(seed)):
                    path = os.path.join(folder, one)
                    shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)
        seed += 1
    if not options.keep:
        shutil.rmtree(folder)
    print(", ".join(f"{count:,} {what}" for what, count in counts.items()))
    return 1 if counts["published"] + counts["only git"] + counts["fails"] else 0


if __name__ == "__main__":
    sys.exit(main())
