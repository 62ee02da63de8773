//! Steps that only the user can take: trusting a folder, approving a server or
//! a hook. Reads whether a step was done where a client notes it; writes
//! nothing.
//!
//! Not here: the words of each client's row (`clients`).

use std::path::Path;

use serde_json::Value;

use super::clients::{Client, Part, Scope};
use super::places::Places;
use super::{json, toml};
use crate::model::ClientId;

/// A step that only the user can take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    pub what: String,
    /// Whether it is done; `None` if that cannot be seen.
    pub done: Option<bool>,
}

/// What is to be approved for these parts, as far as it was not.
pub fn approvals(client: &Client, scope: Scope, parts: &[Part], places: &Places) -> Vec<Approval> {
    let words = client.approve[usize::from(scope == Scope::User)];
    let needs = parts.iter().any(|part| *part != Part::Instructions);
    if words.is_empty() || !needs {
        return Vec::new();
    }
    let done = match (client.id, scope) {
        (ClientId::Claude, Scope::Project) => claude(parts, places),
        (ClientId::Codex, _) => codex(scope, parts, places),
        (ClientId::Copilot, Scope::Project) => copilot(places),
        (ClientId::Gemini, _) => folder_trust(places, "$GEMINI_CLI_HOME:~/.gemini/trustedFolders.json"),
        _ => None,
    };
    vec![Approval { what: words.to_string(), done }]
}

/// The folder's entry in Claude Code's state, and its settings.
fn claude(parts: &[Part], places: &Places) -> Option<bool> {
    let state = read(places, "$CLAUDE_CONFIG_DIR:~/.claude.json").unwrap_or_default();
    let project =
        state.get("projects").and_then(|all| all.get(places.root.to_str()?)).cloned().unwrap_or_default();
    let trusted = project.get("hasTrustDialogAccepted") == Some(&Value::Bool(true));
    let settings = [
        "$CLAUDE_CONFIG_DIR:~/.claude/settings.json",
        ".claude/settings.json",
        ".claude/settings.local.json",
    ];
    let settings = settings.iter().filter_map(|file| read(places, file)).chain([project]);
    let approves = |settings: &Value| {
        let all = settings.get("enableAllProjectMcpServers") == Some(&Value::Bool(true));
        let named = settings.get("enabledMcpjsonServers").and_then(Value::as_array);
        all || named.is_some_and(|named| named.iter().any(|name| name == super::piece::NAME))
    };
    let approved = settings.into_iter().any(|settings| approves(&settings));
    Some(trusted && (approved || !parts.contains(&Part::Mcp)))
}

/// The folder's entry in Codex's configuration. Which hook is trusted is noted
/// by a hash of its own making, so there only their number tells.
fn codex(scope: Scope, parts: &[Part], places: &Places) -> Option<bool> {
    let text = std::fs::read_to_string(places.path("$CODEX_HOME:~/.codex/config.toml")).unwrap_or_default();
    let root = places.root.to_str()?;
    let trusts = |folder: &Path| {
        let level =
            folder.to_str().and_then(|folder| toml::value_at(&text, &["projects", folder, "trust_level"]));
        level.is_some_and(|level| level == "trusted")
    };
    if scope == Scope::Project && !trusts(Path::new(root)) {
        return Some(false);
    }
    if parts.contains(&Part::Hooks) { None } else { Some(true) }
}

fn copilot(places: &Places) -> Option<bool> {
    let config = read(places, "$COPILOT_HOME:~/.copilot/config.json").unwrap_or_default();
    let folders = config.get("trusted_folders").or(config.get("trustedFolders")).and_then(Value::as_array)?;
    Some(folders.iter().filter_map(Value::as_str).any(|folder| places.root.starts_with(folder)))
}

/// A list of folders with `TRUST_FOLDER`, `TRUST_PARENT` or `DO_NOT_TRUST`.
fn folder_trust(places: &Places, file: &str) -> Option<bool> {
    let folders = read(places, file).unwrap_or_default();
    let trusts = |(folder, level): (&String, &Value)| match level.as_str() {
        Some("TRUST_FOLDER") => places.root.starts_with(folder),
        Some("TRUST_PARENT") => {
            Path::new(folder).parent().is_some_and(|parent| places.root.starts_with(parent))
        }
        _ => false,
    };
    Some(folders.as_object().is_some_and(|folders| folders.iter().any(trusts)))
}

fn read(places: &Places, file: &str) -> Option<Value> {
    json::read_loosely(&std::fs::read_to_string(places.path(file)).ok()?)
}
