#!/usr/bin/env python3
"""Trains the trees of the file ranking and shows what they are worth on repositories that they have not seen.

    pip install lightgbm==4.6.0 numpy
    train.py --cases STEM [--shallow STEM] [--extra STEM] [--more STEM ...] [--ablate] [--export src/rank/trees.txt]

STEM.jsonl and STEM.f32 are written by `cargo bench --bench relevance` (see README.md): one line and some rows of signals
for each case. `--cases` are scored; `--shallow` are the same measured with --no-history, `--extra` are other cases: both
trained on as well and scored apart; `--more` (commits mined from other repositories, say) only help to train.

Every figure printed is from folds over repositories: a case is ranked by trees that saw no case of its repository, mined
ones included. `--export` trains once on everything instead.

The format of the exported file: one tree a line, `leaf values|node,node,...`; a node is `signal threshold low high mean`:
go to `low` where the signal is at most the threshold, else to `high`; a number from 0 on is a node, -1 - n is leaf n. `mean`
is the mean of the leaves below, weighted by the training rows, and serves the explanation alone.
"""
import argparse, collections, json, math
import lightgbm as lgb, numpy as np

# As in src/rank/mod.rs.
STEADY = 0.7
TEST_LOSS = 2.0
FOLDS = 8
ROUNDS = 160
KS = (1, 3, 5, 10)
# The weighted sum knows these; asked about again, they only offer quirks to learn (-0.4 in the mean of all columns).
SUM_ONLY = 'PathTitle DefinedTitle MentionPath MentionName Dotted DefinedExact Window TestVote DottedDefined'.split()
# More of these can only speak for a file, or only against it: keeps the trees from learning the quirks of one repository.
FOR = """Text Title Early Rare Alias DefinedAll PathAll MessageTitle MessageAll Similar SimilarTop SimilarRecent SimilarTogether
MentionStem CoChange TestVoteFirst TestName TopSymbols Scope LastTouch LanguageShare Base""".split()
AGAINST = 'IsTest IsOther'.split()
# Signals that rest on one kind of evidence, left out together.
GROUPS = {
    'history': 'MessageTitle MessageAll Similar SimilarTop SimilarRecent SimilarTogether TouchShare Recency LastTouch CoChange '
               'CoChangeBest'.split(),
    'similar commits': 'Similar SimilarTop SimilarRecent SimilarTogether'.split(),
    'commit messages': 'MessageTitle MessageAll'.split(),
    'co-change': 'CoChange CoChangeBest SimilarTogether'.split(),
    'activity': 'TouchShare Recency LastTouch'.split(),
    'passage': 'Window'.split(),
    'declarations': 'DefinedTitle DefinedAll DefinedExact TopSymbols DottedDefined'.split(),
    'path': 'PathTitle PathAll Scope MentionStem'.split(),
    'named files': 'MentionPath MentionName Dotted'.split(),
    'imports': 'ImportedByHits ImportsHits UsedByFirst'.split(),
    'tests': 'TestVote TestVoteFirst TestName'.split(),
    'other spellings, rare words': 'Alias Rare'.split(),
    'neighbours': 'ContentLike Residual Folder'.split(),
    'role': 'IsTest IsOther LanguageShare'.split(),
}


def load(stem, scored):
    cases = [json.loads(line) for line in open(stem + '.jsonl')]
    names = cases[0]['signals']
    rows = np.fromfile(stem + '.f32', dtype=np.float32).reshape(-1, len(names))
    for case in cases:
        case['X'] = rows[case['offset']:case['offset'] + len(case['rows'])]
        gold = set(case['gold'])
        case['y'] = np.array([path in gold for path in case['rows']], dtype=np.int8)
        case['unseen'] = len(gold) - int(case['y'].sum())
        case['scored'] = scored
    return names, cases


def folds_of(cases, count):
    size = collections.Counter(case['repo'] for case in cases)
    folds = [[] for _ in range(count)]
    for repo in sorted(size, key=lambda repo: (-size[repo], repo)):
        min(folds, key=lambda fold: sum(size[r] for r in fold)).append(repo)
    return folds


def train(cases, names, columns):
    of_repo = collections.Counter((case['repo'], case['scored']) for case in cases)
    def weight(case):  # no repository counts as more than 30 cases' root; scored ones (issues) twice
        return min(1, (30 / of_repo[case['repo'], case['scored']]) ** .5) * (2 if case['scored'] else 1)
    X = np.concatenate([case['X'][:case['judged']][:, columns] for case in cases])
    y = np.concatenate([case['y'][:case['judged']] for case in cases])
    sizes = [case['judged'] for case in cases]
    w = np.concatenate([np.full(size, weight(case)) for case, size in zip(cases, sizes)])
    used = [names[c] for c in columns]
    params = dict(objective='lambdarank', learning_rate=0.06, num_leaves=12, min_data_in_leaf=80, feature_fraction=0.4,
                  bagging_fraction=0.8, bagging_freq=1, lambda_l2=10, lambdarank_truncation_level=30, max_bin=63, seed=1,
                  deterministic=True, force_row_wise=True, num_threads=2, verbose=-1,
                  monotone_constraints=[1 if n in FOR else -1 if n in AGAINST else 0 for n in used])
    return lgb.train(params, lgb.Dataset(X, y, group=sizes, weight=w, feature_name=used), ROUNDS)


def scores(model, case, columns, names):
    """As `judged` in src/rank/mod.rs; sought files that are no candidates come last."""
    score = np.full(len(case['X']), -1e9)
    head = case['X'][:case['judged']]
    score[:len(head)] = model.predict(head[:, columns]) + STEADY * head[:, names.index('Base')]
    score[:len(head)] -= TEST_LOSS * head[:, names.index('IsTest')]
    return score - 1e-9 * np.arange(len(score))


def metrics(case, score):
    order = np.argsort(-score, kind='stable')
    ranks = sorted([place + 1 for place, row in enumerate(order) if case['y'][row]] + [math.inf] * case['unseen'])
    found = {f'acc@{k}': float(ranks[-1] <= k) for k in KS}
    found['recall@10'] = sum(rank <= 10 for rank in ranks) / len(ranks)
    found['MRR'] = 0.0 if ranks[0] == math.inf else 1 / ranks[0]
    return dict(found, repo=case['repo'], kind=f"{case['language']} {case['kind']}", case=case['id'])


COLUMNS = [f'acc@{k}' for k in KS] + ['recall@10', 'MRR']


def interval(values, draws=1000):
    rng = np.random.default_rng(0)
    means = rng.choice(values, (draws, len(values))).mean(1)
    return np.percentile(means, [2.5, 97.5])


def show(name, found, intervals=False):
    cells = []
    for column in COLUMNS:
        values = np.array([f[column] for f in found])
        low, high = interval(values) if intervals else (0, 0)
        cells.append(f'{100 * values.mean():.1f}' + (f' [{100 * low:.0f}-{100 * high:.0f}]' if intervals else ''))
    repos = collections.defaultdict(list)
    for f in found:
        repos[f['repo']].append(f['acc@5'])
    macro = 100 * np.mean([np.mean(v) for v in repos.values()])
    print(f'| {name} | {len(found)} | ' + ' | '.join(cells) + f' | {macro:.1f} |', flush=True)


def cross_validate(sets, more, names, columns):
    """What is found of each set of cases by trees that saw nothing of the case's repository."""
    found = [[] for _ in sets]
    every = [case for cases in sets for case in cases]
    for fold in folds_of(every, FOLDS):
        model = train([c for c in every + more if c['repo'] not in fold], names, columns)
        for cases, result in zip(sets, found):
            result += [metrics(c, scores(model, c, columns, names)) for c in cases if c['repo'] in fold]
    return found


def without(case, names, group):
    """The case as if the signals of `group` were not measured: the weighted sum lacks them too."""
    X = case['X'].copy()
    base, weights = names.index('Base'), dict(case['weights'])
    of = lambda kept: sum(weight * X[:, names.index(n)] for n, weight in weights.items() if kept(n))
    whole, rest = of(lambda n: True), of(lambda n: n not in group)
    X[:, base] *= rest / np.maximum(whole, 1e-9)
    order = np.argsort(-X[:case['judged'], base], kind='stable').tolist() + list(range(case['judged'], len(X)))
    return dict(case, X=X[order], y=case['y'][order])


def export(model, path):
    lines = ['# Written by benches/relevance/train.py; see there for the format.']
    for tree in model.dump_model()['tree_info']:
        leaves, nodes = [], []
        def walk(node):
            if 'leaf_value' in node:
                leaves.append(node['leaf_value'])
                return -len(leaves), node['leaf_value'] * node['leaf_count'], node['leaf_count']
            at = len(nodes)
            nodes.append(None)
            low, low_sum, low_count = walk(node['left_child'])
            high, high_sum, high_count = walk(node['right_child'])
            total, count = low_sum + high_sum, low_count + high_count
            name = model.feature_name()[node['split_feature']]
            nodes[at] = f"{name} {node['threshold']:.7g} {low} {high} {total / count:.5g}"
            return at, total, count
        if 'leaf_value' not in tree['tree_structure']:
            walk(tree['tree_structure'])
            lines.append(' '.join(f'{leaf:.5g}' for leaf in leaves) + '|' + ','.join(nodes))
    with open(path, 'w') as out:
        out.write('\n'.join(lines) + '\n')


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--cases', required=True)
    ap.add_argument('--shallow')
    ap.add_argument('--extra')
    ap.add_argument('--more', nargs='*', default=[])
    ap.add_argument('--ablate', action='store_true', help='leave out one group of signals at a time')
    ap.add_argument('--export')
    a = ap.parse_args()
    names, cases = load(a.cases, True)
    shallow = load(a.shallow, False)[1] if a.shallow else []
    extra = load(a.extra, True)[1] if a.extra else []
    more = [case for stem in a.more for case in load(stem, False)[1] if case['y'].any()]
    columns = [at for at, name in enumerate(names) if name not in SUM_ONLY]
    if a.export:
        export(train(cases + shallow + extra + more, names, columns), a.export)
        return
    print('| ranking | cases | ' + ' | '.join(COLUMNS) + ' | macro acc@5 |\n|' + '---|' * (len(COLUMNS) + 3))
    sum_alone = lambda some: [metrics(c, c['X'][:, names.index('Base')].astype(float)) for c in some]
    found, found_shallow, found_extra = cross_validate([cases, shallow, extra], more, names, columns)
    show('weighted sum alone', sum_alone(cases), True)
    show('trees, repository unseen', found, True)
    if shallow:
        show('history removed: weighted sum', sum_alone(shallow), True)
        show('history removed: trees', found_shallow, True)
    if extra:
        show('extra: weighted sum', sum_alone(extra), True)
        show('extra: trees', found_extra, True)
    named = [case for case in cases + extra if case['gold_symbols']]
    hits = np.array([bool(set(case['gold_symbols']) & set(case['symbols'][:10])) for case in named], dtype=float)
    print(f'\nA right function among the first ten symbols: {100 * hits.mean():.1f} % of {len(named)} cases '
          '(ranked by the shipped trees, which have seen them)\n')
    for by in ('kind', 'repo'):
        for value in sorted({f[by] for f in found}):
            show(value, [f for f in found if f[by] == value], True)
    if a.ablate:
        show('all', cross_validate([cases, extra], more, names, columns)[0])
    for group in GROUPS if a.ablate else []:
        less = [[without(c, names, GROUPS[group]) for c in some] for some in (cases, extra, more)]
        kept = [c for c in columns if names[c] not in GROUPS[group]]
        show('without ' + group, cross_validate(less[:2], less[2], names, kept)[0])


if __name__ == '__main__':
    main()
