//! The tree of goals: what the page, `sitrep` and `resume` show of it.

use serde_json::Value;

use crate::project::Project;

fn add(project: &Project, text: &str, parent: Option<&str>) -> String {
    let more: Vec<&str> = parent.into_iter().flat_map(|parent| ["--parent", parent]).collect();
    let id = project.ok(&[&["goal", "add", text], &more[..]].concat()).stdout;
    assert_eq!(id.lines().count(), 1, "the id alone: {id}");
    id.trim().to_string()
}

/// `level text state` of each goal.
fn listed(project: &Project, arguments: &[&str]) -> Vec<String> {
    let list = project.json(&[&["goal", "list"], arguments].concat());
    let line = |goal: &Value| {
        let current = if goal["current"] == true { "*" } else { "" };
        format!(
            "{}{} {}{current}",
            goal["level"],
            goal["text"].as_str().unwrap(),
            goal["state"].as_str().unwrap()
        )
    };
    list["goals"].as_array().unwrap().iter().map(line).collect()
}

fn current(project: &Project) -> Option<String> {
    project.json(&["goal"])["goal"].as_str().map(str::to_string)
}

#[test]
fn goals_form_a_tree_of_which_one_is_the_current_one() {
    let project = Project::fixture("tally");
    let ship = add(&project, "Ship 2.0", None);
    assert_eq!(current(&project).as_deref(), Some("Ship 2.0"), "the first one");
    let parser = add(&project, "Mend the parser", Some(&ship));
    let docs = add(&project, "Write the docs", Some(&ship));
    let offsets = add(&project, "Offsets", Some(&parser[..12]));
    assert_eq!(add(&project, "Offsets", Some(&parser)), offsets, "it is there already");
    project.ok(&["goal", "set", &parser]);
    project.ok(&["goal", "block", &docs, "--reason", "no writer"]);
    let expected = ["0Ship 2.0 open", "1Mend the parser open*", "2Offsets open", "1Write the docs blocked"];
    assert_eq!(listed(&project, &[]), expected.map(|line| line.to_string()));
    let shown = project.ok(&["goal"]).stdout;
    assert!(shown.contains("Mend the parser") && shown.contains("part of: Ship 2.0"), "{shown}");
    // The page shows the branch, and only text that moves with it.
    project.snapshot();
    let (page, json) = project.handoff();
    let branch = "Ship 2.0\n  Mend the parser\n    Offsets\n  Write the docs — blocked: no writer\n";
    assert!(page.contains(branch), "{page}");
    assert!(json.contains("\"  Mend the parser\""), "{json}");
    for told in [project.ok(&["sitrep"]).stdout, project.ok(&["resume"]).stdout] {
        assert!(
            told.contains("  - Mend the parser (current)") && told.contains("(blocked: no writer)"),
            "{told}"
        );
    }
    project.ok(&["goal", "done", &parser]);
    assert_eq!(current(&project).as_deref(), Some("Ship 2.0"), "the one before");
    assert_eq!(listed(&project, &[]), ["0Ship 2.0 open*", "1Offsets open", "1Write the docs blocked"]);
    assert!(listed(&project, &["--all"]).contains(&"1Mend the parser done".to_string()));
    project.ok(&["goal", "set", &docs]);
    assert_eq!(current(&project).as_deref(), Some("Write the docs"), "blocked no more");
    let dropped = project.json(&["goal", "drop", &ship]);
    assert_eq!(dropped["dropped"].as_array().map(Vec::len), Some(2), "{dropped}");
    assert_eq!(listed(&project, &[]), Vec::<String>::new());
    assert!(project.ok(&["goal", "list"]).stderr.contains("no goal is open"));
}

#[test]
fn a_text_sets_the_goal_and_leaves_the_tree_as_it_is() {
    let project = Project::fixture("tally");
    project.ok(&["goal", "fix the parser"]);
    project.ok(&["goal", "fix the lexer"]);
    assert_eq!(listed(&project, &[]), ["0fix the lexer open*"], "one ends the other");
    let ship = add(&project, "Ship 2.0", None);
    let step = add(&project, "Docs", Some(&ship));
    project.ok(&["goal", "fix the parser"]);
    assert_eq!(listed(&project, &[]), ["0Ship 2.0 open", "1Docs open", "0fix the parser open*"]);
    // One of the tree is named by its text too, also by a snapshot.
    project.ok(&["snapshot", "--goal", "Docs"]);
    assert_eq!(listed(&project, &[]), ["0Ship 2.0 open", "1Docs open*"]);
    assert_eq!(project.json(&["goal"])["id"], step.as_str());
    assert!(project.read(".waypost/handoff.md").contains("Ship 2.0\n  Docs\n"));
    project.ok(&["goal", "--clear"]);
    assert_eq!((current(&project), listed(&project, &[]).len()), (None, 2));
    // Work on another one for a while ends nothing.
    project.ok(&["goal", "fix the parser"]);
    project.ok(&["goal", "set", &step]);
    project.ok(&["goal", "done", &step]);
    assert_eq!(current(&project).as_deref(), Some("fix the parser"));
    // Words that are commands, and texts that say nothing.
    project.ok(&["goal", "--", "add"]);
    assert_eq!(current(&project).as_deref(), Some("add"));
    assert!(project.ok(&["goal", "--help"]).stdout.contains("`waypost goal -- add`"));
    for empty in [&["goal", ""][..], &["goal", "add", " "]] {
        assert!(project.run(empty).expect(2).stderr.contains("--clear"), "{empty:?}");
    }
}

#[test]
fn goals_of_two_branches_merge_and_checkpoints_refer_to_one() {
    let project = Project::fixture("tally");
    let ship = add(&project, "Ship 2.0", None);
    let docs = add(&project, "Docs", Some(&ship));
    project.ok(&["snapshot"]);
    project.commit("Goals");
    project.git(&["switch", "-qc", "other"]);
    add(&project, "Changelog", Some(&ship));
    project.commit("One more");
    project.git(&["switch", "-q", "main"]);
    add(&project, "Website", Some(&ship));
    project.commit("Another");
    project.git(&["merge", "-q", "other", "-m", "Merge"]);
    assert_eq!(listed(&project, &[]), ["0Ship 2.0 open*", "1Changelog open", "1Docs open", "1Website open"]);
    // A next step of another goal is none of this one.
    project.ok(&["checkpoint", "--done", "outline", "--next", "write it", "--goal", &docs]);
    assert_eq!(project.json(&["goal"])["next"], Value::Null);
    project.ok(&["checkpoint", "--done", "tagged", "--next", "upload", "--goal", &ship]);
    assert_eq!(project.json(&["goal"])["next"], "upload");
    let note = project.ok(&["note", "--summary", "no goal"]).stdout;
    for wrong in [&["goal", "done", note.trim()][..], &["goal", "add", "x", "--parent", note.trim()]] {
        assert!(project.run(wrong).expect(2).stderr.contains("is no goal"), "{wrong:?}");
    }
    project.ok(&["goal", "done", &docs]);
    let closed = project.run(&["goal", "add", "x", "--parent", &docs]).expect(2);
    assert!(closed.stderr.contains("is done"), "{}", closed.stderr);
}
