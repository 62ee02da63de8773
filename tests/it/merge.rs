//! Merging the handoff: by lines, by rendering again, and by the driver. Many
//! real commits: `tests/trials/merges.py`.

use crate::project::Project;

fn module(doc: &str, name: &str) -> String {
    format!("\"\"\"{doc}\"\"\"\n\n\ndef {name}(x):\n    return x\n")
}

/// Two branches whose code merges and whose handoffs touch in neighbouring
/// lines; the left one is checked out.
fn forked() -> Project {
    let project = Project::committed(&[
        ("README.md", "# Project\n\nA small one.\n"),
        ("src/a.py", &module("First.", "first")),
        ("src/b.py", &module("Second.", "second")),
    ]);
    project.ok(&["init"]);
    render(&project, "base");
    project.git(&["branch", "right"]);
    project.write("src/a.py", module("First.", "renamed_on_the_left"));
    render(&project, "left");
    project.git(&["switch", "-q", "right"]);
    project.write("src/b.py", module("Said anew on the right.", "second"));
    render(&project, "right");
    project.git(&["switch", "-q", "main"]);
    project
}

fn render(project: &Project, message: &str) {
    project.ok(&["handoff"]);
    project.commit(message);
}

/// `merged`, or nothing when there were conflicts, which stay.
fn merge(project: &Project) -> String {
    let attempt = "alias.attempt=!git merge -q -m merge right >/dev/null 2>&1 && echo merged || true";
    project.git(&["-c", attempt, "attempt"])
}

#[test]
fn a_conflict_in_the_handoff_is_settled_by_rendering_again() {
    let project = forked();
    assert_eq!(merge(&project), "", "the lines do not touch: the test shows nothing");
    assert!(project.read(".waypost/handoff.md").contains("<<<<<<<"));
    project.run(&["handoff", "--check"]).expect(1);
    project.ok(&["handoff"]);
    project.commit("merge");
    project.ok(&["handoff", "--check"]);
    let (markdown, json) = project.handoff();
    for text in ["renamed_on_the_left", "Said anew on the right."] {
        assert!(markdown.contains(text) && json.contains(text), "{markdown}");
    }
}

#[test]
fn the_merge_driver_renders_the_merged_tree() {
    let project = forked();
    let report = project.json(&["init", "--merge-driver"]);
    assert_eq!(report["done"].as_array().unwrap().len(), 3, "{report}");
    assert!(report["undo"].as_str().unwrap().contains("merge.waypost"));
    assert_eq!(
        project.read(".waypost/.gitattributes"),
        "handoff.md merge=waypost\nhandoff.json merge=waypost\n"
    );
    assert_eq!(project.json(&["init", "--merge-driver"])["done"].as_array().unwrap().len(), 0, "twice");
    assert_eq!(merge(&project), "merged");
    project.ok(&["handoff", "--check"]);
    assert!(project.read(".waypost/handoff.md").contains("renamed_on_the_left"));
    assert!(project.own_files().iter().all(|(name, _)| !name.contains(".tmp")));
    let status = project.git(&["status", "--porcelain"]);
    assert_eq!(status, "?? .waypost/.gitattributes");
}

/// While other files conflict there is no merged tree; lines are merged, and
/// nothing is left to be done by hand in the handoff.
#[test]
fn the_merge_driver_leaves_no_markers_where_code_conflicts() {
    let project = forked();
    for (branch, text) in [("right", "theirs"), ("main", "ours")] {
        project.git(&["switch", "-q", branch]);
        project.ok(&["init", "--merge-driver"]);
        project.write("README.md", format!("# Project\n\nA small one of {text}.\n"));
        render(&project, branch);
    }
    assert_eq!(merge(&project), "");
    assert_eq!(project.git(&["diff", "--name-only", "--diff-filter=U"]), "README.md");
    project.write("README.md", "# Project\n\nA small one.\n");
    project.ok(&["handoff"]);
    project.commit("merge");
    project.ok(&["handoff", "--check"]);
}

#[test]
fn lines_of_others_in_gitattributes_stay() {
    let project = Project::fixture("tally");
    project.write(".waypost/.gitattributes", "* text");
    project.ok(&["init", "--merge-driver"]);
    let text = project.read(".waypost/.gitattributes");
    assert_eq!(text, "* text\nhandoff.md merge=waypost\nhandoff.json merge=waypost\n");
}
