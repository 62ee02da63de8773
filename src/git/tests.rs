//! What the git facts promise: nothing in the repository runs a program, and
//! odd repositories are facts, not failures.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::*;

fn git(root: &Path, arguments: &[&str]) {
    let status = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .expect("git runs");
    assert!(status.status.success(), "{arguments:?}: {status:?}");
}

fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    git(root, &["init", "-q", "-b", "main"]);
    fs::write(root.join("a.txt"), "one\n").expect("written");
    fs::write(root.join("b.txt"), "two\n").expect("written");
    git(root, &["add", "."]);
    git(root, &["commit", "-qm", "First\n\nBody / of it"]);
    folder
}

fn path(text: &str) -> RelPath {
    RelPath::new(text).expect("a path")
}

fn changes(root: &Path) -> Vec<(String, ChangeStatus)> {
    let changes = open(root, None).expect("opens").tracked_changes(None).expect("told");
    let pairs = changes.into_iter();
    pairs.map(|change| (change.path.to_string(), change.status)).collect()
}

#[test]
fn head_index_history_and_contents_are_told() {
    let folder = repository();
    let facts = open(folder.path(), None).expect("opens");
    let head = facts.head();
    assert_eq!(head.branch.as_deref(), Some("main"));
    assert!(head.commit.is_some_and(|id| head::is_oid(&id)));
    assert_eq!(facts.tracked().expect("told").files.len(), 2);
    let history = facts.history("HEAD", 10).expect("told");
    assert_eq!(history.len(), 1);
    assert_eq!(history[0].subject, "First");
    assert_eq!(history[0].body.trim(), "Body / of it");
    assert_eq!(history[0].paths, [path("a.txt"), path("b.txt")]);
    let asked = [path("b.txt"), path("no such"), path("a\nb"), path("a.txt")];
    let contents = facts.contents_at_head(&asked, 1_000).expect("told");
    assert_eq!(contents, [Some(b"two\n".to_vec()), None, None, Some(b"one\n".to_vec())]);
}

#[test]
fn commits_tell_parents_authors_and_what_they_added() {
    let folder = repository();
    let root = folder.path();
    fs::write(root.join("a.txt"), "more\n").expect("written");
    fs::write(root.join("c d.txt"), "three\n").expect("written");
    git(root, &["add", "."]);
    git(root, &["commit", "-qm", "Second"]);
    git(root, &["checkout", "-qb", "side", "HEAD~1"]);
    git(root, &["commit", "-qm", "Aside", "--allow-empty"]);
    git(root, &["merge", "-q", "-m", "Both", "main"]);
    let objects = open(root, None).expect("opens").objects();
    let log = objects.log("HEAD", 10, true).expect("told");
    let both = log.iter().find(|commit| commit.subject == "Both").expect("the merge");
    assert_eq!((both.parents.len(), both.paths.len()), (2, 0));
    let second = log.iter().find(|commit| commit.subject == "Second").expect("a commit");
    assert_eq!(second.author, "t <t@example.com>");
    assert_eq!(second.paths, [path("a.txt"), path("c d.txt")]);
    assert_eq!(second.added, [path("c d.txt")]);
    let ids = objects.ids(&second.id, 10).expect("told");
    assert_eq!(ids, [second.id.clone(), second.parents[0].clone()]);
    let read = objects.commits(&ids).expect("told");
    assert_eq!(read.iter().find(|commit| commit.id == second.id), Some(second));
    let tree = objects.tree(&second.id).expect("told");
    let sizes: Vec<_> = tree.iter().map(|blob| (blob.path.as_str(), blob.size)).collect();
    assert_eq!(sizes, [("a.txt", Some(5)), ("b.txt", Some(4)), ("c d.txt", Some(6))]);
    let nobody = "0".repeat(40);
    let contents = objects.contents(&[&tree[1].oid, &nobody, &tree[2].oid]).expect("told");
    assert_eq!(contents, [Some(b"two\n".to_vec()), None, Some(b"three\n".to_vec())]);
    let same = Objects::at(&root.join(".git"));
    assert_eq!(same.log("HEAD", 10, true).expect("told"), log);
    assert_eq!(same.tree(&second.id).expect("told"), tree);
}

/// git reads each commit whole. The walk stops where that costs too much.
#[test]
fn history_ends_before_a_commit_too_large_to_read() {
    let folder = repository();
    let root = folder.path();
    fs::write(root.join(".git/message"), "words of a message\n".repeat(limits::GIT_WALK_ALLOCATION / 18))
        .expect("written");
    git(root, &["commit", "-q", "--allow-empty", "-F", ".git/message"]);
    let objects = open(root, None).expect("opens").objects();
    assert!(objects.log("HEAD", 10, true).is_err());
    // git reads the parents of a commit before it shows it.
    for subject in ["Above", "Newest"] {
        git(root, &["commit", "-q", "--allow-empty", "-m", subject]);
    }
    let facts = open(root, None).expect("opens");
    let log = facts.objects().log("HEAD", 10, true).expect("told");
    assert_eq!(log[0].subject, "Newest");
    assert!(log.iter().all(|commit| commit.body.is_empty()));
    assert!(facts.ever_held(&path("b.txt")).unwrap());
    git(root, &["rm", "-q", "b.txt"]);
    git(root, &["commit", "-qm", "Gone"]);
    assert!(facts.ever_held(&path("c.txt")).is_err(), "what lies behind it cannot be told");
}

#[test]
fn changes_are_those_of_content() {
    let folder = repository();
    let root = folder.path();
    fs::write(root.join("a.txt"), "one\n").expect("touched, equal");
    assert_eq!(changes(root), []);
    fs::write(root.join("a.txt"), "more\n").expect("written");
    fs::write(root.join("new"), "").expect("written");
    git(root, &["mv", "b.txt", "c.txt"]);
    let from = path("b.txt");
    let expected = [
        ("a.txt".to_string(), ChangeStatus::Modified),
        ("c.txt".to_string(), ChangeStatus::Renamed { from }),
    ];
    assert_eq!(changes(root), expected);
}

#[test]
fn a_file_that_was_committed_once_was_held_for_ever() {
    let folder = repository();
    let root = folder.path();
    let facts = open(root, None).expect("opens");
    assert!(facts.ever_held(&path("a.txt")).unwrap());
    git(root, &["rm", "-q", "a.txt"]);
    git(root, &["commit", "-qm", "Gone"]);
    assert!(facts.ever_held(&path("a.txt")).unwrap());
    assert!(!facts.ever_held(&path("*.txt")).unwrap(), "a name, not a pattern");
    assert!(!facts.ever_held(&path("c.txt")).unwrap());
}

#[test]
fn only_what_the_index_is_not_sure_of_is_asked_for() {
    let folder = repository();
    let root = folder.path();
    let facts = open(root, None).expect("opens");
    // Older than the index that notes them, one of them without content.
    fs::write(root.join("empty"), "").expect("written");
    for name in ["a.txt", "b.txt", "empty"] {
        let file = fs::File::options().write(true).open(root.join(name)).expect("opens");
        file.set_modified(std::time::SystemTime::now() - std::time::Duration::from_secs(60)).expect("set");
    }
    git(root, &["add", "."]);
    let sure = || {
        let index = facts.tracked().expect("told");
        let is_sure = |(at, path): (usize, &RelPath)| {
            let stamp = confined::stamp_at(&root.join(path.as_str())).expect("there");
            index.is_unchanged(at, &stamp)
        };
        index.files.iter().enumerate().map(is_sure).collect::<Vec<bool>>()
    };
    assert_eq!(sure(), [true, true, true]);
    assert!(!facts.is_as_committed(&facts.tracked().expect("told")), "`empty` is staged");
    git(root, &["commit", "-qm", "Empty"]);
    assert!(facts.is_as_committed(&facts.tracked().expect("told")));
    fs::write(root.join("a.txt"), "eno\n").expect("written");
    assert_eq!(sure(), [false, true, true]);
    let asked = [path("a.txt")];
    let told = facts.tracked_changes(Some(&asked)).expect("told");
    assert_eq!(told, [Change { path: path("a.txt"), status: ChangeStatus::Modified }]);
    // Not older than the index: it may change once more and look the same.
    let file = fs::File::options().write(true).open(root.join("a.txt")).expect("opens");
    file.set_modified(std::time::SystemTime::now() + std::time::Duration::from_secs(60)).expect("set");
    git(root, &["add", "a.txt"]);
    assert_eq!(sure(), [false, true, true]);
    git(root, &["reset", "-q", "--soft", "HEAD~1"]);
    assert!(!facts.is_as_committed(&facts.tracked().expect("told")));
}

#[test]
fn a_root_below_the_top_sees_its_part_by_its_own_paths() {
    let folder = repository();
    let sub = folder.path().join("sub");
    fs::create_dir(&sub).expect("made");
    fs::write(sub.join("x"), "x").expect("written");
    let facts = open(&sub, None).expect("opens");
    assert_eq!(facts.prefix, "sub/");
    assert_eq!(changes(&sub), []);
    git(&sub, &["add", "x"]);
    assert_eq!(changes(&sub), [("x".to_string(), ChangeStatus::Added)]);
    assert_eq!(facts.history("HEAD", 5).expect("told"), []);
}

#[test]
fn odd_places_are_told_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    let why = |root: &Path| open(root, None).map(|_| ()).map_err(|why| why.kind);
    assert_eq!(why(root), Err(Why::NoRepository));
    fs::write(root.join(".git"), "garbage").expect("written");
    assert_eq!(why(root), Err(Why::Broken));
    fs::write(root.join(".git"), "gitdir: /nope\n").expect("written");
    assert_eq!(why(root), Err(Why::Broken));
    fs::remove_file(root.join(".git")).expect("removed");
    git(root, &["init", "-q", "--bare", "bare.git"]);
    assert_eq!(why(&root.join("bare.git")), Err(Why::Bare));
    git(root, &["init", "-q", "-b", "trunk"]);
    assert_eq!(why(&root.join(".git")), Err(Why::InsideGitDir));
    let unborn = open(root, None).expect("opens");
    let head = unborn.head();
    assert_eq!((head.commit, head.branch.as_deref()), (None, Some("trunk")));
    assert_eq!(unborn.history("HEAD", 5).expect("told"), []);
}

#[test]
fn a_work_tree_placed_elsewhere_is_not_believed() {
    let folder = repository();
    let outer = folder.path().parent().expect("a parent").to_path_buf();
    git(folder.path(), &["config", "core.worktree", &outer.to_string_lossy()]);
    let kind = open(folder.path(), None).map(|_| ()).map_err(|why| why.kind);
    assert_eq!(kind, Err(Why::Broken));
}

/// Every setting known to name a program names one that leaves a mark.
#[test]
fn nothing_in_the_repository_runs_a_program() {
    use std::os::unix::fs::PermissionsExt;
    let folder = repository();
    let root = folder.path();
    let elsewhere = tempfile::tempdir().expect("a folder");
    let (mark, program) = (elsewhere.path().join("mark"), elsewhere.path().join("canary"));
    let script = format!("#!/bin/sh\ntouch '{}'\ncat\n", mark.display());
    fs::write(&program, &script).expect("written");
    let executable = || fs::Permissions::from_mode(0o755);
    fs::set_permissions(&program, executable()).expect("set");
    let canary = program.display();
    let config = format!(
        "[core]\n fsmonitor = {canary}\n hooksPath = {root}/hooks\n pager = {canary}\n editor = {canary}\n \
         sshCommand = {canary}\n askPass = {canary}\n alternateRefsCommand = {canary}\n gitProxy = {canary}\n\
         [log]\n showSignature = true\n[gpg]\n program = {canary}\n[gpg \"ssh\"]\n program = {canary}\n\
         [diff]\n external = {canary}\n[diff \"d\"]\n textconv = {canary}\n command = {canary}\n\
         [filter \"f\"]\n clean = {canary}\n smudge = {canary}\n process = {canary}\n required = true\n\
         [filter \"a=b\"]\n clean = {canary}\n[credential]\n helper = !{canary}\n\
         [alias]\n status = !{canary}\n log = !{canary}\n[pager]\n log = {canary}\n status = {canary}\n\
         [uploadpack]\n packObjectsHook = {canary}\n[status]\n submoduleSummary = true\n\
         [include]\n path = more\n[extensions]\n partialClone = origin\n\
         [remote \"origin\"]\n url = ext::{canary}\n promisor = true\n uploadpack = {canary}\n",
        root = root.display()
    );
    let git_dir = root.join(".git");
    let old = fs::read_to_string(git_dir.join("config")).expect("read");
    fs::write(git_dir.join("config"), old + &config).expect("written");
    let more = format!("[filter \"inc\"]\n clean = {canary}\n process = {canary}\n");
    fs::write(git_dir.join("more"), more).expect("written");
    fs::write(git_dir.join("info/attributes"), "a.txt filter=f diff=d\n").expect("written");
    fs::write(root.join(".gitattributes"), "b.txt filter=inc\nc.txt filter=a=b\n").expect("written");
    for folder in [root.join("hooks"), git_dir.join("hooks")] {
        fs::create_dir_all(&folder).expect("made");
        for hook in ["post-index-change", "fsmonitor-watchman", "query-watchman", "pre-auto-gc"] {
            fs::write(folder.join(hook), &script).expect("written");
            fs::set_permissions(folder.join(hook), executable()).expect("set");
        }
    }
    // Same size, so that only the content can tell.
    fs::write(root.join("a.txt"), "eno\n").expect("written");
    fs::write(root.join("b.txt"), "owt\n").expect("written");
    fs::write(root.join("c.txt"), "new\n").expect("written");

    let facts = open(root, None).expect("opens");
    facts.head();
    let tracked = facts.tracked().expect("told");
    assert_eq!(tracked.files.len(), 2);
    let changes = facts.tracked_changes(None).expect("told");
    assert!(changes.iter().any(|change| change.path.as_str() == "a.txt"), "{changes:?}");
    assert_eq!(facts.history("HEAD", 10).expect("told").len(), 1);
    facts.contents_at_head(&[path("a.txt"), path("b.txt")], 100).expect("told");
    let objects = facts.objects();
    let commits = objects.log("HEAD", 10, true).expect("told");
    let tree = objects.tree(&commits[0].id).expect("told");
    objects.contents(&[&tree[0].oid]).expect("told");
    objects.commits(&objects.ids(&commits[0].id, 10).expect("told")).expect("told");
    assert!(!mark.exists(), "a program named in the repository ran");

    // The trap is armed: without the precautions it goes off.
    let careless = Command::new("git").arg("-C").arg(root).args(["status", "--short"]).output();
    assert!(careless.is_ok() && mark.exists());
}
