#!/usr/bin/env python3
"""Questions about decisions in a person's own words: is the decision found?

    decisions.py check [--list FILE] REPOS
    decisions.py run --binary WAYPOST [--list FILE] [--in SOURCES] [--together [--asked]] [--misses] REPOS [--only OWNER/NAME ...]

REPOS holds a clone of each repository of the list, as README.md says; it must have the commit of the list. The list
(`decisions.tsv` beside this script) has a line for each decision: repository, commit, path, a question that shares no
content word with the record, and a plain one that does.

`check` reads each record at its commit and tells what does not hold: a paraphrase with a content word of the record (its
title and its file's name included), a plain question without one, a length out of bounds, a question asked twice. Exit code
1 if there is any. Words are compared by a stem that cuts more than Porter's; names are compared whole and in parts.

`run` makes a project of each repository's folder of decisions and nothing else, takes the decisions over with
`waypost import`, and asks `waypost search QUESTION --in records --limit 10`. `--together` makes one project of all: ten are
then few of hundreds, but some other repository may well have decided the same; with `--asked` it has the decisions of the list
and no others. With `--in records,files` a decision is found
where its file is, too. Prints recall@1 and recall@10 in percent, what a random order would have, and 95 % intervals by
bootstrap over the questions. Python's standard library and git only.
"""
import argparse, collections, json, os, pathlib, random, re, subprocess, sys, tempfile

HEAD = ['repository', 'commit', 'path', 'paraphrased', 'plain']
LARGE = 20  # Of fewer records ten are half or more.
LENGTHS = {'paraphrased': (5, 16), 'plain': (5, 12)}

# Words that any question may have: they say nothing of what is asked about.
FREE = set("""
a about above across actually after again against ago all almost along already also although always am among an and another any
anybody anyone anything anyway anywhere are around as aside ask asked asking at away back be became because become been before
behind being below beside between beyond both but by came can cannot choice choose choosing chose chosen come could decide
decided deciding decision did do does doing done down during each either else enough ever every everybody everyone everything
few for from further gave get gets getting give given gives go goes going gone got had has have having he her here him his how
however i if in instead into is it its itself just keep keeping kept kind least less let like lot made make makes making many
may me might more most much must my need needed needs never no nobody none nor not nothing now of off often on once one ones
only onto or other others otherwise our ourselves out over own perhaps pick picked picking put rather really said same say says
she should since so some somebody someone something sometimes somewhere still such take taken takes taking than that the their
them themselves then there these they thing things this those though through thus till to together too took toward towards
under until up upon us use used uses using very via want wanted wants was way ways we went were what whatever when whenever
where whether which whichever while who whoever whom whose why will with within without would yes yet you your don doesn isn
didn aren won couldn wouldn shouldn ahead apart despite everywhere inside outside per plus unless unlike versus whereas
""".split())

# What no suffix tells: another form, or the other side's spelling, of the same word.
FORMS = dict(pair.split(':') for pair in '''
bought:buy broke:break broken:break brought:bring built:build caught:catch centre:center children:child drawn:draw drew:draw
driven:drive drove:drive fed:feed fell:fall fallen:fall felt:feel forgotten:forget found:find grew:grow grown:grow held:hold
hidden:hide hid:hide indices:index knew:know known:know led:lead left:leave licence:license licences:license lost:lose
meant:mean men:man paid:pay people:person ran:run sent:send shown:show sold:sell sought:seek spent:spend
spoken:speak stole:steal stolen:steal stuck:stick taught:teach thought:think threw:throw thrown:throw told:tell
understood:understand women:woman won:win wrote:write written:write
'''.split())

SUFFIXES = sorted("""
encies ancies ization isation ational fulness ousness iveness tional biliti lessly ability ibility ations ation ators ator
ating ated ates ate izing ising izers izer isers iser ized ised izes ises ize ise ities ity ty ances ance ences ence anced
enced ancing encing ancy ency able ible ably ibly ments ment nesses ness ively ives ive ially ial ally als al ically ical ics
ic fully ful less ously ous isms ism ists ist ings ing edly ed ers er ors or ions ion ies ied ier iest ily es est s ly y ant
ent i e
""".split(), key=len, reverse=True)


def stem(word):
    """Cut until nothing comes off. It errs towards calling two words the same."""
    word = FORMS.get(word, word)
    word = word[:3] + word[3:].replace('our', 'or')
    while True:
        word = word[:-1] if len(word) > 3 and word[-1] == word[-2] else word
        suffix = next((end for end in SUFFIXES if word.endswith(end) and len(word) - len(end) >= shortest(end)), None)
        if not suffix:
            return word
        word = word[:-len(suffix)]


def shortest(suffix):
    """How many letters have to stand before it."""
    return 3 if len(suffix) < 3 or suffix == 'ing' else 4


def words(text):
    """Each word as it stands, and the parts of a name: `DataStore`, `data_store`, `OAuth2`."""
    for name in re.findall(r"[^\W_]+(?:_[^\W_]+)*", re.sub(r"(?<=\w)['’](?:s|t|re|ve|ll|d|m)\b", '', text)):
        yield name
        parts = re.findall(r'[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+', name)
        if len(parts) > 1:
            yield from parts


def content(text):
    """The stems of the words that say something, each with a word as it was written."""
    return {stem(word.lower()): word for word in words(text) if word.lower() not in FREE and len(word) > 1}


def git(repo, *arguments):
    done = subprocess.run(['git', '-C', str(repo), *arguments], capture_output=True)
    if done.returncode:
        sys.exit(f'git {" ".join(arguments)} in {repo}: {done.stderr.decode(errors="replace")}')
    return done.stdout


def clone(repos, name):
    """A clone, bare or not, under one of the names that README.md gives."""
    places = [repos / name, repos / name.replace('/', '+'), repos / name.replace('/', '+') / 'repo']
    found = next((place for place in reversed(places) if (place / '.git').exists() or (place / 'HEAD').exists()), None)
    return found or sys.exit(f'{name}: no clone in {repos}')


def read(path):
    head, *lines = path.read_text().splitlines()
    if head.split('\t') != HEAD:
        sys.exit(f'{path}: the columns should be {", ".join(HEAD)}')
    return [dict(zip(HEAD, line.split('\t'), strict=True)) for line in lines]


def faults(case, text):
    """What does not hold for the two questions of a decision."""
    record = content(f'{case["path"].rsplit("/", 1)[-1]} {text}')
    asked = content(case['paraphrased'])
    shared = sorted(f'{asked[key]} ({record[key]})' for key in asked.keys() & record.keys())
    if shared:
        yield 'the paraphrase shares ' + ', '.join(shared)
    if not asked:
        yield 'the paraphrase has no content word'
    if not content(case['plain']).keys() & record.keys():
        yield 'the plain question shares nothing'
    for kind, (least, most) in LENGTHS.items():
        if not least <= len(case[kind].split()) <= most:
            yield f'{kind}: {len(case[kind].split())} words, not {least} to {most}'


def check(cases, repos):
    bad = 0
    asked = collections.Counter(case[kind].lower() for case in cases for kind in LENGTHS)
    for number, case in enumerate(cases, 1):
        text = git(clone(repos, case['repository']), 'show', f'{case["commit"]}:{case["path"]}').decode(errors='replace')
        found = [*faults(case, text), *('asked twice' for kind in LENGTHS if asked[case[kind].lower()] > 1)]
        bad += bool(found)
        for fault in found:
            print(f'{number} {case["repository"]} {case["path"]}: {fault}')
    print(f'{len(cases)} decisions of {len({case["repository"] for case in cases})} repositories, {bad} with a fault')
    return bad


def waypost(binary, root, *arguments):
    """A report of waypost, without the machine's settings; code 1 is a search that found nothing."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(('WAYPOST_', 'GIT_', 'XDG_'))}
    made = {**kept, 'HOME': str(root.parent), 'GIT_CONFIG_GLOBAL': '/dev/null', 'GIT_CONFIG_NOSYSTEM': '1'}
    command = [binary, *arguments, '--json', '--project-root', str(root)]
    done = subprocess.run(command, capture_output=True, cwd=root, env=made)
    if done.returncode > 1 or not done.stdout:
        sys.exit(f'{" ".join(command)}\nended with {done.returncode}\n{done.stderr.decode(errors="replace")}')
    return json.loads(done.stdout)


def lay(repo, cases, root, asked):
    """Copies the folders of these decisions, or only these; gives the folders below `root`."""
    wanted = {case['path'] for case in cases}
    folders = {(case['commit'], str(pathlib.PurePosixPath(case['path']).parent)) for case in cases}
    for commit, folder in folders:
        listed = git(repo, 'ls-tree', '-z', '--name-only', commit, *([] if folder == '.' else [folder + '/']))
        for path in filter(lambda path: path.endswith('.md') and (not asked or path in wanted), listed.decode().split('\0')):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(git(repo, 'show', f'{commit}:{path}'))
    return [root / folder for _, folder in sorted(folders)]


def project(binary, repos, cases, root, asked):
    """A project of the folders of these decisions, each repository's below a folder of its own; gives by id the place that
    each record came from."""
    folders = [folder for name in sorted({case['repository'] for case in cases})
               for folder in lay(clone(repos, name), [case for case in cases if case['repository'] == name],
                                 root / name.replace('/', '+'), asked)]
    git(root, 'init', '-q')
    waypost(binary, root, 'init')
    imported = [waypost(binary, root, 'import', '--file', str(folder.relative_to(root))) for folder in folders]
    return {row['id']: row['source'].removeprefix('./') for report in imported for row in report['records']}


def places(binary, root, sources, source, question):
    """The places of the decisions in the order found, each once."""
    report = waypost(binary, root, 'search', question, '--in', sources, '--limit', '10')
    found = [source.get(hit['id'], '') if hit['kind'] == 'record' else hit.get('path') for hit in report['hits']]
    return list(dict.fromkeys(found))


def measure(binary, repos, cases, sources, asked=False):
    """Of each decision and each kind of question the place it is found at, counted from 0, or nothing; and how many records
    there are to choose from."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder).resolve() / 'project'
        root.mkdir()
        source = project(binary, repos, cases, root, asked)
        for case in cases:
            place = case['repository'].replace('/', '+') + '/' + case['path']
            if place not in source.values():
                print(f'{place}: not imported', file=sys.stderr)
            asked = {kind: places(binary, root, sources, source, case[kind]) for kind in LENGTHS}
            at = {kind: found.index(place) if place in found else None for kind, found in asked.items()}
            yield {**at, 'records': len(source), 'case': case}


def recall(rows, kind, first):
    """In percent; `chance` is what a random order would have."""
    if kind == 'chance':
        return 100 * sum(min(1, first / row['records']) for row in rows) / len(rows)
    return 100 * sum(row[kind] is not None and row[kind] < first for row in rows) / len(rows)


def interval(rows, kind, first, rng, times=2000):
    """The middle 95 % of what samples of as many questions give."""
    drawn = sorted(recall(rng.choices(rows, k=len(rows)), kind, first) for _ in range(times))
    return f' [{drawn[times // 40]:.0f}-{drawn[-times // 40 - 1]:.0f}]'


def line(name, rows, rng=None):
    cells = [f'{recall(rows, kind, first):.1f}' + (interval(rows, kind, first, rng) if rng and kind != 'chance' else '')
             for kind in ('chance', *LENGTHS) for first in (1, 10)]
    records = sum({row['case']['repository']: row['records'] for row in rows}.values()) if not rng else ''
    print(f'| {name} | {len(rows)} | {records} | {" | ".join(cells)} |', flush=True)


def run(cases, repos, binary, sources, together, asked):
    names = sorted({case['repository'] for case in cases})
    print('| repository | decisions | records | chance @1 | @10 | paraphrased @1 | @10 | plain @1 | @10 |')
    print('|---|---|---|---|---|---|---|---|---|')
    every = list(measure(binary, repos, cases, sources, asked)) if together else []
    for name in names:
        own = [case for case in cases if case['repository'] == name]
        rows = [row for row in every if row['case'] in own] if together else list(measure(binary, repos, own, sources))
        line(name, rows)
        every += [] if together else rows
    line('all', every, random.Random(1))
    large = [row for row in every if row['records'] >= LARGE]
    if large and not together:
        line(f'those of {LARGE} records and more', large, random.Random(1))
    return every


def print_misses(rows):
    for row in rows:
        for kind in LENGTHS:
            if row[kind] is None:
                print(f'{kind}: {row["case"]["repository"]} {row["case"]["path"]}: {row["case"][kind]}')


def main():
    parser = argparse.ArgumentParser(description=__doc__.replace('%', '%%'), formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('mode', choices=['check', 'run'])
    parser.add_argument('repos', type=pathlib.Path)
    parser.add_argument('--list', type=pathlib.Path, default=pathlib.Path(__file__).with_name('decisions.tsv'))
    parser.add_argument('--binary', type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument('--only', nargs='+', metavar='OWNER/NAME')
    parser.add_argument('--in', dest='sources', default='records')
    parser.add_argument('--together', action='store_true')
    parser.add_argument('--asked', action='store_true')
    parser.add_argument('--misses', action='store_true')
    arguments = parser.parse_args()
    cases = [case for case in read(arguments.list) if not arguments.only or case['repository'] in arguments.only]
    if not cases:
        parser.error('no such repository in the list')
    if arguments.mode == 'check':
        sys.exit(1 if check(cases, arguments.repos) else 0)
    if not arguments.binary:
        parser.error('run needs --binary')
    rows = run(cases, arguments.repos, arguments.binary, arguments.sources, arguments.together, arguments.asked)
    if arguments.misses:
        print_misses(rows)


if __name__ == '__main__':
    main()
