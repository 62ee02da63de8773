#!/usr/bin/env python3
"""Two scripted agents over two work trees of one clone, with kills.

Usage: two_agents.py --binary WAYPOST [--minutes M] [--seed N]

Each agent begins sessions, claims files, edits them, logs, runs commands and says what comes next. A third party kills
one of its commands with SIGKILL, or the agent as a whole, so that its session never ends. Held against the script: every
entry that was acknowledged is in the log, no file was held by both at once, and at the end `resume` in a third session tells
of the newest unfinished session what it did: the task, the files in flight, the last command with its outcome and the next step.
"""

import json
import os
import random
import signal
import subprocess
import threading
import time

import trial


class Agent:
    def __init__(self, name, binary, root, home, seed, holders, tally):
        self.name, self.binary, self.root, self.home = name, binary, root, home
        self.rng = random.Random(seed)
        self.holders, self.tally = holders, tally
        self.logged, self.number, self.session, self.last = [], 0, None, {}
        self.kills = 0

    def call(self, *arguments, may_be_killed=True):
        """Runs a command; gives its exit code and output, or None where it was killed."""
        process = subprocess.Popen([self.binary, *arguments], cwd=self.root, env=trial.environment(self.home), start_new_session=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if may_be_killed and self.rng.random() < 0.1:
            time.sleep(self.rng.uniform(0, 0.03))
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
        out, _ = process.communicate()
        if process.returncode < 0:
            self.kills += 1
            return None
        return process.returncode, out.decode()

    def begin(self):
        self.number += 1
        task = f"{self.name} task {self.number}"
        begun = self.call("session", "start", "--agent", self.name, "--title", task)
        self.session = begun[1].strip() if begun and begun[0] == 0 else None
        self.last = {"session": self.session, "task": task, "files": set(), "command": None, "next": None, "at": time.time()}

    def of_session(self, *arguments):
        return self.call(*arguments, "--session", self.session)

    def log(self, text, kind="milestone", *more):
        done = self.of_session("log", "add", text, "--kind", kind, *more)
        if done and done[0] == 0:
            self.logged.append((self.session, kind, text))
            self.last["at"] = time.time()
        return done is not None and done[0] == 0

    def edit(self):
        path = f"src/file{self.rng.randrange(6)}.txt"
        claimed = self.of_session("claim", path, "--ttl", "10m")
        # Killed, it may hold the claim all the same: it tries again.
        if claimed is None:
            claimed = self.call("claim", path, "--ttl", "10m", "--session", self.session, may_be_killed=False)
        if claimed[0] == 4:
            return
        self.tally.check(claimed[0] == 0, f"claim of {path} ended with {claimed[0]}")
        with self.holders["lock"]:
            holder = self.holders.get(path)
            self.tally.check(holder in (None, self.name), f"{path} is held by {holder} and by {self.name}")
            self.holders[path] = self.name
        (self.root / path).write_text(f"{self.name} {self.number} {self.rng.random()}\n")
        if self.log(f"edited {path}", "file_change", "--path", path):
            self.last["files"].add(path)
        with self.holders["lock"]:
            self.holders[path] = None
        self.call("release", path, "--session", self.session, may_be_killed=False)

    def run_command(self):
        code = self.rng.choice([0, 1, 3])
        command = f"echo {self.rng.randrange(10**6)}; exit {code}"
        done = self.call("run", "--session", self.session, "--", "sh", "-c", command)
        if done is not None:
            self.tally.check(done[0] == code, f"run ended with {done[0]}, not {code}")
            self.last["command"], self.last["at"] = (command, code), time.time()
        else:
            # It may have been kept or not.
            self.last["command"] = None

    def say_next(self):
        text = f"next of {self.name} {self.rng.randrange(10**6)}"
        done = self.of_session("checkpoint", "--summary", f"{self.name} so far", "--next", text)
        if done is None or done[0] != 0:
            self.last["next"] = None
        else:
            self.last["next"], self.last["at"] = text, time.time()

    def work(self, until):
        while time.time() < until:
            self.begin()
            if not self.session:
                continue
            for _ in range(self.rng.randrange(5, 25)):
                if time.time() >= until:
                    return
                step = self.rng.choice([self.edit, self.run_command, self.say_next, lambda: self.log(f"did {self.rng.randrange(10**6)}")])
                step()
            # One in three agents dies before it ends its session.
            if self.rng.random() < 0.66:
                ended = self.call("session", "end", self.session, may_be_killed=False)
                self.tally.check(ended[0] == 0, f"the end of a session ended with {ended[0]}")
                self.last["ended"] = True


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    binary = arguments.binary
    tally = trial.Tally()
    with trial.scratch() as (temp, home):
        root, side = temp / "tree", temp / "side"
        (root / "src").mkdir(parents=True)
        for n in range(6):
            (root / f"src/file{n}.txt").write_text(f"{n}\n")
        trial.git(root, "init", "-q", "-b", "main")
        trial.git(root, "add", "-A")
        trial.git(root, "commit", "-qm", "Start")
        trial.run(binary, root, home, "init")
        trial.git(root, "worktree", "add", "-q", "-b", "side", str(side))
        holders = {"lock": threading.Lock()}
        agents = [Agent("ann", binary, root, home, arguments.seed, holders, tally), Agent("bob", binary, side, home, arguments.seed + 1, holders, tally)]
        until = time.time() + 60 * arguments.minutes
        threads = [threading.Thread(target=agent.work, args=(until,)) for agent in agents]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        log = json.loads(trial.run(binary, root, home, "log", "--limit", "10000000", "--json"))["events"]
        known = {(event["session"], event["kind"], event["text"]) for event in log}
        logged = [entry for agent in agents for entry in agent.logged]
        for entry in logged:
            tally.check(entry in known, f"{entry} is lost")
        # A third session asks about the newest that is not over.
        third = trial.run(binary, root, home, "session", "start", "--agent", "eve").decode().strip()
        for agent in agents:
            last = agent.last
            if not last.get("session"):
                continue
            told = json.loads(trial.run(binary, root, home, "resume", "--session", last["session"], "--json"))
            tally.check(told["task"] == last["task"], f"the task is told as {told['task']}, not {last['task']}")
            files = {file["path"] for file in told["files"]}
            tally.check(last["files"] <= files, f"files in flight are told as {files}, not {last['files']}")
            if last["command"]:
                command, code = last["command"]
                ran = told["last_command"]
                tally.check(ran and command in ran["command"] and ran["exit_code"] == code, f"the last command is told as {ran}, not {last['command']}")
            if last["next"]:
                tally.check(told["next"] == last["next"], f"the next step is told as {told['next']}, not {last['next']}")
        open_ones = [agent.last for agent in agents if agent.last.get("session") and not agent.last.get("ended")]
        if open_ones:
            newest = max(open_ones, key=lambda last: last["at"])
            told = trial.report(binary, root, home, "resume", WAYPOST_SESSION=third)
            sessions = {last["session"] for last in open_ones}
            session = (told["session"] or {}).get("id")
            tally.check(session in sessions, f"a third session is told of {session}, newest is {newest['session']}")
        checks = json.loads(trial.run(binary, root, home, "doctor", "--json", expect=None))["checks"]
        tally.check(all(check["status"] != "fail" for check in checks), f"doctor: {[c for c in checks if c['status'] == 'fail']}")
        sessions = sum(agent.number for agent in agents)
        print(f"{arguments.minutes} minutes: {sessions} sessions, {len(logged)} entries acknowledged, {sum(agent.kills for agent in agents)} commands killed")
    tally.end()


if __name__ == "__main__":
    main()
