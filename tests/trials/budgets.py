#!/usr/bin/env python3
"""No output exceeds its budget, counted by somebody else's tokenizer.

Usage: budgets.py --binary WAYPOST --tokenizer FOLDER TREE... [--node NODE]
                  [--budgets 300,500,1200,4000,16000] [--goal TEXT]

FOLDER is where `npm install gpt-tokenizer` was run: its o200k_base counts, not
ours. For each TREE (copied, never written to), with and without a goal, every
prompt mode and both forms of the handoff are taken at every budget.

Prints a table of tokens used and, for budgets from 1200 on, fails below 85 %
unless the page says everything (it names nothing that was left out). Exit code
1 if anything failed. Python's standard library and node only.
"""

import json
import pathlib
import subprocess

import trial

MODES = ["generic-agent-restore", "copilot-restore", "claude-code-restore", "human-handoff"]
COUNTER = """
const { countTokens } = require("gpt-tokenizer/encoding/o200k_base");
let text = "";
process.stdin.setEncoding("utf8").on("data", (part) => (text += part)).on("end", () =>
  console.log(JSON.stringify(JSON.parse(text).map((t) => countTokens(t, { disallowedSpecial: new Set() })))));
"""


def count(texts, arguments):
    done = subprocess.run(
        [arguments.node, "-e", COUNTER], input=json.dumps(texts).encode(), capture_output=True, cwd=arguments.tokenizer
    )
    if done.returncode:
        raise SystemExit(f"the tokenizer failed: {done.stderr.decode()}")
    return json.loads(done.stdout)


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("trees", nargs="+", type=pathlib.Path)
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--node", default="node")
    parser.add_argument("--budgets", default="300,500,1200,4000,16000")
    parser.add_argument("--goal", default="Make errors of the parser name file and line")
    arguments = parser.parse_args()
    binary = arguments.binary
    budgets = [int(n) for n in arguments.budgets.split(",")]
    tally = trial.Tally()
    for tree in arguments.trees:
        with trial.scratch() as (temp, home):
            root = trial.copy(tree.resolve(), temp / tree.name)
            for goal in ("", arguments.goal):
                trial.run(binary, root, home, "snapshot", "--goal", goal)
                pages(binary, root, home, f"{tree.name}{' with a goal' if goal else ''}", budgets, arguments, tally)
    tally.end()


def pages(binary, root, home, name, budgets, arguments, tally):
    asked = [(f"handoff {form}", ["handoff", "--stdout", "--format", form, "--budget"]) for form in ("md", "json")]
    asked += [(mode, ["prompt", "--mode", mode, "--token-budget"]) for mode in MODES]
    for what, command in asked:
        texts = [trial.run(binary, root, home, *command, str(n)).decode() for n in budgets]
        shown = []
        for budget, text, tokens in zip(budgets, texts, count(texts, arguments)):
            tally.check(tokens <= budget, f"{name}: {what} at {budget} takes {tokens}")
            all_said = "Left out for the budget" not in text and '"left_out"' not in text
            if budget >= 1200 and not all_said:
                tally.check(tokens >= 0.85 * budget, f"{name}: {what} at {budget} uses only {tokens}")
            shown.append(f"{tokens:>6}{'=' if all_said else ' '}")
        print(f"{name:28} {what:22} {' '.join(shown)}", flush=True)


if __name__ == "__main__":
    main()
