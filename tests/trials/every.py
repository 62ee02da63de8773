"""Every command of waypost with arguments that make it work, for trials that
hold something over all of them. Not a trial itself."""

import os
import pathlib
import re
import signal
import subprocess
import time

import trial


def names(binary):
    """The commands that `--help` lists."""
    text = subprocess.run([binary, "--help"], capture_output=True, check=True).stdout.decode()
    part = text.split("Commands:")[1].split("Options:")[0]
    return re.findall(r"^  ([a-z][a-z-]*)  ", part + "\n", re.M)


def calls(binary, outside, path="src/a.py", word="alpha"):
    """(name, arguments) in an order that works in a fresh project; what is in
    `outside` is written there. Fails when a command is missing here."""
    outside = pathlib.Path(outside)
    chat = outside / "chat.txt"
    chat.write_text("User: we decided to keep sqlite\nAssistant: decision: keep sqlite because it is one file\n")
    export, backup = str(outside / "export.jsonl"), str(outside / "backup.tar.zst")
    anchor = f"{path}#{word}"
    table = [
        ("init", []),
        ("snapshot", ["--goal", f"mend {word}"]),
        ("handoff", []), ("handoff", ["--check"]), ("handoff", ["--stdout", "--format", "json"]),
        ("status", []), ("restore", []), ("snapshots", []), ("show-snapshot", []), ("diff-summary", []),
        ("note", ["--summary", "one", "--slug", "one", "--anchor", anchor]),
        ("note", ["--summary", "two", "--slug", "two", "--kind", "lesson"]),
        ("note", ["--summary", "three", "--slug", "three"]),
        ("note", ["--summary", "four", "--slug", "four"]),
        ("edit", ["one", "--summary", "one again"]),
        ("history", ["one"]), ("diff", ["one", "1", "2"]), ("rollback", ["one", "1"]),
        ("decisions", []), ("notes", []), ("show", ["one"]),
        ("supersede", ["two", "--by", "one"]), ("suppress", ["three"]),
        ("forget", ["three", "--yes"]), ("erase", ["four", "--yes"]),
        ("verify", []), ("verify", ["--accept"]),
        ("export", ["--output", export]), ("import", ["--file", export]),
        ("backup", ["--output", backup]), ("restore-backup", ["--file", backup, "--yes"]),
        ("ingest-chat", ["--file", str(chat)]), ("proposals", []),
        ("goal", []), ("goal", ["add", f"mend more of {word}"]), ("goal", ["list", "--all"]), ("brief", []), ("checkpoint", ["--done", "a", "--next", "b"]),
        ("pin", [path]), ("pins", []), ("unpin", [path]),
        ("search", [word]), ("search", ["--from-docs"]), ("context", [word]), ("context", [word, "--format", "md"]),
        ("prompt", []), ("prompt", ["--mode", "claude-code-restore"]),
        ("outline", [path]), ("languages", []), ("rank", ["--goal", word]), ("explain", [path, "--goal", word]),
        ("bench", ["--cases", "5"]), ("watch", []),
        ("snapshot", ["--goal", f"another {word}"]), ("compare-snapshots", []), ("prune", ["--keep-last", "1"]),
        ("config", []), ("config", ["set", "map_files", "100"]), ("trust", []), ("trust", ["--list"]),
        ("trust", ["--revoke"]), ("doctor", []), ("completions", ["bash"]), ("man", []), ("templates", ["list"]), ("templates", ["show", "now.md.j2"]), ("schema", []), ("schema", ["status"]),
        ("lessons", ["mine"]), ("lessons", ["list"]), ("lessons", ["match", "--arg", "ls"]), ("stats", ["failures"]),
        ("session", ["start"]), ("session", ["list"]), ("log", []), ("log", ["add", "it works"]),
        ("claims", []), ("claim", ["check", path]), ("resume", []), ("sitrep", []),
        ("why", ["one"]), ("dedup", []), ("gc", []), ("vectors", []), ("vectors", ["rebuild"]), ("jobs", []), ("jobs", ["run"]), ("consolidate", ["--help"]),
        ("run", ["true"]), ("receipts", ["list"]), ("receipts", ["verify"]), ("checkpoint", ["list"]), ("release", ["--help"]), ("fetch", ["--help"]),
    ] + LATER
    known = names(binary)
    missing = set(known) - {name for name, _ in table} - {"help"}
    if missing:
        raise SystemExit(f"every.py has no arguments for {sorted(missing)}")
    return [(name, arguments) for name, arguments in table if name in known]


# Commands that a program may not have yet.
LATER = [
    ("redact", ["--retro"]), ("mcp", []), ("setup", ["--list"]), ("setup", ["claude", "git", "--dry-run"]),
    ("uninstall", ["--dry-run"]),
    ("team", ["status"]), ("team", ["disconnect"]),
    ("changes", []), ("changes", ["--since", "HEAD"]),
    ("companions", []), ("companions", ["--limit", "5", "src/a.py"]),
    ("report", []), ("report", ["-o", "-"]),
    ("review", []), ("check-text", ["README.md"]),
    ("tests", []), ("impact", []), ("impact", ["--since", "HEAD~1"]),
    ("hook", ["session-start", "--preview"]), ("hook", ["session-start", "--client", "claude"]),
    ("session", ["start", "--title", "one"]), ("session", ["list"]), ("session", ["show"]),
    ("claim", ["src/a.py"]), ("claims", []), ("claim", ["check", "src/b.py"]), ("release", ["src/a.py"]),
    ("log", []), ("session", ["end"]),
]

# By root, what `session start` printed last: later commands are of that session.
SESSIONS = {}

STAYS = {"watch": 1.5, "mcp": 1.5}


def run(binary, root, home, name, arguments, **more):
    """Runs one command; one that stays is interrupted. Gives the process."""
    command = [binary, name, *arguments, "--project-root", str(root)]
    if str(root) in SESSIONS:
        more.setdefault("WAYPOST_SESSION", SESSIONS[str(root)])
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          cwd=root, env=trial.environment(home, **more), start_new_session=True) as process:
        if name in STAYS:
            time.sleep(STAYS[name])
            os.killpg(process.pid, signal.SIGINT)
        try:
            out, err = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            err += b"\nTIMED OUT"
    if (name, arguments[:1]) == ("session", ["start"]) and process.returncode == 0:
        SESSIONS[str(root)] = out.decode().strip()
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def tree(root):
    """A small project with history, a change and an untracked file."""
    root = pathlib.Path(root)
    (root / "src").mkdir(parents=True)
    (root / "src/a.py").write_text('"""Alpha of the project."""\n\n\ndef alpha(x):\n    """Does alpha."""\n    return x\n')
    (root / "src/b.py").write_text("from a import alpha\n\n\ndef beta():\n    return alpha(1)\n")
    (root / "README.md").write_text("# Sample\n\nA sample project about alpha.\n")
    trial.git(root, "init", "-q", "-b", "main")
    trial.git(root, "add", "-A")
    trial.git(root, "commit", "-q", "-m", "Start")
    for n in range(4):
        (root / "src/b.py").write_text(f"from a import alpha\n\n\ndef beta():\n    return alpha({n})\n")
        trial.git(root, "commit", "-q", "-am", f"Give alpha the number {n} in beta")
    # Same size, so that only the content can tell.
    (root / "src/a.py").write_text('"""Alpha of the project."""\n\n\ndef alpha(x):\n    """Does alpha."""\n    return y\n')
    (root / "src/new.py").write_text("def gamma():\n    return 3\n")
    return root


def wipe(folder):
    """Removes what may be deeper than a path can be long."""
    subprocess.run(["chmod", "-R", "u+rwx", str(folder)], capture_output=True)
    subprocess.run(["rm", "-rf", "--", str(folder)], check=True)
    os.makedirs(folder)
