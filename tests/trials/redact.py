#!/usr/bin/env python3
"""Measures redaction on labelled and on clean corpora. No corpus is kept here.

    redact.py --command CMD leaky DIR         a checkout of Plazmaz/leaky-repo
    redact.py --command CMD creddata META R.. meta/ of Samsung/CredData and work
                                              trees at its pinned commits, each
                                              as ID=DIR with ID the name of its
                                              meta file without `.csv`
    redact.py --command CMD clean DIR...      repositories without secrets
    redact.py --command CMD rules FILE        JSON lines of gitleaks' rules with
                                              `id`, `tps`, `fps`, as its own
                                              generators make them

CMD is the example `redact`: `cargo build --release --example redact` makes
`target/release/examples/redact`.

Recall is the share of labelled lines that come out changed, for each class,
with Wilson's 95 % interval. leaky-repo labels counts a file, so there a file
counts min(lines changed, lines labelled). A file that is secret by its name is
never read; with --names it counts as found, all of its lines. False redactions
are the changed lines of clean repositories, for each 10,000 lines; with --show
they are printed to be read: many are secrets of tests and examples. A private
key counts as one line.
"""

import argparse
import collections
import csv
import hashlib
import json
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


class Redactor:
    """The example program; one process for all texts."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def redact(self, text):
        data = text.encode()
        self.process.stdin.write(b"%d\n" % len(data) + data)
        self.process.stdin.flush()
        length = int(self.process.stdout.readline())
        return self.process.stdout.read(length).decode("utf-8", "replace")


def changed_lines(redactor, text):
    """Numbers, from 1, of the lines that the redactor changes, with both forms."""
    before, after = text.split("\n"), redactor.redact(text).split("\n")
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


def leaky(redactor, names, root):
    rows = []
    with open(os.path.join(root, ".leaky-meta", "secrets.csv")) as file:
        lines = [line for line in file if line.strip() and not line.startswith("#")]
    for name, risk, _ in csv.reader(lines):
        text = text_of(os.path.join(root, name))
        found = len(changed_lines(redactor, text)) if text is not None else 0
        by_name = bool(names and names.redact(name))
        rows.append((name, int(risk) if by_name else min(found, int(risk)), int(risk)))
    for name, found, risk in rows:
        if found < risk:
            print(f"missed {risk - found} of {risk} in {name}")
    report("all risk lines", sum(row[1] for row in rows), sum(row[2] for row in rows))


def creddata(redactor, names, meta, trees, show):
    found, total = collections.Counter(), collections.Counter()
    false, falses = 0, 0
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
            by_name = bool(names and names.redact(short))
            changed = changed_lines(redactor, text)
            lines = text.split("\n")
            for row in rows:
                start, end = int(row["LineStart"]), int(row["LineEnd"])
                hit = by_name or is_hit(row, changed, lines, start, end)
                if row["GroundTruth"] == "F":
                    falses += 1
                    false += hit and not by_name
                    if show and hit and not by_name:
                        print(f"false: {short}:{start}: {lines[start - 1].strip()[:160]}")
                if row["GroundTruth"] != "T":
                    continue
                kind = row["Category"].split(":")[0]
                total[kind] += 1
                found[kind] += hit
                if show and not hit:
                    print(f"missed {kind}: {short}:{start}: {lines[start - 1].strip()[:160]}")
    for kind in sorted(total, key=lambda kind: -total[kind]):
        report(kind, found[kind], total[kind])
    report("all", sum(found.values()), sum(total.values()))
    real = [kind for kind in total if kind not in NO_SECRETS]
    report("all but " + ", ".join(NO_SECRETS), sum(found[kind] for kind in real), sum(total[kind] for kind in real))
    report("labelled false and redacted", false, falses)


# Classes of CredData whose values identify and open nothing.
NO_SECRETS = ["UUID", "AWS S3 Bucket", "Firebase Domain", "Tencent WeChat API App ID"]


def is_hit(row, changed, lines, start, end):
    """Whether the labelled value is gone; where no value is labelled, whether its lines changed."""
    if start == end and row["ValueStart"].isdigit() and row["ValueEnd"].isdigit():
        value = lines[start - 1][int(row["ValueStart"]) : int(row["ValueEnd"])]
        return start in changed and (not value or changed[start][1].count(value) < changed[start][0].count(value))
    return any(line in changed for line in range(start, end + 1))


def rules(redactor, scanner, path, show):
    """Every value that a rule's own samples hold must go; its false positives should stay."""
    held = whole = stayed = fps = 0
    for line in open(path):
        rule = json.loads(line)
        tps = rule["tps"] or []
        missed = [tp for tp in tps if redactor.redact(tp) == tp]
        known = sum(bool(scanner.redact(tp)) for tp in tps)
        changed = [fp for fp in rule["fps"] or [] if redactor.redact(fp) != fp]
        held += len(tps) - len(missed)
        whole += len(tps)
        stayed += len(rule["fps"] or []) - len(changed)
        fps += len(rule["fps"] or [])
        if missed or changed:
            print(f"{rule['id']}: {len(tps) - len(missed)} of {len(tps)} samples go ({known} known by shape), "
                  f"{len(changed)} of {len(rule['fps'] or [])} false ones too")
            for text in (missed + changed)[:3] if show else []:
                print("    " + text.replace("\n", "\\n")[:200])
    report("samples", held, whole)
    report("false positives that stay", stayed, fps)


def clean(redactor, names, roots, show):
    changed_all = lines_all = 0
    for root in roots:
        changed_here = lines_here = 0
        for path in walk(root):
            text = text_of(path)
            if text is None or names and names.redact(os.path.relpath(path, root)):
                continue
            lines_here += text.count("\n")
            for number, (old, new) in changed_lines(redactor, text).items():
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
    parser.add_argument("--command", required=True, help="the example `redact`")
    parser.add_argument("--show", action="store_true", help="print what was missed or falsely redacted")
    parser.add_argument("--names", action="store_true", help="do not read what is secret by name")
    parser.add_argument("corpus", choices=["leaky", "creddata", "clean", "rules"])
    parser.add_argument("paths", nargs="+")
    options = parser.parse_args()
    redactor = Redactor([options.command])
    names = Redactor([options.command, "--names"]) if options.names else None
    if options.corpus == "leaky":
        leaky(redactor, names, options.paths[0])
    elif options.corpus == "creddata":
        creddata(redactor, names, options.paths[0], options.paths[1:], options.show)
    elif options.corpus == "rules":
        rules(redactor, Redactor([options.command, "--scan"]), options.paths[0], options.show)
    else:
        clean(redactor, names, options.paths, options.show)


if __name__ == "__main__":
    main()
