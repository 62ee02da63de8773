//! A folder with plugins, made of the same data as the clients' own files: a
//! marketplace that Claude Code, Codex and Copilot CLI install from, a plugin
//! for OpenCode and an extension for Gemini CLI.
//!
//! Not here: writing it.

use serde_json::{Value, json};

use super::clients::{self, Part, Scope};
use super::instructions;
use super::piece::{Piece, json_file};

/// The files by their paths, and how each is installed.
pub struct Plugin {
    pub files: Vec<(&'static str, String)>,
    pub install: &'static [&'static str],
}

const INSTALL: &[&str] = &[
    "claude plugin marketplace add {dir} && claude plugin install waypost@waypost",
    "codex plugin marketplace add {dir} && codex plugin add waypost@waypost",
    "copilot plugin marketplace add {dir} && copilot plugin install waypost@waypost",
    "gemini extensions link {dir}/gemini --consent",
    "opencode: copy {dir}/opencode/waypost.js into .opencode/plugin/",
];

const ABOUT: &str = "Keeps one handoff of a repository true, tells it when a session starts, and answers from code and records";

const SKILL: &str = "\
---
name: waypost
description: Where this repository stands: its handoff, its decisions, and where things are. Use it at the start of a task, before a search, and before you stop.
---

Read `.waypost/handoff.md` first: what the project is, its goal, where to start, what builds and tests it.

";

const COMMAND: &str = "\
---
description: Read the handoff and say where things stand
---

Run `waypost prompt` and read it. Say in five lines what the goal is, what is done, what comes next, and where to start.
";

const GEMINI_COMMAND: &str = "\
description = \"Read the handoff and say where things stand\"
prompt = \"\"\"
Run `waypost prompt` and read it. Say in five lines what the goal is, what is done, what comes next, and where to start.
\"\"\"
";

/// All files of all plugins.
pub fn plugin() -> Plugin {
    let version = env!("CARGO_PKG_VERSION");
    let author = json!({"name": "waypost"});
    let marketplace = json!({
        "name": "waypost",
        "owner": author,
        "plugins": [{"name": "waypost", "source": "./plugins/waypost", "description": ABOUT, "version": version}],
    });
    let manifest = json!({
        "name": "waypost", "version": version, "description": ABOUT, "author": author, "license": "MIT",
    });
    let extension = merged(
        json!({"name": "waypost", "version": version, "description": ABOUT}),
        &of_project("gemini", Part::Mcp),
    );
    Plugin {
        files: vec![
            (".claude-plugin/marketplace.json", json_file(&marketplace)),
            ("plugins/waypost/.claude-plugin/plugin.json", json_file(&manifest)),
            ("plugins/waypost/.mcp.json", json_file(&of_project("claude", Part::Mcp))),
            ("plugins/waypost/hooks/hooks.json", json_file(&of_project("claude", Part::Hooks))),
            ("plugins/waypost/skills/waypost/SKILL.md", format!("{SKILL}{}", instructions::commands())),
            ("plugins/waypost/commands/handoff.md", COMMAND.to_string()),
            (
                "plugins/waypost/README.md",
                format!("# waypost\n\n{ABOUT}. It needs the program `waypost` in the search path.\n"),
            ),
            ("gemini/gemini-extension.json", json_file(&extension)),
            ("gemini/hooks/hooks.json", json_file(&of_project("gemini", Part::Hooks))),
            ("gemini/commands/handoff.toml", GEMINI_COMMAND.to_string()),
            ("opencode/waypost.js", module()),
        ],
        install: INSTALL,
    }
}

/// What a client's file of a project would hold.
fn of_project(id: &str, part: Part) -> Value {
    let spots = clients::client(id).into_iter().flat_map(|client| client.spots);
    let spot = spots.filter(|spot| spot.part == part && spot.scope == Scope::Project);
    let forms = spot.flat_map(|spot| spot.files.first()).flat_map(|(_, forms)| *forms);
    let texts = forms.map(|form| form.piece("waypost").stanza());
    let values = texts.filter_map(|text| serde_json::from_str(&text).ok());
    values.fold(json!({}), |all, one| merged(all, &one))
}

/// Objects of both with the keys of both.
fn merged(mut all: Value, more: &Value) -> Value {
    if let (Some(all), Some(more)) = (all.as_object_mut(), more.as_object()) {
        for (key, value) in more {
            let value = match all.get(key) {
                Some(known) if known.is_object() => merged(known.clone(), value),
                _ => value.clone(),
            };
            all.insert(key.clone(), value);
        }
    }
    all
}

fn module() -> String {
    match clients::Form::Module(clients::OPENCODE_PLUGIN).piece("waypost") {
        Piece::Whole { text, .. } => text,
        other => other.stanza(),
    }
}
