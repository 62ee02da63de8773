//! `snapshots`, `show-snapshot`, `compare-snapshots`, `diff-summary`, `prune`.

use serde_json::{Value, json};

use crate::project::{Project, strings};

/// Three snapshots; the file `n.rs` holds the number of each.
fn three() -> (Project, Vec<String>) {
    let project = Project::fixture("tally");
    let ids = (1..=3).map(|n| {
        project.write("src/n.rs", format!("pub const N: u32 = {n};\npub fn number_{n}() {{}}\n"));
        project.snapshot()["id"].as_str().expect("an id").to_string()
    });
    let ids = ids.collect();
    (project, ids)
}

fn listed(project: &Project) -> Vec<String> {
    let list = project.json(&["snapshots"]);
    list["snapshots"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|s| s["id"].as_str().unwrap().to_string())
        .collect()
}

#[test]
fn the_list_is_newest_first() {
    let (project, ids) = three();
    let newest_first: Vec<String> = ids.iter().rev().cloned().collect();
    assert_eq!(listed(&project), newest_first);
    let text = project.ok(&["snapshots"]).stdout;
    let shown: Vec<&str> = text.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
    assert_eq!(shown, newest_first);
}

#[test]
fn without_snapshots_the_list_is_empty() {
    let project = Project::fixture("tally");
    assert_eq!(project.json(&["snapshots"]), json!({"snapshots": []}));
    assert_eq!(project.ok(&["snapshots"]).stdout, "");
}

#[test]
fn one_is_shown_with_its_files() {
    let (project, ids) = three();
    let last = project.json(&["show-snapshot"]);
    assert_eq!(last["id"], ids[2].as_str());
    let file = |shown: &Value| {
        let files = shown["files"].as_array().unwrap().clone();
        files.into_iter().find(|f| f["path"] == "src/n.rs").unwrap()
    };
    assert_eq!((&file(&last)["language"], &file(&last)["class"]), (&json!("rust"), &json!("source")));
    let first = project.json(&["show-snapshot", &ids[0]]);
    assert_ne!(file(&last)["hash"], file(&first)["hash"]);
    assert!(project.ok(&["show-snapshot", "--files"]).stdout.contains("  src/n.rs  rust\n"));
}

#[test]
fn a_snapshot_is_told_by_counts_and_its_lists_are_asked_for() {
    let project = Project::committed(&[
        ("a.rs", "fn a() {}\n"),
        ("b.rs", "fn b() {}\n"),
        ("c.py", "c = 1\n"),
        ("d.bin", "\0\0\0\0"),
    ]);
    project.snapshot();
    let told = |flags: &[&str]| {
        let shown = project.ok(&[&["show-snapshot"], flags].concat()).stdout;
        shown.lines().skip(2).map(|line| format!("{line}\n")).collect::<String>()
    };
    insta::assert_snapshot!(told(&["--files", "--skipped"]), @r"
    files     4, 3 symbols
           2  rust
           1  no language
           1  python
      a.rs  rust
      b.rs  rust
      c.py  python
      d.bin
    not read  1
           1  binary
      d.bin: binary
    ");
    assert!(!told(&[]).contains("a.rs") && !told(&[]).contains("d.bin"));
}

#[test]
fn the_list_tells_a_goal_where_it_changes_and_what_a_watch_took() {
    let project = Project::committed(&[("a.rs", "fn a() {}\n")]);
    project.ok(&["snapshot", "--goal", "first goal"]);
    project.write("a.rs", "fn b() {}\n");
    project.ok(&["snapshot"]);
    project.ok(&["goal", "second goal"]);
    project.write("a.rs", "fn c() {}\n");
    project.ok(&["snapshot"]);
    let text = project.ok(&["snapshots"]).stdout;
    let goals: Vec<bool> = text.lines().map(|line| line.contains("goal")).collect();
    assert_eq!(goals, [true, false, true], "{text}");
    assert!(!text.contains("by watch"));
}

#[test]
fn two_are_compared_by_files_and_symbols() {
    let (project, ids) = three();
    let default = project.json(&["compare-snapshots"]);
    assert_eq!((&default["from"], &default["to"]), (&json!(ids[1]), &json!(ids[2])));
    let whole = project.json(&["compare-snapshots", &ids[0], &ids[2]]);
    assert_eq!(strings(&whole["files"]["modified"]), ["src/n.rs"]);
    assert_eq!(whole["symbols"]["added"][0]["name"], "number_3");
    assert_eq!(whole["symbols"]["removed"][0]["name"], "number_1");
    let back = project.json(&["compare-snapshots", &ids[2], &ids[0]]);
    assert_eq!(back["symbols"]["added"][0]["name"], "number_1");
    project.run(&["compare-snapshots", "s77"]).expect(2);
}

#[test]
fn comparing_needs_two() {
    let project = Project::fixture("tally");
    project.snapshot();
    assert!(project.run(&["compare-snapshots"]).expect(2).stderr.contains("only one snapshot"));
}

#[test]
fn the_summary_fits_a_screen() {
    let project = Project::fixture("tally");
    project.snapshot();
    assert!(project.ok(&["diff-summary"]).stdout.starts_with("nothing changed since "));
    for n in 0..200 {
        project.write(&format!("src/new_{n}.rs"), format!("pub fn new_{n}() {{}}\n"));
    }
    let text = project.ok(&["diff-summary"]).stdout;
    assert!(text.lines().count() <= 40, "{text}");
    assert!(
        text.contains("200 files changed") || text.contains("200 changed") || text.contains("200 files"),
        "{text}"
    );
    let report = project.json(&["diff-summary"]);
    assert_eq!(report["summary"]["files"]["added"], 200);
    assert_eq!(report["summary"]["symbols"]["added"], 200);
}

#[test]
fn a_dry_run_names_what_pruning_removes_and_removes_nothing() {
    let (project, ids) = three();
    let dry = project.json(&["prune", "--keep-last", "1", "--dry-run"]);
    assert_eq!(listed(&project).len(), 3);
    let done = project.json(&["prune", "--keep-last", "1"]);
    let sorted = |report: &Value| {
        let mut ids = strings(&report["removed"]).iter().map(ToString::to_string).collect::<Vec<_>>();
        ids.sort();
        ids
    };
    assert_eq!(sorted(&dry), ids[..2]);
    assert_eq!(sorted(&done), ids[..2]);
    assert_eq!((&dry["kept"], &done["kept"]), (&json!(1), &json!(1)));
    assert_eq!(listed(&project), [ids[2].clone()]);
}

#[test]
fn pruning_keeps_what_the_last_snapshot_needs() {
    let (project, ids) = three();
    let before = project.json(&["show-snapshot"]);
    project.ok(&["prune", "--keep-last", "1"]);
    assert_eq!(project.json(&["show-snapshot"]), before);
    assert_eq!(project.json(&["restore"])["summary"]["changed"], 0);
    project.ok(&["doctor"]);
    project.write("src/n.rs", "pub fn number_4() {}\n");
    let next = project.snapshot()["id"].as_str().unwrap().to_string();
    assert!(!ids.contains(&next), "an id is never used twice");
    assert_eq!(project.json(&["compare-snapshots"])["symbols"]["added"][0]["name"], "number_4");
}

#[test]
fn pruning_fewer_than_there_are_removes_nothing() {
    let (project, _) = three();
    assert_eq!(project.json(&["prune", "--keep-last", "10"])["removed"], json!([]));
    assert_eq!(listed(&project).len(), 3);
}
