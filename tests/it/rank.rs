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
    let says_why = ["characters", "no word of the goal"].iter().any(|why| run.stderr.contains(why));
    assert!(run.code == 0 || says_why, "{}", run.stderr);
}

#[test]
fn a_goal_of_which_no_word_occurs_is_a_finding_with_the_central_files() {
    let project = Project::fixture("porch");
    for format in [&["--format", "paths"][..], &[]] {
        let run = project.run(&[&["rank", "--goal", "zyxomma quuxify"], format].concat()).expect(1);
        assert!(run.stderr.contains("no word of the goal occurs"), "{}", run.stderr);
        assert!(run.stdout.contains("src/porch/queue.py"), "{}", run.stdout);
    }
    let report = project.run(&["rank", "--goal", "zyxomma quuxify", "--json"]).expect(1).json();
    assert_eq!(report["evidence"], "none");
}

/// Files without the name stood before those with it.
#[test]
fn a_file_that_holds_the_rare_name_of_a_goal_comes_before_files_that_hold_none() {
    let mut files: Vec<(String, String)> = (0..30)
        .map(|n| {
            let text = format!("//! Support for the runtime, part {n}.\npub fn remove_support_{n}() {{}}\n");
            (format!("src/support/remove_{n}.rs"), text)
        })
        .collect();
    files.push(("src/net.rs".into(), "pub fn connect() { tokio::spawn(async {}); }\n".into()));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (&**path, &**text)).collect();
    let project = Project::committed(&files);
    assert_eq!(paths(&project, &["--goal", "Remove tokio support"])[0], "src/net.rs");
}

#[test]
fn a_name_in_mixed_case_is_found_as_one_word() {
    let project = Project::committed(&[
        (
            "src/literal.rs",
            "pub fn read(text: &str) -> f64 { if text == \"NaN\" { f64::NAN } else { 0.0 } }\n",
        ),
        ("src/sodium.rs", "pub fn na() -> u8 { 11 }\npub fn n_a() -> u8 { 11 }\n"),
    ]);
    assert_eq!(paths(&project, &["--goal", "Accept NaN"])[0], "src/literal.rs");
}

#[test]
fn the_scores_of_the_table_fall_and_reasons_are_words() {
    let project = Project::fixture("porch");
    let run = project.ok(&["rank", "--goal", "cap the backoff pause"]);
    let scores: Vec<f64> =
        run.stdout.lines().filter_map(|line| line.split_whitespace().nth(1)?.parse().ok()).collect();
    assert!(scores.len() > 3 && scores.is_sorted_by(|a, b| a >= b), "{}", run.stdout);
    assert!(run.stdout.contains("defines ") && run.stderr.contains("higher is likelier"), "{}", run.stdout);
}

#[test]
fn symbols_are_told_with_their_lines_glued_to_the_path() {
    let project = Project::fixture("porch");
    let run = project.ok(&["rank", "--goal", "cap the backoff pause", "--symbols", "--format", "paths"]);
    let first = run.stdout.lines().next().unwrap();
    assert!(first.starts_with("src/porch/backoff.py:") && first.ends_with("Backoff.pause"), "{first}");
    let report = project.json(&["rank", "--goal", "cap the backoff pause", "--symbols"]);
    let symbol = &report["symbols"][0];
    let place = format!("src/porch/backoff.py:{}-{}", symbol["line"], symbol["end_line"]);
    assert_eq!((symbol["place"].as_str(), first.starts_with(&place)), (Some(&*place), true));
}

/// Tests beside the code say a goal's words more often than the code.
#[test]
fn tests_beside_the_code_stand_behind_it() {
    let rust = "pub fn peel(fig: &str) -> &str {\n    fig.trim_start()\n}\n\n#[cfg(test)]\nmod tests {\n    \
                #[test]\n    fn peel_removes_the_skin_of_a_fig() {\n        let fig_skin = 1;\n    }\n}\n";
    let project = Project::committed(&[("src/lib.rs", rust)]);
    let first = |goal: &str| {
        let run = project.ok(&["rank", "--goal", goal, "--symbols", "--format", "paths"]);
        run.stdout.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(first("peel removes the skin of a fig"), "src/lib.rs:1-3 peel");
    assert_ne!(first("add a test: peel removes the skin of a fig"), "src/lib.rs:1-3 peel");
}

#[test]
fn explain_answers_in_sentences_and_keeps_the_table_for_who_asks() {
    let project = Project::fixture("porch");
    let ask = |more: &[&str]| {
        project
            .ok(&[&["explain", "src/porch/backoff.py", "--goal", "cap the backoff pause"], more].concat())
            .stdout
    };
    let text = ask(&[]);
    assert!(text.starts_with("src/porch/backoff.py: place 1 of "), "{text}");
    assert!(text.contains("For it speaks: ") && !text.contains("moved"), "{text}");
    assert!(ask(&["--verbose"]).contains("  moved   value    best  signal"));
}

#[test]
fn a_goal_comes_from_a_file_in_every_command_that_takes_one() {
    let project = Project::fixture("porch");
    let file = project.outside("goal.txt");
    std::fs::write(&file, "Cap the backoff pause\n").unwrap();
    let file = file.display().to_string();
    for command in [&["snapshot"][..], &["goal"], &["watch", "--once", "--poll=1"]] {
        if command[0] == "watch" {
            project.run(&["watch", "--goal-file", "no/such", "--once"]).expect(2);
            continue;
        }
        project.ok(&["goal", "--clear"]);
        project.ok(&[command, &["--goal-file", &file]].concat());
        assert_eq!(project.json(&["goal"])["goal"], "Cap the backoff pause", "{command:?}");
    }
    assert!(project.ok(&["prompt", "--goal-file", &file]).stdout.contains("Cap the backoff pause"));
    project.ok(&["explain", "src/porch/backoff.py", "--goal-file", &file]);
}
