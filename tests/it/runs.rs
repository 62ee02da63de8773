//! `run`, `fetch` and `receipts`, and what `checkpoint`, `resume` and `sitrep`
//! make of what happened.

use std::process::Stdio;

use crate::project::{Project, Run};

fn project() -> Project {
    Project::committed(&[("src/a.rs", "fn a() {}\n"), ("b.txt", "b\n")])
}

fn session(project: &Project, arguments: &[&str]) -> String {
    let arguments = [&["session", "start"], arguments].concat();
    project.ok(&arguments).stdout.trim().to_string()
}

/// 3,000 lines with one error and one test that failed, on standard output, and
/// one line on standard error.
const LONG: &str = "i=0; while [ $i -lt 3000 ]; do echo \"compiling unit number $i\"; i=$((i+1)); done; \
                    echo 'error: mismatched types'; echo 'test store::a ... FAILED'; echo 'warning: odd' >&2; exit 101";

#[test]
fn what_is_run_passes_through_and_ends_as_it_ends() {
    let project = project();
    let run = project.run(&["run", "--", "sh", "-c", "echo out; echo err >&2; exit 3"]).expect(3);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("out\n", "err\n"));
    // What waypost has to say of the folder is none of the command's.
    let outside = Project::empty();
    outside.write("a.txt", "a\n");
    let run = outside.run(&["run", "sh", "-c", "echo out; echo err >&2"]).expect(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("out\n", "err\n"));
    project.run(&["run", "sh", "-c", "kill -9 $$"]).expect(137);
    project.run(&["run", "sh", "-c", "kill -15 $$"]).expect(143);
    let none = project.run(&["run", "no-such-program"]).expect(127);
    assert!(none.stderr.contains("cannot run `no-such-program`"), "{}", none.stderr);
    project.run(&["run"]).expect(2);
    // What it reads is ours.
    let mut command = project.command(&["run", "cat"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"through").unwrap();
    let run = Run::from_output("run cat", child.wait_with_output().unwrap()).expect(0);
    assert_eq!(run.stdout, "through");
    let codes = project.json(&["receipts", "list"]);
    let codes: Vec<i64> = codes["receipts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|receipt| receipt["exit_code"].as_i64().unwrap())
        .collect();
    assert_eq!(codes, [0, 143, 137, 3]);
}

#[test]
fn a_long_output_is_shown_in_short_to_a_session_and_every_byte_can_be_fetched() {
    let project = project();
    let id = session(&project, &["--agent", "ann"]);
    let plain = Run::of(std::process::Command::new("sh").args(["-c", LONG]));
    let run = project.run(&["run", "--session", &id, "--", "sh", "-c", LONG]).expect(101);
    assert!(run.stdout.len() < plain.stdout.len() / 10, "{}", run.stdout);
    for told in
        ["exit code 101", "error: mismatched types", "store::a", "warning: odd", "compiling unit number 2999"]
    {
        assert!(run.stdout.contains(told), "{told}: {}", run.stdout);
    }
    let receipt =
        run.stdout.lines().last().unwrap().strip_prefix("id ").expect("an id alone on the last line");
    assert_eq!(project.ok(&["fetch", receipt]).stdout, plain.stdout);
    assert_eq!(project.ok(&["fetch", receipt, "--stderr"]).stdout, "warning: odd\n");
    assert_eq!(
        project.ok(&["fetch", receipt, "--lines", "2:3"]).stdout,
        "compiling unit number 1\ncompiling unit number 2\n"
    );
    assert_eq!(project.ok(&["fetch", receipt, "--grep", "^error"]).stdout, "error: mismatched types\n");
    for wrong in
        [&["fetch", "nothing"][..], &["fetch", receipt, "--lines", "0"], &["fetch", receipt, "--grep", "("]]
    {
        project.run(wrong).expect(2);
    }
    // As it comes where that is asked for, and what is short always.
    let raw = project.run(&["run", "--session", &id, "--raw", "--", "sh", "-c", LONG]).expect(101);
    assert_eq!((raw.stdout, raw.stderr), (plain.stdout, plain.stderr));
    assert_eq!(project.ok(&["run", "--session", &id, "echo", "short"]).stdout, "short\n");
    let report = project.run(&["run", "--json", "sh", "-c", LONG]).expect(101).json();
    assert_eq!(
        (report["status"].as_str(), report["failed_tests"][0].as_str()),
        (Some("compressed"), Some("store::a"))
    );
    let statuses = project.json(&["receipts", "list"]);
    let statuses: Vec<&str> = statuses["receipts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|receipt| receipt["status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["compressed", "skipped_under_budget", "raw", "compressed"]);
    let stats = project.json(&["receipts", "stats"]);
    assert_eq!((&stats["total"]["runs"], &stats["sessions"][&id]["runs"]), (&4.into(), &3.into()));
}

#[test]
fn bytes_of_any_kind_are_kept_as_they_are_and_damage_is_found() {
    let project = project();
    let command = "printf 'a\\000b\\377\\r\\n'; head -c 300000 /dev/zero";
    let mut run = project.command(&["run", "sh", "-c", command]);
    let printed = run.output().unwrap().stdout;
    assert_eq!(printed.len(), 300_006);
    let receipt = project.json(&["receipts", "list"])["receipts"][0]["id"].as_str().unwrap().to_string();
    assert_eq!(project.command(&["fetch", &receipt]).output().unwrap().stdout, printed);
    assert_eq!(project.json(&["receipts", "verify"])["sound"], true);
    let folder = project.path(".waypost/local/receipts");
    let file = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).next().unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let verified = project.run(&["receipts", "verify", "--json"]).expect(1).json();
    assert_eq!(verified["damaged"][0], receipt);
}

#[test]
fn no_progress_is_told_and_what_was_edited_since_it_succeeded() {
    let project = project();
    let script = "cat src/a.rs; grep -q 'fn a' src/a.rs";
    let run = || project.run(&["run", "--digest", "sh", "-c", script]);
    run().expect(0);
    std::thread::sleep(std::time::Duration::from_millis(20));
    project.edit("src/a.rs", "fn a", "fn z");
    let failed = run().expect(1);
    assert!(failed.stderr.contains("edited since: src/a.rs"), "{}", failed.stderr);
    std::thread::sleep(std::time::Duration::from_millis(20));
    assert!(!run().expect(1).stderr.contains("no progress"));
    assert!(run().expect(1).stderr.contains("no progress: the same command had the same output 3 times"));
    project.edit("src/a.rs", "fn z", "fn y");
    assert!(!run().expect(1).stderr.contains("no progress"));
}

#[test]
fn where_somebody_stopped_is_told_from_what_happened() {
    let project = project();
    let id = session(&project, &["--agent", "ann", "--title", "Mend the lexer"]);
    let run = |arguments: &[&str]| project.run(&[&["run", "--session", &id, "--"], arguments].concat());
    run(&["sh", "-c", "echo 1 test failed; exit 1", "cargo", "test"]);
    run(&["sh", "-c", "exit 0", "make"]);
    project.edit("src/a.rs", "fn a", "fn b");
    project.ok(&["log", "add", "edited", "--kind", "file_change", "--path", "src/a.rs", "--session", &id]);
    project.ok(&["note", "--summary", "tokens are spans", "--session", &id]);
    let bob = session(&project, &["--agent", "bob"]);
    project.ok(&["claim", "b.txt", "--note", "mine", "--session", &bob]);
    let report = project.json(&["resume"]);
    assert_eq!(
        (report["task"].as_str(), report["status"].as_str()),
        (Some("Mend the lexer"), Some("loaded"))
    );
    assert_eq!(report["session"]["id"], id);
    assert_eq!(
        (report["files"][0]["path"].as_str(), report["files"][0]["state"].as_str()),
        (Some("src/a.rs"), Some("modified"))
    );
    assert_eq!(
        (&report["last_test"]["exit_code"], report["decisions"][0].as_str()),
        (&1.into(), Some("tokens are spans"))
    );
    assert_eq!(report["claims"][0]["holder"], "bob");
    let page = project.ok(&["resume"]).stdout;
    for told in ["Mend the lexer", "src/a.rs (modified", "exit 1", "tokens are spans", "b.txt by bob"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    let budget = project.ok(&["resume", "--budget", "60"]).stdout;
    assert!(waypost::render::tokens::count(&budget) <= 60 && budget.contains("Mend the lexer"), "{budget}");
    assert!(project.ok(&["resume", "--format", "xml"]).stdout.contains("<item>Mend the lexer</item>"));
    assert_eq!(project.ok(&["resume", "--format", "json"]).json()["task"], "Mend the lexer");
    // The next step is told by a checkpoint, and what the log tells is in it.
    project.ok(&["checkpoint", "--next", "name the spans", "--session", &id]);
    let checkpoint = project.json(&["checkpoint", "list"]);
    let checkpoint = checkpoint["checkpoints"][0]["id"].as_str().unwrap();
    let body = project.ok(&["checkpoint", "show", checkpoint]).stdout;
    assert!(body.contains("`src/a.rs`") && body.contains("tokens are spans"), "{body}");
    project.ok(&["session", "end", &id, "--summary", "half done"]);
    let report = project.json(&["resume", "--session", &id]);
    assert_eq!(
        (report["next"].as_str(), report["done"][0].as_str()),
        (Some("name the spans"), Some("half done"))
    );
    let sitrep = project.ok(&["sitrep"]).stdout;
    for told in ["bob", "b.txt by bob", "half done", "name the spans"] {
        assert!(sitrep.contains(told), "{told}: {sitrep}");
    }
}

#[test]
fn another_branch_and_files_that_were_written_since_are_told() {
    let project = project();
    let id = session(&project, &["--agent", "ann"]);
    project.ok(&["log", "add", "edited", "--kind", "file_change", "--path", "src/a.rs", "--session", &id]);
    assert_eq!(project.json(&["resume"])["status"], "loaded");
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(60);
    std::fs::File::options().write(true).open(project.path("src/a.rs")).unwrap().set_modified(later).unwrap();
    assert_eq!(project.json(&["resume"])["status"], "stale(1 files)");
    project.git(&["switch", "-q", "-c", "other"]);
    project.write("c.txt", "c");
    project.commit("Add c");
    let report = project.json(&["resume"]);
    assert_eq!(
        (report["status"].as_str(), report["since"]["commits"][0].as_str()),
        (Some("mismatch(main)"), Some("Add c"))
    );
}

#[test]
fn where_nothing_happened_there_is_nothing_to_resume() {
    let project = project();
    assert_eq!(project.json(&["resume"])["status"], "nothing");
    project.ok(&["sitrep"]);
    assert!(!project.exists(".waypost"), "asking creates nothing");
    project.run(&["resume", "--session", "nobody"]).expect(2);
    project.ok(&["checkpoint"]);
}

/// A transcript as Claude Code keeps it, of a conversation in the project.
fn claude_transcript(project: &Project, id: &str, lines: &[serde_json::Value]) {
    let name: String = project
        .root
        .to_string_lossy()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let folder = project.outside("home").join(".claude/projects").join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let line = |line: &serde_json::Value| {
        let mut line = line.clone();
        line["cwd"] = project.root.to_string_lossy().into();
        line["sessionId"] = id.into();
        format!("{line}\n")
    };
    std::fs::write(folder.join(format!("{id}.jsonl")), lines.iter().map(line).collect::<String>()).unwrap();
}

#[test]
fn what_a_client_kept_is_read_where_its_hooks_told_nothing() {
    use serde_json::json;
    let project = project();
    project.edit("src/a.rs", "fn a", "fn b");
    let tool = |id: &str, name: &str, input: serde_json::Value| {
        json!({ "type": "assistant", "timestamp": "2026-01-02T03:04:05.000Z",
                "message": { "content": [{ "type": "tool_use", "id": id, "name": name, "input": input }] } })
    };
    let answer = |id: &str, text: &str, is_error: bool| {
        json!({ "type": "user", "message": { "content": [
                { "type": "tool_result", "tool_use_id": id, "content": text, "is_error": is_error }] } })
    };
    let token = ["ghp_", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"].concat();
    let lines = [
        json!({ "type": "user", "message": { "content": "<system>not said</system>" } }),
        json!({ "type": "user", "message": { "content": format!("Mend the lexer, log in with {token}") } }),
        tool("1", "Edit", json!({ "file_path": project.path("src/a.rs") })),
        answer("1", "done", false),
        tool("2", "Bash", json!({ "command": "cargo test" })),
        answer("2", "Exit code 101\nrunning 3 tests\nerror: spans overlap\n", true),
        tool("3", "Bash", json!({ "command": "rm -rf cut off" })),
    ];
    claude_transcript(&project, "conversation-1", &lines);
    // Asking makes nothing, so there is something to ask in.
    project.ok(&["init"]);
    project.ok(&["session", "start"]);
    let report = project.json(&["resume"]);
    assert_eq!(report["transcript"]["id"], "conversation-1");
    let task = report["task"].as_str().unwrap();
    assert!(task.starts_with("Mend the lexer") && !task.contains(&token), "{task}");
    assert_eq!(
        (report["files"][0]["path"].as_str(), report["files"][0]["state"].as_str()),
        (Some("src/a.rs"), Some("modified"))
    );
    assert_eq!(
        (&report["last_test"]["exit_code"], report["last_test"]["error"].as_str()),
        (&101.into(), Some("error: spans overlap"))
    );
    assert_eq!(project.json(&["resume", "--no-transcripts"])["status"], "nothing");
    let config = project.outside("home/.config/waypost");
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(config.join("config.toml"), "transcripts = false\n").unwrap();
    assert_eq!(project.json(&["resume"])["status"], "nothing");
}

#[test]
fn a_transcript_of_codex_is_read_and_one_of_another_folder_is_not() {
    use serde_json::json;
    let project = project();
    project.ok(&["session", "start"]);
    let folder = project.outside("home/.codex/sessions/2026/01/02");
    std::fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, cwd: &str| {
        let lines = [
            json!({ "type": "session_meta", "payload": { "id": name, "cwd": cwd } }),
            json!({ "type": "event_msg", "payload": { "type": "user_message", "message": "Name the spans" } }),
            json!({ "type": "response_item", "payload": { "type": "function_call", "name": "shell", "call_id": "c",
                    "arguments": "{\"command\":[\"bash\",\"-lc\",\"go test ./...\"]}" } }),
            json!({ "type": "response_item", "payload": { "type": "function_call_output", "call_id": "c",
                    "output": "{\"output\":\"--- FAIL: TestA\",\"metadata\":{\"exit_code\":1}}" } }),
        ];
        let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
        std::fs::write(folder.join(format!("rollout-{name}.jsonl")), lines).unwrap();
    };
    write("elsewhere", "/somewhere/else");
    assert_eq!(project.json(&["resume"])["status"], "nothing");
    write("here", &project.root.to_string_lossy());
    let report = project.json(&["resume"]);
    assert_eq!(
        (report["transcript"]["client"].as_str(), report["task"].as_str()),
        (Some("codex"), Some("Name the spans"))
    );
    assert_eq!(
        (report["last_test"]["command"].as_str(), &report["last_test"]["exit_code"]),
        (Some("go test ./..."), &1.into())
    );
}
