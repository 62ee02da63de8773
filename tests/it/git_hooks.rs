//! git's hooks as `waypost setup git` writes them, and `handoff --staged`: what
//! is committed is the handoff of what is committed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::project::{Project, Run};
use crate::watch::{is_fresh, watch};

/// git as a person runs it, with hooks, the program in the search path, and
/// something to type.
fn git(project: &Project, root: &Path, arguments: &[&str], typed: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_waypost")).parent().expect("a folder").display().to_string();
    let mut command = Command::new("git");
    command
        .args(arguments)
        .current_dir(root)
        .env("HOME", project.outside("home"))
        .env("XDG_CONFIG_HOME", project.outside("home/.config"))
        .env("PATH", format!("{program}:{}", std::env::var("PATH").expect("a search path")))
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_EDITOR", "true")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for (name, value) in [("NAME", "Ann"), ("EMAIL", "ann@example.org")] {
        command.env(format!("GIT_AUTHOR_{name}"), value).env(format!("GIT_COMMITTER_{name}"), value);
    }
    let mut child = command.spawn().expect("git runs");
    std::io::Write::write_all(&mut child.stdin.take().expect("a pipe"), typed.as_bytes()).expect("it reads");
    let done = child.wait_with_output().expect("git ends");
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "git {arguments:?}: {told}");
    assert!(!told.contains("waypost:") && !told.contains("warning"), "git {arguments:?}: {told}");
    String::from_utf8_lossy(&done.stdout).into_owned()
}

/// A project with a handoff, all committed, whose hooks are set up.
fn with_hooks() -> Project {
    let project = Project::fixture("tally");
    project.snapshot();
    project.ok(&["setup", "git"]);
    git(&project, &project.root, &["add", "-A"], "");
    git(&project, &project.root, &["commit", "-q", "-m", "Handoff"], "");
    assert_eq!(git(&project, &project.root, &["status", "--porcelain"], ""), "");
    project
}

/// The handoff of a commit is that of its tree: it is fresh in a clone.
#[track_caller]
fn is_fresh_in_a_clone(project: &Project, root: &Path, commit: &str) {
    let clone = project.outside("clone");
    let _ = fs::remove_dir_all(&clone);
    let url = format!("file://{}", root.display());
    git(project, &project.outside(""), &["clone", "-q", &url, &clone.display().to_string()], "");
    git(project, &clone, &["checkout", "-q", "--detach", commit], "");
    project.at(clone).ok(&["handoff", "--check"]);
}

fn commit(project: &Project, message: &str) -> String {
    git(project, &project.root, &["commit", "-q", "-m", message], "");
    git(project, &project.root, &["rev-parse", "HEAD"], "").trim().to_string()
}

#[test]
fn a_commit_of_a_part_holds_the_handoff_of_that_part() {
    let project = with_hooks();
    let before = project.handoff();
    let text = project.read("src/lib.rs");
    let first = text.lines().next().expect("a line");
    let added = format!("pub fn staged_one() {{}}\n{text}\npub fn not_staged() {{}}\n");
    assert!(!first.is_empty());
    project.write("src/lib.rs", &added);
    project.write("src/untracked.rs", "pub fn never_added() {}\n");
    // The first hunk alone.
    git(&project, &project.root, &["add", "-p", "src/lib.rs"], "y\nn\n");
    project.ok(&["note", "--summary", "Not staged either", "--slug", "unstaged", "--anchor", "src/lib.rs"]);
    let commit = commit(&project, "A part");
    let shown = git(&project, &project.root, &["show", &format!("{commit}:src/lib.rs")], "");
    assert!(shown.contains("staged_one") && !shown.contains("not_staged"), "{shown}");
    let handoff = git(&project, &project.root, &["show", &format!("{commit}:.waypost/handoff.json")], "");
    assert!(handoff.contains("staged_one"), "{handoff}");
    for other in ["not_staged", "never_added", "Not staged either"] {
        assert!(!handoff.contains(other), "{other}: {handoff}");
    }
    is_fresh_in_a_clone(&project, &project.root, &commit);
    // What was not staged is still there, and the files are those of the commit.
    assert_eq!(project.read("src/lib.rs"), added);
    assert_ne!(project.handoff(), before);
    let left = git(&project, &project.root, &["status", "--porcelain"], "");
    assert!(!left.contains("handoff"), "{left}");
}

#[test]
fn deleted_renamed_and_ignored_files_are_as_the_commit_has_them() {
    let project = with_hooks();
    project.write("src/gone.rs", "pub fn gone_soon() {}\n");
    project.write("src/kept.rs", "pub fn kept_in_the_index() {}\n");
    git(&project, &project.root, &["add", "-A"], "");
    commit(&project, "Two more");
    git(&project, &project.root, &["rm", "-q", "--cached", "src/gone.rs"], "");
    project.remove("src/kept.rs");
    git(&project, &project.root, &["mv", "src/lib.rs", "src/moved.rs"], "");
    let commit = commit(&project, "Otherwise");
    let handoff = git(&project, &project.root, &["show", &format!("{commit}:.waypost/handoff.json")], "");
    assert!(handoff.contains("kept_in_the_index") && !handoff.contains("gone_soon"), "{handoff}");
    assert!(handoff.contains("src/moved.rs") && !handoff.contains("src/lib.rs"), "{handoff}");
    is_fresh_in_a_clone(&project, &project.root, &commit);
}

#[test]
fn every_way_to_commit_keeps_the_handoff_fresh_and_loses_nothing() {
    let project = with_hooks();
    let root = project.root.clone();
    let head = || git(&project, &root, &["rev-parse", "HEAD"], "").trim().to_string();
    let write = |name: &str| project.write(&format!("src/{name}.rs"), format!("pub fn {name}() {{}}\n"));
    write("one");
    git(&project, &root, &["add", "-A"], "");
    commit(&project, "One");
    write("amended");
    git(&project, &root, &["add", "-A"], "");
    git(&project, &root, &["commit", "-q", "--amend", "--no-edit"], "");
    is_fresh_in_a_clone(&project, &root, &head());
    project.write("src/one.rs", "pub fn one_again() {}\n");
    git(&project, &root, &["commit", "-q", "-a", "-m", "All"], "");
    is_fresh_in_a_clone(&project, &root, &head());

    // Stashed work comes back.
    project.write("src/one.rs", "pub fn one_at_work() {}\n");
    git(&project, &root, &["stash", "-q"], "");
    write("meanwhile");
    git(&project, &root, &["add", "-A"], "");
    commit(&project, "Meanwhile");
    git(&project, &root, &["stash", "pop", "-q"], "");
    assert_eq!(project.read("src/one.rs"), "pub fn one_at_work() {}\n");
    git(&project, &root, &["checkout", "-q", "--", "src/one.rs"], "");

    // A branch that is rebased, and one in a work tree of its own.
    git(&project, &root, &["checkout", "-q", "-b", "topic", "HEAD~1"], "");
    write("topic");
    git(&project, &root, &["add", "-A"], "");
    commit(&project, "Topic");
    let other = project.outside("other");
    git(&project, &root, &["worktree", "add", "-q", &other.display().to_string(), "main"], "");
    fs::write(other.join("src/elsewhere.rs"), "pub fn elsewhere() {}\n").expect("a file");
    git(&project, &other, &["add", "-A"], "");
    git(&project, &other, &["commit", "-q", "-m", "Elsewhere"], "");
    let elsewhere = git(&project, &other, &["rev-parse", "HEAD"], "").trim().to_string();
    is_fresh_in_a_clone(&project, &root, &elsewhere);
    for (name, text) in [("topic", "topic"), ("one", "one_again")] {
        assert!(project.read(&format!("src/{name}.rs")).contains(text));
    }
    assert_eq!(git(&project, &root, &["status", "--porcelain"], ""), "");
    git(&project, &root, &["rebase", "-q", "--strategy-option=theirs", &elsewhere], "");
    for name in ["topic", "meanwhile", "elsewhere", "amended"] {
        assert!(project.exists(&format!("src/{name}.rs")), "{name}");
    }
    git(&project, &root, &["commit", "-q", "--amend", "--no-edit"], "");
    is_fresh_in_a_clone(&project, &root, &head());
}

#[test]
fn a_watch_beside_the_hooks_spoils_no_commit_and_loses_nothing() {
    let project = with_hooks();
    let root = project.root.clone();
    let head = || git(&project, &root, &["rev-parse", "HEAD"], "").trim().to_string();
    let add = |name: &str| {
        project.write(&format!("src/{name}.rs"), format!("pub fn {name}() {{}}\n"));
        git(&project, &root, &["add", &format!("src/{name}.rs")], "");
    };
    let main = git(&project, &root, &["branch", "--show-current"], "").trim().to_string();
    let watching = watch(&project, &[]);
    watching.next_of("ready");
    let library = project.read("src/lib.rs");
    // At once, and when the watch has written the handoff of what is not staged.
    for (name, is_seen) in [("one", false), ("two", true), ("three", false)] {
        add(name);
        project.write("src/lib.rs", format!("{library}\npub fn beside_{name}() {{}}\n"));
        if is_seen {
            watching.until("a look", || project.handoff().1.contains("beside_two"));
        }
        is_fresh_in_a_clone(&project, &root, &commit(&project, name));
        git(&project, &root, &["stash", "-q"], "");
        git(&project, &root, &["stash", "pop", "-q"], "");
        assert!(project.read("src/lib.rs").contains(&format!("beside_{name}")));
        git(&project, &root, &["checkout", "-q", "--", "src/lib.rs"], "");
        watching.settle();
    }
    add("amended");
    git(&project, &root, &["commit", "-q", "--amend", "--no-edit"], "");
    is_fresh_in_a_clone(&project, &root, &head());
    watching.settle();
    git(&project, &root, &["checkout", "-q", "-b", "topic", "HEAD~1"], "");
    for name in ["four", "five"] {
        add(name);
        is_fresh_in_a_clone(&project, &root, &commit(&project, name));
    }
    watching.settle();
    let other = project.outside("other");
    git(&project, &root, &["worktree", "add", "-q", &other.display().to_string(), &main], "");
    fs::write(other.join("src/elsewhere.rs"), "pub fn elsewhere() {}\n").expect("a file");
    git(&project, &other, &["add", "-A"], "");
    git(&project, &other, &["commit", "-q", "-m", "Elsewhere"], "");
    let elsewhere = git(&project, &other, &["rev-parse", "HEAD"], "").trim().to_string();
    is_fresh_in_a_clone(&project, &root, &elsewhere);
    git(&project, &root, &["rebase", "-q", "--strategy-option=theirs", &elsewhere], "");
    for name in ["one", "two", "three", "amended", "four", "five", "elsewhere"] {
        assert!(project.exists(&format!("src/{name}.rs")), "{name}");
    }
    watching.settle();
    git(&project, &root, &["commit", "-q", "-a", "--amend", "--no-edit"], "");
    is_fresh_in_a_clone(&project, &root, &head());
    watching.settle();
    assert_eq!(git(&project, &root, &["status", "--porcelain"], ""), "");
    assert!(is_fresh(&project));
}

#[test]
fn what_moves_after_a_checkout_is_never_committed() {
    let project = with_hooks();
    let files = || {
        let own = project.own_files().into_iter();
        own.filter(|(path, _)| !path.starts_with("local/")).collect::<Vec<_>>()
    };
    project.ok(&["note", "--summary", "The goal", "--kind", "goal", "--slug", "goal"]);
    project.write("src/more.rs", "pub fn more() {}\n");
    let before = files();
    let last = || project.json(&["snapshots"])["snapshots"].as_array().map(Vec::len);
    let count = last();
    project.ok(&["snapshot", "--local"]);
    assert_eq!(files(), before);
    assert_ne!(last(), count);
    let empty = Project::committed(&[("a.rs", "fn a() {}\n")]);
    empty.run(&["snapshot", "--local"]).expect(2);
    assert!(!empty.exists(".waypost"));
}

#[test]
fn hooks_stand_beside_whoever_runs_hooks_here() {
    let states = |run: &Run| {
        let report = run.json();
        let changes = report["clients"][0]["changes"].as_array().expect("changes").clone();
        let part =
            |change: &serde_json::Value, key: &str| change[key].as_str().unwrap_or_default().to_string();
        changes.iter().map(|it| (part(it, "state"), part(it, "path"), part(it, "paste"))).collect::<Vec<_>>()
    };
    // A folder that is committed.
    let project = Project::fixture("tally");
    project.git(&["config", "core.hooksPath", ".githooks"]);
    project.write(".githooks/pre-commit", "#!/bin/sh\n./lint\n");
    project.ok(&["setup", "git"]);
    let text = project.read(".githooks/pre-commit");
    assert!(text.starts_with("#!/bin/sh\n./lint\n") && text.contains("waypost handoff --staged"), "{text}");
    assert!(!text.contains(env!("CARGO_BIN_EXE_waypost")), "{text}");
    assert!(!project.exists(".git/hooks/pre-commit"));
    let made = fs::metadata(project.path(".githooks/post-merge")).expect("a hook");
    assert_eq!(made.permissions().mode() & 0o111, 0o111);

    // husky.
    let project = Project::fixture("tally");
    project.git(&["config", "core.hooksPath", ".husky/_"]);
    project.write(".husky/_/pre-commit", "#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\"\n");
    project.write(".husky/pre-commit", "npx lint-staged\n");
    project.ok(&["setup", "git"]);
    assert!(project.read(".husky/pre-commit").starts_with("npx lint-staged\n# waypost:begin\n"));
    assert!(!project.read(".husky/_/pre-commit").contains("waypost"));
    project.ok(&["setup", "git", "--undo"]);
    assert_eq!(project.read(".husky/pre-commit"), "npx lint-staged\n");

    // Programs that write the hooks: what to paste, in their words.
    for (hook, paste) in [
        (
            "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\nexec x\n",
            "- repo: local",
        ),
        ("#!/bin/sh\ncall_lefthook run \"pre-commit\"\n", "run: waypost handoff --staged"),
    ] {
        let project = Project::fixture("tally");
        project.write(".git/hooks/pre-commit", hook);
        let run = project.run(&["setup", "git", "--json"]).expect(1);
        let all = states(&run);
        assert!(all[0].0 == "refused" && all[0].2.contains(paste), "{all:?}");
        assert_eq!(project.read(".git/hooks/pre-commit"), hook);
    }

    // A folder of the user's, for all repositories.
    let project = Project::fixture("tally");
    let folder: PathBuf = project.outside("home/hooks");
    fs::create_dir(&folder).expect("a folder");
    project.git(&["config", "core.hooksPath", &folder.display().to_string()]);
    let all = states(&project.run(&["setup", "git", "--json"]).expect(1));
    assert!(
        all[..3].iter().all(|(state, _, paste)| state == "refused" && paste.contains("waypost")),
        "{all:?}"
    );
    assert_eq!(fs::read_dir(&folder).expect("a folder").count(), 0);
    assert!(Project::empty().run(&["setup", "git"]).expect(2).stderr.contains("no git repository"));
}

#[test]
fn a_handoff_that_cannot_be_rendered_holds_no_commit_up_and_is_told() {
    let project = with_hooks();
    project.write(".waypost/config.toml", "name = 3\n");
    git(&project, &project.root, &["add", "-A"], "");
    let mut command = Command::new("git");
    command.args(["-c", "user.name=Ann", "-c", "user.email=a@b.c", "commit", "-q", "-m", "Broken settings"]);
    let done =
        command.current_dir(&project.root).env("HOME", project.outside("home")).output().expect("git runs");
    let told = String::from_utf8_lossy(&done.stderr);
    assert!(
        done.status.success() && told.contains("config.toml:1") && told.contains("not current"),
        "{told}"
    );
}

#[test]
fn where_nothing_of_ours_is_committed_nothing_is_staged() {
    let project = Project::fixture("tally");
    let skipped =
        |project: &Project| project.json(&["handoff", "--staged"])["skipped"].as_str().map(str::to_string);
    assert!(skipped(&project).is_some_and(|why| why.contains("no `.waypost`")));
    project.ok(&["init"]);
    project.write(".gitignore", ".waypost/\n");
    assert!(skipped(&project).is_some_and(|why| why.contains("is ignored")));
    assert_eq!(project.git(&["diff", "--cached", "--name-only"]), "");
    assert!(
        Project::with(&[("a.rs", "fn a() {}\n")])
            .run(&["handoff", "--staged"])
            .expect(2)
            .stderr
            .contains("git")
    );
}

#[test]
fn a_project_below_the_top_stages_its_own_handoff() {
    let project =
        Project::committed(&[("sub/src/lib.rs", "pub fn below() {}\n"), ("top.rs", "pub fn top() {}\n")]);
    let sub = project.at(project.path("sub"));
    sub.ok(&["snapshot", "--project-root", "."]);
    project.git(&["add", "-A"]);
    project.write("sub/src/lib.rs", "pub fn below_and_staged() {}\n");
    project.git(&["add", "sub/src"]);
    project.write("sub/src/lib.rs", "pub fn only_here() {}\n");
    sub.ok(&["handoff", "--staged", "--project-root", "."]);
    let staged = project.git(&["show", ":sub/.waypost/handoff.json"]);
    assert!(staged.contains("below_and_staged") && !staged.contains("only_here"), "{staged}");
    assert_eq!(project.git(&["status", "--porcelain", "--", ".waypost"]), "");
}
