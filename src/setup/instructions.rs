//! The block that says where the handoff is: which one file it goes into, so
//! that every client that reads the project's instructions reads it once.
//!
//! Not here: putting it in (`block`). No file is made that would shadow another.

use std::path::Path;

use super::block::{self, Marks};
use super::clients::{Client, Reads};
use super::json;
use super::piece::Piece;
use super::places::Places;
use crate::model::ClientId;

/// Where a client's instructions go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instructions {
    /// Into this file.
    Into(String),
    /// Into none; why, and what a person can do.
    Told(String),
    /// Into one in which only its owner writes.
    Paste(String),
}

/// Files into which the block goes; into others only by hand.
pub const FILES: &[&str] = &[
    "AGENTS.md",
    "CLAUDE.md",
    ".claude/CLAUDE.md",
    "GEMINI.md",
    "QWEN.md",
    "AGENTS.override.md",
    ".junie/AGENTS.md",
];

const AGENTS: &str = "AGENTS.md";

const BODY: &str = "\
## Handoff

`.waypost/handoff.md` says what this project is, its goal, where to start, and what builds and tests it. Read it first.

- Looking for something: `waypost search WORDS`; for evidence: `waypost context \"QUESTION\"`
- Before you read a whole file: `waypost outline PATH`
- What changed meanwhile: `waypost diff-summary`
- Something was decided or learnt: `waypost note --kind decision --summary \"...\" --anchor PATH`
- Before you stop: `waypost checkpoint --done \"...\" --next \"...\"`
";

/// The list of commands alone.
pub fn commands() -> &'static str {
    BODY.split_once("\n- ").map_or(BODY, |(before, _)| &BODY[before.len() + 1..])
}

/// The block for an instructions file.
pub fn piece() -> Piece {
    Piece::Block { marks: Marks::Markdown, body: BODY.to_string() }
}

/// Chooses the file for one client.
pub fn of_project(client: &Client, places: &Places) -> Instructions {
    let root = places.root;
    let read = read_by(client, places);
    let reads = |file: &str| read.iter().any(|name| name == file || leads_to(root, name, file));
    let holders: Vec<&str> = FILES.iter().copied().filter(|file| holds_block(root, file)).collect();
    if let Some(holder) = holders.iter().find(|file| reads(file)) {
        return Instructions::Into(holder.to_string());
    }
    if let Some(holder) = holders.first() {
        return Instructions::Told(match read.first() {
            Some(name) => format!(
                "`{holder}` has the block, and {} reads `{name}` instead: add the line `@{holder}` to it",
                client.name
            ),
            None => format!(
                "`{holder}` has the block, which {} does not read by itself{}",
                client.name,
                named(holder)
            ),
        });
    }
    let known = |name: &&String| FILES.contains(&name.as_str());
    match read.iter().filter(known).find(|name| *name == AGENTS).or(read.iter().find(known)) {
        Some(_) if reads(AGENTS) && exists(root, AGENTS) => Instructions::Into(AGENTS.to_string()),
        Some(name) => Instructions::Into(name.clone()),
        None => without_file(client, &read, places),
    }
}

/// None of the files is there, or none that is ours to write.
fn without_file(client: &Client, read: &[String], places: &Places) -> Instructions {
    if let Some(name) = read.first() {
        return Instructions::Paste(format!("{} reads `{name}`, which is yours", client.name));
    }
    match names(client, places).iter().any(|name| name == AGENTS) {
        true => Instructions::Into(AGENTS.to_string()),
        false => {
            Instructions::Told(format!("{} does not read `{AGENTS}` by itself{}", client.name, named(AGENTS)))
        }
    }
}

/// What has a client read another file, where its settings can.
fn named(file: &str) -> String {
    format!("; its settings can name it: \"context\": {{\"fileName\": [\"{file}\"]}}")
}

/// The files that a client would read now.
fn read_by(client: &Client, places: &Places) -> Vec<String> {
    let mut there = names(client, places);
    there.retain(|name| exists(places.root, name));
    if matches!(client.reads, Reads::First(_)) {
        there.truncate(1);
    }
    there
}

fn names(client: &Client, places: &Places) -> Vec<String> {
    let named = match client.id {
        ClientId::Gemini => {
            named_by_settings(places, &[".gemini/settings.json", "$GEMINI_CLI_HOME:~/.gemini/settings.json"])
        }
        ClientId::Qwen => named_by_settings(places, &[".qwen/settings.json", "~/.qwen/settings.json"]),
        _ => None,
    };
    let of_client: &[&str] = match client.reads {
        Reads::All(names) | Reads::First(names) => names,
        Reads::None => &[],
    };
    named.unwrap_or_else(|| of_client.iter().map(|name| name.to_string()).collect())
}

/// `context.fileName` of the first settings that have it.
fn named_by_settings(places: &Places, files: &[&str]) -> Option<Vec<String>> {
    let one = |file: &&str| {
        let settings = json::read_loosely(&std::fs::read_to_string(places.path(file)).ok()?)?;
        match settings.pointer("/context/fileName")? {
            serde_json::Value::String(name) => Some(vec![name.clone()]),
            names => names
                .as_array()
                .map(|names| names.iter().filter_map(|name| Some(name.as_str()?.to_string())).collect()),
        }
    };
    files.iter().find_map(one)
}

fn exists(root: &Path, name: &str) -> bool {
    root.join(name).is_file()
}

/// Whether reading one file is reading the other: it is a link to it, or
/// imports it.
fn leads_to(root: &Path, name: &str, file: &str) -> bool {
    let (name, file_path) = (root.join(name), root.join(file));
    let is_link = name.canonicalize().ok().zip(file_path.canonicalize().ok()).is_some_and(|(a, b)| a == b);
    is_link
        || text(&name)
            .lines()
            .any(|line| line.trim() == format!("@{file}") || line.trim() == format!("@./{file}"))
}

fn holds_block(root: &Path, file: &str) -> bool {
    block::is_there(&text(&root.join(file)), Marks::Markdown)
}

fn text(path: &Path) -> String {
    super::disk::read(path)
        .ok()
        .flatten()
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::clients::client;
    use super::*;

    #[track_caller]
    fn check(id: &str, files: &[(&str, &str)], expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let environment = Default::default();
        let home = folder.path().join("home");
        let places = Places { root: folder.path(), home: &home, environment: &environment };
        let found = match of_project(client(id).unwrap(), &places) {
            Instructions::Into(file) => file,
            Instructions::Told(why) => format!("told: {why}"),
            Instructions::Paste(why) => format!("paste: {why}"),
        };
        assert!(found.starts_with(expected), "{id} with {files:?}: {found}");
    }

    #[test]
    fn the_block_goes_into_the_one_file_that_is_read() {
        check("codex", &[], "AGENTS.md");
        check("claude", &[], "AGENTS.md");
        check("claude", &[("CLAUDE.md", "x")], "CLAUDE.md");
        check("claude", &[("CLAUDE.md", "x"), ("AGENTS.md", "y")], "CLAUDE.md");
        check("claude", &[("CLAUDE.md", "@AGENTS.md\n"), ("AGENTS.md", "y")], "AGENTS.md");
        check("codex", &[("CLAUDE.md", "x")], "AGENTS.md");
        check("opencode", &[("CLAUDE.md", "x")], "CLAUDE.md");
        check("junie", &[(".junie/AGENTS.md", "x"), ("AGENTS.md", "y")], ".junie/AGENTS.md");
    }

    #[test]
    fn a_second_block_is_not_written() {
        let block = "<!-- waypost:begin v1 -->\nx\n<!-- waypost:end -->\n";
        check("copilot", &[("CLAUDE.md", block), ("AGENTS.md", "y")], "CLAUDE.md");
        check("codex", &[("CLAUDE.md", block)], "told: `CLAUDE.md` has the block");
        check(
            "claude",
            &[("CLAUDE.md", "x"), ("AGENTS.md", block)],
            "told: `AGENTS.md` has the block, and Claude Code reads `CLAUDE.md` instead",
        );
    }

    #[test]
    fn no_file_is_made_that_would_shadow_another() {
        check(
            "zed",
            &[(".github/copilot-instructions.md", "x")],
            "paste: Zed reads `.github/copilot-instructions.md`",
        );
        check("zed", &[(".github/copilot-instructions.md", "x"), ("AGENTS.md", "y")], "paste: ");
        check("gemini", &[], "told: Gemini CLI does not read `AGENTS.md`");
        check("gemini", &[("GEMINI.md", "x")], "GEMINI.md");
        check(
            "gemini",
            &[(".gemini/settings.json", "{\"context\": {\"fileName\": [\"AGENTS.md\"]}} // x")],
            "AGENTS.md",
        );
    }

    #[test]
    fn the_block_is_short() {
        assert!(BODY.lines().count() <= 12, "{}", BODY.lines().count());
    }
}
