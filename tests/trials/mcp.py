#!/usr/bin/env python3
"""The MCP server under messages that no client should send, and under a load that some do.

    tests/trials/mcp.py WAYPOST [MESSAGES]

Sends 20,000 messages (by default) that are made from right ones by cutting, swapping, nesting and
mistyping, a line of 100 MB, and 64 calls at once with some taken back; asks in between whether the
server lives, and looks at its memory. Then its client goes in different ways: the end of input,
a closed output, a kill, in the middle of a call. Ends with 1 when an answer that is due is missing,
a line on standard output is no message, memory grows beyond the bound, or a process stays.
"""

import json
import os
import queue
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

WAYPOST = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "target/release/waypost")
MESSAGES = int(sys.argv[2]) if len(sys.argv) > 2 else 20_000
MEMORY_MB = 400

META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}
METHODS = [
    "initialize", "server/discover", "ping", "tools/list", "tools/call", "resources/list", "resources/read",
    "resources/templates/list", "prompts/list", "prompts/get", "completion/complete", "logging/setLevel",
    "subscriptions/listen", "roots/list", "notifications/cancelled", "notifications/initialized", "", "x" * 300,
]
TOOLS = ["orient", "search", "outline", "changes", "remember", "nothing", "", 5]
VALUES = [
    None, True, 0, -1, 1.5, 1e300, 2**70, "", " ", "count", "../../etc/passwd", "\u202e", "\x00", "x" * 5_000,
    [], [1], ["a", None], {}, {"a": {"b": []}}, "src/lib.rs", "src", "HEAD", "HEAD~1", "--help", "s1", "records",
]
KEYS = ["goal", "query", "in", "limit", "budget", "format", "paths", "since", "kind", "text", "anchors", "tags", "uri",
        "name", "arguments", "requestId", "protocolVersion", "_meta", "cursor"]

failures = []


def failed(text):
    failures.append(text)
    print("FAILED", text)


class Server:
    def __init__(self, folder, reads=True):
        command = [WAYPOST, "mcp", "--allow-write"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, cwd=folder)
        self.messages = queue.Queue()
        if reads:
            threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            try:
                message = json.loads(line)
            except ValueError:
                failed(f"no message: {line[:200]!r}")
                continue
            for one in message if isinstance(message, list) else [message]:
                if one.get("jsonrpc") != "2.0" or not ("result" in one) ^ ("error" in one):
                    failed(f"no answer: {one}")
                self.messages.put(one)

    def send(self, data):
        data = data if isinstance(data, bytes) else json.dumps(data).encode()
        self.process.stdin.write(data + b"\n")
        self.process.stdin.flush()

    def lives(self, ident):
        """Waits for the answer to a question of our own; drops what comes before."""
        self.send({"jsonrpc": "2.0", "id": ident, "method": "ping"})
        return self.answer(ident) is not None

    def answer(self, ident, patience=60):
        end = time.time() + patience
        while time.time() < end:
            try:
                message = self.messages.get(timeout=max(0.01, end - time.time()))
            except queue.Empty:
                break
            if message.get("id") == ident:
                return message
        return None

    def peak_mb(self):
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith("VmHWM"):
                return int(line.split()[1]) // 1024
        return 0

    def ends(self, patience):
        try:
            self.process.wait(patience)
            return True
        except subprocess.TimeoutExpired:
            self.process.kill()
            return False


def value(rng, depth=0):
    if depth < 3 and rng.random() < 0.3:
        if rng.random() < 0.5:
            return [value(rng, depth + 1) for _ in range(rng.randrange(4))]
        return {rng.choice(KEYS): value(rng, depth + 1) for _ in range(rng.randrange(4))}
    return rng.choice(VALUES)


def right(rng, ident):
    method = rng.choice(METHODS)
    params = {rng.choice(KEYS): value(rng) for _ in range(rng.randrange(4))}
    if method == "tools/call":
        params = {"name": rng.choice(TOOLS), "arguments": {rng.choice(KEYS): value(rng) for _ in range(rng.randrange(4))}}
    if rng.random() < 0.5:
        params["_meta"] = dict(META) if rng.random() < 0.8 else value(rng)
    return {"jsonrpc": "2.0", "id": ident, "method": method, "params": params}


def spoilt(rng, ident):
    message = right(rng, ident)
    kind = rng.randrange(10)
    if kind == 0:
        message[rng.choice(["jsonrpc", "id", "method", "params"])] = value(rng)
    elif kind == 1:
        del message[rng.choice(list(message))]
    elif kind == 2:
        return json.dumps([message, value(rng), right(rng, ident)]).encode()
    elif kind == 3:
        text = json.dumps(message).encode()
        return text[: rng.randrange(len(text))]
    elif kind == 4:
        text = bytearray(json.dumps(message).encode())
        for _ in range(rng.randrange(1, 6)):
            text[rng.randrange(len(text))] = rng.randrange(256)
        return bytes(text).replace(b"\n", b" ")
    elif kind == 5:
        return b"[" * rng.randrange(1, 3_000) + b"{" * rng.randrange(100)
    elif kind == 6:
        return bytes(rng.randrange(256) for _ in range(rng.randrange(200))).replace(b"\n", b" ")
    return json.dumps(message).encode()


def project(folder):
    os.makedirs(f"{folder}/src")
    for n in range(20):
        with open(f"{folder}/src/part_{n}.rs", "w") as file:
            file.write(f"//! Part {n}.\n\npub fn count_{n}(text: &str) -> usize {{\n    text.len() + {n}\n}}\n")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run([*git, "init", "-q"], cwd=folder, check=True)
    subprocess.run([*git, "add", "."], cwd=folder, check=True)
    subprocess.run([*git, "commit", "-qm", "Start"], cwd=folder, check=True)
    subprocess.run([WAYPOST, "snapshot", "--goal", "count text", "--quiet"], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def fuzz(folder, seed):
    rng = random.Random(seed)
    server = Server(folder)
    started = time.time()
    for n in range(MESSAGES):
        server.send(spoilt(rng, n))
        if n % 500 == 499 and not server.lives(f"alive {n}"):
            failed(f"no answer after {n} messages (seed {seed})")
            break
    print(f"{MESSAGES} messages in {time.time() - started:.1f} s, peak {server.peak_mb()} MB")
    if server.peak_mb() > MEMORY_MB:
        failed(f"{server.peak_mb()} MB")
    server.process.stdin.close()
    if not server.ends(5):
        failed("it stays after the messages")


def long_line(folder):
    server = Server(folder)
    server.send({"jsonrpc": "2.0", "id": 0, "method": "tools/list"})
    server.answer(0)
    before = server.peak_mb()
    started = time.time()
    server.send(b'{"jsonrpc":"2.0","id":"long","method":"tools/call","params":{"name":"' + b"x" * 100_000_000 + b'"}}')
    answer = server.answer("long")
    print(f"a line of 100 MB: {answer}, {time.time() - started:.2f} s, memory {before} -> {server.peak_mb()} MB")
    if not answer or answer["error"]["code"] != -32600 or server.peak_mb() - before > 32 or not server.lives("after"):
        failed("a line of 100 MB")
    server.process.stdin.close()
    server.ends(5)


def at_once(folder):
    server = Server(folder)
    for n in range(64):
        server.send({"jsonrpc": "2.0", "id": n, "method": "tools/call",
                     "params": {"name": "search", "arguments": {"query": f"count text {n}"}}})
    gone = list(range(40, 64))
    for n in gone:
        server.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": n}})
    seen = set()
    while len(seen) < 40:
        try:
            message = server.messages.get(timeout=60)
        except queue.Empty:
            failed(f"64 at once: only {len(seen)} answers")
            break
        seen.add(message["id"])
    late = seen & set(gone)
    print(f"64 calls at once, 24 taken back: {len(seen)} answers, {len(late)} of them to calls taken back")
    if len(late) > 4:
        failed("calls that were taken back are answered")
    server.process.stdin.close()
    if not server.ends(5):
        failed("it stays after 64 calls")


def goes(folder):
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "orient", "arguments": {"goal": "count"}}}

    def end_of_input(server):
        server.process.stdin.close()

    def closed_output(server):
        server.process.stdout.close()
        server.process.stdin.close()

    def signalled(number):
        return lambda server: server.process.send_signal(number)

    ways = [("end of input", end_of_input), ("closed output", closed_output)]
    ways += [(f"signal {number}", signalled(number)) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]
    for name, way in ways:
        slowest = 0.0
        for busy in (False, True):
            for _ in range(5):
                server = Server(folder, reads=way is not closed_output)
                server.send({"jsonrpc": "2.0", "id": 0, "method": "tools/list"})
                if way is closed_output:
                    server.process.stdout.readline()
                else:
                    server.answer(0)
                if busy:
                    server.send(call)
                started = time.time()
                way(server)
                if not server.ends(5):
                    failed(f"{name}: it stays")
                slowest = max(slowest, time.time() - started)
        print(f"{name}: gone after {slowest * 1000:.0f} ms at most")
        if slowest > 1.0:
            failed(f"{name}: {slowest:.1f} s")


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = f"{folder}/project"
        project(folder)
        goes(folder)
        long_line(folder)
        at_once(folder)
        fuzz(folder, 1)
    print("failures:", len(failures))
    sys.exit(1 if failures else 0)


main()
