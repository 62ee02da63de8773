#!/usr/bin/env python3
"""What the page says of public projects, against verdicts by reading: how their
tests are run, all and one, which tools they need, what they are, where they start.

Usage: commands.py --binary WAYPOST [--list FILE] [--show] TREES [REPOSITORY...]

TREES is a folder with a clone of each repository of the list, called
`owner+name`, at the commit of the list or a later one. The list (`commands.tsv`
beside this script) has a line for each: repository, commit, ecosystem, the
commands of which one has to be listed as written, where the maintainers say so
(file:line), what the command for one test has to begin with or hold, tools with
versions, words of the description with the line that says them, and the files of
which one has to be among the first where the project starts, with the line that says
so. Alternatives stand behind ` | `, tools behind commas; `none` says that there
is no such thing and nothing may be listed, `unknown` that the maintainers say nothing.

Nothing is taken on trust. A line that is given as evidence has to be there and hold
what it is evidence of. Each command has to name what is in the tree: target, script,
package, file, folder. The command for one test has to name one that exists and runs:
no placeholder, no abstract class, no suite that only starts others, no helper. No
command may be one that a document of the project rules out, and none may do harm.

Prints what is missing. Exit code 1 below the shares in `ENOUGH`. Python's standard
library and git only.
"""

import collections
import json
import pathlib
import re
import subprocess

import trial

ENOUGH = {"test": 0.95, "one": 0.9, "tools": 1, "is": 0.95, "starts": 0.95, "exists": 1, "allowed": 1, "harmless": 1, "evidence": 1}
COLUMNS = ["repository", "commit", "ecosystem", "test", "test says", "one", "tools", "is", "is says", "starts", "starts says"]
HARM = re.compile(
    r"publish|upload|sudo |db:drop|db:reset|migrate:fresh|rm -rf|deploy|git push|git reset|apt(-get)? |brew |xdg-open|\bopen |npm init|create-project"
)
HOLE = re.compile(r"<[^>]+>|\bNAME\b|\bFILE\b|path/to|\bpattern\b|\bexample_test\b|\{[^}]*\}|\[[^\]]*\]| \.\.\.$")
RULED_OUT = re.compile(r"(?:do not|don't|never|avoid) (?:use|run|call|invoke|execute) `([^`]{4,60})`", re.I)
MADE = ("vendor", "node_modules", "build", "dist", "target", "out", ".venv", "venv", "_build")


def page(binary, tree):
    with trial.scratch() as (_, home):
        return trial.report(binary, tree, home, "handoff", "--stdout", "--budget", "16000")


def tracked(tree):
    done = subprocess.run(["git", "ls-files"], cwd=tree, capture_output=True, check=True)
    return done.stdout.decode(errors="replace").splitlines()


class Tree:
    """A clone, as the judges ask about it."""

    def __init__(self, path):
        self.path, self.files = path, tracked(path)
        self.names = collections.defaultdict(list)
        for file in self.files:
            self.names[pathlib.PurePosixPath(file).name].append(file)

    def read(self, file):
        path = self.path / file
        return path.read_text(errors="replace") if path.is_file() else ""

    def has(self, file):
        file = str(file).removeprefix("./").rstrip("/")
        return file in ("", ".") or any(known == file or known.startswith(file + "/") for known in self.files)

    def below(self, folder, pattern):
        folder = folder.removeprefix("./").rstrip("/")
        return [file for file in self.files if (not folder or file.startswith(folder + "/")) and re.search(pattern, file)]


def in_folder(line):
    """The folder in which a line runs, and the line there."""
    found = re.match(r"cd (\S+) && (.*)", line)
    return found.groups() if found else ("", line)


def words_of(line):
    return [word for word in line.split() if not re.match(r"[A-Z_]+=", word)]


def make_targets(tree, folder, words):
    at = words.index("-C") + 1 if "-C" in words else None
    folder = str(pathlib.PurePosixPath(folder) / words[at]) if at else folder
    texts = [tree.read(file) for file in tree.files if re.fullmatch(re.escape(folder + "/" if folder else "") + r"(GNU)?[Mm]akefile(\.am|\.in)?|" + re.escape(folder + "/" if folder else "") + r"[\w.-]+\.mk|\w+/[\w.-]+\.mk", file)]
    targets = [word for n, word in enumerate(words[1:], 1) if not word.startswith("-") and "=" not in word and not word.isdigit() and n != at]
    is_open = any(re.search(r"^\.DEFAULT:", text, re.M) for text in texts)
    generic = {"check", "all", "test", "install"} if not texts or is_open or tree.has(folder + "/configure.ac" if folder else "configure.ac") else set()
    rule = lambda target, text: re.search(rf"^[^\t#=]*(?<![\w-]){re.escape(target)}(?![\w-])[^=\n]*:", text, re.M)
    return [target for target in targets if target not in generic and not any(rule(target, text) for text in texts)]


def script_of(tree, folder, program, words):
    if any(word.startswith(("-F", "--filter", "-w", "-C", "--cwd")) for word in words):
        return []
    manifest = json.loads(tree.read(f"{folder}/package.json" if folder else "package.json") or "{}")
    rest = [word for word in words[1:] if not word.startswith("-")]
    run, rest = rest[:1] in (["run"], ["run-script"]), [word for word in rest if word not in ("run", "run-script")]
    own = {"install", "i", "ci", "exec", "dlx", "test"} if program == "bun" else {"install", "i", "ci", "exec", "dlx"}
    known = dict(manifest.get("scripts", {}))
    if program != "npm" and not run:
        known |= {**manifest.get("devDependencies", {}), **manifest.get("dependencies", {})}
    return [] if not rest or rest[0] in own or rest[0] in known else [rest[0]]


def missing(tree, line):
    """What a command names that is not there."""
    folder, line = in_folder(line)
    gone = [] if tree.has(folder) else [folder]
    for step in re.split(r" && ", line):
        words = words_of(step)
        if not words:
            continue
        program = words[0]
        if program in ("make", "gmake"):
            gone += make_targets(tree, folder, words)
        elif program in ("npm", "pnpm", "yarn", "bun"):
            gone += script_of(tree, folder, program, words)
        elif program == "composer" and len(words) > 1 and words[1] not in ("install", "update", "require"):
            gone += [] if words[1] in json.loads(tree.read("composer.json")).get("scripts", {}) else [words[1]]
        elif program == "just" and len(words) > 1:
            recipes = "\n".join(tree.read(name) for name in ("justfile", "Justfile", ".justfile"))
            gone += [] if re.search(rf"^@?{re.escape(words[1])}\b[^=\n]*:", recipes, re.M) else [words[1]]
        elif program == "cargo":
            manifests = "\n".join(tree.read(file) for file in tree.names["Cargo.toml"])
            for flag, value in zip(words, words[1:]):
                if flag in ("-p", "--package"):
                    gone += [] if re.search(rf'name\s*=\s*"{re.escape(value)}"', manifests) else [value]
                if flag == "--test":
                    gone += [] if tree.below("", rf"(^|/)tests/{re.escape(value)}(\.rs|/main\.rs)$") else [value]
        elif program == "tox" and "-e" in words:
            name = words[words.index("-e") + 1]
            config = tree.read("tox.ini") + tree.read("tox.toml") + tree.read("pyproject.toml")
            gone += [] if name.startswith("py") or name in config else [name]
        elif program in ("rake",) or words[:3] == ["bundle", "exec", "rake"]:
            task = words[words.index("rake") + 1 :]
            rakes = "\n".join(tree.read(file) for file in tree.files if re.search(r"(^|/)Rakefile$|\.rake$", file))
            gone += [name for name in task[:1] if not re.search(rf"\b{re.escape(name.split(':')[-1])}\b|RSpec::Core::RakeTask" if name == "spec" else rf"\b{re.escape(name.split(':')[-1])}\b", rakes)]
        elif program == "deno" and words[1:2] == ["task"]:
            config = tree.read("deno.json") + tree.read("deno.jsonc")
            gone += [] if f'"{words[2]}"' in config else [words[2]]
        elif "/" in program and program.split("/")[0] not in MADE and not program.startswith(tuple(f"./{name}/" for name in MADE)):
            first = program.removeprefix("./")
            is_made = first == "configure" and tree.has("configure.ac")
            gone += [] if is_made or tree.has(f"{folder}/{first}" if folder else first) else [program]
        for before, word in zip(words, words[1:]):
            plain = re.fullmatch(r"(\./)?[\w.@-]+(/[\w.@ -]+)*\.(py|rb|go|sh|js|mjs|ts|tsx|php|exs|bats|csproj|json|yaml|yml|toml)", word)
            if plain and not before.startswith(("-", ">")) and word.removeprefix("./").split("/")[0] not in MADE and "=" not in word:
                gone += [] if tree.has(f"{folder}/{word}" if folder else word) or "/" not in word and tree.names[word] else [word]
    return gone


def declares_test(tree, file):
    """Whether a file holds tests that run, by the form of its language."""
    text = tree.read(file)
    if re.search(r"^\s*(public |open |internal )*abstract class ", text, re.M) and not re.search(r"^\s*(public |final |internal |sealed |open )*class \w*Test", text, re.M):
        return False
    forms = {
        ".py": r"def test_|class \w*Test", ".rs": r"#\[(\w+::)*test|mod \w+;|rgtest!|#\[rstest|test!\(", ".go": r"^func Test(?!\()\w+\(",
        ".ts": r"\b(test|it)\b", ".tsx": r"\b(test|it)\b", ".js": r"\b(test|it)\b", ".mjs": r"\b(test|it)\b", ".java": r"@(\w+\.)*(Parameterized)?Test\b",
        ".kt": r"@Test\b|fun test|: \w*(Spec|FunSpec)", ".scala": r"test\(|property\(|checkAll\(|should|in \{", ".rb": r"\b(it|specify|context|describe|test|def test_)\b",
        ".php": r"function test|@test|#\[Test|\bit\(|\btest\(", ".cs": r"\[(Fact|Theory|Test|TestMethod)", ".swift": r"func test|@Test", ".exs": r"\btest \"",
        ".bats": r"@test", ".dart": r"\btest\(",
    }
    form = forms.get(pathlib.PurePosixPath(file).suffix)
    return form is None or re.search(form, text, re.M) is not None


def one_is_wrong(tree, line):
    """Why a command does not run one test; empty where it does."""
    if hole := HOLE.search(line):
        return f"leaves {hole[0]!r} to be filled in"
    folder, command = in_folder(line)
    words = words_of(command)
    at = lambda path: f"{folder}/{path}" if folder else path
    value = lambda flag: next((b for a, b in zip(words, words[1:]) if a == flag), None)
    if words[:2] == ["go", "test"]:
        package = next((word for word in words[2:] if word.startswith(".")), ".")
        files = [file for file in tree.below(at(package.removeprefix("./").rstrip("/.")), r"_test\.go$")]
        names = re.findall(r"\w+", value("-run") or "")
        if not names:
            guides = [file for file in tree.files if file.endswith(".md") and file.count("/") < 2]
            return "" if any(line in tree.read(file) for file in guides) else "runs a whole package"
        return next((f"{name} is not there, or starts a suite" for name in names if name == "Test" or not any(f"func {name}(" in tree.read(file) for file in files)), "")
    if words[:2] == ["cargo", "test"]:
        name = value("--test")
        found = tree.below("", rf"(^|/)tests/{re.escape(name)}(\.rs|/main\.rs)$") if name else []
        is_module = not name and any(re.fullmatch(r"[a-z_0-9]+(::\w+)*", word) for word in words[2:])
        return "" if any(declares_test(tree, file) for file in found) or is_module else f"{name} holds no test"
    if found := re.search(r"-Dtest=(\w+)|--tests '\*?([\w.]+)'|testOnly \*?([\w.]+)|FullyQualifiedName~([\w.]+)|--filter \"?(?!Fully)([\w.]+)", command):
        name = next(filter(None, found.groups())).split(".")[-1]
        files = tree.below("", rf"(^|/){re.escape(name)}\.(java|kt|scala|cs|swift)$") or [file for file in tree.files if re.search(r"\.(cs|swift|kt|java)$", file) and re.search(rf"\b(class|struct) \w*{re.escape(name)}\b", tree.read(file))]
        if module := re.search(r"gradlew? :([\w:-]+):(\w+) ", command):
            folder = module[1].replace(":", "/")
            if not any(file.startswith(folder + "/") for file in files):
                return f"{name} is not in {folder}"
            build = tree.read(f"{folder}/build.gradle.kts") + tree.read(f"{folder}/build.gradle")
            android = re.search(r"(?<!import )com\.android\.(application|library)|plugins\.android", build)
            if (module[2] == "testDebugUnitTest") != bool(android):
                return f"{module[2]} is no task of {folder}"
        return "" if any(declares_test(tree, file) for file in files) else f"{name} is not there or holds no test"
    if found := re.search(r"ctest .*-R (\S+)", command):
        name = found[1]
        texts = [tree.read(file) for file in tree.files if file.endswith(("CMakeLists.txt", ".cmake"))]
        return "" if any(name in text for text in texts) or tree.below("", rf"test[^/]*/.*{re.escape(name)}\.(cpp|cc|c)$") else f"{name} is no test"
    if found := re.search(r"meson test -C \S+ (\S+)", command):
        texts = [tree.read(file) for file in tree.names["meson.build"]]
        return "" if any(f"'{found[1]}'" in text for text in texts) else f"{found[1]} is no test"
    if found := re.search(r"bazel test //([\w/.-]*):([\w.-]+)", command):
        text = tree.read(f"{found[1]}/BUILD") + tree.read(f"{found[1]}/BUILD.bazel")
        return "" if re.search(rf"^\w*_test\(\s*name = \"{re.escape(found[2])}\"", text, re.M) else f"{found[2]} is no rule of a test"
    if found := re.search(r"TESTS=(\S+)", command):
        base = value("-C") or folder
        return "" if tree.has(f"{base}/{found[1]}" if base else found[1]) else f"{found[1]} is not there"
    if found := re.search(r"cabal test (\S+)", command):
        return "" if any(f"test-suite {found[1]}" in tree.read(file) for file in tree.files if file.endswith(".cabal")) else f"{found[1]} is no suite"
    if found := re.fullmatch(r"(?:pnpm|npm|yarn|bun)(?: run)? test(?: --)? ([\w-]+)", command):
        files = tree.below("", rf"{re.escape(found[1])}[^ ]*\.(test|spec)\.[jt]sx?$")
        return "" if any(declares_test(tree, file) for file in files) else f"no test is called {found[1]}"
    paths = re.findall(r"'([^']+/[^']+)'|(\S+/\S+\.\w+)", command)
    for path in ("".join(pair) for pair in paths):
        if tree.has(at(path)) and (tree.path / at(path)).is_file():
            return "" if declares_test(tree, at(path)) else f"{path} holds no test"
    return "names no test"


def holds(text, alternatives):
    return any(one.strip().lower() in text.lower() for one in alternatives.split(" | "))


def ruled_out(tree):
    """What the project's documents say not to run."""
    documents = [file for file in tree.files if re.search(r"(?i)(^|/)(readme|contributing|agents|claude|hacking|developing)[^/]*$", file) and file.count("/") < 3]
    return {line for file in documents for line in RULED_OUT.findall(tree.read(file))}


def evidence_is_wrong(tree, says, alternatives):
    """Whether a line that is given as evidence, `file:line`, does not say it. What a
    project starts with may stand in the very file."""
    if alternatives in ("none", "unknown") or says == "-":
        return ""
    found = re.fullmatch(r"(\S+):(\d+)", says)
    if not found:
        return f"{says!r} is no line"
    lines = tree.read(found[1]).splitlines()
    at = int(found[2]) - 1
    if not (0 <= at < len(lines) and lines[at].strip()):
        return f"{says} is not there"
    near = " ".join(lines[max(at - 1, 0) : at + 3]).lower()
    for one in alternatives.split(" | "):
        words = [word for word in re.findall(r"[\w-]{2,}", one.lower())]
        held = sum(word in near for word in words)
        if found[1] == one or found[1].startswith(one.rstrip("/") + "/") or held * 3 >= len(words) * 2:
            return ""
    return f"{says} says nothing of {alternatives!r}"


def judge(tree, row, view):
    """What is wrong with the page of this repository."""
    parts = (view, view.get("more") or {})
    commands = [command for part in parts for command in part.get("commands") or []]
    lines = collections.defaultdict(list)
    for command in commands:
        lines[command["purpose"]].append(command["command"])
    tools = {tool["name"]: tool["version"] for part in parts for tool in part.get("tools") or []}
    about = " ".join(view.get("about") or [])
    starts = list(view.get("entry_points") or {})
    wrong = {}
    tests, ones = lines["test"], lines["one test"]
    if row["test"] == "none":
        if tests:
            wrong["test"] = f"there are no tests, but {tests}"
    elif not any(one in tests for one in row["test"].split(" | ")):
        wrong["test"] = f"{row['test']!r} is not in {tests}"
    if row["one"] == "none":
        if ones:
            wrong["one"] = f"there are no tests, but {ones}"
    elif not ones:
        wrong["one"] = f"{row['one']!r} is not there"
    elif not holds(ones[0], row["one"]):
        wrong["one"] = f"{row['one']!r} is not in {ones}"
    elif reason := one_is_wrong(tree, ones[0]):
        wrong["one"] = f"{ones[0]!r}: {reason}"
    for tool in filter(None, row["tools"].split(", ")):
        name, version = tool.split(" ", 1)
        if version not in tools.get(name, ""):
            wrong["tools"] = f"{tool!r} is not in {tools}"
    if not holds(about, row["is"]):
        wrong["is"] = f"{row['is']!r} is not in {about!r}"
    if not any(one == start or start.startswith(one.rstrip("/") + "/") for one in row["starts"].split(" | ") for start in starts[:6]):
        wrong["starts"] = f"{row['starts']!r} is not first in {starts}"
    every = [line for purpose, of in lines.items() for line in of if purpose != "install"]
    if gone := {line: names for line in every if (names := missing(tree, line))}:
        wrong["exists"] = f"{gone}"
    if against := [line for line in every for no in ruled_out(tree) if line == no or line.startswith(no + " ")]:
        wrong["allowed"] = f"{against}"
    if harm := [line for line in every if HARM.search(line)]:
        wrong["harmless"] = f"{harm}"
    said = [(row["test says"], row["test"]), (row["is says"], row["is"]), (row["starts says"], row["starts"])]
    if false := [reason for says, of in said if (reason := evidence_is_wrong(tree, says, of))]:
        wrong["evidence"] = f"{false}"
    return wrong, commands, tools, about, starts


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("trees", type=pathlib.Path)
    parser.add_argument("only", nargs="*")
    parser.add_argument("--list", type=pathlib.Path, default=pathlib.Path(__file__).with_name("commands.tsv"))
    parser.add_argument("--show", action="store_true", help="print what is listed as well")
    arguments = parser.parse_args()
    rows = [dict(zip(COLUMNS, line.split("\t"), strict=True)) for line in arguments.list.read_text().splitlines()[1:]]
    rows = [row for row in rows if not arguments.only or row["repository"] in arguments.only]
    met = collections.Counter()
    for row in rows:
        path = arguments.trees / row["repository"].replace("/", "+")
        wrong, commands, tools, about, starts = judge(Tree(path), row, page(arguments.binary, path))
        met.update(kind for kind in ENOUGH if kind not in wrong)
        print(f"{row['repository']} ({row['ecosystem']}): {'right' if not wrong else ''}", flush=True)
        for kind, what in wrong.items():
            print(f"  {kind}: {what}")
        if arguments.show:
            for command in commands:
                print(f"    {command['purpose']}: {command['command']} ({command['source']})")
            print(f"    needs {tools}\n    is {about}\n    starts at {starts}")
    print(f"{len(rows)} repositories: " + ", ".join(f"{kind} {met[kind]}" for kind in ENOUGH))
    raise SystemExit(not arguments.only and any(met[kind] < least * len(rows) for kind, least in ENOUGH.items()))


if __name__ == "__main__":
    main()
