//! What the transcripts tell that clients of agents keep on this machine: the
//! same entries as their hooks would have logged. Read only, newest first,
//! bounded, redacted.
//!
//! Only transcripts of conversations in this tree or one of its work trees are
//! read. Here is where those of Claude Code and Codex lie, and which part of one is
//! read; `lines` is how these two write, `others` are Gemini, Copilot and OpenCode,
//! `reading` makes entries of what is told.

mod lines;
mod others;
mod reading;
pub(super) mod sha256;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::App;
use super::sessions::SessionDesk;
use crate::model::{ClientId, Event};
use reading::Reading;

/// A conversation that a client kept.
pub(super) struct Transcript {
    pub client: ClientId,
    /// The client's name for it.
    pub id: String,
    pub written_ms: i64,
    path: PathBuf,
}

/// Bytes at the beginning and at the end of a transcript that are read: the task
/// is told first, and how things stand last.
const HEAD: u64 = 256_000;
const TAIL: u64 = 8_000_000;

/// Bytes of a transcript that is one JSON object.
const WHOLE: u64 = 32_000_000;

/// Files and folders that are looked at.
const MOST_FILES: usize = 2_000;

/// Subagents of one conversation that are read, and bytes at the end of each.
const MOST_SUBAGENTS: usize = 50;
const SUBAGENT_TAIL: u64 = 500_000;

/// Transcripts of conversations here, the newest first.
pub(super) fn find(app: &App, desk: &SessionDesk) -> Vec<Transcript> {
    let roots = roots(desk);
    let mut found = of_claude(app, &roots);
    found.extend(of_codex(app, &roots));
    found.extend(others::of_gemini(app, &roots));
    found.extend(others::of_copilot(app, &roots));
    found.extend(others::of_opencode(app, &roots));
    found.sort_by_key(|transcript| std::cmp::Reverse(transcript.written_ms));
    found
}

fn roots(desk: &SessionDesk) -> Vec<PathBuf> {
    let mut roots = desk.store.worktrees().unwrap_or_default();
    roots.push(desk.context.project.root.clone());
    roots
}

/// A client's own folder: where a variable says, else in the user's home.
fn folder(app: &App, variable: &str, name: &str) -> Option<PathBuf> {
    let home = app.host().folders.as_ref().map(|folders| folders.home.join(name));
    app.variable(variable).map(PathBuf::from).filter(|path| path.is_absolute()).or(home)
}

/// `projects/<folder with dashes>/<conversation>.jsonl`; what its subagents did lies
/// beside it.
fn of_claude(app: &App, roots: &[PathBuf]) -> Vec<Transcript> {
    let Some(projects) = folder(app, "CLAUDE_CONFIG_DIR", ".claude").map(|it| it.join("projects")) else {
        return Vec::new();
    };
    let encoded = |root: &PathBuf| -> String {
        root.to_string_lossy().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
    };
    let folders = roots.iter().map(|root| projects.join(encoded(root)));
    folders
        .flat_map(|folder| entries(&folder))
        .filter(|path| !is_subagent(path))
        .filter_map(|path| transcript(ClientId::Claude, path, roots))
        .collect()
}

fn is_subagent(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with("agent-"))
}

/// Transcripts of the subagents of a conversation of Claude Code: in its own folder, in older versions
/// beside it.
fn subagents(path: &Path, id: &str) -> Vec<PathBuf> {
    let mut found = entries(&path.with_extension("").join("subagents"));
    let beside = path.parent().map(entries).unwrap_or_default().into_iter();
    found.extend(beside.filter(|path| is_subagent(path)).filter(|path| {
        let mut head = String::new();
        read_part(path, 0, HEAD / 16, &mut head).is_some() && head.contains(id)
    }));
    found.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    found.truncate(MOST_SUBAGENTS);
    found
}

/// `sessions/YYYY/MM/DD/rollout-*.jsonl`, which tells its folder in its first line.
fn of_codex(app: &App, roots: &[PathBuf]) -> Vec<Transcript> {
    let Some(sessions) = folder(app, "CODEX_HOME", ".codex").map(|it| it.join("sessions")) else {
        return Vec::new();
    };
    let mut files = vec![sessions];
    for _ in 0..4 {
        // The newest of each level by name.
        files = files.iter().flat_map(|folder| entries(folder)).collect();
        files.sort_by(|one, other| other.cmp(one));
        files.truncate(MOST_FILES.min(200));
    }
    files.into_iter().filter_map(|path| transcript(ClientId::Codex, path, roots)).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path())).take(MOST_FILES).collect()
}

fn transcript(client: ClientId, path: PathBuf, roots: &[PathBuf]) -> Option<Transcript> {
    let found = std::fs::symlink_metadata(&path).ok().filter(|found| found.is_file())?;
    if path.extension().is_none_or(|extension| extension != "jsonl") {
        return None;
    }
    let written = found.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    let mut head = String::new();
    read_part(&path, 0, HEAD / 4, &mut head)?;
    let values: Vec<Value> =
        head.lines().take(50).filter_map(|line| serde_json::from_str(line).ok()).collect();
    let said = |keys: &[&str]| {
        let parts = values.iter().flat_map(|value| [value, &value["payload"]]);
        parts.flat_map(|part| keys.iter().map(move |key| &part[*key])).find_map(Value::as_str)
    };
    // Codex once told it in words only.
    let here = PathBuf::from(said(&["cwd"]).or_else(|| reading::between(&head, "cwd"))?);
    let is_here = roots.iter().any(|root| here.starts_with(root));
    if values.iter().any(lines::is_of_codex_subagent) {
        return None;
    }
    let id = said(&["sessionId", "id"]).map(str::to_string);
    let id = id.or_else(|| Some(path.file_stem()?.to_string_lossy().into_owned()))?;
    is_here.then_some(Transcript { client, id, written_ms: written.as_millis() as i64, path })
}

/// What a conversation's own transcript tells since a moment.
pub(super) fn told_since(
    app: &App,
    desk: &SessionDesk,
    client: ClientId,
    path: &Path,
    since_ms: i64,
) -> Vec<Event> {
    let transcript = Transcript { client, id: String::new(), written_ms: 0, path: path.to_path_buf() };
    transcript.events(app, desk).into_iter().filter(|event| event.at_ms >= since_ms).collect()
}

/// How a command of Codex's ended, which its hooks do not tell.
pub(super) fn codex_exit_code(path: &Path, call: &str) -> Option<i64> {
    let length = std::fs::symlink_metadata(path).ok().filter(|found| found.is_file())?.len();
    let mut text = String::new();
    read_part(path, length.saturating_sub(HEAD), HEAD, &mut text)?;
    lines::codex_exit_code(&text, call)
}

/// Adds a part of a file to a text.
pub(super) fn read_part(path: &Path, from: u64, most: u64, text: &mut String) -> Option<()> {
    let mut file = File::open(path).ok()?;
    file.seek(SeekFrom::Start(from)).ok()?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes).ok()?;
    text.push_str(&String::from_utf8_lossy(&bytes));
    Some(())
}

impl Transcript {
    /// Its entries, oldest first.
    pub fn events(&self, app: &App, desk: &SessionDesk) -> Vec<Event> {
        let mut reading = Reading::new(app, desk);
        match self.client {
            ClientId::Opencode => reading.opencode(&self.path, &self.id),
            ClientId::Gemini => reading.gemini_file(&self.whole()),
            _ => {
                let [head, tail] = self.ends();
                self.lines(&head, &mut reading);
                if !tail.is_empty() {
                    reading.skip();
                    self.lines(&tail, &mut reading);
                }
            }
        }
        if self.client == ClientId::Claude {
            self.read_subagents(&mut reading);
        }
        reading.finish()
    }

    fn lines(&self, text: &str, reading: &mut Reading) {
        // A line that is cut is no JSON, and left out.
        for value in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            reading.at(&value["timestamp"]);
            match self.client {
                ClientId::Claude => reading.claude(&value),
                ClientId::Copilot => reading.copilot(&value),
                _ => reading.codex(&value),
            }
        }
    }

    /// What subagents did, in the place of its time. What they were asked for is no
    /// request of the person's.
    fn read_subagents(&self, reading: &mut Reading) {
        reading.is_subagent = true;
        for path in subagents(&self.path, &self.id) {
            let length = std::fs::metadata(&path).map_or(0, |found| found.len());
            let mut text = String::new();
            let _ = read_part(&path, length.saturating_sub(SUBAGENT_TAIL), SUBAGENT_TAIL, &mut text);
            self.lines(&text, reading);
        }
    }

    /// The text of a transcript that cannot be read in parts.
    fn whole(&self) -> String {
        let mut text = String::new();
        let _ = read_part(&self.path, 0, WHOLE, &mut text);
        text
    }

    /// The beginning and the end of the text.
    fn ends(&self) -> [String; 2] {
        let length = std::fs::metadata(&self.path).map_or(0, |found| found.len());
        let (mut head, mut tail) = (String::new(), String::new());
        if length <= HEAD + TAIL {
            let _ = read_part(&self.path, 0, HEAD + TAIL, &mut head);
            return [head, tail];
        }
        let _ = read_part(&self.path, 0, HEAD, &mut head);
        let _ = read_part(&self.path, length - TAIL, TAIL, &mut tail);
        [head, tail]
    }
}
