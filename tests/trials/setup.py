#!/usr/bin/env python3
"""Sets up the files of coding agents and takes it back, over a folder of
fixtures: `<fixtures>/<client>/<file>`.

For every file and every place where its client would have it: set up, set up
again (nothing changes), take back (every byte and the mode as before). Then the
same with edits by another hand before, behind and around ours: they survive and
ours goes. Files that the client could not read, or that hold an entry that is not
ours, must stay untouched, and the refusal must name the line and what to paste.

    python3 tests/trials/setup.py --binary target/release/waypost ~/fixtures
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

# Folder, pattern of the file's name, client, scope, part, where it lies.
PLACES = [
    ("claude", "project*.json", "claude", "project", "mcp", ".mcp.json"),
    ("claude", "project*.json", "copilot", "project", "mcp", ".mcp.json"),
    ("claude", "settings*.json", "claude", "project", "hooks", ".claude/settings.json"),
    ("claude", "settings*.json", "claude", "user", "hooks", "~/.claude/settings.json"),
    ("claude", "user*.json", "claude", "user", "mcp", "~/.claude.json"),
    ("codex", "config*.toml", "codex", "project", "mcp", ".codex/config.toml"),
    ("codex", "config*.toml", "codex", "user", "mcp", "~/.codex/config.toml"),
    ("codex", "hooks*.json", "codex", "project", "hooks", ".codex/hooks.json"),
    ("cursor", "mcp*.json", "cursor", "project", "mcp", ".cursor/mcp.json"),
    ("cursor", "hooks*.json", "cursor", "project", "hooks", ".cursor/hooks.json"),
    ("vscode", "mcp*.json", "vscode", "project", "mcp", ".vscode/mcp.json"),
    ("copilot", "mcp-config*.json", "copilot", "user", "mcp", "~/.copilot/mcp-config.json"),
    ("copilot", "*instructions.md", "copilot", "project", "instructions", ".github/copilot-instructions.md"),
    ("copilot/hooks", "*.json", "copilot", "project", "hooks", ".github/hooks/team.json"),
    ("gemini", "settings*.json", "gemini", "project", "mcp", ".gemini/settings.json"),
    ("gemini", "settings*.json", "gemini", "user", "hooks", "~/.gemini/settings.json"),
    ("qwen", "settings*.json", "qwen", "project", "", ".qwen/settings.json"),
    ("windsurf", "mcp_config*.json", "windsurf", "user", "mcp", "~/.codeium/windsurf/mcp_config.json"),
    ("zed", "settings*.json", "zed", "user", "mcp", "~/.config/zed/settings.json"),
    ("zed", "project*.json", "zed", "project", "mcp", ".zed/settings.json"),
    ("opencode", "*.jsonc", "opencode", "project", "mcp", "opencode.jsonc"),
    ("opencode", "*.json", "opencode", "project", "mcp", "opencode.json"),
    ("crush", "*.json", "crush", "project", "mcp", "crush.json"),
    ("crush", "*rc", "crush", "project", "mcp", ".crushrc"),
    ("goose", "*.yaml", "goose", "user", "mcp", "~/.config/goose/config.yaml"),
    ("amp", "*.json", "amp", "user", "mcp", "~/.config/amp/settings.json"),
    ("cline", "*.json", "cline", "user", "mcp", "~/.cline/data/settings/cline_mcp_settings.json"),
    ("junie", "*.json", "junie", "project", "mcp", ".junie/mcp/mcp.json"),
    ("aider", "*.yml", "aider", "project", "instructions", ".aider.conf.yml"),
    ("instructions", "AGENTS*.md", "codex", "project", "instructions", "AGENTS.md"),
    ("instructions", "CLAUDE*.md", "claude", "project", "instructions", "CLAUDE.md"),
    ("generic", "*.json", "claude", "project", "mcp", ".mcp.json"),
    ("generic", "*.json", "junie", "user", "mcp", "~/.junie/mcp/mcp.json"),
]

# Names of files that must be left alone.
REFUSED = ["invalid", "inline", "other-root", "broken", "utf16", "not-an-object", "null"]


class Trial:
    def __init__(self, binary, fixture, place):
        _, _, self.client, self.scope, self.part, at = place
        self.binary, self.name = binary, f"{fixture.parent.name}/{fixture.name} as {self.client} {at}"
        self.temp = tempfile.TemporaryDirectory()
        top = pathlib.Path(self.temp.name).resolve()
        self.root, self.home = top / "project", top / "home"
        self.root.mkdir(), self.home.mkdir()
        self.file = self.home / at[2:] if at.startswith("~/") else self.root / at
        self.file.parent.mkdir(parents=True, exist_ok=True)
        if fixture.is_symlink():
            target = fixture.readlink()
            (self.root / target).write_bytes((fixture.parent / target).read_bytes())
            os.symlink(target, self.file)
        else:
            shutil.copyfile(fixture, self.file)
            os.chmod(self.file, 0o640)

    def run(self, *extra):
        parts = [f"--{self.part}"] if self.part else []
        command = [self.binary, "setup", self.client, f"--{self.scope}", *parts, "--json", *extra]
        environment = {"HOME": str(self.home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
        done = subprocess.run(command, cwd=self.root, env=environment, capture_output=True)
        try:
            return done.returncode, json.loads(done.stdout)
        except ValueError:
            return done.returncode, {"error": done.stdout.decode() + done.stderr.decode()}

    def tree(self):
        found = {}
        for folder in (self.root, self.home):
            for path in sorted(folder.rglob("*")):
                if path.is_relative_to(self.home / ".local"):
                    continue
                kind = f"link {path.readlink()}" if path.is_symlink() else oct(path.lstat().st_mode)
                found[str(path)] = (kind, path.read_bytes() if path.is_file() else b"")
        return found

    def states(self, report):
        changes = [change for client in report.get("clients", []) for change in client["changes"]]
        return [change["state"] for change in changes], changes


def edits(text, name):
    """The file as another hand would change it: each an edit that keeps it valid."""
    end = "\r\n" if "\r\n" in text else "\n"
    if name.endswith((".json", ".jsonc")):
        at = text.find("{") + 1
        inner = text[at:].lstrip()
        comma = "" if inner.startswith("}") else ","
        yield "member before", text[:at] + f' "another": {{"x": [1, 2]}}{comma}' + text[at:]
        yield "space behind", text + end
    elif name.endswith(".toml"):
        if not text.rstrip().endswith('"') or "[" in text:
            yield "table behind", text + f'{end}[another]{end}x = 1{end}'
        yield "comment before", "# another" + end + text
    elif name.endswith((".yaml", ".yml")):
        yield "key behind", text + ("" if text.endswith("\n") else end) + f"another: 1{end}"
        yield "comment before", "# another" + end + text
    else:
        yield "line behind", text + f"{end}another line{end}"
        yield "line before", f"# another{end}{end}" + text


def check(trial, failures, counts):
    def fail(what, detail=""):
        failures.append(f"{trial.name}: {what} {detail}")

    before = trial.tree()
    must_refuse = any(word in trial.name.split(" as ")[0].lower() for word in REFUSED)
    code, report = trial.run()
    states, changes = trial.states(report)
    if must_refuse:
        counts["refused"] += 1
        refused = [change for change in changes if change["state"] == "refused"]
        if not refused:
            fail("is not refused", report)
        if not all(change["why"] and change["paste"] for change in refused):
            fail("is refused without a reason or what to paste", refused)
        if code != 1 or trial.tree() != before:
            fail("a refused file was changed, or the exit code is not 1", code)
        trial.run("--undo")
        if trial.tree() != before:
            fail("undoing nothing changed something")
        return
    counts["set up"] += 1
    if "told" in states:
        if trial.tree() != before:
            fail("told, and changed")
        counts["told"] += 1
        return
    if code != 0 or not set(states) <= {"added", "updated"}:
        return fail("is not set up", (code, report))
    after = trial.tree()
    if trial.run()[1].get("complete") is None or trial.tree() != after:
        fail("a second setup changed something")
    states = trial.states(trial.run("--check")[1])[0]
    if set(states) != {"present"}:
        fail("--check does not see it", states)
    code, report = trial.run("--undo")
    if trial.tree() != before:
        fail("--undo does not give back what was there", report)
    trial.run("--undo")
    if trial.tree() != before:
        fail("a second --undo changed something")
    target = trial.file.resolve()
    original = target.read_bytes()
    bom = b"\xef\xbb\xbf" if original.startswith(b"\xef\xbb\xbf") else b""
    text = original[len(bom):].decode()
    name = trial.file.name
    plain = dict(edits(text, name))
    trial.run()
    ours = target.read_bytes()[len(bom):].decode()
    for what, edited in edits(ours, name):
        if what not in plain or what == "member before" and not text.strip():
            continue
        counts["edited"] += 1
        target.write_bytes(bom + edited.encode())
        trial.run("--undo")
        found = target.read_bytes() if target.exists() else None
        if found != bom + plain[what].encode() and "with-block" not in trial.name:
            fail(f"with a {what}: not what it would be without us", (found, plain[what]))
        target.write_bytes(original)
        trial.run()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("fixtures", type=pathlib.Path)
    arguments = parser.parse_args()
    failures, counts = [], {"set up": 0, "told": 0, "refused": 0, "edited": 0}
    unused = {path for path in arguments.fixtures.rglob("*") if path.is_file() or path.is_symlink()}
    for place in PLACES:
        for fixture in sorted((arguments.fixtures / place[0]).glob(place[1])):
            unused.discard(fixture)
            check(Trial(arguments.binary, fixture, place), failures, counts)
    print(", ".join(f"{count} {what}" for what, count in counts.items()))
    for path in sorted(unused):
        print(f"no place for {path.relative_to(arguments.fixtures)}")
    print("\n".join(failures))
    print(f"{len(failures)} failures")
    return 1 if failures or not counts["set up"] else 0


sys.exit(main())
