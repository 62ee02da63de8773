#!/usr/bin/env python3
"""Fits the weights of the signals that tell which files belong to a change.

    pip install numpy
    companions.py SIGNALS.tsv [--test SIGNALS.tsv] [--drop SIGNAL,...]

The file is written by `cargo bench --bench companions -- OUT COMMITS REPOSITORY.git ...`: of each question a line that
names it, and a line of signals for each file. Prints the figures on the questions of --test (else by folds over
repositories), then the weights for `src/rank/change/weights.rs`.
"""
import argparse, collections
import numpy as np

SIGNALS = """names names_dense names_of_best rarest_name declares uses together together_of_best times lift near last overlap
namesake name_words folder closeness extension imported imports activity touches test source names_young
names_and_together""".split()
FOLDS = 6


def read(path):
    """Questions: (repository, commit, shown, sought sources, sought of all, labels, is source, signals)."""
    questions, rows = [], []
    for line in open(path):
        parts = line.rstrip('\n').split('\t')
        if len(parts) not in (7, 2 + len(SIGNALS)):
            continue
        if parts[0] == 'q':
            rows = []
            questions.append((parts[1], parts[2], parts[3], int(parts[-2]), int(parts[-1]), rows))
        else:
            rows.append([float(part) for part in parts])
    made = []
    for repository, commit, shown, sources, all_, rows in questions:
        if rows and all_:
            rows = np.array(rows, dtype=np.float32)
            made.append((repository, commit, shown, sources, all_, rows[:, 0], rows[:, 1], rows[:, 2:]))
    return made


def fit(questions, use, rounds=60, decay=1e-4):
    """Logistic regression by Newton's method; each question weighs the same."""
    x = np.concatenate([q[7][:, use] for q in questions]).astype(np.float64)
    y = np.concatenate([q[5] for q in questions]).astype(np.float64)
    w = np.concatenate([np.full(len(q[5]), 1.0) for q in questions])
    x = np.hstack([x, np.ones((len(x), 1))])
    beta = np.zeros(x.shape[1])
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -30, 30)))
        gradient = x.T @ (w * (p - y)) + decay * len(x) * beta * 0.01
        s = w * p * (1 - p) + 1e-9
        hessian = (x * s[:, None]).T @ x + decay * len(x) * 0.01 * np.eye(x.shape[1])
        step = np.linalg.solve(hessian, gradient)
        beta -= step
        if np.abs(step).max() < 1e-6:
            break
    return beta


def scores(question, beta, use):
    return question[7][:, use] @ beta[:-1] + beta[-1]


def recalls(questions, score, only_sources, ks=(4, 9)):
    found = collections.defaultdict(list)
    for q in questions:
        sought = q[3] if only_sources else q[4]
        if not sought:
            continue
        s, labels = score(q), q[5]
        if only_sources:
            keep = q[6] > 0
            s, labels = s[keep], labels[keep]
        order = np.argsort(-s, kind='stable')
        for k in ks:
            found[k].append(labels[order[:k]].sum() / sought)
    return [100 * np.mean(found[k]) for k in ks]


def show(name, questions, score, cut=None):
    for shown in ('File', 'Hunk', 'Rest'):
        of = [q for q in questions if q[2] == shown]
        a, b = recalls(of, score, True), recalls(of, score, False)
        text = f'{name:22} {shown:5} {len(of):6}  sources @4 {a[0]:5.1f} @9 {a[1]:5.1f}   all @4 {b[0]:5.1f} @9 {b[1]:5.1f}'
        if cut is not None:
            for likely in cut:
                listed = right = empty = 0
                limit = np.log(likely / (1 - likely))
                for q in of:
                    s = score(q)
                    take = np.argsort(-s, kind='stable')[:12]
                    take = take[s[take] >= limit]
                    listed += len(take); right += q[5][take].sum(); empty += len(take) == 0
                text += f'   cut {likely}: precision {100 * right / max(listed, 1):.1f} mean {listed / max(len(of), 1):.1f} empty {100 * empty / max(len(of), 1):.0f} %'
        print(text)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('signals'); p.add_argument('--test'); p.add_argument('--drop', default='')
    a = p.parse_args()
    questions = read(a.signals)
    drop = a.drop.split(',')
    use = [i for i, name in enumerate(SIGNALS) if name not in drop]
    print(len(questions), 'questions of', len({q[0] for q in questions}), 'repositories')
    at = {name: i for i, name in enumerate(SIGNALS)}
    if a.test:
        beta = fit(questions, use)
        tested = read(a.test)
        score = lambda q: scores(q, beta, use)
    else:
        names = sorted({q[0] for q in questions})
        fold = {name: i % FOLDS for i, name in enumerate(names)}
        betas = [fit([q for q in questions if fold[q[0]] != f], use) for f in range(FOLDS)]
        tested = questions
        score = lambda q: scores(q, betas[fold[q[0]]], use)
        beta = fit(questions, use)
    show('together alone', tested, lambda q: q[7][:, at['together']])
    show('names alone', tested, lambda q: q[7][:, at['names_dense']])
    show('imports alone', tested, lambda q: q[7][:, at['imported']] + q[7][:, at['imports']])
    show('fitted', tested, score, (0.2, 0.25, 0.3, 0.35, 0.4))
    for name in sorted({q[0] for q in tested}):
        of = [q for q in tested if q[0] == name and q[2] == 'File']
        a4, b4 = recalls(of, score, True), recalls(of, score, False)
        print(f'  {name[-40:]:40} {len(of):5} sources {a4[0]:5.1f} {a4[1]:5.1f} all {b4[0]:5.1f} {b4[1]:5.1f}')
    print(f'const BIAS: f64 = {beta[-1]:.3f};')
    weights = iter(beta[:-1])
    for i, name in enumerate(SIGNALS):
        print(f'    {next(weights) if i in use else 0.0:.3f}, // {name}')


main()
