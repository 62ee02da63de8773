//! `waypost mcp`: what clients of both eras are answered, and what becomes of
//! the server when they misbehave.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::project::{Project, copy_tree};

/// Nothing in a small project takes as long on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server, and a client that asks it.
struct Server {
    process: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    asked: u64,
    is_stateless: bool,
}

impl Server {
    fn start(project: &Project, arguments: &[&str]) -> Self {
        Self::run(project.command(&[&["mcp"], arguments].concat()))
    }

    fn run(mut command: std::process::Command) -> Self {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("the server starts");
        let output = BufReader::new(process.stdout.take().expect("its output"));
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        let input = process.stdin.take();
        Self { process, input, lines, asked: 0, is_stateless: false }
    }

    /// Every request says what it speaks, as revision 2026-07-28 wants it.
    fn stateless(mut self) -> Self {
        self.is_stateless = true;
        self
    }

    fn send(&mut self, line: &str) {
        let input = self.input.as_mut().expect("its input");
        input.write_all(line.as_bytes()).and_then(|()| input.write_all(b"\n")).expect("the server reads");
    }

    /// The next message, which must be one.
    #[track_caller]
    fn next(&self) -> Value {
        let line = self.lines.recv_timeout(PATIENCE).expect("an answer");
        let message: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(message["jsonrpc"] == "2.0" || message.is_array(), "{message}");
        message
    }

    fn request(&mut self, method: &str, mut params: Value) -> Value {
        self.asked += 1;
        if self.is_stateless {
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {},
            });
        }
        json!({ "jsonrpc": "2.0", "id": self.asked, "method": method, "params": params })
    }

    #[track_caller]
    fn ask(&mut self, method: &str, params: Value) -> Value {
        let request = self.request(method, params);
        self.send(&request.to_string());
        let answer = self.next();
        assert_eq!(answer["id"], self.asked, "{answer}");
        answer
    }

    #[track_caller]
    fn result(&mut self, method: &str, params: Value) -> Value {
        let answer = self.ask(method, params);
        assert!(answer["error"].is_null(), "{method}: {answer}");
        answer["result"].clone()
    }

    #[track_caller]
    fn code(&mut self, method: &str, params: Value) -> i64 {
        let answer = self.ask(method, params);
        answer["error"]["code"].as_i64().unwrap_or_else(|| panic!("{method}: {answer}"))
    }

    fn initialize(&mut self, version: &str) -> Value {
        let client = json!({ "name": "test", "version": "1" });
        let params = json!({ "protocolVersion": version, "capabilities": {}, "clientInfo": client });
        let result = self.result("initialize", params);
        self.send(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
        result
    }

    /// The text of a tool's answer, which is no error.
    #[track_caller]
    fn tool(&mut self, name: &str, arguments: Value) -> String {
        let result = self.result("tools/call", json!({ "name": name, "arguments": arguments }));
        assert!(result["isError"].is_null() && result["structuredContent"].is_null(), "{result}");
        assert_eq!(result["content"].as_array().map(Vec::len), Some(1), "{result}");
        result["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{result}")).to_string()
    }

    #[track_caller]
    fn tool_error(&mut self, name: &str, arguments: Value) -> String {
        let result = self.result("tools/call", json!({ "name": name, "arguments": arguments }));
        assert_eq!(result["isError"], true, "{result}");
        result["content"][0]["text"].as_str().expect("a text").to_string()
    }

    /// Ends the input; gives the exit code and how long the server took.
    fn end(mut self) -> (Option<i32>, Duration) {
        drop(self.input.take());
        let started = Instant::now();
        let status = self.process.wait().expect("it ends");
        (status.code(), started.elapsed())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn project() -> Project {
    let project = Project::committed(&[
        ("Cargo.toml", "[package]\nname = \"counter\"\nversion = \"0.1.0\"\n"),
        (
            "src/lib.rs",
            "//! Counts.\n\npub mod words;\n\n/// Counts lines.\npub fn count_lines(text: &str) -> usize {\n    text.lines().count()\n}\n",
        ),
        (
            "src/words.rs",
            "/// Counts words.\npub fn count_words(text: &str) -> usize {\n    text.split_whitespace().count()\n}\n",
        ),
        (
            "tests/words.rs",
            "use counter::words::count_words;\n\n#[test]\nfn two() {\n    assert_eq!(count_words(\"a b\"), 2);\n}\n",
        ),
    ]);
    project.ok(&["snapshot", "--goal", "count words across lines"]);
    project.ok(&["note", "--summary", "Words end at white space", "--anchor", "src/words.rs#count_words"]);
    project
}

#[test]
fn a_client_of_each_revision_is_answered_by_its_rules() {
    let project = project();
    for version in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let mut server = Server::start(&project, &[]);
        let result = server.initialize(version);
        assert_eq!(result["protocolVersion"], version);
        assert_eq!(result["serverInfo"]["name"], "waypost");
        let tools = server.result("tools/list", json!({}));
        assert!(tools["resultType"].is_null() && tools["ttlMs"].is_null(), "{tools}");
        assert_eq!(server.code("resources/read", json!({ "uri": "waypost://no" })), -32002);
        assert_eq!(server.code("server/discover", json!({})), -32602);
    }
    let mut server = Server::start(&project, &[]).stateless();
    let discovered = server.result("server/discover", json!({}));
    assert_eq!(discovered["supportedVersions"][0], "2026-07-28");
    for method in
        ["server/discover", "tools/list", "resources/list", "resources/templates/list", "prompts/list"]
    {
        let result = server.result(method, json!({}));
        assert_eq!((&result["resultType"], &result["cacheScope"]), (&json!("complete"), &json!("private")));
        assert!(
            result["ttlMs"].is_u64()
                && result["_meta"]["io.modelcontextprotocol/serverInfo"]["version"].is_string()
        );
    }
    assert_eq!(server.result("resources/read", json!({ "uri": "waypost://now" }))["ttlMs"], 0);
    assert_eq!(server.code("resources/read", json!({ "uri": "waypost://no" })), -32602);
    // A client may change its mind: nothing is remembered.
    server.is_stateless = false;
    let unsupported = json!({ "_meta": { "io.modelcontextprotocol/protocolVersion": "2030-01-01" } });
    let answer = server.ask("tools/list", unsupported);
    assert_eq!(answer["error"]["code"], -32022, "{answer}");
    assert_eq!(answer["error"]["data"]["requested"], "2030-01-01");
    assert_eq!(server.initialize("1999-01-01")["protocolVersion"], "2025-11-25");
}

#[test]
fn tools_answer_what_the_commands_answer() {
    let project = project();
    project.edit("src/words.rs", "count()", "filter(|word| !word.is_empty()).count()");
    project.write("src/new.rs", "pub fn fresh() {}\n");
    for is_stateless in [false, true] {
        let mut server = Server::start(&project, &["--allow-write"]);
        match is_stateless {
            true => server = server.stateless(),
            false => _ = server.initialize("2025-11-25"),
        }
        let page = server.tool("orient", json!({ "goal": "count words", "budget": 2000 }));
        let command = project.ok(&["prompt", "--goal", "count words", "--token-budget", "1918"]).stdout;
        assert!(page.starts_with(&command), "{page}\n---\n{command}");
        assert!(page.trim_end().ends_with("read from the files as they are now"), "{page}");

        let found: Value =
            serde_json::from_str(&server.tool("search", json!({ "query": "count words", "format": "json" })))
                .unwrap();
        assert_eq!(found, project.json(&["search", "count words"]));
        let text = server.tool("search", json!({ "query": "count words", "in": "code" }));
        assert!(text.contains("src/words.rs:2-4 function\n    pub fn count_words"), "{text}");
        let decision = server.tool("search", json!({ "query": "white space", "in": ["records"] }));
        assert!(
            decision.starts_with(".waypost/memory/") && decision.contains(":1 decision: Words end"),
            "{decision}"
        );
        assert!(decision.contains(" [drifted]") && decision.ends_with("\nindex: fresh\n"), "{decision}");

        let outline = server.tool("outline", json!({ "paths": ["src/lib.rs", "src/words.rs", "no.rs"] }));
        for path in ["src/lib.rs", "src/words.rs"] {
            let command = project.ok(&["outline", path]).stdout;
            let symbols: Vec<&str> = command.lines().skip(1).collect();
            assert!(
                !symbols.is_empty() && outline.contains(&symbols.join("\n")),
                "{outline}\n---\n{command}"
            );
        }
        assert!(outline.contains("\nno.rs: "), "{outline}");

        for since in [
            json!({}),
            json!({ "since": "HEAD" }),
            json!({ "since": "s1" }),
            json!({ "paths": ["src/new.rs"] }),
        ] {
            let text = server.tool("changes", since.clone());
            let mut arguments = vec!["changes"];
            if let Some(since) = since["since"].as_str() {
                arguments.extend(["--since", since]);
            }
            arguments.extend(since["paths"][0].as_str());
            let command = project.ok(&arguments).stdout;
            assert!(
                text.starts_with(&command) && command.contains("added src/new.rs\n"),
                "{text}\n---\n{command}"
            );
        }

        for (asked, command) in [("companions", "companions"), ("tests", "tests")] {
            let text = server.tool("changes", json!({ "ask": asked, "since": "HEAD" }));
            let told = project.ok(&[command, "--base", "HEAD"]).stdout;
            assert!(told.is_empty() || text.starts_with(&told), "{text}\n---\n{told}");
        }
        assert!(server.tool("changes", json!({ "ask": "review" })).starts_with("# Review: "));
        let wrong = server.tool_error("changes", json!({ "ask": "weather" }));
        assert!(wrong.contains("companions, tests, impact or review"), "{wrong}");

        let state = server.tool("orient", json!({}));
        for part in [
            "## Goal",
            "count words across lines",
            "src/words.rs",
            "## Now",
            "modified `src/words.rs`: `~count_words`",
        ] {
            assert!(state.contains(part), "{part}: {state}");
        }
        let record = server
            .result("resources/read", json!({ "uri": format!("waypost://record/{}", id_of(&decision)) }));
        let record: Value = serde_json::from_str(record["contents"][0]["text"].as_str().unwrap()).unwrap();
        assert_eq!(record, project.json(&["show", id_of(&decision)]));
        let handoff = server.result("resources/read", json!({ "uri": "waypost://handoff" }));
        assert_eq!(handoff["contents"][0]["text"], project.ok(&["handoff", "--stdout"]).stdout.as_str());
        let prompt = server.result(
            "prompts/get",
            json!({ "name": "human-handoff", "arguments": { "goal": "count words" } }),
        );
        let command = project.ok(&["prompt", "--mode", "human-handoff", "--goal", "count words"]).stdout;
        assert_eq!(prompt["messages"][0]["content"]["text"], command.as_str());
    }
}

/// The id in a hit's path: `.waypost/memory/<id>-<slug>.md`.
fn id_of(hit: &str) -> &str {
    hit.trim_start_matches(".waypost/memory/").split('-').next().unwrap_or_default()
}

#[test]
fn records_are_written_only_where_that_is_allowed() {
    let project = project();
    let mut server = Server::start(&project, &[]);
    server.initialize("2025-11-25");
    let note = json!({ "kind": "decision", "text": "x" });
    assert_eq!(server.code("tools/call", json!({ "name": "remember", "arguments": note })), -32602);
    assert_eq!(server.result("tools/list", json!({}))["tools"].as_array().map(Vec::len), Some(4));

    let mut server = Server::start(&project, &["--allow-write"]);
    server.initialize("2025-11-25");
    let told = server.tool(
        "remember",
        json!({ "kind": "lesson", "text": "Tabs split words\n\nSo do line ends.", "anchors": ["src/words.rs#count_words"], "tags": "words" }),
    );
    let id = told.split(' ').next().unwrap_or_default();
    let record = project.json(&["show", id]);
    assert_eq!(
        (&record["kind"], &record["origin"], &record["title"], &record["body"], &record["tags"]),
        (
            &json!("lesson"),
            &json!("mcp"),
            &json!("Tabs split words"),
            &json!("So do line ends."),
            &json!(["words"])
        )
    );
    assert_eq!(record["anchors"][0]["state"], "fresh");
    server.tool(
        "remember",
        json!({ "kind": "checkpoint", "text": "Words work\nNext: lines\nRan: cargo test" }),
    );
    let state = server.tool("orient", json!({}));
    let first = state.find("## Open checkpoint").zip(state.find("## Goal"));
    assert!(first.is_some_and(|(checkpoint, goal)| checkpoint < goal), "{state}");
    assert!(state.contains("- next: `lines`") && state.contains("- ran: `cargo test`"), "{state}");
    let told = server.tool("remember", json!({ "kind": "note", "text": "Lines end in LF" }));
    assert_eq!(project.json(&["show", told.split(' ').next().unwrap_or_default()])["kind"], "decision");
    let refused = server.tool_error("remember", json!({ "kind": "goal", "text": "x" }));
    assert!(refused.contains("decision, lesson"), "{refused}");
}

#[test]
fn answers_stay_within_their_budget_and_say_what_they_left_out() {
    let functions: String = (0..3_000)
        .map(|n| format!("pub fn function_number_{n}(argument: usize) -> usize {{ argument }}\n"))
        .collect();
    let project = Project::committed(&[
        ("src/lib.rs", functions.as_str()),
        ("Cargo.toml", "[package]\nname = \"many\"\n"),
    ]);
    project.ok(&["snapshot", "--goal", "function number"]);
    for n in 0..40 {
        project.write(&format!("src/added_{n}.rs"), "pub fn added() {}\n");
    }
    let mut server = Server::start(&project, &[]);
    server.initialize("2025-11-25");
    let calls = [
        ("outline", json!({ "paths": ["src/lib.rs"] })),
        ("search", json!({ "query": "function number", "limit": 100 })),
        ("search", json!({ "query": "function number", "limit": 100, "format": "json" })),
        ("changes", json!({})),
        ("changes", json!({ "ask": "companions" })),
        ("changes", json!({ "ask": "review" })),
        ("orient", json!({ "goal": "function number argument" })),
        ("orient", json!({ "goal": "function number argument", "format": "json" })),
        ("orient", json!({})),
        ("orient", json!({ "format": "json" })),
    ];
    for (name, arguments) in calls {
        // As JSON the shortest page does not fit into the least budget.
        let least = if arguments["format"] == "json" { 800 } else { 400 };
        for budget in [least, 1_000, 10_000] {
            let mut given = arguments.clone();
            given["budget"] = json!(budget);
            let text = server.tool(name, given.clone());
            let tokens = tokens(&text);
            assert!(
                tokens <= budget && text.len() <= 40_000,
                "{name} {given}: {tokens} tokens, {} bytes",
                text.len()
            );
        }
    }
    let cut = server.tool("outline", json!({ "paths": ["src/lib.rs"], "budget": 500 }));
    assert!(cut.contains("more declarations"), "{cut}");
    let cut = server.tool("changes", json!({ "budget": 400 }));
    assert!(cut.contains("more lines: raise `budget`"), "{cut}");
    assert!(
        server
            .tool_error("outline", json!({ "paths": ["src/lib.rs"], "budget": 100 }))
            .contains("400 to 10000")
    );
}

fn tokens(text: &str) -> usize {
    waypost::render::tokens::count(text)
}

#[test]
fn the_definitions_of_all_tools_take_few_tokens() {
    let project = Project::empty();
    let mut server = Server::start(&project, &["--allow-write"]);
    server.initialize("2025-11-25");
    let tools = server.result("tools/list", json!({}))["tools"].to_string();
    println!("{} tokens", tokens(&tools));
    assert!(tokens(&tools) <= 1_200, "{} tokens: {tools}", tokens(&tools));
}

#[test]
fn whatever_is_sent_is_answered_by_an_error_and_the_server_lives() {
    let project = project();
    let mut server = Server::start(&project, &[]);
    // Nothing of this begins a session, and none of it ends one.
    for line in [
        "",
        "  ",
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
    ] {
        server.send(line);
    }
    for (line, code) in [
        ("{not json", -32700),
        ("\u{0}\u{1}", -32700),
        ("[]", -32600),
        ("5", -32600),
        (r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":7}"#, -32602),
        (r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":5}}"#, -32602),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search","arguments":[1]}}"#,
            -32602,
        ),
        (r#"{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":[]}}"#, -32602),
        (r#"{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":{}}}"#, -32602),
        (r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}"#, -32602),
    ] {
        server.send(line);
        let answer = server.next();
        assert_eq!(answer["error"]["code"], code, "{line}: {answer}");
    }
    assert_eq!(server.code("tools/call", json!({ "name": "nothing" })), -32602);
    assert_eq!(server.code("subscriptions/listen", json!({})), -32601);
    for (arguments, said) in [
        (json!({}), "`query` is missing"),
        (json!({ "query": 5 }), "`query` must be a text, not 5"),
        (json!({ "query": "x", "limit": "many" }), "`limit` must be a whole number"),
        (json!({ "query": "x", "in": ["web"] }), "`in` knows records, code and files"),
        (json!({ "query": "x", "format": "xml" }), "`format` must be text or json"),
    ] {
        let told = server.tool_error("search", arguments);
        assert!(told.contains(said), "{told}");
    }
    assert!(server.tool("search", json!({ "query": "x", "colour": 1 })).contains("\nnot used: colour\n"));
    assert!(
        server
            .tool_error("changes", json!({ "since": "--output=x" }))
            .contains("neither a snapshot nor a commit")
    );
    assert!(
        server
            .tool_error("outline", json!({ "paths": ["../../etc/passwd"] }))
            .contains("not inside the project")
    );
    // A batch, of which one is wrong and one a notification.
    server.send(r#"[{"jsonrpc":"2.0","id":"a","method":"ping"},{"jsonrpc":"2.0","method":"notifications/initialized"},5]"#);
    let batch = server.next();
    assert_eq!(batch.as_array().map(Vec::len), Some(2), "{batch}");
    let long = format!(
        r#"{{"jsonrpc":"2.0","id":"long","method":"ping","params":{{"x":"{}"}}}}"#,
        "x".repeat(5_000_000)
    );
    server.send(&long);
    let answer = server.next();
    assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!("long"), &json!(-32600)), "{answer}");
    assert_eq!(server.result("ping", json!({})), json!({}));
}

#[test]
fn calls_at_once_are_all_answered_and_those_taken_back_are_not() {
    let project = project();
    let mut server = Server::start(&project, &[]).stateless();
    let mut open: Vec<u64> = Vec::new();
    for n in 0..8 {
        let arguments = json!({ "query": format!("count words {n}") });
        let call = server.request("tools/call", json!({ "name": "search", "arguments": arguments }));
        server.send(&call.to_string());
        open.push(server.asked);
    }
    // The last of them waits, as two are answered at a time.
    let last = open.pop().unwrap();
    server.send(
        &json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": last } })
            .to_string(),
    );
    while !open.is_empty() {
        let id = server.next()["id"].as_u64().unwrap();
        assert!(open.contains(&id), "{id} was taken back, or is answered twice");
        open.retain(|other| *other != id);
    }
    assert_eq!(server.result("ping", json!({}))["resultType"], "complete");
}

#[test]
fn the_server_goes_with_its_client() {
    let project = project();
    let mut server = Server::start(&project, &[]);
    server.initialize("2025-11-25");
    let call = server.request("tools/call", json!({ "name": "search", "arguments": { "query": "count" } }));
    server.send(&call.to_string());
    let lines = std::mem::replace(&mut server.lines, channel().1);
    let (code, took) = server.end();
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(5), "{took:?}");
    // What was asked before the end is answered.
    assert!(lines.recv_timeout(PATIENCE).is_ok_and(|line| line.contains("src/words.rs")));

    // A parent that dies leaves nobody behind, although somebody holds the input.
    let script = format!(
        "'{}' mcp < \"$1\" > \"$2\" & echo $!; sleep 0.5",
        Path::new(env!("CARGO_BIN_EXE_waypost")).display()
    );
    let (input, output) = (project.outside("input"), project.outside("output"));
    let made = std::process::Command::new("mkfifo").arg(&input).status().expect("mkfifo");
    assert!(made.success());
    let _holder = std::fs::OpenOptions::new().read(true).write(true).open(&input).expect("the input");
    let mut shell = std::process::Command::new("sh");
    let told = shell
        .args(["-c", &script, "sh"])
        .args([&input, &output])
        .current_dir(&project.root)
        .output()
        .expect("a shell");
    let server = String::from_utf8_lossy(&told.stdout).trim().to_string();
    let is_there = || Path::new("/proc").join(&server).join("exe").exists();
    let end = Instant::now() + Duration::from_secs(10);
    while is_there() && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(!is_there(), "process {server} stays");
}

#[test]
fn the_project_is_the_one_named_else_the_clients_else_the_working_directory() {
    let one = project();
    let other = one.at(one.outside("other"));
    copy_tree(&one.path("src"), &other.root.join("src"));
    one.ok(&["goal", "the first one"]);
    other.ok(&["snapshot", "--goal", "the second one"]);
    let check = |arguments: &[&str], named: Option<&Path>, expected: &str| {
        let mut command = one.command(&[&["mcp"], arguments].concat());
        named.into_iter().for_each(|folder| _ = command.env("CLAUDE_PROJECT_DIR", folder));
        let mut server = Server::run(command);
        server.initialize("2025-11-25");
        let state = server.tool("orient", json!({}));
        assert!(state.contains(expected), "{arguments:?} {named:?}: {state}");
    };
    let root = other.root.to_str().unwrap();
    check(&[], None, "the first one");
    check(&[], Some(&other.root.join("src")), "the second one");
    check(&["--root", root], Some(&one.root), "the second one");
    check(&[], Some(Path::new("/does/not/exist")), "the first one");
}

#[test]
fn a_home_that_is_no_project_is_not_read() {
    let project = Project::empty();
    let mut command = project.command(&["mcp"]);
    command.current_dir(project.outside("home"));
    let mut server = Server::run(command);
    server.initialize("2025-11-25");
    let told = server.tool_error("search", json!({ "query": "x" }));
    assert!(told.contains("is no project") && told.contains("--root"), "{told}");
}
