//! What clients and shells keep of conversations: their transcripts, how full a
//! conversation is, and what became of its edits.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::project::{Project, Run};

fn project() -> Project {
    let project =
        Project::committed(&[("src/a.py", "def alpha():\n    return 1\n\n\ndef beta():\n    return 2\n")]);
    project.snapshot();
    project
}

fn at_home(project: &Project, path: &str, text: &str) -> PathBuf {
    let path = project.outside("home").join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    path
}

fn lines(values: &[Value]) -> String {
    values.iter().map(|value| format!("{value}\n")).collect()
}

/// Calls a hook as a client does, and gives what the agent is told.
fn hook(project: &Project, event: &str, input: &Value) -> String {
    let mut command = project.command(&["hook", event, "--client", "claude"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    let run = Run::from_output(event, child.wait_with_output().unwrap()).expect(0);
    match run.stdout.is_empty() {
        true => String::new(),
        false => {
            run.json()["hookSpecificOutput"]["additionalContext"].as_str().unwrap_or_default().to_string()
        }
    }
}

#[track_caller]
fn check_resumed(project: &Project, client: &str) {
    let report = project.json(&["resume"]);
    assert_eq!(report["transcript"]["client"], client, "{report}");
    assert_eq!(report["task"], "mend the retry loop", "{report}");
    assert_eq!(
        (&report["last_test"]["command"], &report["last_test"]["exit_code"]),
        (&json!("pytest -q"), &json!(1))
    );
    assert_eq!(report["files"][0]["path"], "src/a.py", "{report}");
    assert_eq!(project.json(&["resume", "--no-transcripts"])["status"], "nothing");
}

#[test]
fn a_conversation_of_gemini_is_resumed() {
    let project = project();
    let root = project.root.display().to_string();
    let call = |id: &str, name: &str, args: Value, status: &str, output: &str| {
        json!({"id": id, "name": name, "args": args, "status": status, "timestamp": "2026-01-01T00:00:02Z",
               "result": [{"functionResponse": {"response": {"output": output}}}]})
    };
    let test = call(
        "1",
        "run_shell_command",
        json!({"command": "pytest -q"}),
        "success",
        "Output: F\nExit Code: 1\n",
    );
    let edit = call(
        "2",
        "replace",
        json!({"file_path": format!("{root}/src/a.py"), "old_string": "a", "new_string": "b"}),
        "success",
        "",
    );
    let conversation = json!({"sessionId": "gemini-1", "projectHash": "x", "messages": [
        {"type": "user", "timestamp": "2026-01-01T00:00:01Z", "content": [{"text": "mend the retry loop"}]},
        {"type": "gemini", "timestamp": "2026-01-01T00:00:02Z", "content": "", "toolCalls": [test, edit], "tokens": {"input": 5, "total": 9}},
    ]});
    at_home(&project, ".gemini/tmp/somewhere/.project_root", "/somewhere/else");
    at_home(&project, ".gemini/tmp/somewhere/chats/session-1.json", &conversation.to_string());
    assert_eq!(project.json(&["resume"])["status"], "nothing");
    at_home(&project, ".gemini/tmp/here/.project_root", &root);
    at_home(
        &project,
        ".gemini/tmp/here/chats/session-1.json",
        &serde_json::to_string_pretty(&conversation).unwrap(),
    );
    check_resumed(&project, "gemini");
}

#[test]
fn a_conversation_of_copilot_is_resumed() {
    let project = project();
    let root = project.root.display().to_string();
    let event =
        |kind: &str, data: Value| json!({"type": kind, "data": data, "timestamp": "2026-01-01T00:00:01Z"});
    let told = |cwd: &str| {
        lines(&[
            event("session.start", json!({"sessionId": "copilot-1", "context": {"cwd": cwd}})),
            event("user.message", json!({"content": "mend the retry loop"})),
            event(
                "tool.execution_start",
                json!({"toolCallId": "1", "toolName": "bash", "arguments": {"command": "pytest -q"}}),
            ),
            event(
                "tool.execution_complete",
                json!({"toolCallId": "1", "success": true, "result": {"content": "1 failed\n<exited with exit code 1>"}}),
            ),
            event(
                "tool.execution_start",
                json!({"toolCallId": "2", "toolName": "edit", "arguments": {"path": format!("{cwd}/src/a.py")}}),
            ),
            event(
                "tool.execution_complete",
                json!({"toolCallId": "2", "success": true, "result": {"content": ""}}),
            ),
        ])
    };
    at_home(&project, ".copilot/session-state/other/events.jsonl", &told("/somewhere/else"));
    assert_eq!(project.json(&["resume"])["status"], "nothing");
    at_home(&project, ".copilot/session-state/copilot-1/events.jsonl", &told(&root));
    check_resumed(&project, "copilot");
}

fn database(project: &Project, path: &str, sql: &str) {
    let path = at_home(project, path, "");
    fs::remove_file(&path).unwrap();
    rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn a_conversation_of_opencode_is_resumed() {
    let project = project();
    let root = project.root.display().to_string();
    let part = |id: &str, message: &str, data: Value| {
        format!("INSERT INTO part VALUES ('{id}', '{message}', 's', 1767000000000, '{data}');")
    };
    let tool = |tool: &str, input: Value, exit: i64| {
        json!({"type": "tool", "callID": tool, "tool": tool,
               "state": {"status": "completed", "input": input, "output": "x", "metadata": {"exit": exit}}})
    };
    let sql = format!(
        "CREATE TABLE session (id TEXT, directory TEXT, time_updated INTEGER);
         CREATE TABLE message (id TEXT, session_id TEXT, time_created INTEGER, data TEXT);
         CREATE TABLE part (id TEXT, message_id TEXT, session_id TEXT, time_created INTEGER, data TEXT);
         INSERT INTO session VALUES ('s', '{root}', 1767000000000), ('t', '/somewhere/else', 1768000000000);
         INSERT INTO message VALUES ('m1', 's', 1, '{{\"role\":\"user\"}}'), ('m2', 's', 2, '{{\"role\":\"assistant\"}}');
         {}{}{}",
        part("p1", "m1", json!({"type": "text", "text": "mend the retry loop"})),
        part("p2", "m2", tool("bash", json!({"command": "pytest -q"}), 1)),
        part("p3", "m2", tool("edit", json!({"filePath": format!("{root}/src/a.py")}), 0)),
    );
    database(&project, ".local/share/opencode/opencode.db", &sql);
    check_resumed(&project, "opencode");
}

#[test]
fn the_transcript_of_a_session_that_was_named_is_read_where_the_log_tells_nothing() {
    let project = project();
    hook(
        &project,
        "session-start",
        &json!({"session_id": "conv-1", "cwd": project.root, "source": "startup"}),
    );
    hook(&project, "session-end", &json!({"session_id": "conv-1", "cwd": project.root}));
    let folder: String = project
        .root
        .display()
        .to_string()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let told = lines(&[
        json!({"type": "user", "sessionId": "conv-1", "cwd": project.root, "timestamp": "2026-01-01T00:00:01Z",
                              "message": {"content": "mend the retry loop"}}),
    ]);
    at_home(&project, &format!(".claude/projects/{folder}/conv-1.jsonl"), &told);
    let report = project.json(&["resume", "--session", "conv-1"]);
    assert_eq!(
        (&report["task"], &report["transcript"]["id"]),
        (&json!("mend the retry loop"), &json!("conv-1")),
        "{report}"
    );
}

/// A conversation of Claude Code in this project, and what a subagent of it did.
fn claude_wrote(project: &Project, main: &[Value], subagent: &[Value]) {
    let is_word = |c: char| c.is_ascii_alphanumeric();
    let root = project.root.display().to_string();
    let folder: String = root.chars().map(|c| if is_word(c) { c } else { '-' }).collect();
    at_home(project, &format!(".claude/projects/{folder}/conv-1.jsonl"), &lines(main));
    at_home(project, &format!(".claude/projects/{folder}/conv-1/subagents/agent-1.jsonl"), &lines(subagent));
}

fn claude_line(project: &Project, at: u32, kind: &str, content: Value) -> Value {
    json!({"type": kind, "sessionId": "conv-1", "cwd": project.root, "timestamp": format!("2026-01-01T00:00:{at:02}Z"),
           "message": {"content": content}})
}

fn claude_call(project: &Project, at: u32, name: &str, input: Value) -> Value {
    let part = json!({"type": "tool_use", "id": format!("call{at}"), "name": name, "input": input});
    claude_line(project, at, "assistant", json!([part]))
}

fn claude_answer(project: &Project, call: u32, text: &str) -> Value {
    let part = json!({"type": "tool_result", "tool_use_id": format!("call{call}"), "content": text});
    claude_line(project, call + 1, "user", json!([part]))
}

#[test]
fn a_conversation_that_ends_in_a_command_is_told_with_it_and_with_what_subagents_edited() {
    let project = project();
    project.ok(&["init"]);
    let edit = json!({"file_path": project.path("src/b.py")});
    let main = [
        claude_line(&project, 1, "user", json!("mend the retry loop")),
        claude_call(&project, 2, "Bash", json!({"command": "pytest -q"})),
        claude_answer(&project, 2, "3 passed"),
        claude_line(&project, 8, "user", json!("[Request interrupted by user]")),
        claude_call(&project, 9, "Bash", json!({"command": "python serve.py"})),
        claude_answer(
            &project,
            9,
            "Command running in background with ID: b1. Output is being written to: /tmp/x",
        ),
        claude_call(&project, 20, "Bash", json!({"command": "make all"})),
    ];
    let subagent = [
        claude_line(&project, 4, "user", json!("write the tests")),
        claude_call(&project, 5, "Write", edit.clone()),
        claude_answer(&project, 5, "written"),
    ];
    claude_wrote(&project, &main, &subagent);
    let report = project.json(&["resume"]);
    assert_eq!((&report["task"], &report["asked_last"]), (&json!("mend the retry loop"), &Value::Null));
    assert_eq!(report["last_command"]["command"], "make all", "{report}");
    assert_eq!(report["last_command"]["exit_code"], Value::Null);
    assert_eq!(report["last_test"]["exit_code"], 0);
    assert_eq!(report["files"][0]["path"], "src/b.py", "{report}");
    assert!(project.ok(&["resume"]).stdout.contains("`make all` had not ended"));
    // Without the last call, the one in the background is the last; it ended as it was told later.
    claude_wrote(&project, &main[..6], &subagent);
    let report = project.json(&["resume"]);
    assert_eq!(
        (&report["last_command"]["command"], &report["last_command"]["exit_code"]),
        (&json!("python serve.py"), &Value::Null)
    );
    let told = "<task-notification>\n<task-id>b1</task-id>\n<status>failed</status>\n\
                <summary>Background command failed with exit code 3</summary>\n</task-notification>";
    let ended = [&main[..6], &[claude_line(&project, 30, "user", json!(told))]].concat();
    claude_wrote(&project, &ended, &subagent);
    assert_eq!(project.json(&["resume"])["last_command"]["exit_code"], 3);
}

#[test]
fn of_a_conversation_of_gemini_that_is_cut_the_whole_messages_are_told() {
    let project = project();
    project.ok(&["init"]);
    let root = project.root.display().to_string();
    let call = |id: &str, status: &str, command: &str| {
        json!({"id": id, "name": "run_shell_command", "args": {"command": command}, "status": status,
               "result": [{"functionResponse": {"response": {"output": "Exit Code: 2"}}}]})
    };
    let conversation = json!({"sessionId": "gemini-1", "messages": [
        {"id": "1", "type": "user", "content": [{"text": "mend the retry loop"}]},
        {"id": "2", "type": "gemini", "content": "", "toolCalls": [call("a", "success", "pytest -q")]},
        {"id": "3", "type": "gemini", "content": "", "toolCalls": [call("b", "success", "make"), call("c", "success", "LOST")]},
    ]});
    let text = conversation.to_string();
    let cut = text.find("LOST").unwrap();
    at_home(&project, ".gemini/tmp/here/.project_root", &root);
    at_home(&project, ".gemini/tmp/here/chats/session-1.json", &text[..cut]);
    let report = project.json(&["resume"]);
    assert_eq!(report["task"], "mend the retry loop", "{report}");
    assert_eq!(
        (&report["last_command"]["command"], &report["last_command"]["exit_code"]),
        (&json!("make"), &json!(2))
    );
}

#[test]
fn a_client_that_dies_in_a_command_leaves_that_command() {
    let project = project();
    let call = |event: &str, more: Value| {
        let mut input = json!({"session_id": "conv-1", "cwd": project.root, "tool_name": "Bash"});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        hook(&project, event, &input)
    };
    call("session-start", json!({"source": "startup"}));
    call("prompt", json!({"prompt": "mend the retry loop"}));
    let test = json!({"tool_input": {"command": "pytest -q"}});
    call("pre-tool", test.clone());
    let answered = json!({"tool_input": {"command": "pytest -q"}, "tool_response": {"stdout": "ok"}});
    call("post-tool", answered);
    let shown = project.ok(&["session", "show", "conv-1"]).stdout;
    assert_eq!(shown.matches("pytest -q").count(), 1, "{shown}");
    call("pre-tool", json!({"tool_input": {"command": "make release"}}));
    let report = project.json(&["resume"]);
    assert_eq!(
        (&report["last_command"]["command"], &report["last_command"]["exit_code"]),
        (&json!("make release"), &Value::Null),
        "{report}"
    );
    // Refused by the person, it was never run.
    call("prompt", json!({"prompt": "no, write the test first"}));
    assert_eq!(project.json(&["resume"])["last_command"]["command"], "pytest -q");
}

#[test]
fn a_conversation_that_was_closed_with_work_left_is_told_to_the_next_one_and_whole_to_itself() {
    let project = project();
    let call = |event: &str, session: &str, more: Value| {
        let mut input = json!({"session_id": session, "cwd": project.root});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        hook(&project, event, &input)
    };
    let edit = |path: &str| json!({"tool_name": "Edit", "tool_input": {"file_path": project.path(path)}, "tool_response": {}});
    call("session-start", "conv-1", json!({"source": "startup"}));
    call("prompt", "conv-1", json!({"prompt": "mend the retry loop"}));
    project.edit("src/a.py", "return 2", "return 3");
    call("post-tool", "conv-1", edit("src/a.py"));
    call("session-end", "conv-1", json!({}));
    // The client goes on with it: what it did before belongs to it.
    call("session-start", "conv-1", json!({"source": "resume"}));
    call("prompt", "conv-1", json!({"prompt": "and document it"}));
    let own = call("session-start", "conv-1", json!({"source": "compact"}));
    assert!(own.contains("mend the retry loop") && own.contains("src/a.py (modified"), "{own}");
    call("session-end", "conv-1", json!({}));
    let told = call("session-start", "conv-2", json!({"source": "startup"}));
    assert!(told.contains("mend the retry loop") && told.contains("and document it"), "{told}");
    // Who has only been asked something asks what others did.
    call("prompt", "conv-2", json!({"prompt": "what is left?"}));
    let report = project.json(&["resume", "--session", "conv-2"]);
    assert_eq!(report["task"], "what is left?");
    let mut asks = project.command(&["resume", "--json"]);
    let report = Run::of(asks.env("WAYPOST_SESSION", "conv-2")).expect(0).json();
    assert_eq!((&report["task"], &report["also"]), (&json!("mend the retry loop"), &json!([])), "{report}");
    // One that left something too is named beside the newer one.
    project.edit("src/a.py", "return 3", "return 4");
    call("post-tool", "conv-2", edit("src/a.py"));
    call("session-end", "conv-2", json!({}));
    let told = call("session-start", "conv-4", json!({"source": "startup"}));
    assert!(told.contains("what is left?") && told.contains("## Also left unfinished"), "{told}");
    assert!(told.contains("mend the retry loop; src/a.py: `waypost resume --session conv-1"), "{told}");
    call("session-end", "conv-4", json!({}));
    // Committed, nothing is left.
    project.git(&["add", "-A"]);
    project.git(&["commit", "-qm", "Mend"]);
    let told = call("session-start", "conv-3", json!({"source": "startup"}));
    assert!(!told.contains("mend the retry loop"), "{told}");
}

#[test]
fn what_codex_does_not_tell_its_hooks_is_read_in_its_transcript() {
    let project = project();
    let line = |payload: Value| json!({"timestamp": "2027-01-01T00:00:00Z", "type": "event_msg", "payload": payload});
    let item = |item: Value| line(json!({"type": "item_completed", "item": item}));
    let told = lines(&[
        line(json!({"type": "user_message", "message": "mend the retry loop"})),
        item(
            json!({"type": "CommandExecution", "id": "call1", "command": ["/bin/bash", "-lc", "pytest -q"], "exit_code": 3,
                    "aggregated_output": "1 failed"}),
        ),
        item(
            json!({"type": "FileChange", "id": "call2", "status": "completed", "changes": {project.path("src/new.py").display().to_string(): {}}}),
        ),
    ]);
    project.write("src/new.py", "x = 1\n");
    let transcript = at_home(&project, ".codex/sessions/2027/01/01/rollout-1.jsonl", &told);
    let hook = |event: &str, more: Value| {
        let mut input = json!({"session_id": "codex-1", "cwd": project.root, "transcript_path": transcript});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let mut command = project.command(&["hook", event, "--client", "codex"]);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
        Run::from_output(event, child.wait_with_output().unwrap()).expect(0)
    };
    hook("session-start", json!({"source": "startup"}));
    hook("prompt", json!({"prompt": "mend the retry loop"}));
    let call = |id: &str, command: &str| json!({"tool_name": "Bash", "tool_use_id": id, "tool_input": {"command": command}, "tool_response": "1 failed\n"});
    hook("post-tool", call("call1", "pytest -q"));
    hook("post-tool", call("unknown", "ls"));
    hook("stop", json!({}));
    hook("stop", json!({}));
    let report = project.json(&["resume", "--no-transcripts"]);
    assert_eq!(
        (&report["last_test"]["exit_code"], &report["last_command"]["exit_code"]),
        (&json!(3), &Value::Null),
        "{report}"
    );
    assert_eq!(
        (&report["files"][0]["path"], &report["files"][0]["state"], &report["files"][0]["edits"]),
        (&json!("src/new.py"), &json!("untracked"), &json!(1)),
        "{report}"
    );
}

#[test]
fn what_a_checkpoint_decides_is_told_with_the_work() {
    let project = project();
    let session = project.ok(&["session", "start", "--agent", "ann"]).stdout.trim().to_string();
    project.ok(&["run", "--session", &session, "--", "true"]);
    let made =
        ["checkpoint", "--decision", "texts are UTF-8", "--next", "write the docs", "--session", &session];
    project.ok(&made);
    let report = project.json(&["resume", "--session", &session]);
    assert_eq!(
        (&report["decisions"], &report["next"]),
        (&json!(["texts are UTF-8"]), &json!("write the docs"))
    );
    // The next one does not tell it again.
    project.ok(&["run", "--session", &session, "--", "true"]);
    project.ok(&["checkpoint", "--session", &session]);
    let newest = project.json(&["checkpoint", "list"])["checkpoints"][0].clone();
    assert!(!newest["body"].to_string().contains("UTF-8"), "{newest}");
}

#[test]
fn resume_tells_changed_symbols_and_records_about_them() {
    let project = project();
    let id = project
        .ok(&["note", "--summary", "About beta", "--anchor", "src/a.py#beta"])
        .stdout
        .trim()
        .to_string();
    project.edit("src/a.py", "return 2", "return 3");
    project.ok(&["log", "add", "Edit", "--kind", "file_change", "--path", "src/a.py"]);
    let report = project.json(&["resume"]);
    assert_eq!(report["files"][0]["symbols"], json!(["~beta"]), "{report}");
    assert_eq!(
        (&report["drifted"][0]["id"], &report["drifted"][0]["state"]),
        (&json!(id), &json!("drifted"))
    );
    let page = project.ok(&["resume"]).stdout;
    assert!(page.contains("~beta") && page.contains("## Records about changed code"), "{page}");
}

#[test]
fn commands_of_shells_are_told_only_if_the_users_own_settings_say_so() {
    let project = project();
    let root = project.root.display().to_string();
    project.ok(&["log", "add", "begun"]);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    at_home(
        &project,
        ".zsh_history",
        &format!(": {now}:0;cd {root}\n: {now}:0;make zsh-test\n: {now}:0;cd /\n: {now}:0;make lost\n"),
    );
    at_home(
        &project,
        ".local/share/fish/fish_history",
        &format!("- cmd: cd {root}/src\n  when: {now}\n- cmd: make fish-test\n  when: {now}\n"),
    );
    database(
        &project,
        ".local/share/atuin/history.db",
        &format!(
            "CREATE TABLE history (id TEXT, timestamp INTEGER, duration INTEGER, exit INTEGER, command TEXT, cwd TEXT, deleted_at INTEGER);
             INSERT INTO history VALUES ('1', {now}000000000, 1, 2, 'make atuin-test', '{root}', NULL),
                                        ('2', {now}000000000, 1, 0, 'make lost', '{root}x', NULL);"
        ),
    );
    assert_eq!(project.json(&["resume"])["shell"], json!([]));
    project.write(".waypost/config.toml", "shell_history = true\n");
    assert_eq!(project.json(&["resume"])["shell"], json!([]));
    project.remove(".waypost/config.toml");
    at_home(&project, ".config/waypost/config.toml", "shell_history = true\n");
    let report = project.json(&["resume"]);
    let told = report["shell"].to_string();
    for command in ["make zsh-test", "make fish-test", "make atuin-test"] {
        assert!(told.contains(command), "{command}: {told}");
    }
    assert!(!told.contains("make lost"), "{told}");
}

fn usage(tokens: u64) -> String {
    lines(&[
        json!({"type": "assistant", "message": {"model": "m", "usage": {"input_tokens": 1, "cache_read_input_tokens": tokens - 1, "output_tokens": 0}}}),
    ])
}

#[test]
fn a_conversation_that_fills_up_is_told_once_at_65_and_at_85_percent() {
    let project = project();
    let path = at_home(&project, "transcript.jsonl", &usage(100_000));
    let prompt =
        json!({"session_id": "conv-2", "cwd": project.root, "prompt": "mend it", "transcript_path": path});
    let asked = |tokens: u64| {
        fs::write(&path, usage(tokens)).unwrap();
        hook(&project, "prompt", &prompt)
    };
    assert_eq!(asked(100_000), "");
    let told = asked(132_000);
    assert!(told.contains("66 % full") && told.contains("an estimate"), "{told}");
    assert_eq!(asked(140_000), "");
    assert!(asked(172_000).contains("86 % full"));
    assert_eq!(asked(180_000), "");
    let checkpoints = project.json(&["checkpoint", "list"])["checkpoints"].as_array().map(Vec::len);
    assert!(checkpoints >= Some(1), "{checkpoints:?}");
    let shown = project.json(&["session", "show", "conv-2"]);
    assert_eq!(
        (&shown["context"]["percent"], &shown["context"]["tokens"]),
        (&json!(90), &json!(180_000)),
        "{shown}"
    );
    assert_eq!(project.json(&["sitrep"])["contexts"]["conv-2"]["percent"], 90);
    assert!(project.ok(&["sitrep"]).stdout.contains("90 % full"));
    // Shortened, it fills up anew.
    assert_eq!(asked(20_000), "");
    assert!(asked(131_000).contains("65 % full"));
}

fn edited(project: &Project, session: &str, path: &str, old: &str, new: &str) {
    project.edit(path, old, new);
    let input = json!({"session_id": session, "cwd": project.root, "tool_name": "Edit",
                       "tool_input": {"file_path": project.path(path), "old_string": old, "new_string": new}});
    hook(project, "post-tool", &input);
}

#[test]
fn a_session_shows_which_of_its_edits_still_stand_and_who_took_the_others() {
    let project = project();
    project.write("src/b.py", "def gamma():\n    value = compute(1)\n    return value\n");
    project.commit("Gamma");
    hook(
        &project,
        "session-start",
        &json!({"session_id": "conv-3", "cwd": project.root, "source": "startup"}),
    );
    edited(
        &project,
        "conv-3",
        "src/a.py",
        "    return 1\n",
        "    first = load(1)\n    second = load(2)\n    return first + second\n",
    );
    edited(&project, "conv-3", "src/b.py", "compute(1)", "compute_twice(1)");
    let fates = |project: &Project| -> Vec<(String, String)> {
        let shown = project.json(&["session", "show", "conv-3"]);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
        shown["edits"]
            .as_array()
            .unwrap()
            .iter()
            .map(|edit| (text(&edit["path"]), text(&edit["state"])))
            .collect()
    };
    let expected = |a: &str, b: &str| {
        vec![("src/a.py".to_string(), a.to_string()), ("src/b.py".to_string(), b.to_string())]
    };
    assert_eq!(fates(&project), expected("stands", "stands"));
    project.commit("Both");
    assert_eq!(fates(&project), expected("stands", "stands"));
    project.git(&["revert", "--no-edit", "HEAD"]);
    assert_eq!(fates(&project), expected("reverted", "reverted"));
    let head = project.git(&["rev-parse", "HEAD"]);
    let shown = project.json(&["session", "show", "conv-3"]);
    assert_eq!(shown["edits"][0]["by"]["commit"], json!(head), "{shown}");
    assert!(project.ok(&["session", "show", "conv-3"]).stdout.contains("reverted"));
    // Taken back by another session that has not committed.
    project.git(&["revert", "--no-edit", "HEAD"]);
    edited(&project, "conv-4", "src/b.py", "compute_twice(1)", "compute(1)");
    let shown = project.json(&["session", "show", "conv-3"]);
    assert_eq!(
        (&shown["edits"][1]["state"], &shown["edits"][1]["by"]["session"]),
        (&json!("reverted"), &json!("conv-4")),
        "{shown}"
    );
}
