#!/usr/bin/env python3
"""Mines cases whose answer is no code: commits that changed templates, migrations, documents, workflows, manifests,
Dockerfiles, schemas or notebooks, and nothing else.

    mine.py [--each N] [--commits N] REPOS > cases.jsonl

REPOS holds clones as README.md says. Of each repository at most N commits of a kind are taken, spread over the last
commits. Left out are merges, releases, updates of dependencies and changelogs, and goals of fewer than four words; a
file that the commit added cannot be found in the state before it. Python's standard library and git only.
"""
import argparse, collections, json, pathlib, re, subprocess

KINDS = [
    ('changelog', r'(^|/)(changelog|changes|history|news|releases?|authors|contributors)[^/]*$|(^|/)\.?changes?(ets?|logs?)?/|newsfragments/'),
    ('lock', r'(^|/)(go\.sum|[^/]*lock[^/]*|[^/]*\.lock)$'),
    ('workflow', r'^\.github/(workflows|actions)/.*\.ya?ml$|(^|/)\.gitlab-ci\.yml$|^\.(circleci|travis|cirrus|buildkite)\b|(^|/)azure-pipelines[^/]*\.yml$'),
    ('dockerfile', r'(^|/)(dockerfile|containerfile)[^/]*$|\.dockerfile$|(^|/)(docker-)?compose[^/]*\.ya?ml$'),
    ('notebook', r'\.ipynb$'),
    ('migration', r'(^|/)(migrations?|db/migrate)/[^/]+\.(sql|py|rb|php|exs)$|\.sql$'),
    ('template', r'\.(html?|erb|haml|slim|jinja2?|j2|hbs|mustache|ejs|pug|twig|liquid|eex|heex|tmpl|gotmpl|tpl|blade\.php|cshtml)$'),
    ('schema', r'\.(proto|graphql|gql|xsd|avsc|thrift|fbs)$|(^|/)[^/]*(schema|openapi|swagger)[^/]*\.(json|ya?ml)$'),
    ('manifest', r'(^|/)(package\.json|cargo\.toml|pyproject\.toml|setup\.cfg|pom\.xml|build\.gradle(\.kts)?|go\.mod|composer\.json|gemfile|'
                 r'[^/]+\.(gemspec|csproj|props|cabal)|mix\.exs|build\.sbt|cmakelists\.txt|meson\.build|makefile(\.am)?|configure\.ac|tox\.ini|'
                 r'\.pre-commit-config\.yaml|package\.swift|build\.zig|flake\.nix)$'),
    ('document', r'\.(md|mdx|rst|adoc|asciidoc|textile)$'),
]
KINDS = [(kind, re.compile(pattern, re.I)) for kind, pattern in KINDS]
ROUTINE = re.compile(r'\b(bump|release|changelog|dependabot|renovate|revert|merge|version|typos?|deps|update dependenc\w+|prettier|format)\b|^v?\d', re.I)


def git(repo, *arguments):
    done = subprocess.run(['git', '-C', repo, *arguments], capture_output=True)
    return done.stdout.decode(errors='replace')


def kind_of(path):
    return next((kind for kind, pattern in KINDS if pattern.search(path)), None)


def commits(repo, most):
    """(commit, parent, message, [(status, path)]), the newest first."""
    text = git(repo, 'log', f'-{most}', '--no-merges', '--no-renames', '--name-status', '-z', '--format=%x01%H%x02%P%x02%B%x02')
    for entry in text.split('\x01')[1:]:
        commit, parents, message, rest = (entry.split('\x02', 3) + ['', '', ''])[:4]
        words = [word.strip() for word in rest.split('\0') if word.strip()]
        yield commit, parents.split(' ')[0], message.strip(), list(zip(words[::2], words[1::2]))


def cases(repo, name, most):
    for commit, parent, message, files in commits(repo, most):
        title = message.split('\n')[0]
        is_goal = len(title.split()) >= 4 and not ROUTINE.search(title)
        kinds = {kind_of(path) for _, path in files}
        is_answer = 1 <= len(files) <= 3 and len(kinds) == 1 and all(status == 'M' for status, _ in files)
        if is_goal and is_answer and parent and not kinds & {None, 'changelog', 'lock'}:
            goal = re.sub(r'\n(signed-off-by|co-authored-by|change-id|reviewed-by):.*', '', message, flags=re.I)
            gold = sorted(path for _, path in files)
            yield {'id': f'{name.replace("/", "__")}@{commit[:10]}', 'repo': name, 'base_commit': parent, 'goal': goal[:4000],
                   'gold': gold, 'kind': kinds.pop(), 'language': 'none', 'source': f'commit {commit}'}


def spread(found, most):
    step = max(1, len(found) // most)
    return found[::step][:most]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--each', type=int, default=3)
    parser.add_argument('--commits', type=int, default=3000)
    parser.add_argument('repos', type=pathlib.Path)
    arguments = parser.parse_args()
    for folder in sorted(path for path in arguments.repos.iterdir() if '+' in path.name):
        repo = folder / 'repo' if (folder / 'repo').is_dir() else folder
        of_kind = collections.defaultdict(list)
        for case in cases(repo, folder.name.replace('+', '/', 1), arguments.commits):
            of_kind[case['kind']].append(case)
        for kind in sorted(of_kind):
            for case in spread(of_kind[kind], arguments.each):
                print(json.dumps(case))


if __name__ == '__main__':
    main()
