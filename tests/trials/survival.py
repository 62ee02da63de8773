#!/usr/bin/env python3
"""What became of edits, on commits of public history that were reverted.

Usage: survival.py --binary WAYPOST REPOSITORY... [--pairs N] [--seed N]

A session makes the edits of a commit, as a client tells its hook of them, and commits. Where the history stands just
before the commit that reverts it, each edit must be told as git's texts say; at the revert it must be `reverted`, by that
commit. A pair is right when both are. Left out are pairs whose commit touches no text, and files that something else
than the pair changed in between.
"""

import json
import pathlib
import random
import re
import subprocess

import trial


def pairs(root):
    """Commits with the one that reverts them alone."""
    log = trial.git(root, "log", "--no-merges", "--grep", "This reverts commit", "--format=%H%x00%b%x01")
    for entry in log.split("\x01"):
        revert, _, body = entry.strip().partition("\0")
        named = re.findall(r"This reverts commit ([0-9a-f]{40})", body)
        if len(named) == 1:
            known = subprocess.run(["git", "merge-base", "--is-ancestor", named[0], revert], cwd=root, capture_output=True)
            if known.returncode == 0:
                yield named[0], revert


def text(root, commit, path):
    shown = subprocess.run(["git", "show", f"{commit}:{path}"], cwd=root, capture_output=True)
    try:
        return shown.stdout.decode() if shown.returncode == 0 else None
    except UnicodeDecodeError:
        return None


def says(line):
    return len(re.findall(r"[A-Za-z0-9]", line)) >= 3


def wanted(root, commit, revert):
    """Files that the commit changed, the revert took back to what they were, and nobody else touched."""
    for path in trial.git(root, "diff-tree", "-r", "--no-commit-id", "--name-only", commit).splitlines():
        before, after = text(root, f"{commit}^", path), text(root, commit, path)
        late, end = text(root, f"{revert}^", path), text(root, revert, path)
        if None in (before, after, late, end) or len(after) > 200_000:
            continue
        if after == late and before == end and set(filter(says, before.split("\n"))) != set(filter(says, after.split("\n"))):
            yield path, before, after


def hook(binary, root, home, event, **told):
    told = {"session_id": "conversation", "cwd": str(root), **told}
    subprocess.run([binary, "hook", event, "--client", "claude", "--project-root", str(root)], input=json.dumps(told).encode(),
                   cwd=root, env=trial.environment(home), check=True, capture_output=True)


def edits(before, after):
    """The hunks of a difference as replacements."""
    import difflib
    old, new = before.splitlines(True), after.splitlines(True)
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield "".join(old[a:b]), "".join(new[c:d])


def states(binary, root, home):
    shown = trial.report(binary, root, home, "session", "show", "conversation")
    return {edit["path"]: (edit["state"], (edit["by"] or {}).get("commit")) for edit in shown["edits"]}


def one(binary, top, home, repository, commit, revert, files):
    root = top / "tree"
    trial.git(top, "clone", "-q", "--shared", "--no-checkout", str(repository), str(root))
    trial.git(root, "checkout", "-qf", f"{commit}^")
    trial.run(binary, root, home, "init")
    hook(binary, root, home, "session-start", source="startup")
    for path, before, after in files:
        (root / path).write_text(after, newline="")
        for old, new in edits(before, after):
            told = {"file_path": str(root / path), "old_string": old, "new_string": new}
            hook(binary, root, home, "post-tool", tool_name="Edit", tool_input=told)
    wrong = []
    for path, (state, _) in after_checkout(binary, root, home, f"{revert}^").items():
        if state != "stands":
            wrong.append(f"{path} is told as {state} before the revert")
    for path, (state, by) in after_checkout(binary, root, home, revert).items():
        if state != "reverted" or by != trial.git(root, "rev-parse", revert):
            wrong.append(f"{path} is told as {state} by {by} at the revert")
    told = states(binary, root, home)
    wrong += [f"{path} is not told" for path, _, _ in files if path not in told]
    return wrong


def after_checkout(binary, root, home, commit):
    trial.git(root, "checkout", "-qf", commit)
    return states(binary, root, home)


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("repositories", nargs="+", type=pathlib.Path)
    parser.add_argument("--pairs", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    found = [(repository.resolve(), *pair) for repository in arguments.repositories for pair in pairs(repository)]
    rng.shuffle(found)
    tally = trial.Tally()
    for repository, commit, revert in found:
        if tally.held + tally.failed == arguments.pairs:
            break
        files = list(wanted(repository, commit, revert))
        if not files:
            continue
        try:
            with trial.scratch() as (top, home):
                wrong = one(arguments.binary, top, home, repository, commit, revert, files)
        except SystemExit as error:
            # A mirror may lack large files.
            print(f"left out: {str(error)[:200]}")
            continue
        tally.check(not wrong, f"{repository.parent.name} {commit[:10]} {revert[:10]}: {'; '.join(wrong)}")
    print(f"{tally.held} of {tally.held + tally.failed} pairs right, of {len(found)} in {len(arguments.repositories)} repositories")
    tally.end()


if __name__ == "__main__":
    main()
