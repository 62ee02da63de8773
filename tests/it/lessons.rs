//! What the log teaches: candidates, who accepts them, and when they are told.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::project::{Project, Run, strings};

/// A call of Claude Code's hooks by a conversation.
fn claude(project: &Project, event: &str, session: &str, more: Value) -> Run {
    let mut input = json!({ "session_id": session, "cwd": project.root });
    let (all, more) = (input.as_object_mut().unwrap(), more.as_object().unwrap().clone());
    all.extend(more);
    let mut command = project.command(&["hook", event, "--client", "claude"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    Run::from_output(event, child.wait_with_output().unwrap()).expect(0)
}

fn ran(project: &Project, session: &str, command: &str, code: i64, output: &str) -> Run {
    let response = json!({ "stdout": output, "stderr": "", "exit_code": code });
    let input =
        json!({ "tool_name": "Bash", "tool_input": { "command": command }, "tool_response": response });
    claude(project, "post-tool", session, input)
}

fn told(run: &Run) -> String {
    match run.stdout.is_empty() {
        true => String::new(),
        false => run.json()["hookSpecificOutput"]["additionalContext"].as_str().unwrap().to_string(),
    }
}

fn project() -> Project {
    let project = Project::fixture("tally");
    project.ok(&["init"]);
    project
}

fn proposed(project: &Project) -> Vec<Value> {
    project.json(&["proposals"])["proposals"].as_array().unwrap().clone()
}

fn mined(project: &Project, arguments: &[&str]) -> Value {
    project.json(&[&["lessons", "mine"], arguments].concat())
}

const ERROR: &str = "   Compiling tally v0.1.0\nerror[E0425]: cannot find value `NAME` in this scope\n --> src/lib.rs:LINE:5\n";

/// The same error, as it looks in another place.
fn error(name: &str, line: &str) -> String {
    ERROR.replace("NAME", name).replace("LINE", line)
}

#[test]
fn the_same_error_in_three_sessions_makes_exactly_one_candidate_with_its_real_text() {
    let project = project();
    for (session, name) in [("ann", "total"), ("bob", "sum"), ("cleo", "count")] {
        ran(&project, session, "cargo build", 101, &error(name, "7"));
    }
    let file = project.path("src/lib.rs");
    claude(
        &project,
        "post-tool",
        "cleo",
        json!({ "tool_name": "Edit", "tool_input": { "file_path": file }, "tool_response": {} }),
    );
    ran(&project, "cleo", "cargo build --lib", 0, "ok");
    // A dry run writes nothing.
    let dry = mined(&project, &[]);
    assert_eq!(
        (dry["applied"].as_bool(), dry["candidates"].as_array().map(Vec::len)),
        (Some(false), Some(1)),
        "{dry}"
    );
    assert_eq!(proposed(&project).len(), 0);
    let report = mined(&project, &["--apply"]);
    let candidate = &report["candidates"][0];
    assert_eq!(candidate["error"], "error[E0425]: cannot find value `total` in this scope");
    assert_eq!((candidate["occurrences"].as_u64(), strings(&candidate["sessions"]).len()), (Some(3), 3));
    assert_eq!(candidate["fix"]["command"], "cargo build --lib");
    assert_eq!(strings(&candidate["fix"]["files"]), ["src/lib.rs"]);
    let found = proposed(&project);
    assert_eq!(found.len(), 1, "{found:#?}");
    let record = &found[0];
    assert_eq!((record["kind"].as_str(), record["status"].as_str()), (Some("lesson"), Some("proposed")));
    for text in
        ["error[E0425]: cannot find value `total` in this scope", "`cargo build --lib`", "`src/lib.rs`"]
    {
        assert!(record["body"].as_str().unwrap().contains(text), "{text}: {record}");
    }
    // It leads to the entries that it rests on.
    let links = record["links"].as_array().unwrap();
    let entries: Vec<i64> = project.json(&["log", "--limit", "1000"])["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["id"].as_i64().unwrap())
        .collect();
    assert_eq!(links.len(), 4, "{record}");
    for link in links {
        let number: i64 = link["id"].as_str().unwrap().trim_start_matches('e').parse().unwrap();
        assert!(entries.contains(&number), "{link}");
    }
    // Once is enough, whatever becomes of it.
    assert_eq!(mined(&project, &["--apply"])["candidates"], json!([]));
    project.ok(&["lessons", "reject", record["id"].as_str().unwrap()]);
    ran(&project, "dora", "cargo build", 101, &error("other", "70"));
    let again = mined(&project, &["--apply"]);
    assert_eq!(
        (again["candidates"].as_array().map(Vec::len), again["known"].as_u64()),
        (Some(0), Some(1)),
        "{again}"
    );
    assert_eq!(proposed(&project).len(), 0);
}

#[test]
fn an_accepted_lesson_is_told_beside_the_error_and_goes_back_to_review_if_that_comes_again() {
    let project = project();
    for session in ["ann", "bob"] {
        ran(&project, session, "cargo build", 101, &error("total", "7"));
        ran(&project, session, "cargo build", 0, "ok");
    }
    mined(&project, &["--apply"]);
    let id = proposed(&project)[0]["id"].as_str().unwrap().to_string();
    // Nobody is told what nobody accepted.
    assert_eq!(told(&ran(&project, "cleo", "cargo build", 101, &error("x", "1"))), "");
    project.ok(&["lessons", "accept", &id]);
    assert_eq!(mined(&project, &["--apply"])["back_to_review"], json!([]), "nothing since");
    assert_eq!(told(&ran(&project, "cleo", "cargo build", 101, "error: something else")), "");
    let text = told(&ran(&project, "cleo", "cargo build", 101, &error("y", "99")));
    assert!(text.contains("cannot find value `total`") && text.contains(&id), "{text}");
    // Claude Code tells of a tool that failed by another event.
    let failure = json!({
        "hook_event_name": "PostToolUseFailure", "tool_name": "Bash", "tool_input": { "command": "cargo build" },
        "error": format!("Exit code 101\n{}", error("z", "3")),
    });
    let answer = claude(&project, "post-tool", "cleo", failure).json();
    assert_eq!(answer["hookSpecificOutput"]["hookEventName"], "PostToolUseFailure");
    let report = project.json(&["lessons", "report"]);
    assert_eq!(report["lessons"][0]["since_accepted"], 2, "{report}");
    assert_eq!(strings(&mined(&project, &[])["back_to_review"]), [id.as_str()]);
    mined(&project, &["--apply"]);
    assert_eq!(project.json(&["show", &id])["status"], "needs review");
    assert_eq!(proposed(&project)[0]["id"], id.as_str());
    assert_eq!(told(&ran(&project, "cleo", "cargo build", 101, &error("y", "99"))), "");
    project.ok(&["proposals", "--accept", &id]);
    assert!(!told(&ran(&project, "cleo", "cargo build", 101, &error("y", "99"))).is_empty());
}

#[test]
fn a_part_that_is_added_to_a_mined_lesson_decides_before_a_call_and_the_error_still_does_after_it() {
    let project = project();
    for session in ["ann", "bob"] {
        ran(&project, session, "cargo build", 101, &error("total", "7"));
        ran(&project, session, "cargo build", 0, "ok");
    }
    mined(&project, &["--apply"]);
    let id = proposed(&project)[0]["id"].as_str().unwrap().to_string();
    project.ok(&["lessons", "accept", &id, "--trigger", "arg=cargo build"]);
    let before = |command: &str| {
        let call = json!({ "tool_name": "Bash", "tool_input": { "command": command } });
        told(&claude(&project, "pre-tool", "cleo", call))
    };
    assert!(before("cargo build").contains(&id));
    assert_eq!(before("ls"), "");
    assert_eq!(told(&ran(&project, "cleo", "cargo check", 101, "error: something else")), "");
    assert!(told(&ran(&project, "cleo", "cargo check", 101, &error("y", "99"))).contains(&id));
    // What hooks tell counts as recalled.
    let doctor = project.json(&["doctor"])["checks"].as_array().unwrap().clone();
    let recalled = doctor.iter().find(|check| check["name"] == "recalled").unwrap();
    assert!(recalled["detail"].as_str().unwrap().starts_with("0 of 1 record"), "{recalled}");
}

#[test]
fn ten_thousand_successful_edits_make_no_lesson() {
    let project = project();
    project.ok(&["session", "start", "--agent", "ann"]);
    let database = rusqlite(&project);
    database.execute_batch("BEGIN").unwrap();
    for n in 0..10_000_i64 {
        let sql =
            "INSERT INTO event (at_ms, session, kind, text, path) VALUES (?1, 1, ?2, 'Edit', 'src/lib.rs')";
        database.execute(sql, (n, ["tool_call", "file_change"][(n % 2) as usize])).unwrap();
    }
    database.execute_batch("COMMIT").unwrap();
    drop(database);
    for profile in ["strict", "relaxed"] {
        let report = mined(&project, &["--apply", "--profile", profile]);
        assert!(report["events"].as_u64() >= Some(10_000), "{report}");
        assert_eq!((&report["candidates"], &report["held_back"]), (&json!([]), &json!([])), "{report}");
    }
}

#[test]
fn what_a_person_has_to_repeat_becomes_a_preference_to_be_decided_on() {
    let project = project();
    for (session, prompt) in [
        ("ann", "Count the lines. Don't use unwrap in library code!"),
        ("bob", "please dont use unwrap in library code"),
        ("cleo", "Go on. Don't use unwrap in library code."),
    ] {
        claude(&project, "prompt", session, json!({ "prompt": prompt }));
    }
    let report = mined(&project, &["--apply"]);
    assert_eq!(report["candidates"][0]["kind"], "preference", "{report}");
    let found = proposed(&project);
    assert_eq!((found.len(), found[0]["title"].as_str()), (1, Some("Don't use unwrap in library code.")));
    assert_eq!(mined(&project, &["--apply"])["candidates"], json!([]));
    project.ok(&["lessons", "accept", found[0]["id"].as_str().unwrap()]);
    assert_eq!(project.json(&["lessons", "list"])["lessons"][0]["status"], "accepted");
}

#[test]
fn a_lesson_about_cargo_publish_stays_silent_on_ls() {
    let project = project();
    let note = [
        "note",
        "--kind",
        "lesson",
        "--summary",
        "Publish from the release branch",
        "--body",
        "Else tags are wrong.",
    ];
    let id = project
        .ok(&[&note[..], &["--trigger", "tool=Bash", "--trigger", "arg=cargo publish"]].concat())
        .stdout;
    let id = id.trim();
    let matched = |arguments: &[&str]| {
        project.json(&[&["lessons", "match"], arguments].concat())["lessons"].as_array().unwrap().len()
    };
    assert_eq!(matched(&["--tool", "Bash", "--arg", "cd a && cargo publish --dry-run"]), 1);
    for other in [
        &["--tool", "Bash", "--arg", "ls"][..],
        &["--tool", "Edit", "--arg", "cargo publish"],
        &["--tool", "Bash"],
        &[],
    ] {
        assert_eq!(matched(other), 0, "{other:?}");
    }
    let before = |command: &str| {
        told(&claude(
            &project,
            "pre-tool",
            "ann",
            json!({ "tool_name": "Bash", "tool_input": { "command": command } }),
        ))
    };
    let text = before("cargo publish");
    assert!(text.contains("release branch") && text.contains("tags are wrong"), "{text}");
    assert_eq!(before("ls"), "");
    // It is in the file, and can be changed and taken out.
    let file = project.json(&["show", id])["file"].as_str().unwrap().to_string();
    assert!(project.read(&file).contains("trigger = { tool = \"Bash\", arg = \"cargo publish\" }"));
    assert!(project.ok(&["show", id]).stdout.contains("trigger     tool=Bash, arg=cargo publish"));
    project.ok(&["edit", id, "--trigger", "arg=", "--trigger", "path=*.toml"]);
    assert_eq!(
        project.json(&["show", id])["trigger"],
        json!({ "tool": "Bash", "path": "*.toml", "arg": null, "fingerprint": null })
    );
    assert_eq!(matched(&["--tool", "Bash", "--path", "fixtures/a.toml"]), 1);
    project.ok(&["edit", id, "--trigger", ""]);
    assert_eq!(project.json(&["show", id])["trigger"], Value::Null);
    for (wrong, why) in [
        (&["edit", id, "--trigger", "arg=("][..], "unclosed group"),
        (&["edit", id, "--trigger", "colour=red"], "KEY=VALUE"),
        (&["note", "--summary", "x", "--trigger", "tool=Bash"], "only a lesson"),
    ] {
        assert!(project.run(wrong).expect(2).stderr.contains(why), "{wrong:?}");
    }
}

#[test]
fn two_accepted_records_that_contradict_each_other_need_review() {
    let project = project();
    let note = |summary: &str, more: &[&str]| {
        let arguments = [&["note", "--summary", summary, "--anchor", "src/lib.rs"], more].concat();
        project.ok(&arguments).stdout.trim().to_string()
    };
    let status = |id: &str| project.json(&["show", id])["status"].as_str().unwrap().to_string();
    let (one, other) = (note("Lines end with LF", &[]), note("Lines end with CRLF", &[]));
    assert_eq!((status(&one), status(&other)), ("accepted".to_string(), "accepted".to_string()));
    project.ok(&["edit", &other, "--contradicts", &one]);
    assert_eq!((status(&one), status(&other)), ("needs review".to_string(), "needs review".to_string()));
    assert_eq!(proposed(&project).len(), 2);
    // One of them holds, both do not.
    project.ok(&["proposals", "--accept", &one]);
    assert_eq!((status(&one), status(&other)), ("accepted".to_string(), "needs review".to_string()));
    project.ok(&["proposals", "--accept", &other]);
    assert_eq!(status(&one), "needs review");
    project.ok(&["proposals", "--reject", &other]);
    project.ok(&["proposals", "--accept", &one]);
    assert_eq!((status(&one), status(&other)), ("accepted".to_string(), "rejected".to_string()));
    // One that another one superseded, and that was accepted again all the same.
    let newer = note("Lines end with either", &["--link", &format!("supersedes:{one}")]);
    assert_eq!(status(&one), "superseded");
    project.ok(&["edit", &one, "--status", "accepted"]);
    assert_eq!((status(&one), status(&newer)), ("needs review".to_string(), "needs review".to_string()));
    assert_eq!(project.json(&["notes", "--status", "needs-review"])["count"], 2);
}

#[test]
fn what_goes_wrong_is_told_as_facts_of_the_log() {
    let project = project();
    for code in [101, 101, 0, 101, 101] {
        ran(&project, "ann", "cargo test --lib", code, "error: it does not add up");
    }
    ran(&project, "ann", "cd web && npm test", 1, "TypeError: x is undefined");
    let signals = project.json(&["session", "signals", "ann"]);
    assert_eq!(
        (signals["error_streak"].as_u64(), signals["retries"].as_u64()),
        (Some(3), Some(3)),
        "{signals}"
    );
    assert!(signals["since_last_success_s"].is_i64() && signals["last_success"].is_string(), "{signals}");
    assert!(project.ok(&["session", "signals", "ann"]).stdout.contains("3 in a row"));
    let of = |arguments: &[&str]| {
        let report = project.json(&[&["stats", "failures"], arguments].concat());
        let rows = report["failures"].as_array().unwrap().iter();
        rows.map(|row| format!("{} {}/{}", row["name"].as_str().unwrap(), row["failures"], row["runs"]))
            .collect::<Vec<_>>()
    };
    assert_eq!(of(&[]), ["cargo test 4/5", "npm test 1/1"]);
    assert_eq!(of(&["--by", "folder"]), [". 4/5", "web 1/1"]);
    assert!(project.ok(&["stats", "failures"]).stdout.contains("it does not add up"));
}

#[test]
fn hooks_note_nothing_where_memory_is_only_read_and_tell_nothing_where_it_is_off() {
    let project = project();
    project.ok(&["snapshot", "--goal", "count lines"]);
    let note = [
        "note",
        "--kind",
        "lesson",
        "--summary",
        "Publish from the branch",
        "--trigger",
        "arg=cargo publish",
    ];
    project.ok(&note);
    let input = json!({ "tool_name": "Bash", "tool_input": { "command": "cargo publish" } });
    let before = || claude(&project, "pre-tool", "ann", input.clone()).stdout;
    project.ok(&["config", "set", "memory", "read_only"]);
    assert!(before().contains("Publish from the branch"));
    ran(&project, "ann", "cargo build", 101, "error: no");
    let start = || claude(&project, "session-start", "ann", json!({ "source": "startup" })).stdout;
    assert!(start().contains("count lines"));
    assert_eq!(project.json(&["session", "list"])["sessions"], json!([]));
    project.ok(&["config", "set", "memory", "off"]);
    assert_eq!((before(), start()), (String::new(), String::new()));
    project.ok(&["config", "set", "memory", "read_write"]);
    project.ok(&["config", "set", "brief_budget", "300"]);
    let told = start();
    assert!(!told.is_empty() && told.len() < 1_500, "{} bytes: {told}", told.len());
}

fn rusqlite(project: &Project) -> rusqlite::Connection {
    rusqlite::Connection::open(project.path(".waypost/local/waypost.db")).unwrap()
}
