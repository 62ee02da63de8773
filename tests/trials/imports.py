#!/usr/bin/env python3
"""Holds waypost's import edges against a resolver of the language's ecosystem.

Usage: imports.py ROOT LANGUAGE [--sample N] [--seed N] [--binary PATH] [--jsonl FILE]
                  [--typescript FOLDER] [--include FOLDER ...]

ROOT is a git work tree. Of the imports of tracked files of LANGUAGE that the
resolver finds inside ROOT, N are drawn; each must be among the files that
`waypost outline FILE --json` names as imported. The other way round, what
waypost names and the resolver does not is printed as invented, for the files of
the drawn imports. --jsonl reads the outlines from a file, one object a line.

Resolvers:
- javascript, typescript, tsx: `ts.resolveModuleName` of the package `typescript`
  in --typescript (a folder with node_modules), with the nearest tsconfig.json;
- java: package declarations and type names, as javac looks for them;
- go: `go list -json ./...` (packages; any file of one counts);
- c, cpp: the folder of the file, then those of --include (repeatable);
- php: the classes that files declare by their `namespace` (what Composer's class map holds);
- ruby: `require` in each `lib` folder and above, `require_relative`;
- kotlin, scala: packages and the names declared at their top, read by patterns;
- c-sharp: namespaces whose type names the file mentions;
- bash: `source` and `.` of a path whose end is literal;
- swift: modules are the folders below `Sources` and `Tests`, files those whose type names the file mentions.

Exit code: 0 when at least 95 % are right and none is invented, else 1. What is undecided does not count.
"""

import argparse
import collections
import json
import pathlib
import random
import re
import subprocess
import sys

SUFFIX = {
    "javascript": (".js", ".jsx", ".mjs", ".cjs"),
    "typescript": (".ts", ".mts", ".cts"),
    "tsx": (".tsx",),
    "go": (".go",),
    "java": (".java",),
    "c": (".c",),
    "cpp": (".cc", ".cpp", ".cxx"),
    "php": (".php",),
    "ruby": (".rb",),
    "kotlin": (".kt",),
    "scala": (".scala",),
    "c-sharp": (".cs",),
    "bash": (".sh", ".bash", ".bats"),
    "swift": (".swift",),
}

# Prints `file<TAB>specifier<TAB>resolved path` for each import in the files
# that it reads from standard input.
NODE = r"""
const ts = require('typescript'), path = require('path'), fs = require('fs')
const root = fs.realpathSync(process.argv[2]), configs = new Map()
function options(folder) {
  if (configs.has(folder)) return configs.get(folder)
  const file = ['tsconfig.json', 'jsconfig.json'].map((n) => path.join(folder, n)).find(fs.existsSync)
  let out = { allowJs: true }
  if (file) {
    const read = ts.readConfigFile(file, ts.sys.readFile)
    out = ts.parseJsonConfigFileContent(read.config || {}, { ...ts.sys, readDirectory: () => [] }, folder).options
  } else if (folder !== root && folder.startsWith(root)) out = options(path.dirname(folder))
  configs.set(folder, out)
  return out
}
for (const file of fs.readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  const full = path.join(root, file)
  const info = ts.preProcessFile(fs.readFileSync(full, 'utf8'), true, true)
  const set = { moduleResolution: ts.ModuleResolutionKind.Bundler, module: ts.ModuleKind.ESNext,
    ...options(path.dirname(full)), allowJs: true, resolveJsonModule: true, noDtsResolution: false }
  if (set.moduleResolution === undefined) set.moduleResolution = ts.ModuleResolutionKind.Bundler
  for (const { fileName } of info.importedFiles) {
    const found = ts.resolveModuleName(fileName, full, set, ts.sys).resolvedModule
    if (!found) continue
    const target = fs.realpathSync(found.resolvedFileName)
    if (target.startsWith(root + '/') && !target.includes('/node_modules/'))
      console.log([file, fileName, path.relative(root, target)].join('\t'))
  }
}
"""


def tracked(root, suffixes):
    out = subprocess.run(["git", "-C", root, "ls-files", "-z"], capture_output=True, check=True)
    paths = out.stdout.decode().split("\0")
    return [p for p in paths if p.endswith(suffixes) and (pathlib.Path(root) / p).is_file()]


def of_typescript(root, paths, args):
    script = pathlib.Path(args.typescript) / "resolve-imports.cjs"
    script.write_text(NODE)
    out = subprocess.run(
        ["node", str(script), root], input="\n".join(paths).encode(), capture_output=True, check=True
    )
    for line in out.stdout.decode().splitlines():
        path, written, target = line.split("\t")
        yield path, written, {target}


def of_java(root, paths, args):
    types = collections.defaultdict(set)
    texts = {p: (pathlib.Path(root) / p).read_text(encoding="utf-8", errors="replace") for p in paths}
    for path, text in texts.items():
        package = re.search(r"^\s*package\s+([\w.]+)\s*;", text, re.M)
        types[f"{package.group(1) if package else ''}.{pathlib.Path(path).stem}"].add(path)
    for path, text in texts.items():
        for match in re.finditer(r"^import\s+(?:static\s+)?([\w.]+)\s*;", text, re.M):
            name = match.group(1)
            while name and name not in types:
                name = name.rpartition(".")[0]
            if name:
                yield path, match.group(1), types[name]
        for match in re.finditer(r"^import\s+(?:static\s+)?([\w.]+)\.\*\s*;", text, re.M):
            names = [name for name in types if name.rpartition(".")[0] == match.group(1) or name == match.group(1)]
            targets = set().union(*(types[name] for name in names))
            if targets:
                yield path, match.group(0), targets


def of_go(root, paths, args):
    decoder, folders = json.JSONDecoder(), {}
    # A module within another is not among its packages.
    for manifest in sorted(pathlib.Path(root).resolve().rglob("go.mod")):
        out = subprocess.run(["go", "list", "-e", "-json", "./..."], cwd=manifest.parent, capture_output=True, check=True)
        text, at = out.stdout.decode(), 0
        while at < len(text.rstrip()):
            package, at = decoder.raw_decode(text, at)
            at += len(text[at:]) - len(text[at:].lstrip())
            if "Dir" not in package:
                continue
            folders[package["ImportPath"]] = str(pathlib.Path(package["Dir"]).relative_to(pathlib.Path(root).resolve()))
    files = collections.defaultdict(set)
    for path in paths:
        files[str(pathlib.Path(path).parent)].add(path)
    for path in paths:
        text = (pathlib.Path(root) / path).read_text(encoding="utf-8", errors="replace")
        block = "".join(re.findall(r"^import\s*(\([^)]*\)|.*)$", text, re.M))
        for written in re.findall(r'"([^"]+)"', block):
            if written in folders:
                yield path, written, files[folders[written]]


def of_c(root, paths, args):
    for path in paths:
        text = (pathlib.Path(root) / path).read_text(encoding="utf-8", errors="replace")
        for written in re.findall(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', text, re.M):
            for folder in [pathlib.Path(root, path).parent, *(pathlib.Path(root, i) for i in args.include)]:
                target = (folder / written).resolve()
                if target.is_file():
                    yield path, written, {str(target.relative_to(pathlib.Path(root).resolve()))}
                    break


def read(root, paths):
    return {p: (pathlib.Path(root) / p).read_text(encoding="utf-8-sig", errors="replace") for p in paths}


def bare(text):
    """Without comments and strings, for languages that write them as C does."""
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', " ", text, flags=re.S)


def of_php(root, paths, args):
    texts = read(root, paths)
    classes = collections.defaultdict(set)
    for path, text in texts.items():
        space = re.search(r"^\s*namespace\s+([\w\\]+)\s*[;{]", text, re.M)
        space = space.group(1) + "\\" if space else ""
        for name in re.findall(r"^\s*(?:(?:final|abstract|readonly)\s+)*(?:class|interface|trait|enum)\s+(\w+)", text, re.M):
            classes[space + name].add(path)
    for path, text in texts.items():
        for written in re.findall(r"^use\s+(?!function|const)\\?([\w\\]+)(?:\s+as\s+\w+)?\s*;", text, re.M):
            if written in classes:
                yield path, written, classes[written]


def of_ruby(root, paths, args):
    texts, known = read(root, paths), set(paths)
    libs = sorted({p[: p.index("lib/") + 4] for p in paths if p.startswith("lib/") or "/lib/" in p})
    for path, text in texts.items():
        folder = str(pathlib.PurePosixPath(path).parent)
        for how, written in re.findall(
            r"^\s*(require_relative|require|load|autoload\s+:\w+,)[ (]*['\"]([^'\"#]+)['\"]", text, re.M
        ):
            near = [folder + "/"] if how == "require_relative" else [*libs, "", "test/", "spec/"]
            for start in near:
                target = str(pathlib.Path(root, start + written).resolve().relative_to(pathlib.Path(root).resolve())) \
                    if ".." in start + written else (start + written).removeprefix("./")
                target = target if target.endswith(".rb") else target + ".rb"
                if target in known:
                    yield path, written, {target}
                    break


def of_packages(declaration, wildcard):
    """Kotlin and Scala: a package, and names declared in column 0."""
    def resolve(root, paths, args):
        texts = read(root, paths)
        names, packages = collections.defaultdict(set), collections.defaultdict(set)
        for path, text in texts.items():
            package = ".".join(re.findall(r"^package\s+(?!object)([\w.]+)\s*;?$", text, re.M))
            packages[package].add(path)
            for part in re.findall(r"^(?:\w+ )*?(?:package )?object (\w+)", text, re.M):
                packages[f"{package}.{part}".lstrip(".")].add(path)
            for name in re.findall(declaration, bare(text), re.M):
                names[f"{package}.{name}"].add(path)
            for part in re.findall(r"^package object (\w+)", text, re.M):
                for name in re.findall(r"^  (?:[\w\[\]]+ )*(?:type|val|def|class|trait|object) (\w+)", bare(text), re.M):
                    names[f"{package}.{part}.{name}".lstrip(".")].add(path)
        for path, text in texts.items():
            for written in re.findall(r"^import\s+([\w.]+)(?:\s+as\s+\w+)?\s*;?$", text, re.M):
                name = written
                while name and name not in names:
                    name = name.rpartition(".")[0]
                if name:
                    yield path, written, names[name]
            own = ".".join(re.findall(r"^package\s+(?!object)([\w.]+)\s*;?$", text, re.M))
            around = [own.rsplit(".", n)[0] + "." for n in range(own.count(".") + 1)] if own else []
            for package in re.findall(wildcard, text, re.M):
                for start in ["", *around]:
                    yield path, None, packages.get(start + package, set()) | names.get(start + package, set())
    return resolve


def of_csharp(root, paths, args):
    texts = {p: bare(t) for p, t in read(root, paths).items()}
    types, own = collections.defaultdict(lambda: collections.defaultdict(set)), collections.defaultdict(set)
    for path, text in texts.items():
        space = re.search(r"^\s*namespace\s+([\w.]+)", text, re.M)
        for name in re.findall(r"^\s*(?:\w+ )*(?:class|interface|struct|enum|record)\s+(\w+)", text, re.M):
            types[space.group(1) if space else ""][name].add(path)
            own[path].add(name)
        for name in re.findall(r"^[ \w]*\bdelegate\s[^\n(]+?\s(\w+)\s*(?:<[^>]*>)?\(", text, re.M):
            types[space.group(1) if space else ""][name].add(path)
    everywhere = {u for text in texts.values() for u in re.findall(r"^\s*global using\s+([\w.]+)\s*;", text, re.M)}
    for path, text in texts.items():
        words = set(re.findall(r"(?:\bnew |\btypeof\(|\bas |\bis |<)(\w+)\b", text)) - own[path]
        used = set(re.findall(r"^\s*using\s+([\w.]+)\s*;", text, re.M))
        for written in sorted(used & types.keys()):
            for name in sorted(words & types[written].keys()):
                yield path, f"{written}.{name}", types[written][name]
        space = re.search(r"^\s*namespace\s+([\w.]+)", text, re.M)
        parts = space.group(1).split(".") if space else []
        around = {".".join(parts[:n]) for n in range(1, len(parts) + 1)}
        for name in (used | everywhere | around) & types.keys():
            yield path, None, set().union(*types[name].values())


def of_bash(root, paths, args):
    texts, known = read(root, paths), subprocess.run(
        ["git", "-C", root, "ls-files", "-z"], capture_output=True, check=True).stdout.decode().split("\0")
    for path, text in texts.items():
        for written in re.findall(r"^\s*(?:source|\.|load)\s+(\S+)", text, re.M):
            tail = re.sub(r"^.*[})]/|^\$\w+/|^\./", "", written.strip("'\""))
            if "$" in tail or not tail:
                continue
            ends = {tail, tail + ".bash", tail + ".sh"}
            targets = {k for k in known if k in ends or k.endswith(tuple("/" + end for end in ends))}
            if targets:
                yield path, written, targets


def of_swift(root, paths, args):
    texts = {p: bare(t) for p, t in read(root, paths).items()}
    types = collections.defaultdict(lambda: collections.defaultdict(set))
    for path, text in texts.items():
        place = re.match(r"(?:.*/)?(?:Sources|Tests)/(\w+)/", path)
        for name in re.findall(r"^(?!.*\bimport\b)(?:@\w+ |\w+ )*(?:class|struct|enum|protocol|actor|typealias|func|macro|let|var)\s+(\w+)", text, re.M):
            types[place.group(1) if place else ""][name].add(path)
    for path, text in texts.items():
        words = set(re.findall(r"\w+", text))
        for written in re.findall(r"^(?:@\w+ )?import\s+(\w+)\s*$", text, re.M):
            for name in sorted(words & types[written].keys()) if written in types else []:
                yield path, f"{written}.{name}", types[written][name]
            if written in types:
                yield path, None, set().union(*types[written].values())


KOTLIN = r"^(?:@[\w.:]+(?:\([^)]*\))? )*(?:\w+ )*(?:class|interface|object|typealias|fun|val|var)\s+(?:<[^>]*>\s*)?(?:[\w.<>*?, ]+\.)?(\w+)"
SCALA = r"^(?:@[\w.]+(?:\([^)]*\))? )*(?:[\w\[\]]+ )*(?:class|trait|object|enum)\s+(\w+)"

# Resolvers that read by patterns.
BY_PATTERNS = {"php", "ruby", "kotlin", "scala", "c-sharp", "bash", "swift"}
DECLARED = re.compile(
    r"\b(?:class|trait|object|enum|struct|protocol|interface|actor|record|type|typealias|def|val|var|let|fun|func|"
    r"function|macro|given|extension|delegate\s+\S+|static\s+[\w<>\[\]?.]+)\s+(?:<[^>]*>\s*)?(?:\w+\.)?(\w+)"
)


def reason(root, path, target):
    """What may have led from one file to the other; none when nothing may."""
    texts = [bare((pathlib.Path(root) / it).read_text(encoding="utf-8", errors="replace")) for it in (path, target)]
    shared = set(re.findall(r"\w+", texts[0])) & set(DECLARED.findall(texts[1]))
    return f"mentions {', '.join(sorted(shared)[:4])}" if shared else None


RESOLVERS = {
    "javascript": of_typescript, "typescript": of_typescript, "tsx": of_typescript,
    "java": of_java, "go": of_go, "c": of_c, "cpp": of_c, "php": of_php, "ruby": of_ruby,
    "kotlin": of_packages(KOTLIN, r"^import\s+([\w.]+)\.\*"),
    "scala": of_packages(SCALA, r"^\s*import\s+([\w.]+)\.(?:_|\*|\{)"),
    "c-sharp": of_csharp, "bash": of_bash,
    "swift": of_swift,
}


def imported(root, path, args):
    command = [args.binary, "--project-root", root, "outline", path, "--json"]
    out = subprocess.run(command, capture_output=True, check=True)
    return set(json.loads(out.stdout)["imported_files"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root")
    parser.add_argument("language", choices=RESOLVERS)
    parser.add_argument("--binary", default="target/release/waypost")
    parser.add_argument("--jsonl")
    parser.add_argument("--typescript", default=".")
    parser.add_argument("--include", action="append", default=["include", "src", "."])
    parser.add_argument("--sample", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=20, help="undecided edges to print")
    args = parser.parse_args()

    paths = tracked(args.root, SUFFIX[args.language])
    # Without a name: files that may be meant by an import of all.
    expected = list(RESOLVERS[args.language](args.root, paths, args))
    of_file = collections.defaultdict(set)
    for path, _, targets in expected:
        of_file[path] |= targets
    expected = [edge for edge in expected if edge[1] is not None]
    known = {}
    if args.jsonl:
        outlines = (json.loads(line) for line in open(args.jsonl, encoding="utf-8"))
        known = {outline["path"]: set(outline["imported_files"]) for outline in outlines}
    random.seed(args.seed)
    drawn = random.sample(expected, min(args.sample, len(expected)))
    right, wrong, invented, edges = 0, [], set(), 0
    for path, written, targets in drawn:
        if path not in known:
            known[path] = imported(args.root, path, args)
        # An import of the file itself is none.
        if targets & known[path] or targets == {path}:
            right += 1
        else:
            wrong.append((path, written, targets, known[path]))
    for path in {path for path, *_ in drawn}:
        edges += len(known[path])
        # A compiler knows nothing of style sheets and images.
        ours = {target for target in known[path] if target.endswith(SUFFIX[args.language] + (".h", ".hpp"))}
        invented |= {(path, target) for target in ours - of_file[path]}
    share = 100 * right / max(len(drawn), 1)
    print(f"imports inside the tree {len(expected)}, drawn {len(drawn)}, right {right} ({share:.1f} %)")
    for path, written, targets, ours in wrong:
        print(f"  wrong {path}: {written} is {sorted(targets)[:3]}, not {sorted(ours)[:6]}")
    reasons = {edge: reason(args.root, *edge) for edge in invented if args.language in BY_PATTERNS}
    undecided = {edge: why for edge, why in reasons.items() if why}
    invented -= undecided.keys()
    print(f"edges of their files {edges}, invented {len(invented)}, undecided {len(undecided)}")
    for path, target in sorted(invented)[:40]:
        print(f"  invented {path} -> {target}")
    for (path, target), why in sorted(undecided.items())[: args.show]:
        print(f"  undecided {path} -> {target}: {why}")
    return 0 if share >= 95 and not invented else 1


if __name__ == "__main__":
    sys.exit(main())
