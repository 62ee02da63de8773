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
- c, cpp: `gcc -MM -MG` with --include as the include path (repeatable).

Exit code: 0 when at least 95 % are right and at most 1 % invented, else 1.
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
    out = subprocess.run(["go", "list", "-e", "-json", "./..."], cwd=root, capture_output=True, check=True)
    decoder, text, at, folders, importing = json.JSONDecoder(), out.stdout.decode(), 0, {}, []
    while at < len(text.rstrip()):
        package, at = decoder.raw_decode(text, at)
        at += len(text[at:]) - len(text[at:].lstrip())
        folders[package["ImportPath"]] = str(pathlib.Path(package["Dir"]).relative_to(pathlib.Path(root).resolve()))
        importing.append(package)
    del importing
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


RESOLVERS = {
    "javascript": of_typescript, "typescript": of_typescript, "tsx": of_typescript,
    "java": of_java, "go": of_go, "c": of_c, "cpp": of_c,
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
    args = parser.parse_args()

    paths = tracked(args.root, SUFFIX[args.language])
    expected = list(RESOLVERS[args.language](args.root, paths, args))
    of_file = collections.defaultdict(set)
    for path, _, targets in expected:
        of_file[path] |= targets
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
    print(f"edges of their files {edges}, not known to the resolver {len(invented)}")
    for path, target in sorted(invented)[:40]:
        print(f"  not known {path} -> {target}")
    return 0 if share >= 95 and len(invented) * 100 <= edges else 1


if __name__ == "__main__":
    sys.exit(main())
