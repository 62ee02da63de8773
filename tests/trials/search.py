#!/usr/bin/env python3
"""Search finds what it should, whatever is asked, and packs stay within budget.

Usage: search.py --binary WAYPOST TREE [--picks N] [--records N] [--queries N] [--seed N]
                 [--tokenizer FOLDER] [--node NODE]

TREE is copied. It gets generated records. Then
- for N random symbols and N random records, a query of two of its words has it
  (or one of the same name) in the first five in at least 95 %; told besides, how
  many symbols no ranking of names can single out: more than five names hold both
  words and have no more others;
- hostile queries end with 0 within a second, and a path finds its file first;
- packs for random queries at four budgets never exceed them, and the text of
  every span of code equals the file. With a tokenizer (a folder where
  `npm install gpt-tokenizer` was run) tokens are counted by it, else by us.
"""

import json
import pathlib
import random
import re
import sqlite3
import statistics
import subprocess
import time

import budgets
import trial

WORDS = """cache index retry queue token parser budget branch anchor reader writer snapshot folder socket session
cookie header thread worker signal buffer cursor schema column vector filter router handler client server backup
restore import export module package release deploy config secret region cluster metric latency quota tenant
invoice payment account profile avatar comment article digest feed ranking graph edge node weight sample""".split()


def split(name):
    return [w.lower() for w in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name) if len(w) > 2]


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("tree", type=pathlib.Path)
    parser.add_argument("--picks", type=int, default=200)
    parser.add_argument("--records", type=int, default=2000)
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tokenizer")
    parser.add_argument("--node", default="node")
    arguments = parser.parse_args()
    binary = arguments.binary
    rng = random.Random(arguments.seed)
    tally = trial.Tally()
    with trial.scratch() as (temp, home):
        root = trial.copy(arguments.tree.resolve(), temp / arguments.tree.name)
        trial.run(binary, root, home, "snapshot", "--no-handoff")
        records = make_records(binary, root, home, rng, arguments.records)
        start = time.monotonic()
        trial.run(binary, root, home, "search", "first", expect=None)
        print(f"first search after {arguments.records} records: {time.monotonic() - start:.2f} s")
        time.sleep(2.5)
        trial.run(binary, root, home, "search", "second", expect=None)
        files = trial.report(binary, root, home, "show-snapshot")["files"]
        files = [f if isinstance(f, str) else f["path"] for f in files]
        quality(binary, root, home, rng, tally, arguments.picks, records, files)
        hostile(binary, root, home, rng, tally, files)
        packs(binary, root, home, rng, tally, arguments, files)
    tally.end()


def make_records(binary, root, home, rng, count):
    """Written as files, as a merge would bring them."""
    folder = root / ".waypost/memory"
    folder.mkdir(parents=True, exist_ok=True)
    records = {}
    for n in range(count):
        words = rng.sample(WORDS, 5)
        title = f"{words[0].title()} {words[1]} {words[2]} of {words[3]}{n}"
        id = f"{n:016d}"
        body = " ".join(rng.choices(WORDS, k=60))
        (folder / f"{id}-x.md").write_text(
            f'+++\nid = "{id}"\nkind = "decision"\ntitle = "{title}"\ncreated = "2026-01-01T00:00:00Z"\n+++\n{body}\n')
        records[id] = title
    return records


def told(binary, root, home, *arguments):
    """Of a command whose last argument is a question: nothing may follow it."""
    command = [binary, "--json", "--project-root", str(root), *arguments]
    done = subprocess.run(command, capture_output=True, env=trial.environment(home))
    # 1: nothing was found.
    if done.returncode > 1:
        raise SystemExit(f"{arguments[:-1]} ended with {done.returncode}: {done.stderr.decode()[:500]}")
    return json.loads(done.stdout)


def ask(binary, root, home, query, limit=5):
    start = time.monotonic()
    answer = told(binary, root, home, "search", "--limit", str(limit), "--", query)
    return answer["hits"], time.monotonic() - start


def all_names(root):
    """The words of every name that is declared."""
    database = sqlite3.connect(f"file:{root}/.waypost/local/waypost.db?mode=ro", uri=True)
    rows = database.execute("SELECT DISTINCT symbol FROM code WHERE symbol IS NOT NULL").fetchall()
    database.close()
    return {name: set(split(name)) for name in {symbol.split(".")[-1] for symbol, in rows}}


def alike(names, asked, wanted):
    """How many names hold what is asked and no more other words than the wanted one."""
    return sum(asked <= words and len(words) <= len(names[wanted]) for words in names.values())


def quality(binary, root, home, rng, tally, picks, records, files):
    times, found = [], {"symbol": 0, "record": 0}
    sources = [f for f in files if f.endswith((".rs", ".py"))]
    names = all_names(root)
    tried = untold = untold_found = here = 0
    while tried < picks:
        path = rng.choice(sources)
        symbols = [s for s in trial.report(binary, root, home, "outline", path)["symbols"] if s["kind"] not in ("module", "impl")]
        symbols = [s for s in symbols if len(set(split(s["name"]))) >= 2]
        if not symbols:
            continue
        tried += 1
        symbol = rng.choice(symbols)
        query = " ".join(rng.sample(sorted(set(split(symbol["name"]))), 2))
        hits, seconds = ask(binary, root, home, query)
        times.append(seconds)
        name = lambda hit: (hit.get("symbol") or "").split(".")[-1]
        as_good = alike(names, set(query.split()), symbol["name"])
        is_there = any(name(hit) == symbol["name"] for hit in hits)
        here += any(name(hit) == symbol["name"] and hit["path"] == path for hit in hits)
        found["symbol"] += is_there
        if as_good > 5:
            untold += 1
            untold_found += is_there
        if not is_there:
            print(f"not found: {query!r} for {symbol['name']} of {path}, {as_good} names as good; first {[name(h) or h['path'] for h in hits][:3]}")
    for id in rng.sample(sorted(records), min(picks, len(records))):
        words = split(records[id]) + re.findall(r"[a-z]+\d+", records[id])
        last = words[-1]
        query = f"{rng.choice(words[:-2])} {last}"
        hits, seconds = ask(binary, root, home, query)
        times.append(seconds)
        if any(hit.get("id") == id for hit in hits):
            found["record"] += 1
        else:
            print(f"not found: {query!r} for {records[id]!r}")
    for kind, number in found.items():
        print(f"{kind}s found in the first five: {number} of {picks}")
        tally.check(number >= 0.95 * picks, f"{kind}s: {number} of {picks}")
    print(f"symbols found in their own file: {here} of {picks}")
    told, told_found = picks - untold, found["symbol"] - untold_found
    print(f"symbols that cannot be told from five others: {untold}, found {untold_found}; the rest: {told_found} of {told}")
    times.sort()
    print(f"time of the whole process: p50 {statistics.median(times) * 1000:.0f} ms, p95 {times[int(len(times) * 0.95)] * 1000:.0f} ms")


HOSTILE = ["", " ", "*", "**", '"', '""', "'", "NEAR(", "NEAR(a b, 2)", "AND", "OR", "NOT", "a AND", "AND AND AND", "(a", "a)", "((((((",
           "title:x", "{title body}: x", "^a", "-a", "--", "-", "+", "~", "|", "&&", "a*b", "*a", "a:b:c", "x' OR '1'='1",
           "'; DROP TABLE record;--", "%", "_", "\\", "\\\\", "/", "//", "/.", "../..", "C:\\x", "[a-z]", "a{2}", "$HOME", "`ls`",
           "\u202eevil", "\ufeff", "\ufffd", "e\u0301", "🦀", "👩‍👩‍👧", "数据库", "データ", "한국어", "שלום", "\x01\x02", "a" * 100_000,
           "word " * 20_000, "数" * 30_000, '"unclosed phrase', 'a "b c" d*', "café", "İstanbul"]


def hostile(binary, root, home, rng, tally, files):
    worst = 0
    for query in HOSTILE:
        hits, seconds = ask(binary, root, home, query)
        worst = max(worst, seconds)
        tally.check(seconds < 1, f"{query[:20]!r} takes {seconds:.2f} s")
    for path in rng.sample(files, min(60, len(files))):
        hits, seconds = ask(binary, root, home, path)
        tally.check(hits and hits[0]["path"] == path, f"{path}: first is {hits[0]['path'] if hits else None}")
    print(f"{len(HOSTILE)} hostile queries, the slowest takes {worst:.2f} s")


def packs(binary, root, home, rng, tally, arguments, files):
    texts, limits = [], []
    spans = 0
    for _ in range(arguments.queries):
        query = " ".join(rng.sample(WORDS, rng.randint(1, 4)) + split(pathlib.Path(rng.choice(files)).stem)[:2])
        for budget in (200, 600, 2000, 8000):
            form = rng.choice(["xml", "md", "json"])
            answer = told(binary, root, home, "context", "--budget", str(budget), "--format", form, "--", query)
            texts.append(answer["pack"])
            limits.append(budget)
            tally.check(answer["tokens"] <= budget, f"{query!r} at {budget}: says {answer['tokens']}")
            if form == "json":
                for one in json.loads(answer["pack"])["evidence"]:
                    if one["path"]:
                        lines = (root / one["path"]).read_bytes().decode("utf-8-sig", errors="replace").replace("\r\n", "\n").split("\n")
                        wanted = "\n".join(lines[one["start_line"] - 1 : one["end_line"]])
                        spans += 1
                        same = one["text"] == wanted or "REDACTED" in one["text"].upper() or "\\u{" in one["text"]
                        tally.check(same, f"{one['slug']} is not the file's text")
    if arguments.tokenizer:
        for tokens, budget in zip(budgets.count(texts, arguments), limits):
            tally.check(tokens <= budget, f"{tokens} tokens, budget {budget}")
    print(f"{len(texts)} packs, {spans} spans compared with their files")


if __name__ == "__main__":
    main()
