#!/usr/bin/env python3
"""Fits the weights of the signals that tell which tests exercise a change.

    pip install numpy
    tests.py SIGNALS.tsv [--test SIGNALS.tsv] [--hold 1.0] [--drop SIGNAL,...] [--show 40]

The file is written by `cargo bench --bench tests -- OUT COMMITS REPOSITORY.git ...`: of each commit a line with what it
changed, and a line of signals for each test. Prints how often a changed test is among the first three, by folds over
repositories or on --test, beside the order that the program told, then the weights for
`src/rank/change/test_signals.rs`.
"""
import argparse, collections
import numpy as np

SIGNALS = """name import shares names names_best dense_best rarest declares uses uses_best together together_best last
words closeness root with_test_best neighbours activity_best called_after""".split()
FOLDS = 8


def read(path):
    """Commits: a dictionary with repository, commit, place as told, changed and sought files, tests, labels, signals."""
    cases = []
    for line in open(path):
        parts = line.rstrip('\n').split('\t')
        if parts[0] == 'q':
            case = dict(repository=parts[1].split('/')[-2], commit=parts[2], place=int(parts[3]), shown=parts[4],
                        sought=parts[5], tests=[], labels=[], rows=[])
            cases.append(case)
        elif len(parts) == 2 + len(SIGNALS):
            case['labels'].append(int(parts[0]))
            case['tests'].append(parts[1])
            case['rows'].append([float(part) for part in parts[2:]])
    for case in cases:
        case['labels'], case['rows'] = np.array(case['labels']), np.array(case['rows']).reshape(-1, len(SIGNALS))
    return cases


def fit(cases, use, hold, rounds=300):
    """Softmax over the tests of a commit: the sum of the changed ones is to be likely. Adam, all at once."""
    cases = [case for case in cases if case['labels'].any()]
    x = np.concatenate([case['rows'][:, use] for case in cases])
    y = np.concatenate([case['labels'] for case in cases]).astype(bool)
    starts = np.cumsum([0] + [len(case['labels']) for case in cases[:-1]])
    group = np.repeat(np.arange(len(cases)), [len(case['labels']) for case in cases])
    weight = 1 / np.sqrt(of_repository(cases))
    beta, m, v = np.zeros(len(use)), 0.0, 0.0
    for step in range(1, rounds + 1):
        s = x @ beta
        s -= np.maximum.reduceat(s, starts)[group]
        e = np.exp(s)
        p = e / np.add.reduceat(e, starts)[group]
        own = np.where(y, e, 0.0)
        q = own / np.add.reduceat(own, starts)[group]
        gradient = x.T @ ((p - q) * weight[group]) + hold * beta
        m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient ** 2
        beta -= 0.1 * (m / (1 - 0.9 ** step)) / (np.sqrt(v / (1 - 0.999 ** step)) + 1e-8)
    return beta


def of_repository(cases):
    """Of each case how many its repository has, so that none drowns the others."""
    of = collections.Counter(case['repository'] for case in cases)
    mean = np.mean(list(of.values()))
    return np.array([of[case['repository']] / mean for case in cases])


def place(case, score):
    order = np.argsort(-score(case), kind='stable')
    right = np.flatnonzero(case['labels'][order])
    return int(right[0]) + 1 if len(right) else 0


def shares(cases, places):
    is_in = lambda k: np.mean([0 < at <= k for at in places]) if places else 0
    half = 1.96 * np.sqrt(max(is_in(3) * (1 - is_in(3)), 1e-9) / max(len(places), 1))
    return f'@1 {100 * is_in(1):5.1f}  @3 {100 * is_in(3):5.1f} ± {100 * half:.1f}  @5 {100 * is_in(5):5.1f}'


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('signals', nargs='+'); p.add_argument('--test'); p.add_argument('--drop', default='')
    p.add_argument('--hold', type=float, default=1.0); p.add_argument('--show', type=int, default=0)
    a = p.parse_args()
    cases = [case for path in a.signals for case in read(path)]
    use = [i for i, name in enumerate(SIGNALS) if name not in a.drop.split(',')]
    beta = fit(cases, use, a.hold)
    if a.test:
        tested = read(a.test)
        of = lambda case: beta
    else:
        tested = cases
        names = sorted({case['repository'] for case in cases})
        fold = {name: i % FOLDS for i, name in enumerate(names)}
        betas = [fit([case for case in cases if fold[case['repository']] != f], use, a.hold) for f in range(FOLDS)]
        of = lambda case: betas[fold[case['repository']]]
    score = lambda case: case['rows'][:, use] @ of(case)
    places = [place(case, score) for case in tested]
    print(len(cases), 'commits to fit;', len(tested), 'asked')
    for name in sorted({case['repository'] for case in tested}):
        of_it = [i for i, case in enumerate(tested) if case['repository'] == name]
        print(f'  {name:30} {len(of_it):4}  told {shares(tested, [tested[i]["place"] for i in of_it])}   fitted {shares(tested, [places[i] for i in of_it])}')
    print(f'  {"all":30} {len(tested):4}  told {shares(tested, [case["place"] for case in tested])}   fitted {shares(tested, places)}')
    shown = 0
    for case, at in zip(tested, places):
        if not 0 < at <= 3 and shown < a.show:
            shown += 1
            order = np.argsort(-score(case), kind='stable')
            print(case['repository'], case['commit'], 'changed', case['shown'], 'sought', case['sought'], 'place', at, 'of', len(order), 'told',
                  [case['tests'][i] for i in order[:4]])
    weights = iter(beta)
    print(', '.join(f'{next(weights) if i in use else 0.0:.2f}' for i in range(len(SIGNALS))))
    weights = iter(beta)
    print('  '.join(f'{name} {next(weights):.2f}' for i, name in enumerate(SIGNALS) if i in use))


main()
