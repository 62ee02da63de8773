//! Commands that shells noted in this folder, if the user's own settings let them
//! be read (`shell_history`): atuin notes the folder, fish and zsh the time, and
//! where they were is told by `cd`.
//!
//! Read only, newest first, bounded, redacted.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

use super::App;
use super::sessions::SessionDesk;
use super::transcripts::read_part;
use crate::model::SafeText;
use crate::model::time::rfc3339;
use crate::store::foreign::{self, ShellEntry};

/// A command of a shell.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ShellCommand {
    /// `atuin`, `fish` or `zsh`.
    pub shell: &'static str,
    pub command: SafeText,
    pub at: String,
    pub exit_code: Option<i64>,
}

/// Commands that are told.
const MOST: usize = 20;

/// Bytes at the end of a history that are read.
const TAIL: u64 = 1_000_000;

/// Commands in this folder since a moment, newest first; none unless the settings
/// allow it.
pub(super) fn since(app: &App, desk: &SessionDesk, since_ms: i64) -> Vec<ShellCommand> {
    let home = app.host().folders.as_ref().map(|folders| folders.home.clone());
    let Some(home) = home.filter(|_| desk.context.settings.shell_history()) else { return Vec::new() };
    let data = app.variable("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let data = data.unwrap_or_else(|| home.join(".local/share"));
    let root = &desk.context.project.root;
    let atuin =
        foreign::atuin_commands(&data.join("atuin/history.db"), &root.to_string_lossy(), since_ms, MOST);
    let zsh = app.variable("HISTFILE").map(PathBuf::from).filter(|path| path.ends_with(".zsh_history"));
    let zsh = zsh.unwrap_or_else(|| home.join(".zsh_history"));
    let told = [
        ("atuin", atuin),
        ("fish", within(fish(&tail(&data.join("fish/fish_history"))), root, &home, since_ms)),
        ("zsh", within(zsh_entries(&tail(&zsh)), root, &home, since_ms)),
    ];
    let mut all: Vec<(&'static str, ShellEntry)> = told
        .into_iter()
        .flat_map(|(shell, entries)| entries.into_iter().map(move |entry| (shell, entry)))
        .collect();
    all.sort_by_key(|(_, entry)| std::cmp::Reverse(entry.at_ms));
    // A shell with atuin notes each command twice.
    all.dedup_by(|later, first| {
        later.1.command == first.1.command && (first.1.at_ms - later.1.at_ms) < 2_000
    });
    let told = all.into_iter().take(MOST).map(|(shell, entry)| ShellCommand {
        shell,
        command: desk.title(&entry.command),
        at: rfc3339(entry.at_ms),
        exit_code: entry.code,
    });
    told.collect()
}

fn tail(path: &Path) -> String {
    let length =
        std::fs::symlink_metadata(path).ok().filter(|found| found.is_file()).map_or(0, |found| found.len());
    let mut text = String::new();
    let _ = read_part(path, length.saturating_sub(TAIL), TAIL, &mut text);
    text
}

/// `- cmd: make test` and `  when: 1700000000`.
fn fish(text: &str) -> Vec<ShellEntry> {
    let mut entries: Vec<ShellEntry> = Vec::new();
    for line in text.lines() {
        if let Some(command) = line.strip_prefix("- cmd: ") {
            entries.push(ShellEntry { command: command.replace("\\n", " "), at_ms: 0, code: None });
        } else if let (Some(when), Some(entry)) = (line.strip_prefix("  when: "), entries.last_mut()) {
            entry.at_ms = when.trim().parse::<i64>().unwrap_or(0) * 1_000;
        }
    }
    entries
}

/// `: 1700000000:0;make test`
fn zsh_entries(text: &str) -> Vec<ShellEntry> {
    let entry = |line: &str| {
        let (times, command) = line.strip_prefix(": ")?.split_once(';')?;
        let seconds: i64 = times.split(':').next()?.trim().parse().ok()?;
        Some(ShellEntry { command: command.to_string(), at_ms: seconds * 1_000, code: None })
    };
    text.lines().filter_map(entry).collect()
}

/// Those since a moment that were given in a folder, as far as `cd` tells where
/// the shell was; before the first one nobody knows.
fn within(entries: Vec<ShellEntry>, root: &Path, home: &Path, since_ms: i64) -> Vec<ShellEntry> {
    let mut here: Option<PathBuf> = None;
    let mut found = Vec::new();
    for entry in entries {
        if let Some(to) = changes_to(&entry.command) {
            here = resolved(here.as_deref(), to, home);
        } else if entry.at_ms >= since_ms && here.as_ref().is_some_and(|here| here.starts_with(root)) {
            found.push(entry);
        }
    }
    found
}

/// The folder that a command changes to.
fn changes_to(command: &str) -> Option<&str> {
    let rest = command.trim().strip_prefix("cd")?;
    match rest.chars().next() {
        None => Some("~"),
        Some(' ') if !rest.contains(['&', ';', '|', '$', '`']) => Some(rest.trim().trim_matches(['"', '\''])),
        Some(_) => None,
    }
}

fn resolved(here: Option<&Path>, to: &str, home: &Path) -> Option<PathBuf> {
    let to = match to.strip_prefix('~') {
        Some(rest) => home.join(rest.trim_start_matches('/')),
        None => PathBuf::from(to),
    };
    let whole = if to.is_absolute() { to } else { here?.join(to) };
    let mut folder = PathBuf::new();
    for part in whole.components() {
        match part {
            std::path::Component::ParentDir => _ = folder.pop(),
            std::path::Component::CurDir => {}
            part => folder.push(part),
        }
    }
    Some(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_belongs_to_the_folder_that_cd_went_to() {
        let zsh = ": 1:0;make lost\n: 2:0;cd /work/app\n: 3:0;make test\n: 4:0;cd src\n: 5:0;cargo run\n: 6:0;cd ~\n: 7:0;ls\n";
        let found = within(zsh_entries(zsh), Path::new("/work/app"), Path::new("/home/ann"), 3_000);
        let told: Vec<(&str, i64)> = found.iter().map(|it| (it.command.as_str(), it.at_ms)).collect();
        assert_eq!(told, [("make test", 3_000), ("cargo run", 5_000)]);
        let fish = fish("- cmd: cd /work/app/../app\n  when: 1\n- cmd: make\n  when: 2\n  paths:\n    - x\n");
        assert_eq!(within(fish, Path::new("/work/app"), Path::new("/home/ann"), 0).len(), 1);
    }
}
