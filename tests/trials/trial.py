"""What the trials share: running waypost without the machine's settings,
copies of trees, counting. Not a trial itself."""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

GIT = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ann",
    "GIT_AUTHOR_EMAIL": "ann@example.org",
    "GIT_COMMITTER_NAME": "Ann",
    "GIT_COMMITTER_EMAIL": "ann@example.org",
}


def environment(home, **more):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("WAYPOST_", "GIT_", "LC_"))}
    made = {**kept, **GIT, "HOME": str(home), "XDG_CONFIG_HOME": str(home), **more}
    return {name: value for name, value in made.items() if value is not None}


def parser(description):
    """Of a trial's command line; every trial takes the program that is tried."""
    made = argparse.ArgumentParser(
        description=description.replace("%", "%%"), formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--binary", required=True, type=lambda path: str(pathlib.Path(path).resolve()))
    return made


def run(binary, root, home, *arguments, expect=0, cwd=None, **more):
    """Runs waypost on a root; gives standard output. `expect` None takes any code."""
    command = [binary, *arguments, "--project-root", str(root)]
    done = subprocess.run(command, capture_output=True, cwd=cwd or root, env=environment(home, **more))
    if expect is not None and done.returncode != expect:
        sys.exit(f"{' '.join(map(str, command))}\nended with {done.returncode}, not {expect}\n{done.stderr.decode()}")
    return done.stdout


def report(binary, root, home, *arguments, **more):
    return json.loads(run(binary, root, home, *arguments, "--json", **more))


def git(root, *arguments):
    done = subprocess.run(["git", *arguments], capture_output=True, cwd=root, env=environment(root))
    if done.returncode:
        sys.exit(f"git {arguments}: {done.stderr.decode()}")
    return done.stdout.decode().strip()


@contextlib.contextmanager
def scratch():
    """A folder that goes again, and in it an empty home."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder).resolve()
        home = folder / "home"
        home.mkdir()
        yield folder, home


def copy(tree, to):
    """A copy of a work tree with its history, without waypost's files."""
    subprocess.run(["cp", "-a", str(tree), str(to)], check=True)
    shutil.rmtree(pathlib.Path(to) / ".waypost", ignore_errors=True)
    if (pathlib.Path(to) / ".git").is_dir():
        # To git all files of a copy are touched, and it would read them at every look.
        git(to, "update-index", "-q", "--refresh")
    return pathlib.Path(to)


class Tally:
    """Counts what held and tells what did not."""

    def __init__(self):
        self.held = self.failed = 0

    def check(self, holds, what):
        if holds:
            self.held += 1
        else:
            self.failed += 1
            print(f"FAILED {what}", flush=True)
        return holds

    def end(self):
        print(f"{self.held + self.failed} checks, {self.held} held, {self.failed} failed")
        sys.exit(1 if self.failed else 0)
