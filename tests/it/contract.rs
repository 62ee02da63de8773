//! What every command keeps to: one JSON object on success and on failure, one
//! shape of error, the same exit code for the same thing, `-` for the standard
//! streams.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::project::{Project, Run};
use crate::schemas::{Schemas, check_error};

/// Every command but `watch` and `mcp`, with arguments that make it work, in an order in
/// which they do. `OUT` stands for a folder outside of the project; what is in capitals
/// else for an id that an earlier command told ([`IDS`]).
const CALLS: &[&[&str]] = &[
    &["init"],
    &["init", "--merge-driver"],
    &["snapshot", "--goal", "count comment lines", "--timings"],
    &["handoff"],
    &["handoff", "--check"],
    &["handoff", "--staged"],
    &["handoff", "--stdout"],
    &["handoff", "--now"],
    &["handoff", "--merge-driver", "OUT/base", "OUT/ours", "OUT/theirs", ".waypost/handoff.json"],
    &["handoff", "--stdout", "--format", "md"],
    &["status"],
    &["report"],
    &["report", "--output", "OUT/report.html"],
    &["snapshot", "--local"],
    &["restore"],
    &["snapshots"],
    &["show-snapshot"],
    &["diff-summary"],
    &["note", "--summary", "one", "--slug", "one", "--anchor", "src/lib.rs"],
    &["note", "--summary", "two", "--slug", "two"],
    &["note", "--summary", "three", "--slug", "three"],
    &["edit", "one", "--summary", "one again"],
    &["history", "one"],
    &["diff", "one", "1", "2"],
    &["rollback", "one", "1"],
    &["decisions"],
    &["notes"],
    &["show", "one"],
    &["supersede", "two", "--by", "one"],
    &["suppress", "two"],
    &["forget", "--query", "three"],
    &["forget", "three"],
    &["forget", "three", "--yes"],
    &["erase", "two"],
    &["erase", "two", "--yes"],
    &["erase", "--marks"],
    &["erase", "ERASED", "--lift"],
    &["redact", "--retro", "--dry-run"],
    &["verify"],
    &["verify", "--accept"],
    &["export", "--output", "OUT/export.jsonl"],
    &["import", "--file", "OUT/export.jsonl"],
    &["backup", "--output", "OUT/backup.tar.zst"],
    &["restore-backup", "OUT/backup.tar.zst"],
    &["restore-backup", "OUT/backup.tar.zst", "--yes"],
    &["ingest-chat", "--file", "OUT/chat.txt"],
    &["proposals"],
    &["proposals", "PROPOSAL"],
    &["proposals", "--accept", "--all"],
    &["goal"],
    &["goal", "another"],
    &["goal", "add", "a step"],
    &["goal", "list", "--all"],
    &["goal", "set", "GOAL"],
    &["goal", "block", "GOAL", "--reason", "no key"],
    &["goal", "done", "GOAL"],
    &["goal", "drop", "GOAL"],
    &["brief"],
    &["brief", "show"],
    &["brief", "set", "# State"],
    &["brief"],
    &["brief", "show"],
    &["brief", "history"],
    &["checkpoint", "--done", "a", "--next", "b"],
    &["pin", "src/lib.rs"],
    &["pins"],
    &["unpin", "src/lib.rs"],
    &["search", "count"],
    &["search", "zzzzqqqq"],
    &["search", "--eval", "OUT/questions.jsonl"],
    &["context", "count"],
    &["context", "count", "--format", "md"],
    &["prompt"],
    &["outline", "src/lib.rs"],
    &["outline", "src"],
    &["languages"],
    &["rank"],
    &["rank", "--symbols", "--format", "paths"],
    &["explain", "src/lib.rs"],
    &["companions"],
    &["companions", "--limit", "3", "src/lib.rs"],
    &["companions", "--diff", "OUT/chat.txt"],
    &["tests"],
    &["tests", "src/lib.rs"],
    &["impact"],
    &["review"],
    &["review", "--staged", "--fail-on", "secret"],
    &["check-text"],
    &["check-text", "README.md", "--against", "index"],
    &["impact", "--since", "HEAD~2"],
    &["bench", "--cases", "5"],
    &["bench", "--companions", "--cases", "5"],
    &["snapshot"],
    &["changes"],
    &["changes", "--since", "HEAD", "src"],
    &["compare-snapshots", "s1", "s1"],
    &["prune", "--keep-last", "1"],
    &["session", "start", "--agent", "ann"],
    &["session", "list", "--state", "active", "--since", "24h"],
    &["session", "show", "SESSION"],
    &["session", "heartbeat", "reading", "--session", "SESSION"],
    &["session", "transcript", "SESSION"],
    &["consolidate"],
    &["log"],
    &["log", "add", "it works", "--kind", "milestone", "--session", "SESSION"],
    &["claim", "src/lib.rs", "--session", "SESSION"],
    &["claim", "check", "src/lib.rs", "--session", "SESSION"],
    &["claims"],
    &["release", "src/lib.rs", "--session", "SESSION"],
    &["run", "--session", "SESSION", "--json", "true"],
    &["receipts", "list"],
    &["fetch", "RECEIPT"],
    &["receipts", "stats"],
    &["receipts", "verify"],
    &["checkpoint", "--session", "SESSION"],
    &["checkpoint", "list"],
    &["checkpoint", "show", "CHECKPOINT"],
    &["resume"],
    &["resume", "--session", "SESSION", "--budget", "300"],
    &["sitrep"],
    &["session", "signals", "SESSION"],
    &["stats", "failures", "--by", "folder"],
    &["lessons", "mine", "--apply"],
    &["lessons", "list", "--all"],
    &["lessons", "report"],
    &["lessons", "match", "--tool", "Bash", "--arg", "ls"],
    &["note", "--kind", "lesson", "--summary", "a lesson", "--slug", "lesson"],
    &["lessons", "accept", "lesson", "--trigger", "arg=x"],
    &["lessons", "reject", "lesson"],
    &["why", "one"],
    &["dedup"],
    &["dedup", "--apply"],
    &["gc"],
    &["gc", "--apply"],
    &["import", "--file", "OUT/export.jsonl", "--later"],
    &["vectors"],
    &["vectors", "status"],
    &["vectors", "rebuild"],
    &["vectors", "use", "--bundled"],
    &["jobs"],
    &["jobs", "retry", "JOB"],
    &["jobs", "run"],
    &["jobs", "list", "--all"],
    &["import", "--file", "OUT/export.jsonl", "--later"],
    &["jobs", "drop", "JOB"],
    &["session", "end", "SESSION"],
    &["config"],
    &["config", "get", "name"],
    &["config", "set", "name", "x"],
    &["config", "path"],
    &["config", "edit"],
    &["config", "unset", "name"],
    &["trust"],
    &["trust", "--list"],
    &["trust", "--revoke"],
    &["hook", "session-start", "--preview"],
    &["doctor"],
    &["doctor", "--fix"],
    &["setup"],
    &["setup", "--list"],
    &["setup", "claude", "git", "--dry-run"],
    &["setup", "claude", "git"],
    &["setup", "claude", "--check"],
    &["setup", "claude", "git", "--undo"],
    &["setup", "--plugin", "OUT/plugin"],
    &["uninstall", "--dry-run"],
    &["uninstall"],
    &["templates", "list"],
    &["templates", "show", "handoff.md.j2"],
    &["templates", "eject", "--to", "OUT/templates"],
    &["completions", "bash"],
    &["man"],
    &["man", "--out", "OUT/man"],
    &["schema"],
    &["schema", "status"],
];

/// Ids by the word that stands for them: the command that tells one, and where in its
/// report it stands.
const IDS: &[(&str, &[&str], &str)] = &[
    ("SESSION", &["session", "start"], "/id"),
    ("RECEIPT", &["run"], "/id"),
    ("GOAL", &["goal", "add"], "/id"),
    ("ERASED", &["erase", "two", "--yes"], "/erased/0"),
    ("PROPOSAL", &["ingest-chat"], "/proposed/0/id"),
    ("CHECKPOINT", &["checkpoint", "list"], "/checkpoints/0/id"),
    ("JOB", &["import", "--file", "OUT/export.jsonl", "--later"], "/job/id"),
];

/// The commands that `--help` lists: all lines of the groups with a name in the third
/// column.
fn commands(project: &Project) -> Vec<String> {
    let help = project.ok(&["--help"]).stdout;
    let groups = help.lines().take_while(|line| !line.starts_with("Options"));
    let names = groups.filter_map(|line| {
        let name = line.strip_prefix("  ").filter(|rest| !rest.starts_with(' '))?;
        name.split_whitespace().next().map(str::to_string)
    });
    let names: Vec<String> = names.filter(|name| name != "help").collect();
    assert!(names.len() > 70, "{names:?}");
    names
}

/// An error as JSON: its three parts, of which only the message must be there.
#[track_caller]
fn error_of(run: &Run) -> (String, Option<String>, Option<String>) {
    let value = run.json();
    check_error(&value);
    let keys: Vec<&String> = value.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["error", "hint", "path"], "{value}");
    let part = |key: &str| value[key].as_str().map(str::to_string);
    (part("error").expect("a message"), part("hint"), part("path"))
}

/// Runs a command with this on its standard input.
fn fed(project: &Project, arguments: &[&str], input: &[u8]) -> std::process::Output {
    let mut command: Command = project.command(arguments);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    child.stdin.take().expect("a pipe").write_all(input).expect("input is read");
    child.wait_with_output().expect("the program ends")
}

#[test]
fn every_command_reports_exactly_one_json_object() {
    let project = Project::fixture("tally");
    let outside = project.outside("out");
    std::fs::create_dir(&outside).expect("a folder");
    for (name, text) in [
        ("chat.txt", "User: why?\n\nDecision: keep old keys\n"),
        ("questions.jsonl", "{\"query\": \"count\", \"relevant\": [\"src/lib.rs\"]}\n"),
        ("base", "{}\n"),
        ("ours", "{}\n"),
        ("theirs", "{}\n"),
    ] {
        std::fs::write(outside.join(name), text).expect("a file");
    }
    let settings = project.outside("home/.config/waypost");
    std::fs::create_dir_all(&settings).expect("a folder");
    std::fs::write(settings.join("config.toml"), "consolidate_command = \"echo Decision: so\"\n")
        .expect("a file");
    // Enough history for `bench`.
    for n in 0..6 {
        project.write("src/extra.rs", format!("pub fn extra() -> u32 {{\n    {n}\n}}\n"));
        project.write("src/other.rs", format!("pub fn other() -> u32 {{\n    {n} + crate::extra()\n}}\n"));
        project.commit(&format!("Give the extra function the number {n} for its callers"));
    }
    let schemas = Schemas::new();
    let mut ids = vec![("OUT", outside.display().to_string())];
    for call in CALLS {
        let filled =
            |word: &&str| ids.iter().fold(word.to_string(), |word, (name, id)| word.replace(name, id));
        let arguments: Vec<String> = call.iter().map(filled).collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).chain(["--json"]).collect();
        let run = Run::of(project.command(&arguments).env("EDITOR", "true"));
        assert!(run.code < 2, "{arguments:?}: {} {}", run.code, run.stderr);
        assert!(run.json().get("error").is_none(), "{arguments:?}: {}", run.stdout);
        schemas.check(&arguments, &run.json());
        for (name, _, place) in IDS.iter().filter(|(_, of, _)| call.starts_with(of)) {
            let id = run.json().pointer(place).and_then(Value::as_str).map(str::to_string);
            ids.insert(0, (name, id.unwrap_or_else(|| panic!("{arguments:?}: {}", run.stdout))));
        }
    }
    // A watch does not end by itself.
    schemas.assert_all_were_met(&["watch", "error"]);
}

#[test]
fn every_command_fails_with_exactly_one_json_object() {
    let project = Project::fixture("tally");
    for name in commands(&project) {
        // Clients call it, and no word of theirs makes it fail.
        if name == "hook" {
            continue;
        }
        assert!(
            // Without a program of the user's there is nothing to consolidate with.
            name == "watch"
                || name == "mcp"
                || name == "consolidate"
                || CALLS.iter().any(|call| call[0] == name),
            "`{name}` has no arguments in this test"
        );
        // Any text is a question, and a goal.
        let wrong: &[&str] = match name.as_str() {
            "search" => &["a", "--limit", "wrong"],
            "context" => &["a", "--budget", "wrong"],
            "goal" => &["a", "wrong"],
            _ => &["--wrong"],
        };
        let run = project.run(&[&[name.as_str()], wrong, &["--json"]].concat()).expect(2);
        let (error, hint, path) = error_of(&run);
        assert!(error.contains("wrong") && !error.contains('\n'), "{name}: {error}");
        assert!(hint.is_some() && path.is_none(), "{name}: {}", run.stdout);
        assert!(run.stderr.contains("wrong"), "{name}: {}", run.stderr);
    }
    // What is behind the command of `run` is for that command.
    let needs_project = |call: &&&[&str]| {
        !["completions", "man", "schema", "restore-backup", "run"].contains(&call[0])
            // Git calls it, at the top of a work tree; the file is read first.
            && !call.contains(&"--merge-driver")
            && !call.contains(&"--eval")
    };
    let missing = CALLS.iter().filter(needs_project);
    for call in missing {
        let arguments: Vec<&str> =
            call.iter().copied().chain(["--project-root", "no/where", "--json"]).collect();
        let run = project.run(&arguments).expect(2);
        let (error, _, path) = error_of(&run);
        assert!(error.ends_with("does not exist"), "{call:?}: {error}");
        assert!(path.is_some_and(|path| path.ends_with("no/where")), "{call:?}: {}", run.stdout);
    }
    error_of(&project.run(&["watch", "--project-root", "no/where", "--json"]).expect(2));
    error_of(&project.run(&["no-such-command", "--json"]).expect(2));
    error_of(&project.run(&["--json"]).expect(2));
}

#[test]
fn an_error_names_its_path_and_what_to_do() {
    let project = Project::fixture("tally");
    let check = |arguments: &[&str], error: &str, hint: Option<&str>, path: Option<&str>| {
        let run = project.run(&[arguments, &["--json"]].concat()).expect(2);
        let told = error_of(&run);
        assert!(told.0.contains(error), "{arguments:?}: {}", told.0);
        assert_eq!(told.1.is_some(), hint.is_some(), "{arguments:?}: {:?}", told.1);
        assert!(hint.is_none_or(|hint| told.1.is_some_and(|told| told.contains(hint))), "{arguments:?}");
        match path {
            None => assert_eq!(told.2, None, "{arguments:?}"),
            Some(path) => {
                assert!(
                    told.2.as_ref().is_some_and(|told| told.ends_with(path)),
                    "{arguments:?}: {:?}",
                    told.2
                )
            }
        }
    };
    check(&["restore"], "has no snapshot yet", Some("waypost snapshot"), Some("project"));
    check(&["outline", "../outside.rs"], "is not inside", None, Some("outside.rs"));
    check(&["pin", "src/lib.rs"], "does not exist", Some("waypost init"), Some(".waypost"));
    check(&["import", "--file", "no.jsonl"], "cannot read `no.jsonl`", None, Some("no.jsonl"));
    check(&["prompt", "--goal-file", "no.txt"], "cannot read `no.txt`", None, Some("no.txt"));
    check(&["config", "get", "nam"], "nam", Some("name"), None);
    check(&["prune"], "required", Some("usage: waypost prune"), None);
    check(&["prompt", "--mode", "poem"], "invalid value 'poem'", Some("claude"), None);
    check(&["snapshto"], "unrecognized subcommand 'snapshto'", Some("snapshot"), None);
    project.snapshot();
    check(&["show-snapshot", "s99"], "no snapshot s99", Some("waypost snapshots"), None);
    check(&["export", "--output", "no/where.jsonl"], "where.jsonl", None, Some("no/where.jsonl"));
    check(&["export", "--output", "-"], "standard output", Some("--json"), None);
    project.write(".waypost/config.toml", "name = 3\n");
    check(&["status"], "config.toml:1", None, Some("config.toml"));
}

/// A message may repeat what was given, and what a file is called.
#[test]
fn an_error_as_json_holds_no_secret_and_steers_no_terminal() {
    let project = Project::fixture("tally");
    let token = ["ghp_", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"].concat();
    let run = project.run(&["outline", &format!("{token}\u{1b}[31m.rs"), "--json"]).expect(2);
    assert!(!run.stdout.contains(&token) && !run.stdout.contains('\u{1b}'), "{}", run.stdout);
    error_of(&run);
    let run = project.run(&["snapshot", &token, "--json"]).expect(2);
    assert!(!run.stdout.contains(&token), "{}", run.stdout);
    error_of(&run);
}

#[test]
fn the_same_thing_has_the_same_exit_code() {
    let project = Project::fixture("tally");
    project.ok(&["note", "--summary", "A red lamp", "--slug", "lamp"]);
    // Nothing was done without `--yes`.
    for arguments in [
        &["forget", "--query", "red"] as &[&str],
        &["forget", "lamp"],
        &["erase", "--query", "red"],
        &["erase", "lamp"],
    ] {
        assert!(project.run(arguments).expect(1).stdout.contains("A red lamp"), "{arguments:?}");
        let told = project.run(&[arguments, &["--json"]].concat()).expect(1).json();
        assert_eq!(told["preview"], true, "{arguments:?}");
        assert_eq!(told["records"].as_array().map(Vec::len), Some(1), "{arguments:?}");
    }
    project.ok(&["backup", "--output", "../backup.tar.zst"]);
    let told = project.run(&["restore-backup", "../backup.tar.zst", "--json"]).expect(1).json();
    assert_eq!(told["preview"], true);
    // Nothing was found, as grep says it.
    let none = project.run(&["search", "zzzzqqqq", "--json"]).expect(1).json();
    assert_eq!(none["hits"], serde_json::json!([]));
    assert!(project.run(&["search", "zzzzqqqq"]).expect(1).stderr.contains("nothing found"));
    project.ok(&["search", "lamp"]);
}

#[test]
fn the_handoff_as_json_is_what_is_printed_with_json() {
    let project = Project::fixture("tally");
    project.snapshot();
    let (_, json) = project.handoff();
    assert_eq!(project.ok(&["handoff", "--stdout", "--json"]).stdout, json);
    assert_eq!(project.ok(&["handoff", "--stdout", "--format", "json"]).stdout, json);
}

#[test]
fn a_dash_is_standard_input_and_standard_output() {
    let project = Project::fixture("tally");
    let ok = |arguments: &[&str], input: &[u8]| {
        let done = fed(&project, arguments, input);
        assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        done.stdout
    };
    ok(&["goal", "-"], b"Count comment lines\n");
    assert_eq!(project.json(&["goal"])["goal"], "Count comment lines");
    ok(&["brief", "set", "-"], b"# From a pipe\n");
    assert_eq!(project.json(&["brief"])["body"], "# From a pipe");
    ok(&["brief", "set", "--file", "-"], b"# From it again\n");
    ok(&["note", "--summary", "One", "--slug", "one", "--body", "-"], b"The body.\n");
    ok(&["edit", "one", "--body-file", "-"], b"Another body.\n");
    assert_eq!(project.json(&["show", "one"])["body"], "Another body.");
    let found = ok(&["ingest-chat", "--file", "-", "--json"], b"User: why?\n\nDecision: keep old keys\n");
    let found: Value = serde_json::from_slice(&found).expect("JSON");
    assert_eq!(found["proposed"][0]["source"], "stdin:3");
    for arguments in [&["prompt", "--goal-file", "-"] as &[&str], &["rank", "--goal-file", "-"]] {
        ok(arguments, b"count blank lines\n");
    }
    let goal = ok(&["rank", "--goal-file", "-", "--json"], b"count blank lines\n");
    assert_eq!(serde_json::from_slice::<Value>(&goal).expect("JSON")["goal"], "count blank lines");

    let export = ok(&["export", "--output", "-"], b"");
    project.ok(&["export", "--output", "../export.jsonl"]);
    assert_eq!(export, std::fs::read(project.outside("export.jsonl")).expect("a file"));
    let backup = ok(&["backup", "--output", "-"], b"");
    project.ok(&["erase", "one", "--yes"]);
    let told = ok(&["import", "--file", "-", "--json"], &export);
    let told: Value = serde_json::from_slice(&told).expect("JSON");
    assert_eq!(told["erased"].as_array().map(Vec::len), Some(1));
    ok(&["restore-backup", "-", "--yes"], &backup);
    assert_eq!(project.json(&["show", "one"])["body"], "Another body.");
}
