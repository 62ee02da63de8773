#!/usr/bin/env python3
"""Measures redaction on labelled and on clean corpora. No corpus is kept here.

    redact.py --command CMD leaky DIR         a checkout of Plazmaz/leaky-repo
    redact.py --command CMD creddata META R.. meta/ of Samsung/CredData and work
                                              trees at its pinned commits, each
                                              as ID=DIR with ID the name of its
                                              meta file without `.csv`
    redact.py --command CMD clean DIR...      repositories without secrets

CMD is run by the shell once a file with the file's text on standard input and
prints the redacted text, line for line.

Recall is the share of labelled lines that come out changed, for each class,
with Wilson's 95 % interval. leaky-repo labels counts a file, so there a file
counts min(lines changed, lines labelled). False redactions are the changed
lines of clean repositories, for each 10,000 lines; with --show they are printed
to be read: many are real secrets of tests and examples. A private key counts
as one line.
"""

import argparse
import collections
import csv
import hashlib
import math
import os
import subprocess
import sys

BINARY_SNIFF = 8_000
MAX_SIZE = 1_000_000


def wilson(hits, total):
    """The 95 % interval for a share of hits in total."""
    if total == 0:
        return 0.0, 1.0
    z = 1.96
    share = hits / total
    middle = share + z * z / (2 * total)
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    return (middle - spread) / scale, (middle + spread) / scale


def report(name, hits, total):
    low, high = wilson(hits, total)
    share = 100 * hits / total if total else 0
    print(f"{name:28} {hits:5} of {total:5}  {share:5.1f} %  [{100 * low:.1f}, {100 * high:.1f}]")


def text_of(path):
    """The file as LF text, or None for what waypost would not read."""
    if os.path.islink(path) or not os.path.isfile(path) or os.path.getsize(path) > MAX_SIZE:
        return None
    with open(path, "rb") as file:
        data = file.read()
    if b"\0" in data[:BINARY_SNIFF]:
        return None
    return data.decode("utf-8", "replace").replace("\r\n", "\n")


def changed_lines(command, text):
    """Numbers, from 1, of the lines that the command changes, with both forms."""
    run = subprocess.run(command, shell=True, input=text.encode(), capture_output=True, check=True)
    before, after = text.split("\n"), run.stdout.decode("utf-8", "replace").split("\n")
    if len(before) != len(after):
        sys.exit(f"the command changed the number of lines: {len(before)} to {len(after)}")
    changed = {}
    for number, (old, new) in enumerate(zip(before, after), 1):
        # Spelling out an invisible character is no redaction.
        if old != new and ("REDACTED_" in new or not new.strip(" \t\"'")):
            changed[number] = (old, new)
    return changed


def walk(root):
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name != ".git")
        for name in sorted(names):
            yield os.path.join(folder, name)


def leaky(command, root):
    rows = []
    with open(os.path.join(root, ".leaky-meta", "secrets.csv")) as file:
        lines = [line for line in file if line.strip() and not line.startswith("#")]
    for name, risk, _ in csv.reader(lines):
        text = text_of(os.path.join(root, name))
        found = len(changed_lines(command, text)) if text is not None else 0
        rows.append((name, min(found, int(risk)), int(risk)))
    for name, found, risk in rows:
        if found < risk:
            print(f"missed {risk - found} of {risk} in {name}")
    report("all risk lines", sum(row[1] for row in rows), sum(row[2] for row in rows))


def creddata(command, meta, trees, show):
    found, total = collections.Counter(), collections.Counter()
    extra = lines = 0
    for tree in trees:
        identity, root = tree.split("=", 1)
        labels = collections.defaultdict(list)
        with open(os.path.join(meta, identity + ".csv")) as file:
            for row in csv.DictReader(file):
                labels[row["FileID"]].append(row)
        for path in walk(root):
            short = os.path.relpath(path, root).replace(os.sep, "/")
            rows = labels.get(hashlib.sha256(short.encode()).hexdigest()[:8])
            text = text_of(path) if rows and not short.endswith(".xml") else None
            if text is None:
                continue
            changed = changed_lines(command, text)
            true_lines = set()
            for row in rows:
                span = range(int(row["LineStart"]), int(row["LineEnd"]) + 1)
                if row["GroundTruth"] != "T":
                    continue
                true_lines.update(span)
                kind = row["Category"].split(":")[0]
                total[kind] += 1
                hit = any(line in changed for line in span)
                found[kind] += hit
                if show and not hit:
                    print(f"missed {kind}: {short}:{span[0]}: {text.split(chr(10))[span[0] - 1].strip()[:160]}")
            lines += text.count("\n")
            extra += len([line for line in changed if line not in true_lines])
    for kind in sorted(total, key=lambda kind: -total[kind]):
        report(kind, found[kind], total[kind])
    report("all", sum(found.values()), sum(total.values()))
    unlabelled = 10_000 * extra / max(lines, 1)
    print(f"changed lines that are not labelled true: {extra} in {lines} lines, {unlabelled:.2f} in 10,000")


def clean(command, roots, show):
    changed_all = lines_all = 0
    for root in roots:
        changed_here = lines_here = 0
        for path in walk(root):
            text = text_of(path)
            if text is None:
                continue
            lines_here += text.count("\n")
            for number, (old, new) in changed_lines(command, text).items():
                if "REDACTED_" not in new:
                    continue
                changed_here += 1
                if show:
                    print(f"{path}:{number}: {old.strip()[:160]}\n    {new.strip()[:160]}")
        print(f"{root}: {changed_here} in {lines_here} lines, {10_000 * changed_here / max(lines_here, 1):.2f} in 10,000")
        changed_all += changed_here
        lines_all += lines_here
    print(f"all: {changed_all} in {lines_all} lines, {10_000 * changed_all / max(lines_all, 1):.2f} in 10,000")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--command", required=True, help="reads text, prints it redacted")
    parser.add_argument("--show", action="store_true", help="print what was missed or falsely redacted")
    parser.add_argument("corpus", choices=["leaky", "creddata", "clean"])
    parser.add_argument("paths", nargs="+")
    options = parser.parse_args()
    if options.corpus == "leaky":
        leaky(options.command, options.paths[0])
    elif options.corpus == "creddata":
        creddata(options.command, options.paths[0], options.paths[1:], options.show)
    else:
        clean(options.command, options.paths, options.show)


if __name__ == "__main__":
    main()
