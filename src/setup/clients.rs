//! The clients as a table: which files they read at which scope, and what goes
//! into them. A new client is a new row.
//!
//! Not here: how it is put in. A value is JSON in which `{program}` stands for
//! the program, `{shell}` for the same as a word of a shell.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::block::Marks;
use super::json::Grammar;
use super::piece::Piece;
use crate::model::ClientId;

/// A part of waypost that a client can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    Mcp,
    Hooks,
    Instructions,
}

impl Part {
    /// Every part, in the order in which they are set up.
    pub const ALL: [Self; 3] = [Self::Mcp, Self::Hooks, Self::Instructions];

    /// The part's name in reports and flags.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mcp => "mcp",
            Self::Hooks => "hooks",
            Self::Instructions => "instructions",
        }
    }
}

/// Whose files are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Those below the project's root.
    Project,
    /// The user's own, for all projects.
    User,
}

/// One client.
pub struct Client {
    pub id: ClientId,
    pub name: &'static str,
    /// Programs by which it is known to be installed.
    pub programs: &'static [&'static str],
    /// Files and folders by which it is known to be used.
    pub traces: &'static [&'static str],
    pub spots: &'static [Spot],
    pub reads: Reads,
    /// What a person has still to do with the project's files, and with the
    /// user's own.
    pub approve: [&'static str; 2],
    /// How to see that it has arrived.
    pub see: &'static str,
}

/// One part at one scope: the first of these files that exists, else the first.
pub struct Spot {
    pub part: Part,
    pub scope: Scope,
    pub files: &'static [(&'static str, &'static [Form])],
}

/// Which instructions a client reads.
#[derive(Clone, Copy)]
pub enum Reads {
    /// All of these files that exist.
    All(&'static [&'static str]),
    /// The first of these files that exists.
    First(&'static [&'static str]),
    /// It reads no file of its own accord.
    None,
}

/// A [`Piece`] as the table spells it.
pub enum Form {
    Server(Grammar, &'static [&'static str], &'static str),
    Default(Grammar, &'static str, &'static str),
    Hook(Grammar, &'static [&'static str], &'static str),
    Table(&'static str, &'static str),
    Entry(&'static str, &'static str),
    Word(&'static str, &'static str),
    Lines(&'static str),
    Script(&'static str),
    Module(&'static str),
}

impl Form {
    /// With the program's path filled in.
    pub fn piece(&self, program: &str) -> Piece {
        let value = |text: &str| filled(serde_json::from_str(text).unwrap_or_default(), program);
        let keys = |keys: &[&str]| keys.iter().map(|key| key.to_string()).collect();
        let text = |text: &str| fill(text, program);
        match *self {
            Self::Server(grammar, at, json) => Piece::Server { grammar, at: keys(at), value: value(json) },
            Self::Default(grammar, key, json) => {
                Piece::Default { grammar, key: key.to_string(), value: value(json) }
            }
            Self::Hook(grammar, at, json) => Piece::Hook { grammar, at: keys(at), value: value(json) },
            Self::Table(parent, json) => Piece::Table { parent: parent.to_string(), value: value(json) },
            Self::Entry(parent, json) => Piece::Entry { parent: parent.to_string(), value: value(json) },
            Self::Word(key, word) => Piece::Word { key: key.to_string(), word: word.to_string() },
            Self::Lines(body) => Piece::Block { marks: Marks::Shell, body: text(body) },
            Self::Script(body) => Piece::Whole { text: text(body), executable: true },
            Self::Module(body) => Piece::Whole { text: text(body), executable: false },
        }
    }
}

fn filled(value: Value, program: &str) -> Value {
    match value {
        Value::String(text) => fill(&text, program).into(),
        Value::Array(items) => items.into_iter().map(|item| filled(item, program)).collect(),
        Value::Object(members) => {
            Value::from_iter(members.into_iter().map(|(key, value)| (key, filled(value, program))))
        }
        other => other,
    }
}

fn fill(text: &str, program: &str) -> String {
    text.replace("{program}", program).replace("{shell}", &crate::visible::shell_word(program))
}

/// The client with this id; `git` is none.
pub fn client(id: &str) -> Option<&'static Client> {
    CLIENTS.iter().find(|client| client.id.name() == id)
}

/// Whether a configuration of Codex holds hooks itself.
pub fn has_hooks(config: &str) -> bool {
    let events = super::toml::value_at(config, &["hooks"]);
    events.is_some_and(|events| events.as_object().is_some_and(|events| !events.is_empty()))
}

impl Client {
    /// The parts that it has at a scope.
    pub fn parts(&self, scope: Scope) -> Vec<Part> {
        let has = |part: &Part| {
            let spot = self.spots.iter().any(|spot| spot.part == *part && spot.scope == scope);
            let reads = *part == Part::Instructions && scope == Scope::Project;
            spot || reads && !matches!(self.reads, Reads::None)
        };
        Part::ALL.into_iter().filter(has).collect()
    }
}

use Form::{Default, Entry, Hook, Lines, Module, Script, Server, Table, Word};
use Part::{Hooks, Instructions, Mcp};
use Scope::{Project, User};

const STRICT: Grammar = Grammar { comments: false, trailing_commas: false, bom: true };
const COMMENTS: Grammar = Grammar { comments: true, trailing_commas: false, bom: true };
/// As Gemini CLI reads it.
const COMMENTS_NO_BOM: Grammar = Grammar { bom: false, ..COMMENTS };
const JSONC: Grammar = Grammar { comments: true, trailing_commas: true, bom: true };
const JSONC_NO_BOM: Grammar = Grammar { bom: false, ..JSONC };

const SERVERS: &[&str] = &["mcpServers"];
const ON_START: &[&str] = &["hooks", "SessionStart"];

const STDIO: &str = r#"{"type": "stdio", "command": "{program}", "args": ["mcp"]}"#;
const PLAIN: &str = r#"{"command": "{program}", "args": ["mcp"]}"#;
const SLOW: &str = r#"{"command": "{program}", "args": ["mcp"], "timeout": 30000}"#;
const WORKSPACE: &str = r#"{"command": "{program}", "args": ["mcp", "--root", "${workspaceFolder}"]}"#;
const LOCAL: &str = r#"{"type": "local", "command": "{program}", "args": ["mcp"], "tools": ["*"]}"#;
const OPENCODE: &str =
    r#"{"type": "local", "command": ["{program}", "mcp"], "enabled": true, "timeout": 10000}"#;
const GOOSE: &str = r#"{"enabled": true, "type": "stdio", "name": "waypost", "cmd": "{program}", "args": ["mcp"], "envs": {}, "timeout": 300}"#;
const CLINE: &str = r#"{"transport": {"type": "stdio", "command": "{program}", "args": ["mcp"]}}"#;

/// A hook as Claude Code and Codex have it: seconds, and a matcher where the event
/// has one.
macro_rules! hook {
    ($client:literal, $event:literal) => {
        concat!(
            r#"{"hooks": [{"type": "command", "command": "{shell} hook "#,
            concat!($event, " --client ", $client),
            r#"", "timeout": 10}]}"#
        )
    };
    ($client:literal, $event:literal, $matcher:literal) => {
        concat!(
            concat!(r#"{"matcher": ""#, $matcher),
            r#"", "hooks": [{"type": "command", "command": "{shell} hook "#,
            concat!($event, " --client ", $client),
            r#"", "timeout": 10}]}"#
        )
    };
}

/// The same as Gemini CLI and Qwen Code have it: milliseconds, a name, and always a
/// matcher.
macro_rules! named_hook {
    ($client:literal, $event:literal, $matcher:literal) => {
        concat!(
            concat!(r#"{"matcher": ""#, $matcher),
            r#"", "hooks": [{"name": "waypost", "type": "command", "command": "{shell} hook "#,
            concat!($event, " --client ", $client),
            r#"", "timeout": 10000}]}"#
        )
    };
}

/// The same as Copilot CLI has it.
macro_rules! copilot_hook {
    ($event:literal) => {
        concat!(
            concat!(r#"{"type": "command", "bash": "{shell} hook "#, $event, " --client copilot"),
            concat!(r#"", "powershell": "{shell} hook "#, $event, " --client copilot"),
            r#"", "cwd": ".", "timeoutSec": 10}"#
        )
    };
}

const CLAUDE_HOOKS: &[Form] = &[
    Hook(STRICT, ON_START, hook!("claude", "session-start", "startup|resume|clear|compact")),
    Hook(STRICT, &["hooks", "UserPromptSubmit"], hook!("claude", "prompt")),
    Hook(
        STRICT,
        &["hooks", "PreToolUse"],
        hook!("claude", "pre-tool", "Edit|Write|MultiEdit|NotebookEdit|Bash"),
    ),
    Hook(
        STRICT,
        &["hooks", "PostToolUse"],
        hook!("claude", "post-tool", "Edit|Write|MultiEdit|NotebookEdit|Bash"),
    ),
    // A command that fails is told by this one alone.
    Hook(
        STRICT,
        &["hooks", "PostToolUseFailure"],
        hook!("claude", "post-tool", "Edit|Write|MultiEdit|NotebookEdit|Bash"),
    ),
    Hook(STRICT, &["hooks", "PreCompact"], hook!("claude", "pre-compact")),
    Hook(STRICT, &["hooks", "Stop"], hook!("claude", "stop")),
    Hook(STRICT, &["hooks", "SessionEnd"], hook!("claude", "session-end")),
];
const CODEX_HOOKS: &[Form] = &[
    Hook(STRICT, ON_START, hook!("codex", "session-start", "startup|resume|clear|compact")),
    Hook(STRICT, &["hooks", "UserPromptSubmit"], hook!("codex", "prompt")),
    Hook(STRICT, &["hooks", "PreToolUse"], hook!("codex", "pre-tool", "apply_patch|Edit|Write|Bash|shell")),
    Hook(STRICT, &["hooks", "PostToolUse"], hook!("codex", "post-tool", "apply_patch|Edit|Write|Bash|shell")),
    Hook(STRICT, &["hooks", "PreCompact"], hook!("codex", "pre-compact")),
    Hook(STRICT, &["hooks", "Stop"], hook!("codex", "stop")),
    Hook(STRICT, &["hooks", "SessionEnd"], hook!("codex", "session-end")),
];
const GEMINI_HOOKS: &[Form] = &[
    Hook(COMMENTS_NO_BOM, ON_START, named_hook!("gemini", "session-start", "*")),
    Hook(COMMENTS_NO_BOM, &["hooks", "BeforeAgent"], named_hook!("gemini", "prompt", "*")),
    Hook(
        COMMENTS_NO_BOM,
        &["hooks", "BeforeTool"],
        named_hook!("gemini", "pre-tool", "write_file|replace|edit|run_shell_command"),
    ),
    Hook(
        COMMENTS_NO_BOM,
        &["hooks", "AfterTool"],
        named_hook!("gemini", "post-tool", "write_file|replace|edit|run_shell_command"),
    ),
    Hook(COMMENTS_NO_BOM, &["hooks", "PreCompress"], named_hook!("gemini", "pre-compact", "*")),
    Hook(COMMENTS_NO_BOM, &["hooks", "AfterAgent"], named_hook!("gemini", "stop", "*")),
    Hook(COMMENTS_NO_BOM, &["hooks", "SessionEnd"], named_hook!("gemini", "session-end", "*")),
];
const QWEN_HOOKS: &[Form] = &[
    Hook(COMMENTS, ON_START, named_hook!("qwen", "session-start", "*")),
    Hook(COMMENTS, &["hooks", "UserPromptSubmit"], named_hook!("qwen", "prompt", "*")),
    Hook(
        COMMENTS,
        &["hooks", "PreToolUse"],
        named_hook!("qwen", "pre-tool", "write_file|replace|edit|run_shell_command"),
    ),
    Hook(
        COMMENTS,
        &["hooks", "PostToolUse"],
        named_hook!("qwen", "post-tool", "write_file|replace|edit|run_shell_command"),
    ),
    Hook(COMMENTS, &["hooks", "PreCompact"], named_hook!("qwen", "pre-compact", "*")),
    Hook(COMMENTS, &["hooks", "Stop"], named_hook!("qwen", "stop", "*")),
    Hook(COMMENTS, &["hooks", "SessionEnd"], named_hook!("qwen", "session-end", "*")),
];

const CURSOR_START: &str = r#"{"command": "{shell} hook session-start --client cursor"}"#;
/// Nothing before a tool: Copilot refuses the tool where the command is not there,
/// as with a colleague who has no waypost.
const COPILOT_HOOKS: &[Form] = &[
    Default(STRICT, "version", "1"),
    Hook(STRICT, &["hooks", "sessionStart"], copilot_hook!("session-start")),
    Hook(STRICT, &["hooks", "userPromptSubmitted"], copilot_hook!("prompt")),
    Hook(STRICT, &["hooks", "postToolUse"], copilot_hook!("post-tool")),
    Hook(STRICT, &["hooks", "postToolUseFailure"], copilot_hook!("post-tool")),
    Hook(STRICT, &["hooks", "sessionEnd"], copilot_hook!("session-end")),
];
const CURSOR_HOOKS: &[Form] =
    &[Default(JSONC, "version", "1"), Hook(JSONC, &["hooks", "sessionStart"], CURSOR_START)];

const CLINE_START: &str = "#!/bin/sh\nexec {shell} hook session-start --client cline\n";
/// The transform also runs for the request that finds a title; the hook tells a
/// conversation once.
pub const OPENCODE_PLUGIN: &str = r#"// Tells a conversation what `.waypost/handoff.md` says. Written by `waypost setup opencode`.
export const Waypost = async ({ $, directory }) => ({
  "experimental.chat.system.transform": async (_input, output) => {
    const told = await $`{shell} hook session-start --client opencode`.cwd(directory).quiet().nothrow().text()
    if (told.trim()) output.system.push(told)
  },
})
"#;

const OPENCODE_FORMS: &[Form] = &[Server(JSONC, &["mcp"], OPENCODE)];
const CRUSH_RC: &[Form] = &[Lines("mcp add waypost --command {shell} --args mcp\n")];
const CRUSH_JSON: &[Form] = &[Server(STRICT, &["mcp"], STDIO)];

/// Every client that can be set up.
pub const CLIENTS: &[Client] = &[
    Client {
        id: ClientId::Claude,
        name: "Claude Code",
        programs: &["claude"],
        traces: &["~/.claude.json", "~/.claude", ".mcp.json", ".claude", "CLAUDE.md"],
        spots: &[
            Spot { part: Mcp, scope: Project, files: &[(".mcp.json", &[Server(STRICT, SERVERS, STDIO)])] },
            Spot {
                part: Mcp,
                scope: User,
                files: &[("$CLAUDE_CONFIG_DIR:~/.claude.json", &[Server(STRICT, SERVERS, STDIO)])],
            },
            Spot { part: Hooks, scope: Project, files: &[(".claude/settings.json", CLAUDE_HOOKS)] },
            Spot {
                part: Hooks,
                scope: User,
                files: &[("$CLAUDE_CONFIG_DIR:~/.claude/settings.json", CLAUDE_HOOKS)],
            },
        ],
        reads: Reads::First(&["CLAUDE.md", ".claude/CLAUDE.md", "AGENTS.md"]),
        approve: ["start `claude` here once: trust the folder and approve the server", ""],
        see: "claude mcp list",
    },
    Client {
        id: ClientId::Codex,
        name: "Codex CLI",
        programs: &["codex"],
        traces: &["~/.codex", ".codex"],
        spots: &[
            Spot {
                part: Mcp,
                scope: Project,
                files: &[(".codex/config.toml", &[Table("mcp_servers", PLAIN)])],
            },
            Spot {
                part: Mcp,
                scope: User,
                files: &[("$CODEX_HOME:~/.codex/config.toml", &[Table("mcp_servers", PLAIN)])],
            },
            Spot { part: Hooks, scope: Project, files: &[(".codex/hooks.json", CODEX_HOOKS)] },
            Spot { part: Hooks, scope: User, files: &[("$CODEX_HOME:~/.codex/hooks.json", CODEX_HOOKS)] },
        ],
        reads: Reads::First(&["AGENTS.override.md", "AGENTS.md"]),
        approve: [
            "start `codex` here once and trust the folder, then trust the hook in `/hooks`",
            "trust the hook in `/hooks`",
        ],
        see: "codex mcp list",
    },
    Client {
        id: ClientId::Copilot,
        name: "GitHub Copilot CLI",
        programs: &["copilot"],
        traces: &["~/.copilot", ".github/copilot-instructions.md", ".github/hooks"],
        spots: &[
            Spot { part: Mcp, scope: Project, files: &[(".mcp.json", &[Server(STRICT, SERVERS, STDIO)])] },
            Spot {
                part: Mcp,
                scope: User,
                files: &[("$COPILOT_HOME:~/.copilot/mcp-config.json", &[Server(JSONC, SERVERS, LOCAL)])],
            },
            Spot { part: Hooks, scope: Project, files: &[(".github/hooks/waypost.json", COPILOT_HOOKS)] },
            Spot {
                part: Hooks,
                scope: User,
                files: &[("$COPILOT_HOME:~/.copilot/hooks/waypost.json", COPILOT_HOOKS)],
            },
        ],
        reads: Reads::All(&["AGENTS.md", ".github/copilot-instructions.md", "CLAUDE.md", "GEMINI.md"]),
        approve: ["start `copilot` here once and trust the folder", ""],
        see: "copilot mcp list",
    },
    Client {
        id: ClientId::Vscode,
        name: "Visual Studio Code",
        programs: &["code", "code-insiders", "codium"],
        traces: &["$VSCODE/User", ".vscode"],
        spots: &[
            Spot {
                part: Mcp,
                scope: Project,
                files: &[(
                    ".vscode/mcp.json",
                    &[Server(
                        JSONC,
                        &["servers"],
                        r#"{"type": "stdio", "command": "{program}", "args": ["mcp", "--root", "${workspaceFolder}"]}"#,
                    )],
                )],
            },
            Spot {
                part: Mcp,
                scope: User,
                files: &[(
                    "$VSCODE/User/mcp.json",
                    &[Server(
                        JSONC,
                        &["servers"],
                        r#"{"type": "stdio", "command": "{program}", "args": ["mcp", "--root", "${workspaceFolder}"]}"#,
                    )],
                )],
            },
            Spot { part: Hooks, scope: Project, files: &[(".github/hooks/waypost.json", COPILOT_HOOKS)] },
        ],
        reads: Reads::All(&["AGENTS.md", ".github/copilot-instructions.md"]),
        approve: [
            "start the server with `MCP: List Servers` and trust it",
            "start the server with `MCP: List Servers` and trust it",
        ],
        see: "the command `MCP: List Servers`",
    },
    Client {
        id: ClientId::Cursor,
        name: "Cursor",
        programs: &["cursor", "cursor-agent"],
        traces: &["~/.cursor", ".cursor", ".cursorrules"],
        spots: &[
            Spot {
                part: Mcp,
                scope: Project,
                files: &[(".cursor/mcp.json", &[Server(JSONC, SERVERS, WORKSPACE)])],
            },
            Spot {
                part: Mcp,
                scope: User,
                files: &[("~/.cursor/mcp.json", &[Server(JSONC, SERVERS, WORKSPACE)])],
            },
            Spot { part: Hooks, scope: Project, files: &[(".cursor/hooks.json", CURSOR_HOOKS)] },
            Spot { part: Hooks, scope: User, files: &[("~/.cursor/hooks.json", CURSOR_HOOKS)] },
        ],
        reads: Reads::All(&["AGENTS.md"]),
        approve: [
            "switch the server on in Cursor's settings, under MCP",
            "switch the server on in Cursor's settings, under MCP",
        ],
        see: "cursor-agent mcp list",
    },
    Client {
        id: ClientId::Gemini,
        name: "Gemini CLI",
        programs: &["gemini"],
        traces: &["~/.gemini", ".gemini", "GEMINI.md"],
        spots: &[
            Spot {
                part: Mcp,
                scope: Project,
                files: &[(".gemini/settings.json", &[Server(COMMENTS_NO_BOM, SERVERS, SLOW)])],
            },
            Spot {
                part: Mcp,
                scope: User,
                files: &[(
                    "$GEMINI_CLI_HOME:~/.gemini/settings.json",
                    &[Server(COMMENTS_NO_BOM, SERVERS, SLOW)],
                )],
            },
            Spot { part: Hooks, scope: Project, files: &[(".gemini/settings.json", GEMINI_HOOKS)] },
            Spot {
                part: Hooks,
                scope: User,
                files: &[("$GEMINI_CLI_HOME:~/.gemini/settings.json", GEMINI_HOOKS)],
            },
        ],
        reads: Reads::All(&["GEMINI.md"]),
        approve: [
            "start `gemini` here once and trust the folder",
            "start `gemini` in a project once and trust the folder",
        ],
        see: "gemini mcp list",
    },
    Client {
        id: ClientId::Qwen,
        name: "Qwen Code",
        programs: &["qwen"],
        traces: &["~/.qwen", ".qwen", "QWEN.md"],
        spots: &[
            Spot {
                part: Mcp,
                scope: Project,
                files: &[(".qwen/settings.json", &[Server(COMMENTS, SERVERS, SLOW)])],
            },
            Spot {
                part: Mcp,
                scope: User,
                files: &[("~/.qwen/settings.json", &[Server(COMMENTS, SERVERS, SLOW)])],
            },
            Spot { part: Hooks, scope: Project, files: &[(".qwen/settings.json", QWEN_HOOKS)] },
            Spot { part: Hooks, scope: User, files: &[("~/.qwen/settings.json", QWEN_HOOKS)] },
        ],
        reads: Reads::All(&["AGENTS.md", "QWEN.md"]),
        approve: ["start `qwen` here once and approve the server", ""],
        see: "qwen mcp list",
    },
    Client {
        id: ClientId::Opencode,
        name: "OpenCode",
        programs: &["opencode"],
        traces: &["$XDG_CONFIG_HOME:~/.config/opencode", "opencode.json", "opencode.jsonc", ".opencode"],
        spots: &[
            Spot {
                part: Mcp,
                scope: Project,
                files: &[
                    ("opencode.json", OPENCODE_FORMS),
                    ("opencode.jsonc", OPENCODE_FORMS),
                    (".opencode/opencode.json", OPENCODE_FORMS),
                    (".opencode/opencode.jsonc", OPENCODE_FORMS),
                ],
            },
            Spot {
                part: Mcp,
                scope: User,
                files: &[
                    ("$XDG_CONFIG_HOME:~/.config/opencode/opencode.json", OPENCODE_FORMS),
                    ("$XDG_CONFIG_HOME:~/.config/opencode/opencode.jsonc", OPENCODE_FORMS),
                ],
            },
            Spot {
                part: Hooks,
                scope: Project,
                files: &[(".opencode/plugin/waypost.js", &[Module(OPENCODE_PLUGIN)])],
            },
            Spot {
                part: Hooks,
                scope: User,
                files: &[(
                    "$XDG_CONFIG_HOME:~/.config/opencode/plugin/waypost.js",
                    &[Module(OPENCODE_PLUGIN)],
                )],
            },
        ],
        reads: Reads::First(&["AGENTS.md", "CLAUDE.md"]),
        approve: ["", ""],
        see: "opencode mcp list",
    },
    Client {
        id: ClientId::Amp,
        name: "Amp",
        programs: &["amp"],
        traces: &["$XDG_CONFIG_HOME:~/.config/amp", ".amp"],
        spots: &[
            Spot {
                part: Mcp,
                scope: Project,
                files: &[(".amp/settings.json", &[Server(JSONC_NO_BOM, &["amp.mcpServers"], PLAIN)])],
            },
            Spot {
                part: Mcp,
                scope: User,
                files: &[(
                    "$XDG_CONFIG_HOME:~/.config/amp/settings.json",
                    &[Server(JSONC_NO_BOM, &["amp.mcpServers"], PLAIN)],
                )],
            },
        ],
        reads: Reads::All(&["AGENTS.md"]),
        approve: ["`amp mcp approve waypost`", ""],
        see: "amp mcp list",
    },
    Client {
        id: ClientId::Cline,
        name: "Cline",
        programs: &["cline"],
        traces: &["~/.cline", ".cline", ".clinerules"],
        spots: &[
            Spot {
                part: Mcp,
                scope: User,
                files: &[(
                    "$CLINE_DATA_DIR:~/.cline/data/settings/cline_mcp_settings.json",
                    &[Server(STRICT, SERVERS, CLINE)],
                )],
            },
            Spot {
                part: Hooks,
                scope: Project,
                files: &[(".cline/hooks/TaskStart", &[Script(CLINE_START)])],
            },
        ],
        reads: Reads::All(&["AGENTS.md", ".cursorrules", ".windsurfrules"]),
        approve: ["switch hooks on in Cline's settings", ""],
        see: "the list of MCP servers in Cline",
    },
    Client {
        id: ClientId::Windsurf,
        name: "Windsurf",
        programs: &["windsurf"],
        traces: &["~/.codeium/windsurf", ".windsurf", ".windsurfrules"],
        spots: &[Spot {
            part: Mcp,
            scope: User,
            files: &[("~/.codeium/windsurf/mcp_config.json", &[Server(STRICT, SERVERS, PLAIN)])],
        }],
        reads: Reads::All(&["AGENTS.md"]),
        approve: ["", "refresh the servers in Windsurf's settings, under Cascade"],
        see: "the list of MCP servers in Windsurf",
    },
    Client {
        id: ClientId::Zed,
        name: "Zed",
        programs: &["zed", "zeditor"],
        traces: &["$XDG_CONFIG_HOME:~/.config/zed", ".zed", ".rules"],
        spots: &[
            Spot {
                part: Mcp,
                scope: Project,
                files: &[(
                    ".zed/settings.json",
                    &[Server(
                        JSONC,
                        &["context_servers"],
                        r#"{"command": "{program}", "args": ["mcp"], "env": {}}"#,
                    )],
                )],
            },
            Spot {
                part: Mcp,
                scope: User,
                files: &[(
                    "$XDG_CONFIG_HOME:~/.config/zed/settings.json",
                    &[Server(
                        JSONC,
                        &["context_servers"],
                        r#"{"command": "{program}", "args": ["mcp"], "env": {}}"#,
                    )],
                )],
            },
        ],
        reads: Reads::First(&[
            ".rules",
            ".cursorrules",
            ".windsurfrules",
            ".clinerules",
            ".github/copilot-instructions.md",
            "AGENT.md",
            "AGENTS.md",
            "CLAUDE.md",
            "GEMINI.md",
        ]),
        approve: ["trust the project in Zed", ""],
        see: "the settings of Zed's agent panel",
    },
    Client {
        id: ClientId::Goose,
        name: "Goose",
        programs: &["goose"],
        traces: &["$XDG_CONFIG_HOME:~/.config/goose", ".goosehints"],
        spots: &[Spot {
            part: Mcp,
            scope: User,
            files: &[("$XDG_CONFIG_HOME:~/.config/goose/config.yaml", &[Entry("extensions", GOOSE)])],
        }],
        reads: Reads::All(&["AGENTS.md", ".goosehints"]),
        approve: ["", ""],
        see: "goose info -v",
    },
    Client {
        id: ClientId::Crush,
        name: "Crush",
        programs: &["crush"],
        traces: &[
            "$XDG_CONFIG_HOME:~/.config/crush",
            "crush.json",
            ".crush.json",
            "crushrc",
            ".crushrc",
            "CRUSH.md",
        ],
        spots: &[
            Spot {
                part: Mcp,
                scope: Project,
                files: &[
                    ("crush.json", CRUSH_JSON),
                    (".crush.json", CRUSH_JSON),
                    (".crushrc", CRUSH_RC),
                    ("crushrc", CRUSH_RC),
                ],
            },
            Spot {
                part: Mcp,
                scope: User,
                files: &[
                    ("$XDG_CONFIG_HOME:~/.config/crush/crush.json", CRUSH_JSON),
                    ("$XDG_CONFIG_HOME:~/.config/crush/crushrc", CRUSH_RC),
                ],
            },
        ],
        reads: Reads::All(&[
            "AGENTS.md",
            "CRUSH.md",
            "CLAUDE.md",
            "GEMINI.md",
            ".github/copilot-instructions.md",
            ".cursorrules",
        ]),
        approve: ["", ""],
        see: "the list of MCP servers in Crush",
    },
    Client {
        id: ClientId::Junie,
        name: "JetBrains Junie",
        programs: &["junie"],
        traces: &["~/.junie", ".junie"],
        spots: &[
            Spot {
                part: Mcp,
                scope: Project,
                files: &[(".junie/mcp/mcp.json", &[Server(STRICT, SERVERS, PLAIN)])],
            },
            Spot {
                part: Mcp,
                scope: User,
                files: &[("~/.junie/mcp/mcp.json", &[Server(STRICT, SERVERS, PLAIN)])],
            },
        ],
        reads: Reads::First(&[".junie/AGENTS.md", "AGENTS.md", ".junie/guidelines.md"]),
        approve: [
            "switch the server on in the settings, under Junie, MCP",
            "switch the server on in the settings, under Junie, MCP",
        ],
        see: "the settings, under Junie, MCP",
    },
    Client {
        id: ClientId::Aider,
        name: "Aider",
        programs: &["aider"],
        traces: &["~/.aider.conf.yml", ".aider.conf.yml"],
        spots: &[Spot {
            part: Instructions,
            scope: Project,
            files: &[(".aider.conf.yml", &[Word("read", ".waypost/handoff.md")])],
        }],
        reads: Reads::None,
        approve: ["", ""],
        see: "`/ls` in a chat",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_of_the_table_is_json_and_ours() {
        for client in CLIENTS {
            for (file, forms) in client.spots.iter().flat_map(|spot| spot.files) {
                for form in *forms {
                    let piece = form.piece("/opt/my tools/waypost");
                    let (made, _) = piece.put(b"").unwrap().unwrap();
                    let text = String::from_utf8(made.clone()).unwrap();
                    assert!(!text.contains("{program}") && !text.contains("{shell}"), "{file}: {text}");
                    assert_eq!(piece.put(&made).unwrap(), None, "{file}: twice is once");
                    assert!(!text.contains("null"), "{file}: {text}");
                    if !matches!(piece, Piece::Default { .. }) {
                        assert!(piece.take(&made, 9).unwrap().is_some(), "{file}: {text}");
                    }
                }
            }
        }
    }

    #[test]
    fn ids_are_told_apart_and_each_client_has_a_part() {
        let ids: std::collections::BTreeSet<ClientId> = CLIENTS.iter().map(|client| client.id).collect();
        assert_eq!(ids.len(), 16);
        for client in CLIENTS {
            assert!(!(client.parts(Project).is_empty() && client.parts(User).is_empty()), "{}", client.name);
        }
    }
}
