//! `waypost restore`: what of a snapshot still holds.

use std::fs::File;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::project::{Project, strings};

/// Summary of `restore` as `valid changed missing new`.
fn summary(report: &Value) -> [u64; 4] {
    ["valid", "changed", "missing", "new"].map(|key| report["summary"][key].as_u64().expect("a number"))
}

fn restored(change: impl Fn(&Project)) -> Value {
    let project = Project::fixture("porch");
    project.snapshot();
    change(&project);
    project.json(&["restore"])
}

#[test]
fn an_untouched_tree_is_valid() {
    let report = restored(|_| {});
    assert_eq!(summary(&report), [8, 0, 0, 0]);
    assert_eq!(report["stale"], json!([]));
    assert_eq!(report["symbols"], json!({"added": [], "removed": [], "changed": []}));
}

#[test]
fn an_edit_is_seen_with_the_symbol_whose_signature_changed() {
    let report = restored(|project| {
        project.edit(
            "src/porch/queue.py",
            "def finish(self, job: Job)",
            "def finish(self, job: Job, why: str)",
        );
    });
    assert_eq!(summary(&report), [7, 1, 0, 0]);
    assert_eq!(strings(&report["changed"]), ["src/porch/queue.py"]);
    let changed = &report["symbols"]["changed"][0];
    assert_eq!(changed["name"], "Queue.finish");
    assert!(changed["before"].as_str().unwrap().contains("(self, job: Job)"), "{changed}");
    assert!(changed["after"].as_str().unwrap().contains("why: str"), "{changed}");
    assert_eq!((&report["symbols"]["added"], &report["symbols"]["removed"]), (&json!([]), &json!([])));
}

#[test]
fn a_deleted_file_is_missing_with_its_symbols() {
    let report = restored(|project| project.remove("src/porch/backoff.py"));
    assert_eq!(summary(&report), [7, 0, 1, 0]);
    assert_eq!(strings(&report["missing"]), ["src/porch/backoff.py"]);
    let removed: Vec<&str> = report["symbols"]["removed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["name"].as_str().unwrap())
        .collect();
    assert!(removed.contains(&"Backoff.pause"), "{removed:?}");
}

#[test]
fn an_added_file_is_new_with_its_symbols() {
    let report =
        restored(|project| project.write("src/porch/clock.py", "def now() -> float:\n    return 0.0\n"));
    assert_eq!(summary(&report), [8, 0, 0, 1]);
    assert_eq!(strings(&report["new"]), ["src/porch/clock.py"]);
    assert_eq!(report["symbols"]["added"][0]["name"], "now");
}

#[test]
fn a_renamed_file_is_told_as_renamed() {
    let report = restored(|project| project.rename("src/porch/backoff.py", "src/porch/pause.py"));
    assert_eq!(summary(&report), [7, 0, 0, 0]);
    assert_eq!(report["renamed"], json!([{"from": "src/porch/backoff.py", "to": "src/porch/pause.py"}]));
    assert_eq!(report["symbols"], json!({"added": [], "removed": [], "changed": []}));
}

#[test]
fn a_rename_with_an_edit_is_one_and_other_files_are_not() {
    let project = Project::fixture("porch");
    project.snapshot();
    project.rename("src/porch/queue.py", "src/porch/line.py");
    project.edit("src/porch/line.py", "def finish(self, job: Job)", "def finish(self, job: Job, why: str)");
    project.remove("src/porch/backoff.py");
    project.write("src/porch/clock.py", "def now() -> float:\n    return 0.0\n");
    let report = project.json(&["restore"]);
    assert_eq!(summary(&report), [6, 0, 1, 1], "{report}");
    assert_eq!(report["renamed"], json!([{"from": "src/porch/queue.py", "to": "src/porch/line.py"}]));
    let changed = &report["symbols"]["changed"][0];
    assert_eq!((&changed["path"], &changed["name"]), (&json!("src/porch/line.py"), &json!("Queue.finish")));
    let short = project.ok(&["diff-summary"]).stdout;
    assert!(short.contains("3 files changed\n  > src/porch/queue.py -> src/porch/line.py\n"), "{short}");
    let text = project.ok(&["restore"]).stdout;
    assert!(
        text.contains("renamed  1 file\n             src/porch/queue.py -> src/porch/line.py\n"),
        "{text}"
    );
}

#[test]
fn a_folder_that_was_renamed_is_renamed_files_in_every_report() {
    let project = Project::fixture("porch");
    let first = project.snapshot()["id"].as_str().unwrap().to_string();
    let files = project.json(&["show-snapshot"])["files"].as_array().unwrap().len();
    project.rename("src/porch", "src/veranda");
    let report = project.json(&["restore"]);
    let renamed = report["renamed"].as_array().unwrap().len();
    assert!(renamed > 1 && summary(&report) == [(files - renamed) as u64, 0, 0, 0], "{report}");
    let taken = project.snapshot();
    assert_eq!(taken["changes"]["renamed"], report["renamed"]);
    assert_eq!(strings(&taken["changes"]["added"]), [""; 0]);
    let compared = project.json(&["compare-snapshots", &first]);
    assert_eq!(compared["files"]["renamed"], report["renamed"]);
}

#[test]
fn what_a_watch_took_is_no_baseline() {
    let project = Project::fixture("porch");
    let ours = project.snapshot()["id"].as_str().unwrap().to_string();
    let watching = crate::watch::watch(&project, &[]);
    watching.next_of("ready");
    project.edit("src/porch/queue.py", "def finish(self, job: Job)", "def finish(self, job: Job, why: str)");
    while strings(&watching.next_of("snapshot")["changes"]["modified"]) != ["src/porch/queue.py"] {}
    drop(watching);
    let report = project.json(&["restore"]);
    assert_eq!((&report["snapshot"], &report["taken_by_watch"]), (&json!(ours), &json!(false)));
    assert_eq!(strings(&report["changed"]), ["src/porch/queue.py"]);
    let short = project.json(&["diff-summary"]);
    assert_eq!((&short["snapshot"], &short["summary"]["files"]["modified"]), (&json!(ours), &json!(1)));
    assert!(project.ok(&["diff-summary"]).stdout.contains("1 file changed"));
    // Taken by somebody it is the new one, also where a watch saw it first.
    project.snapshot();
    assert!(project.ok(&["diff-summary"]).stdout.starts_with("nothing changed since s"));
}

#[test]
fn where_only_a_watch_took_any_its_first_one_is_named() {
    let project = Project::fixture("porch");
    let watching = crate::watch::watch(&project, &[]);
    let first = watching.next_of("snapshot")["id"].as_str().unwrap().to_string();
    watching.next_of("ready");
    project.edit("src/porch/queue.py", "def finish(self, job: Job)", "def finish(self, job: Job, why: str)");
    while strings(&watching.next_of("snapshot")["changes"]["modified"]) != ["src/porch/queue.py"] {}
    drop(watching);
    let report = project.json(&["restore"]);
    assert_eq!((&report["snapshot"], &report["taken_by_watch"]), (&json!(first), &json!(true)));
    assert_eq!(strings(&report["changed"]), ["src/porch/queue.py"]);
    assert!(project.ok(&["restore"]).stdout.contains(", which a watch took\n"));
}

#[test]
fn a_branch_switch_is_told_as_stale_facts() {
    let project = Project::fixture("porch");
    project.snapshot();
    project.git(&["switch", "-q", "-c", "other"]);
    let stale = |project: &Project| {
        let report = project.json(&["restore"]);
        (summary(&report), strings(&report["stale"]).iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    assert_eq!(stale(&project), ([8, 0, 0, 0], vec!["branch moved from main to other".to_string()]));
    project.write("src/porch/clock.py", "NOW = 0.0\n");
    project.git(&["add", "src"]);
    project.git(&["commit", "-q", "-m", "Add a clock"]);
    let (counts, facts) = stale(&project);
    assert_eq!(counts, [8, 0, 0, 1]);
    assert!(facts[1].starts_with("head moved from "), "{facts:?}");
    project.git(&["switch", "-q", "main"]);
    assert_eq!(stale(&project), ([8, 0, 0, 0], vec![]));
}

#[test]
fn a_touched_file_is_still_valid() {
    let report = restored(|project| {
        set_time(project, "src/porch/queue.py", SystemTime::now() + Duration::from_secs(60))
    });
    assert_eq!(summary(&report), [8, 0, 0, 0]);
}

#[test]
fn an_edit_of_the_same_size_with_its_old_time_is_seen() {
    let project = Project::fixture("porch");
    let path = "src/porch/backoff.py";
    let old = SystemTime::now() - Duration::from_secs(3_600);
    set_time(&project, path, old);
    project.snapshot();
    project.edit(path, "3600.0", "7200.0");
    set_time(&project, path, old);
    let report = project.json(&["restore"]);
    assert_eq!(strings(&report["changed"]), [path]);
    assert_eq!(strings(&project.snapshot()["changes"]["modified"]), [path]);
}

/// Right after a snapshot, when a coarse clock would show no difference.
#[test]
fn an_edit_of_the_same_size_in_the_same_instant_is_seen() {
    let project = Project::fixture("porch");
    for n in 0..20 {
        project.write("value.py", format!("VALUE = {n:04}\n"));
        project.snapshot();
        let time = std::fs::metadata(project.path("value.py")).unwrap().modified().unwrap();
        project.write("value.py", format!("VALUE = {:04}\n", n + 5_000));
        set_time(&project, "value.py", time);
        assert_eq!(strings(&project.json(&["restore"])["changed"]), ["value.py"], "{n}");
    }
}

#[test]
fn a_file_replaced_by_an_older_one_of_the_same_size_is_seen() {
    let project = Project::fixture("porch");
    let old = SystemTime::now() - Duration::from_secs(86_400);
    project.write("a.py", "A = 1\n");
    set_time(&project, "a.py", old);
    project.snapshot();
    project.write("../b.py", "B = 2\n");
    set_time(&project, "../b.py", old);
    project.rename("../b.py", "a.py");
    assert_eq!(strings(&project.json(&["restore"])["changed"]), ["a.py"]);
}

#[test]
fn an_older_snapshot_can_be_named() {
    let project = Project::fixture("porch");
    let first = project.snapshot()["id"].as_str().unwrap().to_string();
    project.write("src/porch/clock.py", "NOW = 0.0\n");
    project.snapshot();
    assert_eq!(summary(&project.json(&["restore"])), [9, 0, 0, 0]);
    let report = project.json(&["restore", "--snapshot-id", &first]);
    assert_eq!((summary(&report), &report["snapshot"]), ([8, 0, 0, 1], &json!(first)));
    project.run(&["restore", "--snapshot-id", "s99"]).expect(2);
    project.run(&["restore", "--snapshot-id", "yesterday"]).expect(2);
}

#[test]
fn a_pin_whose_file_changed_is_stale() {
    let project = Project::fixture("porch");
    project.snapshot();
    project.ok(&["pin", "src/porch/backoff.py", "--note", "the heart"]);
    project.edit("src/porch/backoff.py", "3600.0", "7200.0");
    assert!(strings(&project.json(&["restore"])["stale"])[0].contains("drifted"), "drifted");
    project.remove("src/porch/backoff.py");
    assert!(strings(&project.json(&["restore"])["stale"])[0].contains("orphaned"), "orphaned");
}

#[test]
fn the_text_form_names_files_and_symbols() {
    let project = Project::fixture("porch");
    project.snapshot();
    project.edit("src/porch/queue.py", "def finish(self, job: Job)", "def finish(self, job: Job, why: str)");
    let text = project.ok(&["restore"]).stdout;
    assert!(
        text.contains("  valid    7 files\n  changed  1 file\n             src/porch/queue.py\n"),
        "{text}"
    );
    assert!(text.contains("why: str"), "{text}");
}

#[test]
fn without_a_snapshot_it_says_what_to_do() {
    assert!(
        Project::fixture("porch").run(&["restore"]).expect(2).stderr.contains("hint: run `waypost snapshot`")
    );
}

fn set_time(project: &Project, path: &str, time: SystemTime) {
    let file = File::options().append(true).open(project.path(path)).expect("a file");
    file.set_modified(time).expect("a time");
}
