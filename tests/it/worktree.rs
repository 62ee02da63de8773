//! Kinds of checkouts (H02 to H08): linked work trees, submodules, broken
//! and unusual repositories.

use crate::project::{Project, strings};

#[test]
fn a_linked_work_tree_shares_the_database_and_has_its_own_snapshots() {
    let project = Project::fixture("porch");
    project.snapshot();
    project.commit("Keep the handoff");
    project.git(&["worktree", "add", "-q", "-b", "side", "../side"]);
    let side = project.at(project.outside("side"));
    side.ok(&["handoff", "--check"]);
    let taken = side.json(&["snapshot"]);
    assert_eq!(taken["branch"], "side");
    assert!(!side.root.join(".waypost/local/waypost.db").exists(), "one database");
    assert_eq!(side.json(&["snapshots"])["snapshots"].as_array().unwrap().len(), 1);
    assert_eq!(project.json(&["snapshots"])["snapshots"].as_array().unwrap().len(), 1);
    std::fs::write(side.root.join("new.py"), "def new(): ...\n").unwrap();
    assert_eq!(side.json(&["restore"])["summary"]["new"], 1);
    assert_eq!(project.json(&["restore"])["summary"]["new"], 0);
}

/// Tools put their work trees into the main one and exclude them there.
#[test]
fn a_work_tree_inside_the_main_one_sees_its_files() {
    let project = Project::fixture("porch");
    project.write(".git/info/exclude", "/.trees/\n");
    project.git(&["worktree", "add", "-q", "-b", "side", ".trees/side"]);
    let side = project.at(project.path(".trees/side"));
    assert_eq!(side.json(&["snapshot"])["files"], 8);
    assert_eq!(project.snapshot()["files"], 8);
}

#[test]
fn a_work_tree_falls_back_to_its_own_database() {
    let project = Project::fixture("porch");
    project.git(&["worktree", "add", "-q", "-b", "side", "../side"]);
    let side = project.at(project.outside("side"));
    side.ok(&["snapshot"]);
    assert!(side.root.join(".waypost/local/waypost.db").exists());
    assert!(!project.exists(".waypost"), "nothing is created in the main one");
}

#[test]
fn an_unborn_branch_a_detached_head_and_a_merge_are_told() {
    let project = Project::with(&[("a.py", "def a(): ...\n")]);
    project.git(&["init", "-q", "-b", "main"]);
    let unborn = project.snapshot();
    assert_eq!((&unborn["head"], &unborn["branch"]), (&serde_json::Value::Null, &"main".into()));
    project.commit("Start");
    project.git(&["checkout", "-q", "--detach"]);
    project.ok(&["snapshot"]);
    assert_eq!(project.json(&["status"])["branch"], serde_json::Value::Null);
    project.git(&["switch", "-q", "-c", "left"]);
    project.write("b.py", "B = 1\n");
    project.commit("Left");
    project.git(&["switch", "-q", "main"]);
    project.write("c.py", "C = 1\n");
    project.commit("Right");
    project.git(&["merge", "-q", "--no-commit", "--no-ff", "left"]);
    assert!(project.ok(&["prompt"]).stdout.contains("merge in progress"));
}

#[test]
fn a_broken_git_file_or_folder_is_no_repository_and_no_error() {
    for broken in ["garbage", "gitdir: /no/such/place\n", "gitdir: .git\n", ""] {
        let project = Project::with(&[("a.py", "def a(): ...\n"), (".git", broken)]);
        let report = project.snapshot();
        assert_eq!(strings(&report["changes"]["added"]), ["a.py"], "{broken:?}");
    }
    let project = Project::fixture("porch");
    project.write(".git/index", "DIRC garbage");
    project.write(".git/refs/heads/main", "not a commit\n");
    assert_eq!(project.snapshot()["files"], 8);
}

#[test]
fn a_lock_of_git_is_neither_waited_for_nor_taken() {
    let project = Project::fixture("porch");
    project.write(".git/index.lock", "");
    project.snapshot();
    assert_eq!(project.read(".git/index.lock"), "");
}

#[test]
fn a_nested_repository_and_a_submodule_are_not_read_into() {
    let inner = Project::fixture("tally");
    let project = Project::fixture("porch");
    let url = inner.root.display().to_string();
    project.git(&["submodule", "--quiet", "add", &url, "vendor-tally"]);
    project.git(&["clone", "-q", &url, "nested"]);
    let report = project.snapshot();
    let added = strings(&report["changes"]["added"]);
    assert!(
        added.iter().all(|path| !path.starts_with("vendor-tally/") && !path.starts_with("nested/")),
        "{added:?}"
    );
}

#[test]
fn a_sparse_checkout_is_no_error() {
    let project = Project::fixture("porch");
    project.git(&["sparse-checkout", "set", "--no-cone", "/*", "!/docs/"]);
    assert!(!project.exists("docs"));
    assert_eq!(project.snapshot()["files"], 7);
    assert!(!project.ok(&["prompt"]).stdout.contains("deleted"));
}

/// Settings in `.git/config` of a copied folder must not run programs.
#[test]
fn the_repositorys_own_settings_run_nothing() {
    let project = Project::fixture("porch");
    let trap = project.path("trap.sh");
    let mark = project.outside("sprung");
    project.write("trap.sh", format!("#!/bin/sh\ntouch '{}'\ncat\n", mark.display()));
    std::fs::set_permissions(&trap, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let trap = trap.display().to_string();
    project.write(".gitattributes", "*.py filter=trap diff=trap\n");
    project.commit("Attributes");
    for (key, value) in [
        ("core.fsmonitor", &*trap),
        ("log.showSignature", "true"),
        ("gpg.program", &trap),
        ("filter.trap.clean", &trap),
        ("diff.trap.textconv", &trap),
        ("diff.external", &trap),
        ("core.pager", &trap),
        ("core.hooksPath", "."),
        ("core.sshCommand", &trap),
        ("core.alternateRefsCommand", &trap),
    ] {
        project.git(&["config", key, value]);
    }
    project.edit("src/porch/queue.py", "def finish", "def done");
    for arguments in [
        &["snapshot", "--goal", "queue"] as &[&str],
        &["status"],
        &["prompt"],
        &["restore"],
        &["rank", "--goal", "queue"],
        &["handoff"],
        &["doctor"],
    ] {
        project.ok(arguments);
        assert!(!mark.exists(), "{arguments:?}");
    }
}
