//! `waypost setup`: every byte of somebody else's file stays, and undoing gives
//! back what was there.
//!
//! Not here: random layouts (`src/setup/tests.rs`), and the hooks of git
//! (`git_hooks`).

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use serde_json::Value;

use crate::project::{Project, Run, files_below, strings};

/// A client's file as somebody has it: arguments, where it lies, what is in it.
type Case = (&'static [&'static str], &'static str, &'static str);

const CLAUDE: &[&str] = &["claude", "--mcp"];
const CLAUDE_HOOKS: &[&str] = &["claude", "--hooks"];
const CLAUDE_USER: &[&str] = &["claude", "--user", "--mcp"];
const CODEX: &[&str] = &["codex", "--user", "--mcp"];
const CODEX_HOOKS: &[&str] = &["codex", "--hooks"];
const GEMINI: &[&str] = &["gemini", "--mcp", "--hooks"];
const QWEN: &[&str] = &["qwen", "--mcp", "--hooks"];
const VSCODE: &[&str] = &["vscode", "--mcp"];
const CURSOR: &[&str] = &["cursor", "--mcp"];
const CURSOR_HOOKS: &[&str] = &["cursor", "--hooks"];
const COPILOT_USER: &[&str] = &["copilot", "--user"];
const OPENCODE: &[&str] = &["opencode", "--mcp"];
const AMP: &[&str] = &["amp", "--user"];
const CLINE: &[&str] = &["cline", "--user"];
const WINDSURF: &[&str] = &["windsurf", "--user"];
const ZED: &[&str] = &["zed", "--user"];
const ZED_HERE: &[&str] = &["zed", "--mcp"];
const GOOSE: &[&str] = &["goose", "--user"];
const CRUSH: &[&str] = &["crush", "--mcp"];
const JUNIE: &[&str] = &["junie", "--mcp"];
const AIDER: &[&str] = &["aider"];
const INSTRUCTIONS: &[&str] = &["codex", "--instructions"];
const GIT: &[&str] = &["git"];

const KEPT: &[Case] = &[
    // Strict JSON: several servers, oddly spaced; one line; a mark and CRLF; none at all.
    (
        CLAUDE,
        ".mcp.json",
        "{\n  \"mcpServers\": {\n    \"db\":   {\"command\": \"db\",\n      \"args\": [ \"-p\",  \"${PORT:-1}\" ]},\n    \"web\": { \"type\": \"http\", \"url\": \"https://x/\" }\n  }\n}\n",
    ),
    (CLAUDE, ".mcp.json", "{\"mcpServers\":{\"x\":{\"command\":\"x\"},\"y\":{\"command\":\"y\"}},\"z\":0}"),
    (CLAUDE, ".mcp.json", "\u{feff}{\r\n\t\"mcpServers\": {\r\n\t}\r\n}\r\n"),
    (CLAUDE, ".mcp.json", "{}"),
    (CLAUDE, ".mcp.json", "\n\n"),
    (CLAUDE, ".mcp.json", ""),
    (CLAUDE, ".mcp.json", "{ \"mcpServers\" : { } }"),
    (CLAUDE, ".mcp.json", "{\"mcpServers\": {\"a\": {\"command\": \"1\"}, \"a\": {\"command\": \"2\"}}}\n"),
    (CLAUDE, ".mcp.json", "{\n\"mcpServers\": {\n\"flush\": {\"command\": \"left\"}\n}\n}"),
    (
        CLAUDE,
        ".mcp.json",
        "{\"n\": 1.50, \"big\": 98765432109876543210, \"e\": 2E+3, \"mcpServers\": {}, \"s\": \"\\u00e9\\/\u{2028}\"}\n",
    ),
    (
        CLAUDE_USER,
        "~/.claude.json",
        "{\n  \"numStartups\": 7,\n  \"projects\": {\n    \"/p\": {\n      \"mcpServers\": {},\n      \"history\": [\n        {\n          \"display\": \"é \u{2028} ü\"\n        }\n      ]\n    }\n  },\n  \"tips\": {}\n}",
    ),
    (
        CLAUDE_HOOKS,
        ".claude/settings.json",
        "{\n    \"hooks\": {\n        \"SessionStart\": [\n            {\n                \"matcher\": \"startup\",\n                \"hooks\": [{\"type\": \"command\", \"command\": \"./banner\"}]\n            }\n        ],\n        \"Stop\": []\n    },\n    \"permissions\": {\"deny\": []}\n}\n",
    ),
    (CLAUDE_HOOKS, ".claude/settings.json", "{\"permissions\": {\"allow\": [\"Bash(ls:*)\"]}}\n"),
    (CLAUDE_HOOKS, ".claude/settings.json", "{\n  \"hooks\": {}\n}\n"),
    (CLAUDE_HOOKS, ".claude/settings.json", "{\"hooks\":{\"SessionStart\":[]}}"),
    // TOML: comments, CRLF, a mark, no line end, dotted keys, lists of tables.
    (
        CODEX,
        "~/.codex/config.toml",
        "# ours\nmodel = \"m\"   # keep\n\n[mcp_servers.\"a.b\"]\nargs = [\n  \"-y\",  # yes\n]\n\n[projects.\"/p\"]\ntrust_level = \"trusted\"\n",
    ),
    (CODEX, "~/.codex/config.toml", "# ours\r\nmodel = \"m\"\r\n[tui]\r\ntheme = \"x\"\r\n"),
    (CODEX, "~/.codex/config.toml", "\u{feff}[features]\nhooks = true"),
    (CODEX, "~/.codex/config.toml", "mcp_servers.x.command = \"x\"\nmcp_servers.x.args = []\n[a]\nb = 1\n"),
    (CODEX, "~/.codex/config.toml", "[[skills.config]]\npath = \"/a\"\n\n[[skills.config]]\npath = \"/b\"\n"),
    (CODEX, "~/.codex/config.toml", "text = '''\n[mcp_servers.waypost]\n'''\n"),
    (CODEX, "~/.codex/config.toml", "# nothing but a comment"),
    (
        CODEX_HOOKS,
        ".codex/hooks.json",
        "{\"hooks\": {\"SessionStart\": [{\"matcher\": \"resume\", \"hooks\": [{\"type\": \"command\", \"command\": \"x\"}]}], \"Stop\": []}}\n",
    ),
    // Comments, but no trailing commas.
    (
        GEMINI,
        ".gemini/settings.json",
        "{\n  // team\n  \"ui\": { \"theme\": \"x\" }, // dark\n  \"mcpServers\": {\n    // documents\n    \"docs\": { \"command\": \"d\" } // last\n  },\n  /* hooks */\n  \"hooks\": { \"SessionStart\": [ { \"hooks\": [] } ] }\n}\n",
    ),
    (GEMINI, ".gemini/settings.json", "{\r\n  \"security\": {} // only\r\n}\r\n"),
    (
        QWEN,
        ".qwen/settings.json",
        "\u{feff}{\n  \"$version\": 4,\n  \"mcpServers\": { \"a\": { \"command\": \"a\" } },\n  \"hooks\": {\n    \"SessionStart\": [\n      { \"hooks\": [ { \"type\": \"command\", \"command\": \"b\" } ] } // mine\n    ]\n  }\n}\n",
    ),
    // Comments and trailing commas.
    (
        VSCODE,
        ".vscode/mcp.json",
        "// shared – see docs\n{\n\t\"inputs\": [],\n\t\"servers\": {\n\t\t/* one */\n\t\t\"one\": {\n\t\t\t\"command\": \"x\", // trailing\n\t\t},\n\t},\n}\n",
    ),
    (VSCODE, ".vscode/mcp.json", "{\n\t\"servers\": {\n\t\t// none yet\n\t}\n}"),
    (VSCODE, ".vscode/mcp.json", "{\"servers\": {\"one\": {\"command\": \"x\"},},}"),
    (
        CURSOR,
        ".cursor/mcp.json",
        "{\n  \"mcpServers\": {\n    \"l\": { \"command\": \"node\", \"args\": [\"${workspaceFolder}/a.js\"], \"envFile\": \".env\" }\n  }\n}",
    ),
    (
        CURSOR_HOOKS,
        ".cursor/hooks.json",
        "{\n  \"version\": 1,\n  \"hooks\": {\n    \"sessionStart\": [ { \"command\": \"./env.sh\" } ]\n  }\n}\n",
    ),
    (
        COPILOT_USER,
        "~/.copilot/mcp-config.json",
        "{\n  \"mcpServers\": {\n    \"p\": {\n      \"tools\": [\n        \"*\"\n      ],\n      \"command\": \"p\"\n    }\n  }\n}\n",
    ),
    (OPENCODE, "opencode.json", "{\"$schema\":\"https://opencode.ai/config.json\"}\n"),
    (
        OPENCODE,
        "opencode.jsonc",
        "{\n  // models\n  \"model\": \"m\",\n  \"mcp\": {\n    \"e\": { \"type\": \"local\", \"command\": [\"e\"], }, // off\n  },\n  \"instructions\": [\"docs/*.md\"],\n}\n",
    ),
    (
        AMP,
        "~/.config/amp/settings.json",
        "{\n  \"amp.notifications.enabled\": true,\n  // servers\n  \"amp.mcpServers\": {\n    \"s\": { \"command\": \"s\" }\n  }\n}\n",
    ),
    (
        CLINE,
        "~/.cline/data/settings/cline_mcp_settings.json",
        "{\n  \"mcpServers\": {\n    \"old\": {\"command\": \"n\", \"disabled\": false},\n    \"new\": {\n      \"transport\": {\n        \"type\": \"stdio\",\n        \"command\": \"n\"\n      }\n    }\n  }\n}\n",
    ),
    (
        WINDSURF,
        "~/.codeium/windsurf/mcp_config.json",
        "{\n  \"mcpServers\": {\n    \"f\": {\n      \"serverUrl\": \"https://x/\"\n    }\n  }\n}\n",
    ),
    (WINDSURF, "~/.codeium/windsurf/mcp_config.json", ""),
    (
        ZED,
        "~/.config/zed/settings.json",
        "// Zed settings\n//\n{\n  \"context_servers\": {\n    \"p\": {\n      \"settings\": { \"url\": \"x\" },\n    },\n  },\n  \"theme\": { \"mode\": \"system\", },\n}\n",
    ),
    (ZED_HERE, ".zed/settings.json", "{ \"tab_size\": 4 }"),
    (
        CRUSH,
        "crush.json",
        "{\n  \"lsp\": { \"go\": { \"command\": \"gopls\" } },\n  \"mcp\": { \"f\": { \"type\": \"stdio\", \"command\": \"n\" } }\n}\n",
    ),
    (CRUSH, ".crushrc", "#!/usr/bin/env bash\nprovider add x\nif [[ $HOST == a ]]; then\n    mcp add y\nfi"),
    (
        JUNIE,
        ".junie/mcp/mcp.json",
        "{\n    \"mcpServers\": {\n        \"c\": {\n            \"args\": [\"-y\", \"c\"]\n        }\n    }\n}\n",
    ),
    // YAML: comments, maps in braces, CRLF, no such key, a list, one word, none.
    (
        GOOSE,
        "~/.config/goose/config.yaml",
        "# goose\nGOOSE_MODEL: m   # big\nextensions:\n  # built in\n  developer:\n    enabled: true\n    type: builtin\n  fetch: {type: stdio, cmd: uvx, args: [f]}\nslash_commands:\n- command: \"t\"\n",
    ),
    (GOOSE, "~/.config/goose/config.yaml", "extensions:\r\n    developer:\r\n        enabled: true\r\n"),
    (GOOSE, "~/.config/goose/config.yaml", "GOOSE_PROVIDER: openai"),
    (GOOSE, "~/.config/goose/config.yaml", "extensions: {} # none\n"),
    (GOOSE, "~/.config/goose/config.yaml", "---\nextensions:\nother: 1\n"),
    (AIDER, ".aider.conf.yml", "# aider\nread: NOTES.md   # one\nauto-commits: false\n"),
    (AIDER, ".aider.conf.yml", "read: [NOTES.md, \"docs/x y.md\"]\n"),
    (
        AIDER,
        ".aider.conf.yml",
        "read:\n  - NOTES.md\n  # keep\n  - docs/s.md\nlint-cmd: \"python: flake8\"\n",
    ),
    (AIDER, ".aider.conf.yml", "read:\n- NOTES.md"),
    (AIDER, ".aider.conf.yml", "model: m"),
    // Text.
    (INSTRUCTIONS, "AGENTS.md", "# Agents\n\nRun `make test`.\n"),
    (INSTRUCTIONS, "AGENTS.md", "# Agents\n\nRun `make test`."),
    (INSTRUCTIONS, "AGENTS.md", "\u{feff}# Agents\r\n\r\nRun it.\r\n"),
    (INSTRUCTIONS, "AGENTS.md", "# Agents\n\n```md\n<!-- waypost:begin v1 -->\nas an example\n```\n"),
    (
        INSTRUCTIONS,
        "AGENTS.md",
        "Before.\n<!-- waypost:begin v0 -->\nolder words\n<!-- waypost:end -->\n\nAfter.\n",
    ),
    (GIT, ".git/hooks/pre-commit", "#!/bin/sh\nset -e\n./lint\n"),
    (GIT, ".git/hooks/post-merge", "#!/usr/bin/env bash\n./deps"),
];

/// A file that must stay as it is: the line that is named, 0 for none.
type Refused = (&'static [&'static str], &'static str, &'static [u8], u64);

const REFUSED: &[Refused] = &[
    (CLAUDE, ".mcp.json", b"{\n  // no comment here\n  \"mcpServers\": {}\n}\n", 2),
    (CLAUDE, ".mcp.json", b"{\"mcpServers\": {},}", 1),
    (CLAUDE, ".mcp.json", b"{\"mcpServers\": {\"a\": 1}\n", 1),
    (CLAUDE, ".mcp.json", b"{\"mcpServers\": null}\n", 1),
    (CLAUDE, ".mcp.json", b"\n[]\n", 2),
    (CLAUDE, ".mcp.json", b"\xff\xfe{\0}\0", 1),
    (CLAUDE, ".mcp.json", b"{\"a\": \"\xe9\"}", 1),
    (CLAUDE, ".mcp.json", b"{\n\t\"mcpServers\": {\n\t\t\"waypost\": {\"command\": \"/opt/old/waypost\", \"args\": [\"serve\"]}\n\t}\n}\n", 3),
    (CLAUDE_HOOKS, ".claude/settings.json", b"{\n  \"hooks\": {\n    \"SessionStart\": {}\n  }\n}\n", 3),
    (GEMINI, ".gemini/settings.json", b"\xef\xbb\xbf{}\n", 1),
    (GEMINI, ".gemini/settings.json", b"{\n  \"ui\": {},\n}\n", 2),
    (CODEX, "~/.codex/config.toml", b"model = \"m\"\nmcp_servers = { x = { command = \"x\" } }\n", 2),
    (CODEX, "~/.codex/config.toml", b"model = \n", 1),
    (CODEX, "~/.codex/config.toml", b"[mcp_servers.waypost]\ncommand = \"npx\"\n", 1),
    (CODEX_HOOKS, ".codex/hooks.json", b"{\"hooks\": []}", 1),
    (GOOSE, "~/.config/goose/config.yaml", b"extensions: [a]\n", 1),
    (GOOSE, "~/.config/goose/config.yaml", b"a: 1\n---\nb: 2\n", 2),
    (GOOSE, "~/.config/goose/config.yaml", b"a: [\n", 0),
    (AIDER, ".aider.conf.yml", b"read: {a: b}\n", 1),
    (INSTRUCTIONS, "AGENTS.md", b"# Agents\n\n<!-- waypost:begin v1 -->\nno end\n", 3),
    (INSTRUCTIONS, "AGENTS.md", b"```\nopen\n", 0),
    (GIT, ".git/hooks/pre-commit", b"#!/usr/bin/env python3\nprint()\n", 1),
    (GIT, ".git/hooks/pre-commit", b"#!/bin/sh\nexec ./lint\n", 2),
];

fn place(project: &Project, file: &str) -> PathBuf {
    match file.strip_prefix("~/") {
        Some(file) => project.outside("home").join(file),
        None => project.path(file),
    }
}

fn project_with(file: &str, bytes: &[u8]) -> Project {
    let project = Project::committed(&[("README.md", "# x\n")]);
    let path = place(&project, file);
    fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    fs::write(&path, bytes).expect("a file");
    fs::set_permissions(&path, PermissionsExt::from_mode(0o750)).expect("a mode");
    project
}

/// All files of the project and of the user but our own state, with their modes.
fn everything(project: &Project) -> Vec<(String, Vec<u8>, u32)> {
    let mut all = Vec::new();
    for (name, top) in [("project", project.root.clone()), ("home", project.outside("home"))] {
        let files = files_below(&top).into_iter().filter(|(path, _)| !path.starts_with(".local/"));
        all.extend(files.map(|(path, bytes)| {
            let mode = fs::metadata(top.join(&path)).expect("a file").permissions().mode();
            (format!("{name}/{path}"), bytes, mode)
        }));
    }
    all
}

fn setup(project: &Project, arguments: &[&str], more: &[&str]) -> Run {
    project.run(&[&["setup"], arguments, more, &["--json"]].concat())
}

fn states(run: &Run) -> Vec<String> {
    let report = run.json();
    let clients = report["clients"].as_array().expect("clients").clone();
    let changes = clients.iter().flat_map(|client| client["changes"].as_array().expect("changes").clone());
    changes.map(|change| change["state"].as_str().expect("a state").to_string()).collect()
}

#[test]
fn set_up_again_and_back_gives_every_byte_and_mode() {
    for (arguments, file, text) in KEPT {
        let told = format!("{arguments:?} {file} {text:?}");
        let project = project_with(file, text.as_bytes());
        let before = everything(&project);
        setup(&project, arguments, &["--dry-run"]).expect(0);
        assert!(
            setup(&project, arguments, &["--check"]).code == 1 && everything(&project) == before,
            "{told}"
        );
        setup(&project, arguments, &[]).expect(0);
        let after = everything(&project);
        assert_ne!(after, before, "{told}");
        let again = setup(&project, arguments, &[]).expect(0);
        assert!(states(&again).iter().all(|state| state == "present"), "{told}: {}", again.stdout);
        assert_eq!(everything(&project), after, "{told}");
        setup(&project, arguments, &["--undo"]).expect(0);
        assert_eq!(everything(&project), before, "{told}");
        let again = setup(&project, arguments, &["--undo"]).expect(0);
        assert!(states(&again).iter().all(|state| state == "absent"), "{told}: {}", again.stdout);
        assert_eq!(everything(&project), before, "{told}");
    }
}

#[test]
fn what_a_client_could_not_read_or_is_not_ours_stays_and_is_told() {
    for (arguments, file, bytes, line) in REFUSED {
        let told = format!("{arguments:?} {file} {:?}", String::from_utf8_lossy(bytes));
        let project = project_with(file, bytes);
        let path = place(&project, file);
        let run = setup(&project, arguments, &[]).expect(1);
        let report = run.json();
        let changes = report["clients"][0]["changes"].as_array().expect("changes");
        let shown = path.display().to_string();
        let refused =
            changes.iter().find(|change| change["state"] == "refused" && change["path"] == shown.as_str());
        let refused = refused.unwrap_or_else(|| panic!("{told}: {}", run.stdout));
        assert!(refused["why"].as_str().is_some_and(|why| !why.is_empty()), "{told}");
        assert!(refused["paste"].as_str().is_some_and(|paste| paste.contains("waypost")), "{told}");
        assert!(*line == 0 || refused["line"].as_u64() == Some(*line), "{told}: {refused}");
        assert_eq!(&fs::read(&path).expect("a file"), bytes, "{told}");
        // To a person all three are said in words.
        let words = project.run(&[&["setup"], *arguments].concat()).expect(1).stderr;
        assert!(
            words.contains(&shown) && words.contains(refused["why"].as_str().expect("a reason")),
            "{words}"
        );
    }
}

/// Where another hand writes: the text that it puts in, before or behind what.
const EDITS: &[(usize, &str, &str)] = &[(0, "    \"db\"", "\"mine\": {\"command\": \"m\"},\n")];

#[test]
fn what_others_write_between_setup_and_undo_survives() {
    let check = |case: usize, edit: &dyn Fn(&str) -> String| {
        let (arguments, file, text) = &KEPT[case];
        let project = project_with(file, text.as_bytes());
        let path = place(&project, file);
        setup(&project, arguments, &[]).expect(0);
        let edited = edit(&fs::read_to_string(&path).expect("a file"));
        fs::write(&path, edited).expect("a file");
        setup(&project, arguments, &["--undo"]).expect(0);
        assert_eq!(fs::read_to_string(&path).expect("a file"), edit(text), "{file}");
    };
    let before = |what: &'static str, put: &'static str| {
        move |text: &str| text.replacen(what, &format!("{put}{what}"), 1)
    };
    let (case, what, put) = EDITS[0];
    check(case, &before(what, put));
    let of = |file: &str, holds: &str| {
        KEPT.iter().position(|case| case.1 == file && case.2.contains(holds)).expect("a case")
    };
    check(of(".gemini/settings.json", "// team"), &before("\"mcpServers\"", "\"more\": [1, /* x */ 2],\n  "));
    check(of(".vscode/mcp.json", "/* one */"), &before("/* one */", "\"zero\": {},\n\t\t"));
    check(of("~/.codex/config.toml", "# keep"), &|text| format!("{text}\n[more]\nx = 1\n"));
    check(
        of("~/.codex/config.toml", "# keep"),
        &before("[projects", "[mcp_servers.more]\ncommand = \"x\"\n\n"),
    );
    check(of("~/.config/goose/config.yaml", "# built in"), &before("  fetch", "  more: {cmd: x}\n"));
    check(of("AGENTS.md", "`make test`.\n"), &|text| format!("{text}\nMore.\n"));
    check(of("AGENTS.md", "`make test`.\n"), &before("Run", "First. "));
    check(of(".claude/settings.json", "\"Stop\""), &before("\"Stop\"", "\"PreCompact\": [],\n        "));
}

/// Clients write their files anew: other spacing, no comments, other members.
#[test]
fn a_file_that_was_written_anew_since_loses_ours_alone() {
    let project = project_with(".mcp.json", b"{\"mcpServers\":{\"a\":{\"command\":\"a\"}}}");
    setup(&project, CLAUDE, &[]).expect(0);
    let mut value: Value = serde_json::from_str(&project.read(".mcp.json")).expect("JSON");
    value["mcpServers"]["b"] = serde_json::json!({"command": "b"});
    project.write(".mcp.json", serde_json::to_string_pretty(&value).expect("JSON"));
    setup(&project, CLAUDE, &["--undo"]).expect(0);
    let servers = serde_json::json!({"a": {"command": "a"}, "b": {"command": "b"}});
    assert_eq!(
        serde_json::from_str::<Value>(&project.read(".mcp.json")).expect("JSON")["mcpServers"],
        servers
    );

    // Likewise where nothing was noted, as in a clone.
    setup(&project, CLAUDE, &[]).expect(0);
    fs::remove_dir_all(project.outside("home/.local")).expect("our state");
    setup(&project, CLAUDE, &["--undo"]).expect(0);
    assert_eq!(
        serde_json::from_str::<Value>(&project.read(".mcp.json")).expect("JSON")["mcpServers"],
        servers
    );
}

#[test]
fn files_and_folders_that_are_made_go_with_the_last_client() {
    let project = Project::committed(&[("README.md", "# x\n")]);
    let before = everything(&project);
    let all = [
        "claude", "codex", "copilot", "vscode", "cursor", "gemini", "qwen", "opencode", "amp", "cline",
        "windsurf", "zed", "goose", "crush", "junie", "aider", "git",
    ];
    setup(&project, &all, &[]).expect(0);
    assert!(!project.exists(".waypost/config.toml"), "no project of ours is needed");
    for file in [
        ".mcp.json",
        ".codex/config.toml",
        ".github/hooks/waypost.json",
        ".opencode/plugin/waypost.js",
        "AGENTS.md",
    ] {
        let text = project.read(file);
        assert!(text.contains("waypost") && !text.contains(env!("CARGO_BIN_EXE_waypost")), "{file}: {text}");
    }
    setup(&project, &all[..16], &["--check"]).json();
    // Who asked last for what several use takes it along.
    setup(&project, &["claude"], &["--undo"]).expect(0);
    assert!(project.exists(".mcp.json") && project.exists("AGENTS.md"));
    setup(&project, &all, &["--undo"]).expect(0);
    assert_eq!(everything(&project), before);
    assert!(!project.exists(".claude") && !project.exists(".github") && !project.exists(".waypost"));
}

#[test]
fn the_users_own_files_name_the_program_by_its_path() {
    let project = Project::committed(&[("README.md", "# x\n")]);
    let before = everything(&project);
    let users = [
        "claude", "codex", "copilot", "vscode", "cursor", "gemini", "qwen", "opencode", "amp", "cline",
        "windsurf", "zed", "goose", "crush", "junie",
    ];
    setup(&project, &users, &["--user"]).expect(0);
    assert!(everything(&project).iter().filter(|(path, ..)| path.starts_with("project/")).eq(before.iter()));
    let home = project.outside("home");
    for file in
        [".claude.json", ".codex/config.toml", ".config/goose/config.yaml", ".copilot/hooks/waypost.json"]
    {
        let text = fs::read_to_string(home.join(file)).expect("a file");
        assert!(text.contains(env!("CARGO_BIN_EXE_waypost")), "{file}: {text}");
    }
    assert!(project.run(&["setup", "aider", "--user"]).expect(2).stderr.contains("--project"));
    let shown = project.json(&["uninstall", "--dry-run"]);
    assert!(
        home.join(".claude.json").exists() && shown["files"].as_array().is_some_and(|files| files.len() > 15),
        "{shown}"
    );
    setup(&project, &["claude"], &["--project"]).expect(0);
    let done = project.json(&["uninstall"]);
    assert!(done["kept"].to_string().contains(".mcp.json"), "{done}");
    assert!(files_below(&home).is_empty(), "{:?}", files_below(&home));
    project.json(&["uninstall"]);
}

#[test]
fn a_link_is_written_through_and_none_leads_out_of_the_project() {
    let project = Project::committed(&[("AGENTS.md", "# Agents\n")]);
    symlink("AGENTS.md", project.path("CLAUDE.md")).expect("a link");
    setup(&project, &["claude", "--instructions"], &[]).expect(0);
    assert!(
        project.path("CLAUDE.md").is_symlink()
            && project.read("AGENTS.md").matches("waypost:begin").count() == 1
    );
    setup(&project, &["codex", "--instructions"], &[]).expect(0);
    assert_eq!(project.read("AGENTS.md").matches("waypost:begin").count(), 1);
    setup(&project, &["claude", "codex"], &["--undo"]).expect(0);
    assert_eq!(project.read("AGENTS.md"), "# Agents\n");
    assert!(project.path("CLAUDE.md").is_symlink());

    let outside = project.outside("home/theirs.json");
    fs::write(&outside, "{}").expect("a file");
    symlink(&outside, project.path(".mcp.json")).expect("a link");
    fs::create_dir(project.outside("elsewhere")).expect("a folder");
    symlink(project.outside("elsewhere"), project.path(".claude")).expect("a link");
    let run = setup(&project, &["claude", "--mcp", "--hooks"], &[]).expect(1);
    assert_eq!(states(&run), ["refused", "refused"]);
    assert_eq!(fs::read_to_string(outside).expect("a file"), "{}");
    assert!(files_below(&project.outside("elsewhere")).is_empty());
}

#[test]
fn an_older_one_of_ours_is_brought_up_to_date_with_what_was_added_to_it() {
    let old = "{\"mcpServers\": {\"waypost\": {\"command\": \"/old/waypost\", \"args\": [\"mcp\"], \"env\": {\"A\": \"1\"}}}}\n";
    let project = project_with(".mcp.json", old.as_bytes());
    assert_eq!(states(&setup(&project, CLAUDE, &["--check"]).expect(1)), ["outdated"]);
    assert_eq!(states(&setup(&project, CLAUDE, &[]).expect(0)), ["updated"]);
    let made: Value = serde_json::from_str(&project.read(".mcp.json")).expect("JSON");
    let entry = &made["mcpServers"]["waypost"];
    assert_eq!((entry["command"].as_str(), entry["env"]["A"].as_str()), (Some("waypost"), Some("1")));
    setup(&project, CLAUDE, &["--undo"]).expect(0);
    assert_eq!(project.read(".mcp.json"), old);
}

#[test]
fn what_a_person_has_to_do_is_told_and_seen_when_it_is_done() {
    let project = Project::committed(&[("README.md", "# x\n")]);
    setup(&project, &["claude", "--mcp"], &[]).expect(0);
    let todo = |run: &Run| run.json()["clients"][0]["todo"][0]["done"].clone();
    assert_eq!(todo(&setup(&project, &["claude", "--mcp"], &["--check"]).expect(1)), false);
    let state = serde_json::json!({"projects": {project.root.display().to_string(): {
        "hasTrustDialogAccepted": true, "enabledMcpjsonServers": ["waypost"]
    }}});
    fs::write(project.outside("home/.claude.json"), state.to_string()).expect("a file");
    assert_eq!(todo(&setup(&project, &["claude", "--mcp"], &["--check"]).expect(0)), true);
    fs::create_dir_all(project.outside("home/.gemini")).expect("a folder");
    setup(&project, &["gemini", "--mcp"], &[]).expect(0);
    assert_eq!(todo(&setup(&project, &["gemini", "--mcp"], &["--check"]).expect(1)), false);
    let trusted = serde_json::json!({project.outside("").display().to_string(): "TRUST_FOLDER"});
    fs::write(project.outside("home/.gemini/trustedFolders.json"), trusted.to_string()).expect("a file");
    assert_eq!(todo(&setup(&project, &["gemini", "--mcp"], &["--check"]).expect(0)), true);
}

#[test]
fn clients_are_found_by_their_files_and_nothing_is_written_unasked() {
    let project = Project::with(&[(".cursor/rules/a.mdc", "x"), ("GEMINI.md", "x")]);
    let before = everything(&project);
    let list = project.json(&["setup", "--list"]);
    let found = |id: &str| {
        let clients = list["clients"].as_array().expect("clients");
        clients.iter().find(|client| client["client"] == id).expect("a client")["found"].clone()
    };
    assert!(found("cursor").as_str().is_some_and(|path| path.ends_with(".cursor")));
    assert!(found("gemini").as_str().is_some_and(|path| path.ends_with("GEMINI.md")));
    assert!(found("windsurf").is_null());
    let listed = project.ok(&["setup"]);
    assert!(listed.stdout.contains("cursor") && everything(&project) == before);
    let error = project.run(&["setup", "curser", "--json"]).expect(2).json();
    assert!(
        error["hint"].as_str().is_some_and(|hint| hint.contains("cursor") && hint.contains("git")),
        "{error}"
    );
}

#[test]
fn a_token_beside_ours_is_not_shown() {
    let token = ["ghp_", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"].concat();
    let text = format!("{{\"mcpServers\": {{\"g\": {{\"env\": {{\"T\": \"{token}\"}}}}}}}}\n");
    let project = project_with(".mcp.json", text.as_bytes());
    let shown = project.ok(&["setup", "claude", "--mcp", "--dry-run"]);
    assert!(shown.stdout.contains("+") && !shown.stdout.contains(&token), "{}", shown.stdout);
    assert!(!setup(&project, CLAUDE, &["--dry-run"]).expect(0).stdout.contains(&token));
    setup(&project, CLAUDE, &[]).expect(0);
    let state = project.outside("home/.local/state/waypost/setup");
    assert_eq!(fs::metadata(state).expect("our state").permissions().mode() & 0o077, 0);
}

#[test]
fn the_plugin_folder_is_made_of_the_same_data() {
    let project = Project::committed(&[("README.md", "# x\n")]);
    let folder = project.outside("plugin");
    let report = project.json(&["setup", "--plugin", &folder.display().to_string()]);
    for file in strings(&report["files"]) {
        let text = fs::read_to_string(folder.join(file)).expect("a file");
        if file.ends_with(".json") {
            serde_json::from_str::<Value>(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        }
    }
    setup(&project, &["claude"], &[]).expect(0);
    let same = |file: &str, of: &str| {
        let read = |path: PathBuf| {
            serde_json::from_str::<Value>(&fs::read_to_string(path).expect("a file")).expect("JSON")
        };
        assert_eq!(read(folder.join(file)), read(project.path(of)));
    };
    same("plugins/waypost/.mcp.json", ".mcp.json");
    same("plugins/waypost/hooks/hooks.json", ".claude/settings.json");
    project.ok(&["setup", "--plugin", &folder.display().to_string()]);
    let run = project.run(&["setup", "--plugin", "."]).expect(2);
    assert!(run.stderr.contains("has other files in it"), "{}", run.stderr);
}

/// Runs `waypost setup` at a terminal of its own, types into it, and gives what
/// stood there.
fn setup_at_a_terminal(project: &Project, typed: &str) -> String {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let near = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&near).and_then(|()| unlockpt(&near)).expect("a terminal of ours");
    let name = ptsname(&near, Vec::new()).expect("its name").into_string().expect("a path");
    let far = fs::File::options().read(true).write(true).open(name).expect("its other end");
    let other = || far.try_clone().expect("another handle");
    let mut command = project.command(&["setup"]);
    let mut child = command.stdin(other()).stdout(other()).stderr(other()).spawn().expect("it starts");
    drop((command, far));
    let mut near = fs::File::from(near);
    near.write_all(typed.as_bytes()).expect("it is typed");
    let mut told = Vec::new();
    // The last one who had the other end open is gone: an error, and the end.
    let _ = near.read_to_end(&mut told);
    assert!(child.wait().expect("it ends").success());
    String::from_utf8(told).expect("text")
}

#[test]
fn on_a_terminal_it_asks_before_anything_is_written() {
    let project = Project::fixture("tally");
    project.write(".mcp.json", "{}");
    for answer in ["n\n", "\n", "maybe\n", "\u{4}"] {
        let told = setup_at_a_terminal(&project, answer);
        assert!(told.contains("found here: claude") && told.contains("[y/N]"), "{told}");
        assert_eq!(project.read(".mcp.json"), "{}", "{answer:?}");
    }
    setup_at_a_terminal(&project, "y\n");
    assert!(project.read(".mcp.json").contains("waypost"));
    // Nobody can answer here.
    let project = Project::fixture("tally");
    project.write(".mcp.json", "{}");
    assert!(!project.ok(&["setup"]).stderr.contains("[y/N]"));
    assert_eq!(project.read(".mcp.json"), "{}");
}
