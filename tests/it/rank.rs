//! `waypost rank`: files for a goal, best first, with reasons.

use std::io::Write;
use std::process::Stdio;

use crate::project::{Project, Run};

fn paths(project: &Project, arguments: &[&str]) -> Vec<String> {
    let run = project.ok(&[&["rank", "--format", "paths"], arguments].concat());
    run.stdout.lines().map(str::to_string).collect()
}

#[test]
fn the_file_that_the_goal_is_about_comes_first() {
    let project = Project::fixture("porch");
    for (goal, best) in [
        ("The pause between retries doubles without a bound", "src/porch/backoff.py"),
        ("Add a command line option to list jobs in cli.py", "src/porch/cli.py"),
        ("Queue.take should skip jobs that another worker took", "src/porch/queue.py"),
    ] {
        assert_eq!(paths(&project, &["--goal", goal])[0], best, "{goal}");
    }
}

#[test]
fn the_json_carries_the_reasons() {
    let project = Project::fixture("porch");
    let report = project.json(&["rank", "--goal", "cap the backoff pause"]);
    assert_eq!(report["goal"], "cap the backoff pause");
    let best = &report["files"][0];
    assert_eq!(best["path"], "src/porch/backoff.py");
    let reasons = best["reasons"].as_array().unwrap();
    assert!(!reasons.is_empty());
    for reason in reasons {
        assert!(reason["signal"].is_string() && reason["weight"].is_number(), "{reason}");
    }
    let scores: Vec<f64> =
        report["files"].as_array().unwrap().iter().map(|file| file["score"].as_f64().unwrap()).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
    assert_eq!(project.ok(&["rank", "--goal", "cap the backoff pause", "--format", "json"]).json(), report);
}

#[test]
fn the_recorded_goal_is_the_default() {
    let project = Project::fixture("porch");
    project.ok(&["snapshot", "--goal", "cap the backoff pause"]);
    assert_eq!(project.json(&["rank"])["goal"], "cap the backoff pause");
    assert_eq!(paths(&project, &[]), paths(&project, &["--goal", "cap the backoff pause"]));
}

#[test]
fn a_goal_comes_through_as_it_is_from_flag_file_and_pipe() {
    let project = Project::fixture("porch");
    let goal = "[wip] fix [/red] `a` \"b\" $c %d \\e --flag\n\nsecond paragraph — ünïcode 🦀";
    std::fs::write(project.outside("goal.txt"), goal).unwrap();
    assert_eq!(project.json(&["rank", "--goal", goal])["goal"], goal);
    let file = project.outside("goal.txt").display().to_string();
    assert_eq!(project.json(&["rank", "--goal-file", &file])["goal"], goal);
    let mut child = project
        .command(&["rank", "--goal-file", "-", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(goal.as_bytes()).unwrap();
    let run = Run::from_output("rank --goal-file -", child.wait_with_output().unwrap()).expect(0);
    assert_eq!(run.json()["goal"], goal);
    project.run(&["rank", "--goal-file", "no/such"]).expect(2);
    project.run(&["rank", "--goal", "a", "--goal-file", "b"]).expect(2);
}

#[test]
fn the_limit_holds_and_the_order_does_not_depend_on_it() {
    let project = Project::fixture("porch");
    let all = paths(&project, &["--goal", "queue", "--limit", "100"]);
    assert_eq!(paths(&project, &["--goal", "queue", "--limit", "2"]), all[..2]);
    assert_eq!(paths(&project, &["--goal", "queue", "--limit", "0"]), [] as [&str; 0]);
}

#[test]
fn threads_and_a_second_run_do_not_change_it() {
    let project = Project::fixture("porch");
    let run = |threads: &str| {
        let mut command = project.command(&["rank", "--goal", "retry failed jobs", "--json"]);
        Run::of(command.env("RAYON_NUM_THREADS", threads)).expect(0).stdout
    };
    let first = run("1");
    assert_eq!(first, run("8"));
    project.snapshot();
    assert_eq!(first, run("8"), "with a database");
}

/// H37: a file cannot buy its place by repetition.
#[test]
fn a_file_that_mentions_everything_does_not_win() {
    let project = Project::fixture("porch");
    let stuffed = "backoff pause retry attempt job queue fail due worker sqlite cap ".repeat(2_000);
    project.write("docs/everything.md", stuffed);
    project.commit("Everything");
    assert_ne!(
        paths(&project, &["--goal", "cap the backoff pause of a failed job"])[0],
        "docs/everything.md"
    );
}

#[test]
fn an_overlong_goal_is_refused_by_length() {
    let project = Project::fixture("porch");
    let goal = project.outside("goal.txt");
    std::fs::write(&goal, "word ".repeat(40_000)).unwrap();
    let run = project.run(&["rank", "--goal-file", &goal.display().to_string()]);
    assert!(run.code == 0 || run.stderr.contains("characters"), "{}", run.stderr);
}
