#!/usr/bin/env python3
"""What `resume` tells of conversations whose end is cut off, against verdicts by reading.

Usage: cut_transcripts.py --binary WAYPOST [--list FILE] [--trees FOLDER] [--write] [--show NAME]

The list (`cut_transcripts.tsv` beside this script) has a line for each: its name, the client, where it comes from, where
it is cut, what was asked for, the last command, how that ended (`0`, another exit code, or `cut` where it did not end or
it is not told how), the files in flight, and the verdict on what was told. One from a public repository
(`owner/name commit path`) is taken from its clone, called `owner+name` or `owner+name/repo` below `--trees`, and cut after
so many bytes; without the clone it is left out. The others are made here, by the forms that the clients write.

A conversation is right when the task is told (as the task or as what was asked last), the last command with how it
ended, and all files in flight. Exit code 1 below 90 %, or where one that was right is not; `--write` renews the last
column.
"""

import hashlib
import json
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import time

import trial

ENOUGH = 0.9
COLUMNS = ["name", "client", "source", "cut", "task", "command", "ended", "files", "verdict"]


def stamp(n):
    """The n-th moment: two a minute, from a morning on."""
    minutes, half = divmod(n, 2)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(9 + hours, 24)
    return f"2026-03-{2 + days:02}T{hours:02}:{minutes:02}:{half * 30:02}.000Z"


class Made:
    """A conversation in the form of a client, line by line."""

    def __init__(self, root, home):
        self.root, self.home, self.n, self.lines = root, home, 0, []

    def now(self):
        self.n += 1
        return stamp(self.n)

    def absolute(self, path):
        return str(self.root / path)

    def run(self, command, code=0, output="ok"):
        self.begin(command)
        self.answer(code, output)

    def text(self):
        return "".join(json.dumps(line) + "\n" for line in self.lines)

    def noise(self, size):
        """A long answer of a tool that reads."""
        self.tool("Read", {"file_path": self.absolute("big.txt")})
        self.answer(0, "x" * size)


class Claude(Made):
    aside = False

    def line(self, kind, **more):
        self.lines.append({"parentUuid": None, "isSidechain": self.aside, "userType": "external", "cwd": str(self.root),
                           "sessionId": "c0ffee00-1111", "version": "2.1.300", "gitBranch": "main", "type": kind,
                           "uuid": f"u{self.n}", "timestamp": self.now(), **more})

    def ask(self, text, **more):
        self.line("user", message={"role": "user", "content": text}, **more)

    def say(self, text):
        self.line("assistant", message={"role": "assistant", "content": [{"type": "text", "text": text}],
                                        "usage": {"input_tokens": 4, "output_tokens": 9}})

    def tool(self, name, given):
        self.call = f"toolu_{self.n}"
        part = {"type": "tool_use", "id": self.call, "name": name, "input": given}
        self.line("assistant", message={"role": "assistant", "content": [part]})

    def begin(self, command, **more):
        self.tool("Bash", {"command": command, "description": "Run it", **more})

    def answer(self, code, output):
        text = output if code == 0 else f"Exit code {code}\n{output}"
        part = {"tool_use_id": self.call, "type": "tool_result", "content": text, "is_error": code != 0}
        self.line("user", message={"role": "user", "content": [part]})

    def begin_edit(self, path):
        self.tool("Edit", {"file_path": self.absolute(path), "old_string": "a", "new_string": "b"})

    def edit(self, path):
        self.begin_edit(path)
        self.answer(0, f"The file {path} has been updated.")

    def folder(self):
        encoded = re.sub("[^A-Za-z0-9]", "-", str(self.root))
        return self.home / ".claude/projects" / encoded

    def write(self, cut=0, name="c0ffee00-1111"):
        put(self.folder() / f"{name}.jsonl", self.text().encode(), cut)


class Codex(Made):
    def line(self, kind, payload):
        self.lines.append({"timestamp": self.now(), "type": kind, "payload": payload})

    def start(self):
        self.line("session_meta", {"id": "019c-codex", "cwd": str(self.root), "originator": "codex_cli_rs", "cli_version": "0.171.0", "source": "cli"})
        for text in ["# AGENTS.md instructions for " + str(self.root) + "\n\n<INSTRUCTIONS>\nBe brief\n</INSTRUCTIONS>",
                     f"<environment_context>\n  <cwd>{self.root}</cwd>\n</environment_context>"]:
            self.message("user", text)

    def message(self, role, text):
        kind = "input_text" if role == "user" else "output_text"
        self.line("response_item", {"type": "message", "role": role, "content": [{"type": kind, "text": text}]})

    def ask(self, text):
        self.message("user", text)
        self.line("event_msg", {"type": "user_message", "message": text, "images": []})

    def say(self, text):
        self.line("event_msg", {"type": "agent_message", "message": text})

    def tool(self, name, given):
        self.call = f"call_{self.n}"
        self.line("response_item", {"type": "function_call", "name": name, "arguments": json.dumps(given), "call_id": self.call})

    def begin(self, command):
        self.tool("exec_command", {"cmd": command, "workdir": str(self.root)})

    def answer(self, code, output):
        head = f"Chunk ID: 1a2b\nWall time: 0.5 seconds\nProcess exited with code {code}\nOriginal token count: 9\nOutput:\n"
        self.line("response_item", {"type": "function_call_output", "call_id": self.call, "output": head + output})

    def begin_edit(self, path):
        self.call = f"call_{self.n}"
        patch = f"*** Begin Patch\n*** Update File: {path}\n@@\n-a\n+b\n*** End Patch\n"
        self.line("response_item", {"type": "custom_tool_call", "status": "completed", "call_id": self.call, "name": "apply_patch", "input": patch})

    def edit(self, path):
        self.begin_edit(path)
        output = json.dumps({"output": f"Success. Updated the following files:\nM {path}\n", "metadata": {"exit_code": 0}})
        self.line("response_item", {"type": "custom_tool_call_output", "call_id": self.call, "output": output})

    def write(self, cut=0):
        put(self.home / ".codex/sessions/2026/03/02/rollout-2026-03-02T09-00-00-019c-codex.jsonl", self.text().encode(), cut)


class Gemini(Made):
    """One object with all messages."""

    def ask(self, text):
        self.lines.append({"id": f"m{self.n}", "timestamp": self.now(), "type": "user", "content": [{"text": text}]})

    def say(self, text):
        self.lines.append({"id": f"m{self.n}", "timestamp": self.now(), "type": "gemini", "content": text, "toolCalls": [], "tokens": {"input": 5, "total": 9}})

    def tool(self, name, given):
        self.say("")
        self.called = {"id": f"call-{self.n}", "name": name, "args": given, "status": "executing", "timestamp": self.now()}
        self.lines[-1]["toolCalls"].append(self.called)

    def begin(self, command):
        self.tool("run_shell_command", {"command": command, "directory": ""})

    def answer(self, code, output):
        text = f"Command: x\nDirectory: (root)\nOutput: {output}\nError: (none)\nExit Code: {code}\n"
        response = {"functionResponse": {"id": self.called["id"], "response": {"output": text}}}
        self.called.update(status="success", result=[response], resultDisplay=output)

    def begin_edit(self, path):
        self.tool("replace", {"file_path": self.absolute(path), "old_string": "a", "new_string": "b"})

    def edit(self, path):
        self.begin_edit(path)
        self.called.update(status="success", result=[{"functionResponse": {"response": {"output": f"Successfully modified {path}"}}}])

    def head(self):
        return {"sessionId": "gem-1", "projectHash": hashlib.sha256(str(self.root).encode()).hexdigest(), "startTime": stamp(0)}

    def place(self, suffix):
        return self.home / ".gemini/tmp" / self.head()["projectHash"] / f"chats/session-2026-03-02T09-00-gem.{suffix}"

    def write(self, cut=0):
        put(self.place("json"), json.dumps({**self.head(), "messages": self.lines}, indent=2).encode(), cut)


class GeminiLines(Gemini):
    """A message a line, written anew when its calls have answered."""

    def write(self, cut=0):
        out = [self.head()]
        for line in self.lines:
            if line.get("toolCalls"):
                out.append({**line, "toolCalls": [{**call, "status": "executing", "result": None} for call in line["toolCalls"]]})
            out.append(line)
        put(self.place("jsonl"), "".join(json.dumps(line) + "\n" for line in out).encode(), cut)


class Copilot(Made):
    def line(self, kind, data):
        self.lines.append({"type": kind, "data": data, "id": f"e{self.n}", "timestamp": self.now()})

    def start(self):
        self.line("session.start", {"sessionId": "cop-1", "producer": "copilot-agent", "context": {"cwd": str(self.root)}})

    def ask(self, text):
        self.line("user.message", {"content": text, "attachments": []})

    def say(self, text):
        self.line("assistant.message", {"messageId": f"m{self.n}", "content": text})

    def tool(self, name, given):
        self.call = f"tool-{self.n}"
        self.line("assistant.message", {"content": "", "toolRequests": [{"toolCallId": self.call, "name": name, "arguments": given}]})
        self.line("tool.execution_start", {"toolCallId": self.call, "toolName": name, "arguments": given})

    def begin(self, command):
        self.tool("bash", {"command": command, "description": "Run it", "mode": "sync"})

    def answer(self, code, output):
        result = {"content": f"{output}\n<exited with exit code {code}>"}
        self.line("tool.execution_complete", {"toolCallId": self.call, "success": True, "result": result})

    def begin_edit(self, path):
        self.tool("edit", {"path": self.absolute(path), "old_str": "a", "new_str": "b"})

    def edit(self, path):
        self.begin_edit(path)
        self.line("tool.execution_complete", {"toolCallId": self.call, "success": True, "result": {"content": "updated"}})

    def write(self, cut=0):
        put(self.home / ".copilot/session-state/cop-1/events.jsonl", self.text().encode(), cut)


class Opencode(Made):
    def start(self):
        self.rows, self.role = [], None

    def part(self, role, data):
        self.rows.append((role, self.n, data))
        self.n += 1

    def ask(self, text):
        self.part("user", {"type": "text", "text": text})

    def say(self, text):
        self.part("assistant", {"type": "text", "text": text})

    def tool(self, name, given):
        self.state = {"status": "running", "input": given}
        self.part("assistant", {"type": "tool", "callID": f"call{self.n}", "tool": name, "state": self.state})

    def begin(self, command):
        self.tool("bash", {"command": command, "description": "Run it"})

    def answer(self, code, output):
        self.state.update(status="completed", output=output, metadata={"exit": code, "output": output})

    def begin_edit(self, path):
        self.tool("edit", {"filePath": self.absolute(path), "oldString": "a", "newString": "b"})

    def edit(self, path):
        self.begin_edit(path)
        self.state.update(status="completed", output="", metadata={"diff": "-a\n+b"})

    def write(self, cut=0):
        """`cut`: so many of the last rows were never written."""
        path = self.home / ".local/share/opencode/opencode.db"
        path.parent.mkdir(parents=True)
        now = int(time.time() * 1000)
        database = sqlite3.connect(path)
        database.executescript("""
            CREATE TABLE session (id TEXT, directory TEXT, time_updated INTEGER);
            CREATE TABLE message (id TEXT, session_id TEXT, time_created INTEGER, data TEXT);
            CREATE TABLE part (id TEXT, message_id TEXT, session_id TEXT, time_created INTEGER, data TEXT);""")
        database.execute("INSERT INTO session VALUES ('s', ?, ?)", [str(self.root), now + len(self.rows)])
        for n, (role, at, data) in enumerate(self.rows[: len(self.rows) - cut]):
            database.execute("INSERT INTO message VALUES (?, 's', ?, ?)", [f"m{n:05}", now + at, json.dumps({"role": role})])
            database.execute("INSERT INTO part VALUES (?, ?, 's', ?, ?)", [f"p{n:05}", f"m{n:05}", now + at, json.dumps(data)])
        database.commit()
        database.close()


def put(path, data, cut):
    """Writes a file without its last bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data[: len(data) - cut])


def begun(made, task="Mend the retry loop of the client"):
    """How most conversations begin."""
    if hasattr(made, "start"):
        made.start()
    made.ask(task)
    made.say("I look at it first.")
    made.run("git status --short")
    return made


# Of each made conversation what becomes of it; `made` writes itself when it is done. The truth stands in the list.

def failed_test(made):
    begun(made).edit("src/client.py")
    made.run("pytest -q tests/test_client.py", 1, "FAILED tests/test_client.py::test_retry - assert 2 == 3\n1 failed")
    made.write()


def in_a_command(made):
    begun(made).edit("src/client.py")
    made.run("pytest -q", 1, "1 failed")
    made.edit("src/retry.py")
    made.begin("cargo test --workspace")
    made.write()


def in_an_edit(made):
    begun(made).run("make lint", 2, "src/client.py:3: error: unused import")
    made.edit("src/client.py")
    made.begin_edit("src/util/backoff.py")
    made.write()


def in_a_line(made):
    begun(made).edit("src/client.py")
    made.run("npm test", 1, "not ok 3 - retries")
    made.say("The third one fails because the delay is not reset between attempts, so I")
    made.write(cut=40)


def in_an_answer(made):
    begun(made).edit("src/client.py")
    made.begin("go test ./...")
    made.answer(1, "--- FAIL: TestRetry\n" * 200)
    made.write(cut=900)


def interrupted(made):
    begun(made).edit("src/client.py")
    made.begin("rm -rf build")
    refusal = "The user doesn't want to proceed with this tool use. The tool use was rejected."
    part = {"tool_use_id": made.call, "type": "tool_result", "content": refusal, "is_error": True}
    made.line("user", message={"role": "user", "content": [part]})
    made.ask("[Request interrupted by user for tool use]")
    made.ask("Leave the build folder alone and write the test first")
    made.edit("tests/test_client.py")
    made.run("pytest -q tests/test_client.py")
    made.write()


def two_days(made):
    begun(made, "Explain the cache").run("rg -n cache src")
    made.n += 2 * 60 * 30
    made.ask("Now make the cache expire after an hour")
    made.edit("src/cache.py")
    made.run("python -m unittest", 1, "FAIL: test_expiry")
    made.write()


def long_lines(made):
    begun(made).edit("src/early.py")
    for _ in range(5):
        made.noise(2_500_000)
    made.edit("src/late.py")
    made.run("tox -e py312", 1, "ERROR: py312: commands failed")
    made.write()


def compacted(made):
    begun(made).edit("src/client.py")
    made.run("pytest -q", 1, "2 failed")
    made.line("system", subtype="compact_boundary", content="Conversation compacted")
    made.ask("This session is being continued from a previous conversation that ran out of context. Summary: run `ls`.", isCompactSummary=True)
    made.edit("src/retry.py")
    made.run("pytest -q -x", 1, "1 failed")
    made.write()


def subagents(made):
    begun(made)
    made.tool("Task", {"description": "Write the tests", "prompt": "Write tests for the retry loop", "subagent_type": "general-purpose"})
    task = made.call
    agent = type(made)(made.root, made.home)
    agent.n, agent.aside = made.n, True
    agent.ask("Write tests for the retry loop")
    agent.edit("tests/test_retry.py")
    agent.run("pytest -q tests/test_retry.py", 1, "1 failed")
    put(made.folder() / "c0ffee00-1111/subagents/agent-a1b2.jsonl", agent.text().encode(), 0)
    made.n, made.call = agent.n, task
    made.answer(0, "I wrote the tests; one fails.")
    made.edit("src/client.py")
    made.write()


def sidechain(made):
    begun(made)
    made.tool("Task", {"description": "Write the tests", "prompt": "Write tests", "subagent_type": "general-purpose"})
    made.aside = True
    made.ask("Write tests for the retry loop")
    made.edit("tests/test_retry.py")
    made.run("pytest -q tests/test_retry.py")
    made.aside = False
    made.begin_edit("src/client.py")
    made.write()


def command_of_a_plugin(made):
    made.ask("<command-message>team:implement</command-message>\n<command-name>/team:implement</command-name>\n<command-args>the expiry of the cache</command-args>")
    made.ask("Base directory for this skill: /home/x", isMeta=True)
    made.edit("src/cache.py")
    made.run("mix test", 2, "1 test, 1 failure")
    made.ask("<command-name>/model</command-name>\n<command-message>model</command-message>\n<command-args></command-args>")
    made.ask("<local-command-stdout>Set model</local-command-stdout>")
    made.write()


def background(made):
    begun(made).edit("src/server.py")
    made.begin("python -m server --port 8000", run_in_background=True)
    made.answer(0, "Command running in background with ID: b0be39e. Output is being written to: /tmp/x.output")
    made.write()


def background_ended(made):
    begun(made).edit("src/server.py")
    made.begin("cargo build --release", run_in_background=True)
    made.answer(0, "Command running in background with ID: b0be39e. Output is being written to: /tmp/x.output")
    made.ask("<task-notification>\n<task-id>b0be39e</task-id>\n<status>failed</status>\n<summary>Background command \"Build\" failed with exit code 101</summary>\n</task-notification>")
    made.write()


def running_session(made):
    begun(made).edit("src/client.rs")
    made.begin("cargo test")
    made.line("response_item", {"type": "function_call_output", "call_id": made.call, "output": "Wall time: 10 seconds\nProcess running with session ID 41\nOutput:\n   Compiling"})
    made.tool("write_stdin", {"session_id": 41, "chars": "", "yield_time_ms": 10000})
    made.answer(101, "test retry ... FAILED")
    made.write()


def still_running(made):
    begun(made).edit("src/client.rs")
    made.begin("cargo test")
    made.line("response_item", {"type": "function_call_output", "call_id": made.call, "output": "Wall time: 10 seconds\nProcess running with session ID 41\nOutput:\n   Compiling"})
    made.write()


def codex_compacted(made):
    begun(made).edit("src/client.rs")
    made.run("cargo test", 101, "test retry ... FAILED")
    made.line("compacted", {"message": "", "replacement_history": [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Something else"}]}]})
    made.line("event_msg", {"type": "context_compacted"})
    made.edit("src/retry.rs")
    made.run("cargo test retry", 101, "test retry ... FAILED")
    made.write()


def older_codex(made):
    made.lines.append({"id": "019c-old", "timestamp": made.now(), "instructions": None, "git": {"branch": "main"}})
    made.lines.append({"record_type": "state"})
    context = f"<environment_context>\n  <cwd>{made.root}</cwd>\n</environment_context>"
    for text in [context, "Mend the retry loop of the client"]:
        made.lines.append({"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]})
    call = {"type": "function_call", "name": "shell", "call_id": "c1", "arguments": json.dumps({"command": ["bash", "-lc", "pytest -q"], "workdir": str(made.root)})}
    patch = {"type": "function_call", "name": "shell", "call_id": "c0", "arguments": json.dumps({"command": ["apply_patch", "*** Begin Patch\n*** Update File: src/client.py\n@@\n-a\n+b\n*** End Patch\n"]})}
    for item, output, code in [(patch, "Success. Updated the following files:\nM src/client.py\n", 0), (call, "1 failed", 1)]:
        made.lines.append(item)
        made.lines.append({"type": "function_call_output", "call_id": item["call_id"], "output": json.dumps({"output": output, "metadata": {"exit_code": code, "duration_seconds": 0.5}})})
    made.write()


def local_shell(made):
    begun(made).edit("src/client.py")
    action = {"type": "exec", "command": ["bash", "-lc", "pytest -q"], "timeout_ms": 1000}
    made.line("response_item", {"type": "local_shell_call", "call_id": "ls1", "status": "completed", "action": action})
    made.call = "ls1"
    made.line("response_item", {"type": "function_call_output", "call_id": "ls1", "output": json.dumps({"output": "1 failed", "metadata": {"exit_code": 1}})})
    made.write()


def by_script(made):
    begun(made)
    made.line("response_item", {"type": "custom_tool_call", "name": "exec", "call_id": "x1", "input": "await tools.apply_patch(p); await tools.exec_command({cmd: \"npm test\"})"})
    made.line("event_msg", {"type": "patch_apply_end", "call_id": "p1", "success": True, "changes": {made.absolute("src/client.js"): {"update": {}}}})
    made.line("event_msg", {"type": "exec_command_end", "call_id": "e1", "command": ["bash", "-lc", "npm test"], "cwd": str(made.root), "aggregated_output": "not ok 1 - retries", "exit_code": 1})
    made.write()


def subagent_is_newest(made):
    begun(made).edit("src/client.rs")
    made.run("cargo test", 101, "test retry ... FAILED")
    made.write()
    agent = Codex(made.root, made.home)
    agent.n = made.n
    agent.line("session_meta", {"id": "019c-sub", "cwd": str(made.root), "source": {"subagent": {"thread_spawn": {"parent_thread_id": "019c-codex", "depth": 1}}}})
    agent.ask("Read all of the documentation")
    put(made.home / ".codex/sessions/2026/03/03/rollout-2026-03-03T09-00-00-019c-sub.jsonl", agent.text().encode(), 0)


def from_an_editor(made):
    made.start()
    made.ask("# Context from my IDE setup:\n\n## Active file: src/a.py\n\n## My request for Codex:\nMend the retry loop of the client\n")
    made.edit("src/client.py")
    made.run("pytest -q", 1, "1 failed")
    made.write(cut=30)


def tool_that_failed(made):
    begun(made).edit("src/client.py")
    made.run("pytest -q", 1, "1 failed")
    made.begin_edit("src/gone.py")
    if isinstance(made, Gemini):
        made.called.update(status="error", result=[{"functionResponse": {"response": {"error": "no such file"}}}])
    elif isinstance(made, Opencode):
        made.state.update(status="error", error="no such file")
    else:
        made.line("tool.execution_complete", {"toolCallId": made.call, "success": False, "error": {"message": "no such file"}})
    made.write()


def exit_in_a_field(made):
    begun(made).edit("src/client.py")
    made.begin("pytest -q")
    made.line("tool.execution_complete", {"toolCallId": made.call, "success": True, "shellExecution": {"exitCode": 1},
                                          "result": {"content": "line\n" * 500 + "<shellId: 1 completed with exit code 1>"}})
    made.write()


def rows_lost(made):
    begun(made).edit("src/client.py")
    made.run("pytest -q", 1, "1 failed")
    made.say("So the delay")
    made.write(cut=1)


def long_conversation(made):
    begun(made).edit("src/early.py")
    for n in range(120):
        made.tool("read", {"filePath": made.absolute(f"src/f{n}.py")})
        made.answer(0, "x" * 150_000)
    made.edit("src/late.py")
    made.run("bun test", 1, "(fail) retries")
    made.write()


MADE = {"claude": Claude, "codex": Codex, "gemini": Gemini, "gemini-lines": GeminiLines, "copilot": Copilot, "opencode": Opencode}


def real(trees, row, root, home):
    """Puts a conversation of a public repository, cut, into the client's folder. Gives the folder that it was held in;
    `None` without a clone of it."""
    repository, commit, path = row["source"].split()
    name = repository.replace("/", "+")
    clone = next((place for place in [trees / name / "repo", trees / name] if place.is_dir()), None) if trees else None
    if clone is None:
        return None
    show = lambda path: subprocess.run(["git", "show", f"{commit}:{path}"], cwd=clone, capture_output=True).stdout
    data = show(path)[: int(row["cut"])]
    first = next(json.loads(line) for line in data.split(b"\n") if b'"cwd"' in line)
    place = lambda data: data.replace(first["cwd"].encode(), str(root).encode())
    made = Claude(root, home)
    put(made.folder() / pathlib.PurePosixPath(path).name, place(data), 0)
    stamps = re.findall(rb'"timestamp":"([^"]+)"', data)
    folder = path.removesuffix(".jsonl")
    listed = subprocess.run(["git", "ls-tree", "-r", "--name-only", commit, folder + "/"], cwd=clone, capture_output=True).stdout.decode().split()
    for other in listed:
        lines = show(other).split(b"\n")
        before = [line for line in lines if (at := re.search(rb'"timestamp":"([^"]+)"', line)) and at[1] <= max(stamps)]
        put(made.folder() / pathlib.PurePosixPath(folder).name / "subagents" / pathlib.PurePosixPath(other).name, place(b"\n".join(before)), 0)
    return first["cwd"]


def tell(arguments, row):
    """What `resume` tells; `None` where the conversation is not to be had."""
    with trial.scratch() as (temp, home):
        root = temp / "tree"
        root.mkdir()
        trial.git(root, "init", "-q", "-b", "main")
        for path in filter(None, row["files"].split(", ")):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text("b\n")
        trial.run(arguments.binary, root, home, "init")
        # A database without sessions.
        trial.run(arguments.binary, root, home, "log", "add", "x", "--kind", "note")
        if row["source"] == "made":
            globals()[row["cut"]](MADE[row["client"]](root, home))
            return trial.report(arguments.binary, root, home, "resume")
        folder = real(arguments.trees, row, root, home)
        if folder is None:
            return None
        told = trial.run(arguments.binary, root, home, "resume", "--json").decode()
        return json.loads(told.replace(str(root), folder))


def verdict(row, told):
    wrong = []
    plain = lambda text: " ".join((text or "").split())
    if not any(plain(told[key]).startswith(plain(row["task"])[:60]) for key in ("task", "asked_last")):
        wrong.append(f"task `{plain(told['task'])[:60]}`")
    ran = told["last_command"] or {}
    if plain(ran.get("command"))[:100] != plain(row["command"])[:100]:
        wrong.append(f"command `{plain(ran.get('command'))[:60]}`")
    code = ran.get("exit_code")
    if row["ended"] != ("cut" if code is None else str(code)):
        wrong.append(f"ended {code}")
    files = {file["path"] for file in told["files"]}
    if missing := set(filter(None, row["files"].split(", "))) - files:
        wrong.append(f"without {', '.join(sorted(missing))[:80]}")
    return "; ".join(wrong) or "right"


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("--list", type=pathlib.Path, default=pathlib.Path(__file__).with_name("cut_transcripts.tsv"))
    parser.add_argument("--trees", type=pathlib.Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--show", help="print all that is told of this one")
    arguments = parser.parse_args()
    rows = [dict(zip(COLUMNS, line.split("\t"))) for line in arguments.list.read_text().splitlines()[1:]]
    right = asked = worse = 0
    for row in rows:
        if arguments.show and row["name"] != arguments.show:
            continue
        told = tell(arguments, row)
        if told is None:
            continue
        got = verdict(row, told)
        asked += 1
        right += got == "right"
        worse += got != "right" and row["verdict"] == "right"
        if got != "right" or arguments.show:
            print(f"{row['name']}: {got}", flush=True)
        if arguments.show:
            print(json.dumps(told, indent=1))
        row["verdict"] = got
    if arguments.write:
        lines = ["\t".join(COLUMNS)] + ["\t".join(row[column] for column in COLUMNS) for row in rows]
        arguments.list.write_text("\n".join(lines) + "\n")
    print(f"{right} of {asked} right, {len(rows) - asked} left out")
    sys.exit(0 if right >= ENOUGH * asked and not worse else 1)


if __name__ == "__main__":
    main()
