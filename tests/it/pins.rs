//! Pins: files that the handoff always names.

use serde_json::json;

use crate::project::Project;

fn pinned(project: &Project) -> Vec<(String, String)> {
    let list = project.json(&["pins"]);
    let text = |pin: &serde_json::Value, key: &str| pin[key].as_str().unwrap().to_string();
    list["pins"].as_array().unwrap().iter().map(|pin| (text(pin, "path"), text(pin, "note"))).collect()
}

#[test]
fn a_pin_is_listed_shown_and_undone() {
    let project = Project::fixture("porch");
    project.snapshot();
    project.ok(&["pin", "docs/retries.md", "--note", "the rules of retrying"]);
    assert_eq!(pinned(&project), [("docs/retries.md".into(), "the rules of retrying".into())]);
    project.ok(&["handoff"]);
    let (markdown, json) = project.handoff();
    for text in [&markdown, &json] {
        assert!(text.contains("docs/retries.md") && text.contains("the rules of retrying"));
    }
    assert_eq!(project.json(&["status"])["pins"], json!(["docs/retries.md"]));
    project.ok(&["unpin", "docs/retries.md"]);
    assert_eq!(pinned(&project), []);
    project.ok(&["handoff"]);
    assert!(!project.read(".waypost/handoff.md").contains("the rules of retrying"));
}

#[test]
fn a_pin_stays_within_the_smallest_budget() {
    let project = Project::fixture("porch");
    project.snapshot();
    project.ok(&["pin", "tests/test_queue.py"]);
    let text = project.ok(&["handoff", "--stdout", "--budget", "400"]).stdout;
    assert!(text.contains("tests/test_queue.py"), "{text}");
}

#[test]
fn pinning_again_changes_the_note_and_adds_no_second_pin() {
    let project = Project::fixture("porch");
    project.snapshot();
    project.ok(&["pin", "README.md", "--note", "one"]);
    project.ok(&["pin", "README.md", "--note", "two"]);
    project.ok(&["pin", "./README.md"]);
    assert_eq!(pinned(&project), [("README.md".into(), "two".into())]);
}

#[test]
fn a_path_counts_from_the_root_or_the_current_folder() {
    let project = Project::fixture("porch");
    project.snapshot();
    project.at(project.path("src/porch")).ok(&["pin", "queue.py"]);
    project.ok(&["pin", &project.path("README.md").display().to_string()]);
    let paths: Vec<String> = pinned(&project).into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["src/porch/queue.py", "README.md"]);
}

#[test]
fn a_pin_is_a_committed_file_that_merges() {
    let project = Project::fixture("porch");
    project.snapshot();
    project.commit("Keep the handoff");
    project.git(&["switch", "-q", "-c", "other"]);
    project.ok(&["pin", "README.md"]);
    project.commit("Pin the readme");
    project.git(&["switch", "-q", "main"]);
    project.ok(&["pin", "docs/retries.md"]);
    project.commit("Pin the rules");
    project.git(&["merge", "-q", "-m", "Merge", "other"]);
    assert_eq!(pinned(&project).len(), 2);
}

#[test]
fn what_cannot_be_pinned_is_refused() {
    let project = Project::fixture("porch");
    assert!(project.run(&["pin", "README.md"]).expect(2).stderr.contains("hint: run `waypost init`"));
    project.ok(&["init"]);
    for path in ["no/such.py", "../outside", "/etc/passwd", "src"] {
        let run = project.run(&["pin", path]).expect(2);
        assert!(run.stderr.contains(path), "{}", run.stderr);
    }
    assert!(project.run(&["unpin", "README.md"]).expect(2).stderr.contains("not pinned"));
    assert_eq!(pinned(&project), []);
}

#[test]
fn a_pin_whose_file_is_gone_can_be_undone() {
    let project = Project::fixture("porch");
    project.snapshot();
    project.ok(&["pin", "docs/retries.md"]);
    project.remove("docs/retries.md");
    project.snapshot();
    assert!(project.read(".waypost/handoff.md").contains("orphaned"));
    project.ok(&["unpin", "docs/retries.md"]);
    assert_eq!(pinned(&project), []);
}
