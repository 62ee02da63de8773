//! `waypost bench`: cases from the repository's own history, ranked without
//! seeing the future.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use crate::project::{Project, Run, files_below, git};

const TOPICS: [(&str, &str); 6] = [
    ("pause", "Double the pause after every failed attempt"),
    ("queue", "Take the oldest waiting job before the others"),
    ("store", "Keep finished jobs in the database for a week"),
    ("mail", "Send a letter when all attempts have failed"),
    ("clock", "Count the seconds since the machine was started"),
    ("parse", "Read the numbers of a schedule with ranges"),
];

/// Six modules, each changed by a commit that does not name it, and some
/// commits that are no cases.
fn project() -> Project {
    let project = Project::empty();
    for (name, about) in TOPICS {
        project
            .write(&format!("src/{name}.py"), format!("\"\"\"{about}.\"\"\"\n\ndef {name}():\n    pass\n"));
    }
    project.write("README.md", "# Jobs\n");
    project.git(&["init", "-q", "-b", "main"]);
    project.commit("Start of everything");
    for (name, about) in TOPICS {
        project.edit(&format!("src/{name}.py"), "pass", "return 1");
        project.commit(&format!("{about}\n\nSigned-off-by: Ann <ann@example.org>"));
    }
    project.write("README.md", "# Jobs and more\n");
    project.commit("Say more about the jobs");
    project.edit("src/mail.py", "return 1", "return 2");
    project.commit("Send letters from mail.py only once");
    project
}

fn means(report: &Value, ranking: usize) -> (f64, f64) {
    let row = &report["rankings"][ranking];
    (row["acc"]["1"]["mean"].as_f64().unwrap(), row["mrr"]["mean"].as_f64().unwrap())
}

/// Everything but the time that it took.
fn timeless(mut report: Value) -> Value {
    assert!(report["elapsed_ms"].is_u64());
    report["elapsed_ms"] = Value::Null;
    report
}

#[test]
fn commits_become_cases_with_figures_for_each_ranking() {
    let project = project();
    let report = project.json(&["bench"]);
    assert_eq!(report["cases"], 6);
    assert_eq!(report["k"], serde_json::json!([1, 3, 5, 10]));
    let history = &report["history"];
    assert_eq!((history["commits"].as_u64(), history["fit"].as_u64()), (Some(9), Some(6)));
    assert_eq!(history["left_out"], serde_json::json!({ "no_parent": 1, "no_source": 1, "named": 1 }));
    let names: Vec<&str> =
        report["rankings"].as_array().unwrap().iter().map(|row| row["ranking"].as_str().unwrap()).collect();
    assert_eq!(names, ["waypost", "bm25", "recency", "imported"]);
    let each = report["each"].as_array().unwrap();
    for (ranking, name) in names.iter().enumerate() {
        let places = each.iter().map(|case| case["places"][name][0].as_f64().unwrap());
        let (mut first, mut reciprocal) = (0.0, 0.0);
        for place in places {
            first += f64::from(u8::from(place == 1.0)) / 6.0;
            reciprocal += 1.0 / place / 6.0;
        }
        let (acc, mrr) = means(&report, ranking);
        assert!((acc - first).abs() < 1e-4 && (mrr - reciprocal).abs() < 1e-4, "{name}: {acc} {mrr}");
    }
    assert!(means(&report, 0).1 > means(&report, 2).1, "no module is changed twice in a row");
    assert!(names[1..].contains(&report["difference"]["against"].as_str().unwrap()));
    // Six files: all are among the first ten.
    assert_eq!(report["rankings"][3]["acc"]["10"]["mean"], 1.0);
    let newest = &report["each"][0];
    assert_eq!(newest["goal"], TOPICS[5].1, "the trailer is cut");
    assert_eq!(newest["answers"], serde_json::json!(["src/parse.py"]));
    assert_eq!(newest["parent"].as_str().unwrap(), project.git(&["rev-parse", "HEAD~3"]));
    assert_eq!((report["files"].as_u64(), report["sources"].as_u64()), (Some(7), Some(6)));
}

#[test]
fn the_table_is_plain_text() {
    let run = project().ok(&["bench", "--k", "3,1", "-v"]);
    let head = run.stdout.lines().next().unwrap();
    assert_eq!(head, "6 cases of 6 that fit, of 9 commits; 7 files in a state, 6 of them source");
    assert!(run.stdout.contains("acc@1         acc@3           MRR"), "{}", run.stdout);
    assert!(run.stdout.lines().all(|line| line.len() <= 100), "{}", run.stdout);
    assert!(run.stderr.contains("6 cases only"), "{}", run.stderr);
    assert!(run.stderr.contains(" src/parse.py"), "{}", run.stderr);
}

/// The places are those of `waypost rank` on a checkout of the parent.
#[test]
fn a_case_is_ranked_as_on_a_checkout() {
    let project = project();
    for case in project.json(&["bench"])["each"].as_array().unwrap() {
        let name = format!("at-{}", case["parent"].as_str().unwrap());
        let root = project.outside(&name);
        git(&project.root, &["clone", "-q", ".", &root.display().to_string()]);
        git(&root, &["checkout", "-q", "-B", "main", case["parent"].as_str().unwrap()]);
        let goal = case["goal"].as_str().unwrap();
        let run = project.at(root).ok(&["rank", "--goal", goal, "--format", "paths"]);
        let answer = case["answers"][0].as_str().unwrap();
        let place = run.stdout.lines().position(|path| path == answer).unwrap() + 1;
        assert_eq!(case["places"]["waypost"][0], place, "{goal}");
    }
}

/// What comes after a case cannot change it: here commits with the very words
/// of each goal, on other files, and files that hold them.
#[test]
fn the_future_is_not_seen() {
    let project = project();
    let before = project.json(&["bench"]);
    for (name, about) in TOPICS {
        project.write(&format!("src/later_{name}.py"), format!("# {about}\n").repeat(20));
        project.commit(&format!("Merge later work: {about}"));
    }
    project.write("notes.md", "later");
    let after = project.json(&["bench"]);
    assert_eq!(after["each"], before["each"]);
    assert_eq!(after["rankings"], before["rankings"]);
}

#[test]
fn nothing_is_written_and_any_number_of_threads_tells_the_same() {
    let project = project();
    project.ok(&["snapshot", "--goal", "Send a letter"]);
    let before = files_below(&project.root);
    let run = |threads: &str| {
        let mut command = project.command(&["bench", "--json"]);
        timeless(Run::of(command.env("RAYON_NUM_THREADS", threads)).expect(0).json())
    };
    assert_eq!(run("1"), run("7"));
    assert_eq!(files_below(&project.root), before);
}

#[test]
fn a_root_below_the_top_ranks_its_own_files() {
    let project = project();
    let report = project.at(project.path("src")).json(&["bench", "--project-root", "."]);
    assert_eq!(report["cases"], 6);
    assert_eq!(report["each"][0]["answers"], serde_json::json!(["parse.py"]));
    assert_eq!(report["files"], 6);
}

#[test]
fn settings_leave_files_out() {
    let project = project();
    project.write(".waypost/config.toml", "exclude = [\"src/parse.py\"]\n");
    let report = project.json(&["bench"]);
    assert_eq!(report["cases"], 5);
    assert_eq!(report["sources"], 5);
}

#[test]
fn secrets_in_messages_and_files_stay_out() {
    let project = project();
    let secret = ["AKIA", "Z7Q2M5N4P3R6S8TV"].concat();
    project.edit("src/clock.py", "return 1", &format!("return '{secret}'"));
    project.commit(&format!("Let the seconds be counted with {secret} from now on"));
    let report = project.json(&["bench"]);
    assert_eq!(report["cases"], 7);
    assert!(!report.to_string().contains(&secret));
}

#[test]
fn what_cannot_be_measured_is_said_with_a_remedy() {
    let plain = Project::with(&[("a.py", "")]);
    let run = plain.run(&["bench"]).expect(2);
    assert!(run.stderr.contains("has no git history") && run.stderr.contains("hint:"), "{}", run.stderr);

    plain.git(&["init", "-q"]);
    let run = plain.run(&["bench"]).expect(2);
    assert!(run.stderr.contains("0 of 0 commits make a case, 5 are needed"), "{}", run.stderr);

    let project = project();
    let bare = project.outside("bare.git");
    git(&project.root, &["clone", "-q", "--bare", ".", &bare.display().to_string()]);
    let run = project.at(bare).run(&["bench"]).expect(2);
    assert!(run.stderr.contains("is a git directory, not a work tree"), "{}", run.stderr);

    let shallow = project.outside("shallow");
    let origin = format!("file://{}", project.root.display());
    git(&project.root, &["clone", "-q", "--depth", "4", &origin, &shallow.display().to_string()]);
    let run = project.at(shallow).run(&["bench"]).expect(2);
    assert!(run.stderr.contains("1 of 4 commits make a case"), "{}", run.stderr);
    assert!(run.stderr.contains("git fetch --unshallow"), "{}", run.stderr);

    project.run(&["bench", "--cases", "0"]).expect(2);
    project.run(&["bench", "--k", "0"]).expect(2);
    project.run(&["bench", "--k", "1,x"]).expect(2);
}

#[test]
fn an_interrupt_ends_it_and_leaves_nothing() {
    let project = project();
    let before = files_below(&project.root);
    let mut child = project
        .command(&["bench", "--json"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(30));
    let id = child.id().to_string();
    // It may have ended already: then there is nothing to interrupt.
    let _ = std::process::Command::new("kill").args(["-INT", &id]).output();
    child.wait().unwrap();
    assert_eq!(files_below(&project.root), before);
}
