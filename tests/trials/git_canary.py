#!/usr/bin/env python3
"""git runs no program that a repository names, whatever waypost is asked.

Usage: git_canary.py --binary WAYPOST [--only WORD] [--quick]

Each case arms a repository in one way that is known to make git start a
program (a setting, a filter, a hook, an alias, an included file, a signed
commit, a missing object of a partial clone, a submodule, an embedded bare
repository, a `.git` that leads elsewhere, a `git` beside the sources). The
program leaves a mark. Every command that `--help` lists is run in it; the mark
must never appear. Then plain git is run in the same place to count in how many
cases the trap was live. `--quick` runs a tenth of the commands in each case.
"""

import os
import shutil
import subprocess

import every
import trial

HOOKS = """applypatch-msg pre-applypatch post-applypatch pre-commit prepare-commit-msg commit-msg post-commit pre-rebase
post-checkout post-merge pre-push pre-receive update proc-receive post-receive post-update reference-transaction
push-to-checkout pre-auto-gc post-rewrite sendemail-validate fsmonitor-watchman query-watchman post-index-change
p4-changelist p4-prepare-changelist p4-post-changelist p4-pre-submit""".split()

USED = "status log ls-files ls-tree rev-parse rev-list cat-file config symbolic-ref diff show blame".split()

# key, value; CANARY stands for the program.
SETTINGS = [
    ("core.fsmonitor", "CANARY"), ("core.hooksPath", "HOOKS"), ("core.pager", "CANARY"), ("core.editor", "CANARY"),
    ("core.sshCommand", "CANARY"), ("core.gitProxy", "CANARY"), ("core.askPass", "CANARY"),
    ("core.alternateRefsCommand", "CANARY"), ("sequence.editor", "CANARY"), ("credential.helper", "!CANARY"),
    ("gpg.program", "CANARY"), ("gpg.openpgp.program", "CANARY"), ("gpg.ssh.program", "CANARY"),
    ("gpg.x509.program", "CANARY"), ("gpg.ssh.defaultKeyCommand", "CANARY"), ("diff.external", "CANARY"),
    ("interactive.diffFilter", "CANARY"), ("diff.tool", "x"), ("merge.tool", "x"), ("difftool.x.cmd", "CANARY"),
    ("mergetool.x.cmd", "CANARY"), ("merge.d.driver", "CANARY"), ("web.browser", "x"), ("browser.x.cmd", "CANARY"),
    ("man.viewer", "x"), ("man.x.cmd", "CANARY"), ("help.browser", "x"), ("init.templateDir", "HOOKS"),
    ("uploadpack.packObjectsHook", "CANARY"), ("gc.recentObjectsHook", "CANARY"), ("trailer.x.command", "CANARY"),
    ("trailer.x.cmd", "CANARY"), ("sendemail.smtpServer", "CANARY"), ("imap.tunnel", "CANARY"),
    ("remote.origin.url", "ext::CANARY"), ("remote.origin.vcs", "canary"), ("remote.origin.uploadpack", "CANARY"),
    ("remote.origin.proxy", "CANARY"), ("url.ext::CANARY .insteadOf", "https://"), ("protocol.ext.allow", "always"),
    ("hook.x.command", "CANARY"), ("status.submoduleSummary", "true"), ("submodule.recurse", "true"),
    ("submodule.m.update", "!CANARY"), ("tar.x.command", "CANARY"), ("lsrefs.unborn", "advertise"),
    ("receive.procReceiveRefs", "refs"), ("instaweb.httpd", "CANARY"), ("blame.ignoreRevsFile", "/dev/stdin"),
    ("ssh.variant", "ssh"), ("transfer.bundleURI", "true"), ("remote.origin.serverOption", "x"),
] + [(f"alias.{name}", "!CANARY") for name in USED] + [(f"pager.{name}", "CANARY") for name in USED]

ATTRIBUTES = "* filter=f diff=d merge=d\n*.py filter=f diff=d\n"


class Case:
    def __init__(self, temp, template, number):
        self.root = temp / f"case{number}"
        shutil.copytree(template, self.root, symlinks=True)
        self.git = self.root / ".git"
        self.mark = temp / "mark"
        self.canary = temp / "canary"
        self.hooks = temp / "hooks"

    def set(self, key, value, file=".git/config"):
        value = value.replace("CANARY", str(self.canary)).replace("HOOKS", str(self.hooks))
        key = key.replace("CANARY", str(self.canary))
        trial.git(self.root, "config", "--file", str(self.root / file), "--add", key, value)


def settings(key, value):
    def arm(case):
        case.set(key, value)
        if key.startswith("gpg"):
            case.set("log.showSignature", "true")
            case.set("gpg.format", key.split(".")[1] if key.count(".") > 1 else "openpgp")
            sign_head(case)
        if key.startswith(("merge.d", "diff.external", "interactive")):
            (case.root / ".gitattributes").write_text(ATTRIBUTES)
        if key == "hook.x.command":
            for event in HOOKS:
                case.set("hook.x.event", event)
        if key.startswith(("remote.origin", "url.", "protocol.", "core.ssh", "core.gitProxy")):
            lose_an_object(case)
            if not key.endswith(".url"):
                case.set("remote.origin.url", "ssh://nobody@localhost.invalid/x")
    return arm


def sign_head(case):
    """A head commit with a signature to be checked."""
    body = trial.git(case.root, "cat-file", "commit", "HEAD") + "\n"
    head, message = body.split("\n\n", 1)
    signed = head + "\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ\n -----END PGP SIGNATURE-----\n\n" + message
    done = subprocess.run(["git", "hash-object", "-t", "commit", "-w", "--stdin"], input=signed.encode(),
                          capture_output=True, cwd=case.root, env=trial.environment(case.root))
    trial.git(case.root, "update-ref", "HEAD", done.stdout.decode().strip())


def lose_an_object(case):
    """A partial clone that lacks a blob and would fetch it."""
    case.set("extensions.partialClone", "origin")
    case.set("core.repositoryFormatVersion", "1")
    case.set("remote.origin.promisor", "true")
    case.set("protocol.allow", "always")
    blob = trial.git(case.root, "rev-parse", "HEAD~1:src/b.py")
    (case.git / "objects" / blob[:2] / blob[2:]).unlink()


def attributes(where):
    def arm(case):
        for name in ("f", "a=b"):
            for key in ("clean", "smudge", "process"):
                case.set(f"filter.{name}.{key}", "CANARY")
            case.set(f"filter.{name}.required", "true")
        for key in ("textconv", "command"):
            case.set(f"diff.d.{key}", "CANARY")
        if where == "elsewhere":
            file = case.mark.parent / "attributes"
            file.write_text(ATTRIBUTES)
            case.set("core.attributesFile", str(file))
        else:
            path = case.root / where
            path.parent.mkdir(exist_ok=True)
            path.write_text(ATTRIBUTES + "src/new.py filter=a=b\n")
    return arm


def included(key):
    def arm(case):
        case.set(key, "more")
        for name, value in [("core.fsmonitor", "CANARY"), ("filter.f.clean", "CANARY"), ("alias.status", "!CANARY"),
                            ("diff.external", "CANARY"), ("core.pager", "CANARY"), ("log.showSignature", "true")]:
            case.set(name, value, ".git/more")
        (case.root / ".gitattributes").write_text(ATTRIBUTES)
    return arm


def work_tree_config(case):
    case.set("extensions.worktreeConfig", "true")
    case.set("core.repositoryFormatVersion", "1")
    for key in ("core.fsmonitor", "filter.f.clean", "diff.external"):
        case.set(key, "CANARY", ".git/config.worktree")
    (case.root / ".gitattributes").write_text(ATTRIBUTES)


def hooks(case):
    folder = case.git / "hooks"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(case.hooks, folder)


def bare_inside(case):
    """A bare repository among the sources, and the root is one of its folders."""
    for name in ("src", "src/deep/er"):
        folder = case.root / name
        folder.mkdir(parents=True, exist_ok=True)
        trial.git(folder, "init", "-q", "--bare", ".")
        for key in ("core.fsmonitor", "core.pager", "alias.status", "diff.external"):
            trial.git(folder, "config", "--file", "config", key, str(case.canary))
        trial.git(folder, "config", "--file", "config", "core.worktree", "..")
        trial.git(folder, "config", "--file", "config", "core.bare", "false")


def git_file_elsewhere(case):
    """`.git` names a prepared git directory."""
    shutil.move(case.git, case.root.parent / f"{case.root.name}-dir")
    case.git.write_text(f"gitdir: {case.root.parent / (case.root.name + '-dir')}\n")
    target = case.root.parent / f"{case.root.name}-dir/config"
    for key in ("core.fsmonitor", "core.pager", "diff.external"):
        trial.git(case.root, "config", "--file", str(target), key, str(case.canary))
    trial.git(case.root, "config", "--file", str(target), "core.worktree", str(case.root))


def submodule(case):
    sub = case.root / "sub"
    sub.mkdir()
    (sub / "s.py").write_text("def s(): pass\n")
    trial.git(sub, "init", "-q")
    trial.git(sub, "add", "-A")
    trial.git(sub, "commit", "-qm", "Sub")
    (case.root / ".gitmodules").write_text(
        f'[submodule "m"]\n\tpath = sub\n\turl = ext::{case.canary}\n\tupdate = !{case.canary}\n')
    trial.git(case.root, "add", "sub", ".gitmodules")
    trial.git(case.root, "commit", "-qm", "Add it")
    for key in ("core.fsmonitor", "filter.f.clean", "diff.external", "core.pager"):
        trial.git(sub, "config", key, str(case.canary))
    (sub / ".gitattributes").write_text(ATTRIBUTES)
    (sub / "s.py").write_text("def t(): pass\n")
    case.set("submodule.m.active", "true")


def git_beside(case):
    """A program called git in the root, and a search path that begins here."""
    for name in ("git", "src/git"):
        shutil.copy(case.canary, case.root / name)


def linked_hooks(case):
    hooks(case)
    case.set("core.fsmonitor", str(case.hooks / "fsmonitor-watchman"))
    case.set("core.fsmonitorHookVersion", "1")


CASES = [(f"{key} = {value}", settings(key, value)) for key, value in SETTINGS] + [
    ("attributes in .gitattributes", attributes(".gitattributes")),
    ("attributes in src/.gitattributes", attributes("src/.gitattributes")),
    ("attributes in info/attributes", attributes(".git/info/attributes")),
    ("attributes elsewhere", attributes("elsewhere")),
    ("include.path", included("include.path")),
    ("includeIf gitdir", included("includeIf.gitdir:**.path")),
    ("includeIf onbranch", included("includeIf.onbranch:main.path")),
    ("config.worktree", work_tree_config),
    ("hooks", hooks), ("hooks and fsmonitor", linked_hooks),
    ("embedded bare repositories", bare_inside), (".git file", git_file_elsewhere), ("submodule", submodule),
    ("a git beside the sources", git_beside),
]

CARELESS = [["status"], ["diff"], ["log", "-p", "-3"], ["ls-files", "-o"], ["commit", "--allow-empty", "-qm", "x"],
            ["cat-file", "-p", "HEAD~1:src/b.py"], ["fetch", "origin"], ["blame", "src/a.py"]]


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    binary = arguments.binary
    tally = trial.Tally()
    runs = executions = live = worked = 0
    with trial.scratch() as (temp, home):
        template = every.tree(temp / "template")
        canary = temp / "canary"
        canary.write_text(f"#!/bin/sh\necho \"$0 $*\" >> '{temp}/mark'\nexec cat 2>/dev/null\n")
        canary.chmod(0o755)
        (temp / "hooks").mkdir()
        for name in HOOKS:
            shutil.copy(canary, temp / "hooks" / name)
        cases = [case for case in CASES if arguments.only in case[0]]
        for number, (title, arm) in enumerate(cases):
            case = Case(temp, template, number)
            arm(case)
            outside = temp / f"outside{number}"
            outside.mkdir()
            calls = every.calls(binary, outside)
            if arguments.quick:
                calls = calls[:2] + calls[2 + number % 8::8]
            # The search path also leads into the repository itself.
            path = f".:src::{os.environ['PATH']}"
            for name, rest in calls:
                done = every.run(binary, case.root, home, name, rest, PATH=path, XDG_STATE_HOME=str(home))
                runs += 1
                worked += done.returncode == 0
                if case.mark.exists():
                    executions += 1
                    tally.check(False, f"{title}: {name} {rest}: {case.mark.read_text()[:200]}")
                    case.mark.unlink()
            took = (case.root / ".waypost/handoff.md").exists()
            tally.check(took, f"{title}: there is no handoff")
            for words in CARELESS:
                where = case.root / "src/deep/er" if "bare" in title else case.root
                careless = ["timeout", "-s", "KILL", "5", "git", *words]
                subprocess.run(careless, capture_output=True, cwd=where, stdin=subprocess.DEVNULL,
                               env=trial.environment(home, PATH=path))
            live += case.mark.exists()
            case.mark.unlink(missing_ok=True)
            shutil.rmtree(case.root)
            print(f"{number + 1} of {len(cases)} cases, {runs} runs, {executions} executions, {live} live traps",
                  end="\n" if number % 10 == 9 else "\r", flush=True)
        print(f"{len(cases)} cases x {len(calls)} calls of {len(set(n for n, _ in calls))} commands: {runs} runs, "
              f"{worked} ended with 0, {executions} executions of the canary")
        print(f"{live} of the {len(cases)} traps go off under plain git")
    tally.end()


if __name__ == "__main__":
    main()
