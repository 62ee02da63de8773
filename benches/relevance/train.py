#!/usr/bin/env python3
"""Trains the trees of the file ranking and shows what they are worth on repositories that they have not seen.

    pip install lightgbm==4.6.0 numpy
    train.py --cases STEM [--shallow STEM] [--more STEM ...] [--rounds 250] [--ablate] [--export src/rank/trees.txt [--only-export]]

STEM.jsonl and STEM.f32 are written by `cargo bench --bench relevance` (see README.md): one line and some rows of signals
for each case. `--cases` are scored; `--shallow` are the same
measured with --no-history: trained on as well, scored apart; `--more` (commits mined from other repositories, say) only help to train.

Every figure printed is from folds over repositories: a case is ranked by trees that saw no case of its repository, mined
ones included. `--export` first trains once on everything.

The format of the exported file: one tree a line, `leaf values|node,node,...`; a node is `signal threshold low high mean`:
go to `low` where the signal is at most the threshold, else to `high`; a number from 0 on is a node, -1 - n is leaf n. `mean`
is the mean of the leaves below, weighted by the training rows, and serves the explanation alone.
"""
import argparse, collections, json, math
import lightgbm as lgb, numpy as np

# As in src/rank/mod.rs: JUDGED, STEADY and TEST_LOSS.
TOP = 100
STEADY = 0.7
TEST_LOSS = 2.0
KS = (1, 3, 5, 10)
# More of these can only speak for a file, or only against it: keeps the trees from learning the quirks of one repository.
FOR = """Text Title Code Names Early Doc DefinedTitle DefinedAll DefinedExact PathTitle PathAll NameTitle Window WindowTitle
WindowNames Coverage TextCover MessageTitle MessageAll Similar SimilarTop SimilarCover SimilarRecent SimilarTogether MentionPath
MentionName MentionStem Dotted DottedDefined Frame CoChange CoChangeFirst TestVote TestVoteFirst TestName BestSymbol TopSymbols
Scope LastTouch WordShare LanguageShare Base""".split()
AGAINST = 'IsTest IsOther IsExample'.split()
# Signals that need history, left out together to show what a shallow clone loses.
GROUPS = {
    'history': 'MessageTitle MessageAll MessageNames Similar SimilarTop SimilarCover SimilarRecent SimilarTogether Touches '
               'TouchShare Recency LastTouch CoChange CoChangeFirst CoChangeBest'.split(),
    'similar commits': 'Similar SimilarTop SimilarCover SimilarRecent SimilarTogether'.split(),
    'co-change': 'CoChange CoChangeFirst CoChangeBest SimilarTogether'.split(),
    'activity': 'Touches TouchShare Recency LastTouch'.split(),
    'passage': 'Window WindowTitle WindowNames'.split(),
    'declarations': 'DefinedTitle DefinedAll DefinedExact BestSymbol TopSymbols DottedDefined'.split(),
    'path': 'PathTitle PathAll NameTitle Scope MentionStem'.split(),
    'named files': 'MentionPath MentionName Dotted Frame'.split(),
    'imports': 'ImportedByHits ImportsHits ImportedByFirst ImportsFirst UsedByFirst UsesFirst InDegree OutDegree'.split(),
    'tests': 'TestVote TestVoteFirst TestName'.split(),
    'companions': 'SiblingName SameName ContentLike Residual ResidualTitle Folder FolderFirst'.split(),
    'role and size': 'Size Defines IsTest IsOther IsIndex IsExample Depth LanguageShare'.split(),
    'goal': 'GoalWords GoalTitle GoalCode GoalNames GoalHistory GoalFiles'.split(),
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


def train(cases, names, columns, rounds):
    of_repo = collections.Counter((case['repo'], case['scored']) for case in cases)
    def weight(case):  # no repository counts as more than 30 cases' root; scored ones (issues) twice
        return min(1, (30 / of_repo[case['repo'], case['scored']]) ** .5) * (2 if case['scored'] else 1)
    X = np.concatenate([case['X'][:TOP][:, columns] for case in cases])
    y = np.concatenate([case['y'][:TOP] for case in cases])
    sizes = [len(case['X'][:TOP]) for case in cases]
    w = np.concatenate([np.full(size, weight(case)) for case, size in zip(cases, sizes)])
    used = [names[c] for c in columns]
    params = dict(objective='lambdarank', learning_rate=0.06, num_leaves=12, min_data_in_leaf=80, feature_fraction=0.4,
                  bagging_fraction=0.8, bagging_freq=1, lambda_l2=10, lambdarank_truncation_level=30, max_bin=63, seed=1,
                  deterministic=True, force_row_wise=True, num_threads=2, verbose=-1,
                  monotone_constraints=[1 if n in FOR else -1 if n in AGAINST else 0 for n in used])
    return lgb.train(params, lgb.Dataset(X, y, group=sizes, weight=w, feature_name=used), rounds)


def scores(model, case, columns, names):
    score = np.full(len(case['X']), -1e9)
    head = case['X'][:TOP]
    score[:TOP] = model.predict(head[:, columns]) + STEADY * head[:, names.index('Base')]
    score[:TOP] -= TEST_LOSS * head[:, names.index('IsTest')]
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


def cross_validate(cases, shallow, more, names, columns, rounds, folds):
    found, without = [], []
    for fold in folds:
        model = train([c for c in cases + shallow + more if c['repo'] not in fold], names, columns, rounds)
        for some, result in (cases, found), (shallow, without):
            result += [metrics(c, scores(model, c, columns, names)) for c in some if c['repo'] in fold]
    return found, without


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
    ap.add_argument('--cases', nargs='+', required=True)
    ap.add_argument('--shallow', nargs='*', default=[])
    ap.add_argument('--more', nargs='*', default=[])
    ap.add_argument('--rounds', type=int, default=250)
    ap.add_argument('--folds', type=int, default=4)
    ap.add_argument('--ablate', nargs='*', help='groups of signals to leave out one at a time; none named: all')
    ap.add_argument('--export')
    ap.add_argument('--only-export', action='store_true', help='no cross-validation')
    a = ap.parse_args()
    names, cases, shallow, more = None, [], [], []
    for stems, into in (a.cases, cases), (a.shallow, shallow), (a.more, more):
        for stem in stems:
            names, read = load(stem, into is cases)
            into.extend(read)
    columns = list(range(len(names)))
    if a.export:
        export(train(cases + shallow + more, names, columns, a.rounds), a.export)
    if a.only_export:
        return
    folds = folds_of(cases, a.folds)
    print('| ranking | cases | ' + ' | '.join(COLUMNS) + ' | macro acc@5 |\n|' + '---|' * (len(COLUMNS) + 3))
    base = names.index('Base')
    show('weighted sum', [metrics(c, c['X'][:, base].astype(float)) for c in cases])
    found, without = cross_validate(cases, shallow, more, names, columns, a.rounds, folds)
    show('trees, repository unseen', found, True)
    if without:
        show('history removed: weighted sum', [metrics(c, c['X'][:, base].astype(float)) for c in shallow])
        show('history removed: trees', without, True)
    for by in ('kind', 'repo'):
        for value in sorted({f[by] for f in found}):
            show(value, [f for f in found if f[by] == value], True)
    for group in (a.ablate or GROUPS) if a.ablate is not None else []:
        kept = [c for c in columns if names[c] not in GROUPS[group]]
        show('without ' + group, cross_validate(cases, [], more, names, kept, a.rounds, folds)[0])


if __name__ == '__main__':
    main()
