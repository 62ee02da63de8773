//! `waypost snapshot`: what it reports, reuses and remembers.

use std::fs;

use serde_json::{Value, json};

use crate::project::{Project, meanwhile, strings};

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn the_report_has_the_keys_that_scripts_rely_on() {
    let project = Project::fixture("tally");
    let report = project.json(&["snapshot", "--goal", "Count Python docstrings as comments"]);
    assert_eq!(
        keys(&report),
        [
            "id",
            "created_at",
            "goal",
            "head",
            "branch",
            "files",
            "symbols",
            "skipped",
            "changes",
            "handoff",
            "elapsed_ms",
            "memory"
        ]
    );
    assert_eq!(report["created_at"], "2026-01-02T03:04:05Z");
    assert_eq!(report["goal"], "Count Python docstrings as comments");
    assert_eq!(report["head"], project.git(&["rev-parse", "HEAD"]).as_str());
    assert_eq!(report["branch"], "main");
    assert_eq!(report["files"], 8);
    assert_eq!(report["handoff"]["written"], true);
    assert!(report["handoff"]["tokens"].as_u64().unwrap() > 100);
    assert_eq!(keys(&report["changes"]), ["added", "modified", "removed"]);
    assert_eq!(strings(&report["changes"]["added"]).len(), 8);
}

#[test]
fn skipped_files_come_with_their_reason() {
    let project = Project::committed(&[
        ("a.rs", "fn a() {}\n"),
        ("Cargo.lock", "[[package]]\n"),
        (".env", "TOKEN=abc\n"),
        ("app.min.js", "var a=1;\n"),
    ]);
    project.write("logo.png", b"\x89PNG\r\n\x1a\n\0\0\0");
    let report = project.snapshot();
    let skipped: Vec<(&str, &str)> = report["skipped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| (s["path"].as_str().unwrap(), s["reason"].as_str().unwrap()))
        .collect();
    assert_eq!(
        skipped,
        [
            (".env", "secrets by name, content never read"),
            ("Cargo.lock", "lock file"),
            ("app.min.js", "minified"),
            ("logo.png", "binary"),
        ]
    );
}

#[test]
fn a_snapshot_of_an_unchanged_tree_with_the_same_goal_is_the_last_one() {
    let project = Project::fixture("tally");
    let first = project.json(&["snapshot", "--goal", "a"]);
    for arguments in [&["snapshot"] as &[&str], &["snapshot", "--goal", "a"]] {
        let again = project.json(arguments);
        assert_eq!(again["id"], first["id"]);
        assert_eq!(again["handoff"]["written"], false);
        assert_eq!(again["changes"], json!({"added": [], "modified": [], "removed": []}));
    }
    assert_ne!(project.json(&["snapshot", "--goal", "b"])["id"], first["id"]);
    assert_eq!(project.json(&["snapshots"])["snapshots"].as_array().unwrap().len(), 2);
}

#[test]
fn a_change_makes_a_new_snapshot_that_names_it() {
    let project = Project::fixture("tally");
    let first = project.snapshot();
    project.edit("src/report.rs", "One row a file", "A row for each file");
    project.remove("tests/counts.rs");
    project.write("src/extra.rs", "pub fn extra() {}\n");
    let second = project.snapshot();
    assert_ne!(first["id"], second["id"]);
    assert_eq!(strings(&second["changes"]["added"]), ["src/extra.rs"]);
    assert_eq!(strings(&second["changes"]["modified"]), ["src/report.rs"]);
    assert_eq!(strings(&second["changes"]["removed"]), ["tests/counts.rs"]);
}

#[test]
fn the_goal_is_remembered_until_changed_and_ended_by_an_empty_one() {
    let project = Project::fixture("porch");
    project.ok(&["snapshot", "--goal", "Cap the pause between retries"]);
    assert_eq!(project.snapshot()["goal"], "Cap the pause between retries");
    assert!(project.read(".waypost/handoff.md").contains("Cap the pause between retries"));
    assert_eq!(project.json(&["snapshot", "--goal", "Add priorities"])["goal"], "Add priorities");
    assert!(!project.read(".waypost/handoff.md").contains("Cap the pause"));
    assert_eq!(project.json(&["snapshot", "--goal", ""])["goal"], Value::Null);
    assert!(!project.read(".waypost/handoff.md").contains("## Goal"));
}

#[test]
fn no_handoff_records_and_writes_no_handoff() {
    let project = Project::fixture("tally");
    assert_eq!(project.json(&["snapshot", "--no-handoff"])["handoff"], Value::Null);
    assert!(!project.exists(".waypost/handoff.md"));
    assert_eq!(project.json(&["status"])["freshness"], "none");
}

#[test]
fn a_folder_without_git_is_read_with_its_gitignore() {
    let project = Project::with(&[("a.py", "def a(): pass\n"), ("b.log", "x\n"), (".gitignore", "*.log\n")]);
    let report = project.json(&["snapshot", "--project-root", "."]);
    assert_eq!(strings(&report["changes"]["added"]), [".gitignore", "a.py"]);
    assert_eq!((&report["head"], &report["branch"]), (&Value::Null, &Value::Null));
}

#[test]
fn an_empty_folder_has_a_handoff_that_says_little() {
    let project = Project::empty();
    assert_eq!(project.json(&["snapshot", "--project-root", "."])["files"], 0);
    assert!(project.read(".waypost/handoff.md").contains(" files of `this project`; "));
}

#[test]
fn own_files_are_never_part_of_the_tree() {
    let project = Project::fixture("tally");
    project.snapshot();
    project.commit("Keep the handoff");
    let report = project.snapshot();
    assert_eq!(report["files"], 8);
    assert_eq!(project.git(&["status", "--porcelain"]), "");
}

#[test]
fn ignored_files_stay_out_tracked_and_hidden_ones_count() {
    let project = Project::committed(&[
        (".gitignore", "*.gen.rs\n/out/\n"),
        (".github/workflows/ci.yml", "on: push\n"),
        ("src/.gitignore", "!keep.gen.rs\n"),
        ("src/keep.gen.rs", "fn keep() {}\n"),
        ("src/main.rs", "fn main() {}\n"),
        (".waypostignore", "private/\n"),
    ]);
    project.write("x.gen.rs", "fn x() {}\n");
    project.write("out/y.rs", "fn y() {}\n");
    project.write("private/z.rs", "fn z() {}\n");
    project.write("tracked.gen.rs", "fn tracked() {}\n");
    project.git(&["add", "-f", "tracked.gen.rs"]);
    project.write(".git/info/exclude", "/excluded.rs\n");
    project.write("excluded.rs", "fn e() {}\n");
    let report = project.snapshot();
    assert_eq!(
        strings(&report["changes"]["added"]),
        [
            ".github/workflows/ci.yml",
            ".gitignore",
            ".waypostignore",
            "src/.gitignore",
            "src/keep.gen.rs",
            "src/main.rs",
            "tracked.gen.rs"
        ]
    );
}

#[test]
fn unchanged_contents_are_stored_once() {
    let body: String = (0..400).map(|n| format!("pub fn function_{n}() {{ other_{n}(); }}\n")).collect();
    let project = Project::committed(&[("a.rs", &body), ("b.rs", &body), ("c.rs", "fn c() {}\n")]);
    project.snapshot();
    let contents = || {
        let database = rusqlite::Connection::open(project.path(".waypost/local/waypost.db")).unwrap();
        database.query_row("SELECT count(*) FROM content", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!(contents(), 2, "two files with the same text have one");
    for n in 0..20 {
        project.write("c.rs", format!("fn c{n}() {{}}\n"));
        project.snapshot();
    }
    assert_eq!(contents(), 2 + 20);
}

/// One text under two names is two languages: neither takes the other's outline.
#[test]
fn the_same_text_in_two_languages_keeps_two_outlines() {
    let text = "type Place = { x: number };\nfunction find(): Place { return { x: 1 } }\n";
    let project = Project::with(&[("a.js", text), ("a.ts", text), ("a.py", text)]);
    let first = project.snapshot();
    let again = project.snapshot();
    assert_eq!(first["symbols"], again["symbols"]);
    assert_eq!(first["handoff"]["tokens"], again["handoff"]["tokens"]);
}

#[test]
fn commit_and_branch_of_a_snapshot_are_of_one_moment() {
    let project = Project::fixture("tally");
    project.snapshot();
    let commit = |branch: &str| {
        project.git(&["checkout", "-q", "-b", branch]);
        project.commit(branch);
        project.git(&["rev-parse", "HEAD"])
    };
    let (one, other) = (commit("one"), commit("other"));
    let switch = |round: usize| {
        let branch = if round.is_multiple_of(2) { "one" } else { "other" };
        fs::write(project.path(".git/HEAD.new"), format!("ref: refs/heads/{branch}\n")).expect("a file");
        fs::rename(project.path(".git/HEAD.new"), project.path(".git/HEAD")).expect("a file");
        std::thread::sleep(std::time::Duration::from_micros(500));
    };
    meanwhile(switch, || {
        for _ in 0..8 {
            let report = project.snapshot();
            let told = (report["branch"].as_str().unwrap(), report["head"].as_str().unwrap());
            assert!(told == ("one", &one) || told == ("other", &other), "{told:?}");
        }
    });
}

#[test]
fn a_file_that_is_read_in_another_way_makes_a_new_snapshot() {
    let project = Project::fixture("tally");
    let first = project.snapshot();
    let class = || {
        let shown = project.json(&["show-snapshot"]);
        let files = shown["files"].as_array().unwrap().clone();
        files.into_iter().find(|file| file["path"] == "src/lib.rs").unwrap()["class"].clone()
    };
    assert_eq!(class(), "source");
    project.ok(&["config", "set", "max_file_size", "100"]);
    let second = project.snapshot();
    assert_ne!(first["id"], second["id"]);
    assert_eq!(class(), "oversized");
    assert_eq!(second["changes"], json!({"added": [], "modified": [], "removed": []}));
    assert_eq!(project.snapshot()["id"], second["id"]);
}
