//! Work that is tried again, what a program of the user's proposes, what
//! something comes from, and what may go.

use std::fs;

use serde_json::{Value, json};

use crate::project::{Project, Run, strings};

/// Lets so many seconds pass for all that the database knows.
fn wait(project: &Project, seconds: i64) {
    let database = rusqlite::Connection::open(project.path(".waypost/local/waypost.db")).expect("a database");
    for (table, column) in [
        ("job", "due_ms"),
        ("job", "created_ms"),
        ("breaker", "until_ms"),
        ("event", "at_ms"),
        ("receipt", "at_ms"),
        ("session", "started_ms"),
        ("session", "beat_ms"),
        ("session", "ended_ms"),
    ] {
        let sql = format!("UPDATE {table} SET {column} = max({column} - ?1, 0) WHERE {column} IS NOT NULL");
        database.execute(&sql, [seconds * 1_000]).expect("an update");
    }
}

fn user_setting(project: &Project, text: &str) {
    let folder = project.outside("home/.config/waypost");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("config.toml"), text).expect("a file");
}

fn first_line(run: Run) -> String {
    run.expect(0).stdout.lines().next().expect("a line").to_string()
}

#[test]
fn an_import_is_queued_once_and_done_when_it_is_due() {
    let project = Project::fixture("tally");
    project.ok(&["note", "--summary", "Kept", "--slug", "kept"]);
    project.ok(&["export", "--output", "../export.jsonl"]);
    project.ok(&["forget", "kept", "--yes"]);
    let id = first_line(project.run(&["import", "--file", "../export.jsonl", "--later"]));
    assert_eq!(first_line(project.run(&["import", "--file", "../export.jsonl", "--later"])), id);
    let listed = project.json(&["jobs"]);
    assert_eq!(listed["jobs"].as_array().map(Vec::len), Some(1));
    assert_eq!((&listed["jobs"][0]["state"], &listed["jobs"][0]["attempts"]), (&json!("waiting"), &json!(0)));
    // The end of a session does it.
    let session = first_line(project.run(&["session", "start"]));
    project.ok(&["session", "end", &session]);
    assert_eq!(project.json(&["jobs"])["jobs"], json!([]));
    assert_eq!(project.json(&["jobs", "list", "--all"])["jobs"][0]["state"], "done");
    assert_eq!(project.json(&["jobs", "run"])["ran"], json!([]));
    for arguments in [["jobs", "retry", "nosuch"], ["jobs", "drop", "nosuch"]] {
        assert!(project.run(&arguments).expect(2).stderr.contains("there is no job `nosuch`"));
    }
    assert!(
        project.run(&["import", "--file", "-", "--later"]).expect(2).stderr.contains("cannot be read later")
    );
}

#[test]
fn a_job_that_fails_waits_longer_each_time_and_is_dead_in_the_end() {
    let project = Project::fixture("tally");
    project.write("../gone.jsonl", "no export\n");
    let id = first_line(project.run(&["import", "--file", "../gone.jsonl", "--later"]));
    for (attempt, seconds) in [(1, 60), (2, 300), (3, 1_800), (4, 7_200)] {
        let run = project.json(&["jobs", "run"]);
        assert_eq!((&run["failed"], &run["ran"][0]["attempts"]), (&json!(1), &json!(attempt)), "{run}");
        assert!(run["ran"][0]["error"].as_str().is_some_and(|error| !error.is_empty()));
        // Not before its time.
        wait(&project, seconds - 20);
        assert_eq!(project.json(&["jobs", "run"])["ran"], json!([]));
        wait(&project, 20);
    }
    assert_eq!(project.json(&["jobs", "run"])["dead"], 1);
    assert_eq!(project.json(&["jobs"])["jobs"][0]["state"], "dead");
    let checks = project.json(&["doctor"])["checks"].clone();
    let jobs = checks.as_array().unwrap().iter().find(|check| check["name"] == "jobs").unwrap();
    assert_eq!(jobs["status"], "warn");
    assert!(jobs["detail"].as_str().unwrap().contains("1 dead"), "{jobs}");
    // It rests with its target; `retry` wakes both.
    assert!(project.ok(&["jobs"]).stderr.contains("is left alone until"));
    wait(&project, 100_000);
    assert_eq!(project.json(&["jobs", "run"])["ran"], json!([]));
    project.remove("../gone.jsonl");
    project.ok(&["export", "--output", "../gone.jsonl"]);
    project.ok(&["jobs", "retry", &id]);
    assert_eq!(project.json(&["jobs", "run"])["done"], 1);
    project.ok(&["jobs", "drop", &id]);
    assert_eq!(project.json(&["jobs", "list", "--all"])["jobs"], json!([]));
}

/// A session with this event, which has ended.
fn worked(project: &Project, text: &str) -> String {
    let session = first_line(project.run(&["session", "start", "--agent", "ann"]));
    project.ok(&["log", "add", text, "--kind", "decision", "--session", &session]);
    project.ok(&["session", "end", &session]);
    session
}

#[test]
fn a_program_of_the_users_proposes_and_nobody_else_names_one() {
    let project = Project::fixture("tally");
    let session = worked(&project, "keep the parser in its own process");
    let refused = project.run(&["consolidate"]).expect(2);
    assert!(
        refused.stderr.contains("no program is set") && refused.stderr.contains("--user"),
        "{}",
        refused.stderr
    );
    // A repository names none, not even one that is trusted.
    project.write(".waypost/config.toml", "consolidate_command = \"touch ../ran; cat\"\n");
    project.run(&["consolidate"]).expect(2);
    project.ok(&["trust"]);
    project.run(&["consolidate"]).expect(2);
    assert!(!project.exists("../ran"));
    project.remove(".waypost/config.toml");

    user_setting(
        &project,
        "consolidate_command = \"cat > ../sent; echo 'Decision: the parser has its own process'\"\n",
    );
    let dry = project.json(&["consolidate", "--dry-run"]);
    assert_eq!(dry["sessions"][0]["id"], json!(session));
    assert!(dry["sessions"][0]["text"].as_str().unwrap().contains("keep the parser in its own process"));
    assert!(!project.exists("../sent"));
    let done = project.json(&["consolidate"]);
    assert_eq!(done["jobs"]["done"], 1, "{done}");
    assert!(project.read("../sent").contains("keep the parser in its own process"));
    let proposed = project.json(&["proposals"])["proposals"].clone();
    assert_eq!(proposed[0]["id"], done["proposed"][0]);
    assert_eq!((&proposed[0]["status"], &proposed[0]["kind"]), (&json!("proposed"), &json!("decision")));
    assert!(proposed[0]["source"].as_str().unwrap().contains(&session), "{proposed}");
    // Each session once.
    assert_eq!(project.json(&["consolidate"])["sessions"], json!([]));
}

#[test]
fn a_program_that_fails_is_tried_again() {
    let project = Project::fixture("tally");
    worked(&project, "something");
    user_setting(&project, "consolidate_command = \"echo out of luck >&2; exit 7\"\n");
    let failed = project.json(&["consolidate"]);
    assert_eq!(failed["jobs"]["failed"], 1);
    assert!(failed["jobs"]["ran"][0]["error"].as_str().unwrap().contains("out of luck"), "{failed}");
    user_setting(&project, "consolidate_command = \"echo 'Lesson: try again'\"\n");
    wait(&project, 61);
    assert_eq!(project.json(&["jobs", "run"])["done"], 1);
    assert_eq!(project.json(&["proposals"])["proposals"][0]["title"], "try again");
}

#[test]
fn why_walks_what_was_declared_and_ends_in_circles() {
    let project = Project::fixture("tally");
    let event = first_line(project.run(&["log", "add", "the build broke", "--kind", "error"]));
    assert!(event.starts_with('e'), "{event}");
    let note = |arguments: &[&str]| first_line(project.run(&[&["note", "--summary"], arguments].concat()));
    let cause = note(&["Locks were taken twice", "--caused-by", &event]);
    let lesson = note(&["Take a lock once", "--kind", "lesson", "--caused-by", &cause]);
    project.ok(&["edit", &cause, "--add", "--fixed-by", &lesson]);
    let report = project.json(&["why", &lesson]);
    let told = |report: &Value| -> Vec<(String, String, u64)> {
        let steps = report["steps"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap().to_string();
        steps.map(|it| (text(&it["relation"]), text(&it["id"]), it["depth"].as_u64().unwrap())).collect()
    };
    let expected = |relation: &str, id: &str, depth| (relation.to_string(), id.to_string(), depth);
    let steps = told(&report);
    assert_eq!(steps[0], expected("caused_by", &cause, 1), "{report}");
    assert!(steps.contains(&expected("caused_by", &event, 2)), "{report}");
    assert!(steps.len() < 6, "{report}");
    let shown = project.ok(&["why", &event]).stdout;
    assert!(shown.contains("is_caused_by_of") && shown.contains("Locks were taken twice"), "{shown}");
    let second =
        first_line(project.run(&["log", "add", "mended", "--fixed-by", &lesson, "--caused-by", &event]));
    assert_eq!(told(&project.json(&["why", &second]))[0], expected("fixed_by", &lesson, 1));
    assert!(project.run(&["why", "e999"]).expect(2).stderr.contains("no record and no entry"));
    assert!(
        project
            .run(&["note", "--summary", "x", "--caused-by", "e999"])
            .expect(2)
            .stderr
            .contains("no entry `e999`")
    );
    assert!(project.run(&["why", "nosuch"]).expect(2).stderr.contains("nosuch"));
}

#[test]
fn of_records_that_say_the_same_one_stays() {
    let project = Project::fixture("tally");
    let note = |arguments: &[&str]| first_line(project.run(&[&["note", "--summary"], arguments].concat()));
    let first = note(&["Use one lock.", "--tag", "a"]);
    let second = note(&["use  ONE lock", "--tag", "b"]);
    let other = note(&["Use one lock.", "--kind", "lesson"]);
    let told = project.json(&["dedup"]);
    assert_eq!((&told["applied"], &told["duplicates"]), (&json!(false), &json!(1)));
    assert_eq!(
        (&told["groups"][0]["keep"], strings(&told["groups"][0]["drop"])),
        (&json!(first), vec![second.as_str()])
    );
    assert_eq!(project.json(&["show", &second])["status"], "accepted");
    assert!(project.ok(&["dedup"]).stderr.contains("`--apply` does it"));
    project.ok(&["dedup", "--apply"]);
    assert_eq!(project.json(&["show", &second])["status"], "superseded");
    assert_eq!(project.json(&["show", &other])["status"], "accepted");
    assert_eq!(project.json(&["dedup"])["duplicates"], 0);
}

#[test]
fn what_is_older_than_it_is_kept_goes_and_the_rest_stays() {
    const DAY: i64 = 86_400;
    let project = Project::fixture("tally");
    let session = worked(&project, "a decision of the log");
    project.ok(&["log", "add", "a call", "--kind", "tool_call"]);
    project.ok(&["run", "true"]);
    let id = |run: Run| first_line(run);
    let rejected = id(project.run(&["note", "--summary", "No", "--status", "rejected"]));
    let lesson = id(project.run(&["note", "--summary", "L", "--kind", "lesson", "--status", "rejected"]));
    let accepted = id(project.run(&["note", "--summary", "Yes"]));
    assert_eq!(project.json(&["gc"])["events"], json!({}));
    wait(&project, 100 * DAY);
    let told = project.json(&["gc"]);
    assert_eq!(
        (&told["applied"], &told["events"]["tool_call"], &told["receipts"]),
        (&json!(false), &json!(1), &json!(1))
    );
    assert!(told["events"]["decision"].is_null(), "{told}");
    // Counting changes nothing.
    assert_eq!(project.json(&["gc"]), told);
    project.json(&["gc", "--apply"]);
    let kinds: Vec<Value> =
        project.json(&["log"])["events"].as_array().unwrap().iter().map(|it| it["kind"].clone()).collect();
    assert!(kinds.contains(&json!("decision")) && !kinds.contains(&json!("tool_call")), "{kinds:?}");
    assert_eq!(project.json(&["receipts", "list"])["receipts"], json!([]));
    project.ok(&["session", "show", &session]);
    wait(&project, 3_000 * DAY);
    for id in [&rejected, &lesson, &accepted] {
        let file = project.json(&["show", id])["file"].as_str().unwrap().to_string();
        let text = project.read(&file);
        let updated = text.lines().find(|line| line.starts_with("updated = ")).map(str::to_string);
        let created = text.lines().find(|line| line.starts_with("created = ")).expect("a time").to_string();
        let text = updated
            .map_or(text.clone(), |updated| text.replace(&updated, "updated = \"2001-01-01T00:00:00Z\""));
        project.write(&file, text.replace(&created, "created = \"2001-01-01T00:00:00Z\""));
    }
    let told = project.json(&["gc", "--apply"]);
    assert_eq!((&told["sessions"], told["records"].as_array().map(Vec::len)), (&json!(1), Some(1)), "{told}");
    assert_eq!(told["records"][0]["id"], json!(rejected));
    project.ok(&["show", &lesson]);
    project.ok(&["show", &accepted]);
    user_setting(&project, "keep_events_days = 0\nkeep_milestones_days = 0\n");
    project.ok(&["log", "add", "a call", "--kind", "tool_call"]);
    wait(&project, 10_000 * DAY);
    assert_eq!(project.json(&["gc"])["events"], json!({}));
}

#[test]
fn a_secret_in_what_a_command_printed_is_cleaned_afterwards() {
    let project = Project::fixture("tally");
    let run = project
        .run(&["run", "--json", "--", "sh", "-c", "echo one; echo pass-word-4711; echo two"])
        .expect(0)
        .json();
    let id = run["id"].as_str().unwrap();
    assert!(project.ok(&["fetch", id]).stdout.contains("pass-word-4711"));
    user_setting(&project, "redact_patterns = [\"pass-word-[0-9]+\"]\n");
    assert_eq!(project.json(&["redact", "--retro", "--dry-run"])["cleaned"]["outputs"], 1);
    assert!(project.ok(&["fetch", id]).stdout.contains("pass-word-4711"));
    assert_eq!(project.json(&["redact", "--retro"])["cleaned"]["outputs"], 1);
    let fetched = project.ok(&["fetch", id]).stdout;
    assert!(
        fetched.starts_with("one\n") && fetched.ends_with("two\n") && !fetched.contains("4711"),
        "{fetched}"
    );
    assert_eq!(project.json(&["receipts", "verify"])["sound"], true);
    assert_eq!(project.json(&["redact", "--retro"])["changed"], 0);
}

#[test]
fn doctor_tells_what_piles_up_and_what_mends_it() {
    let project = Project::committed(&[("src/a.py", "def alpha():\n    return 1\n")]);
    project.ok(&["note", "--summary", "Same"]);
    project.ok(&["note", "--summary", "same!", "--anchor", "src/a.py"]);
    project.ok(&["note", "--summary", "same."]);
    let session = first_line(project.run(&["session", "start"]));
    project.snapshot();
    project.remove("src/a.py");
    project.commit("Gone");
    wait(&project, 3_600);
    let checks = project.run(&["doctor", "--json"]).json()["checks"].clone();
    let of = |name: &str| {
        let check = checks.as_array().unwrap().iter().find(|check| check["name"] == name);
        check.unwrap_or_else(|| panic!("no check {name}: {checks}"))["detail"].as_str().unwrap().to_string()
    };
    assert!(
        of("duplicates").contains("1 record say") && of("duplicates").contains("`waypost dedup`"),
        "{}",
        of("duplicates")
    );
    assert!(of("recalled").contains("3 of 3"), "{}", of("recalled"));
    assert!(
        of("anchors").contains("1 orphaned") && of("anchors").contains("`waypost verify`"),
        "{}",
        of("anchors")
    );
    assert!(
        of("sessions").contains("1 stale") || of("sessions").contains("1 abandoned"),
        "{}",
        of("sessions")
    );
    assert!(of("jobs").contains("none dead"));
    project.ok(&["session", "end", &session]);
}
