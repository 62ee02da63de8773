//! What the transcripts tell that clients of agents keep on this machine: the
//! same entries as their hooks would have logged. Read only, newest first,
//! bounded, redacted.
//!
//! Only transcripts of conversations in this tree or one of its work trees are
//! read. Known are those of Claude Code and Codex here, of Gemini, Copilot and
//! OpenCode in `others`.

mod others;
mod sha256;

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::App;
use super::hook::HookClient;
use super::hook_facts::{HookFacts, facts_of, said_exit_code};
use super::sessions::SessionDesk;
use crate::model::time::parse_rfc3339;
use crate::model::{Event, EventKind, SafeText};
use crate::sessions::digest::tells_of_trouble;

/// A conversation that a client kept.
pub(super) struct Transcript {
    pub client: HookClient,
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

/// `projects/<folder with dashes>/<conversation>.jsonl`
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
        .filter_map(|path| transcript(HookClient::Claude, path, roots))
        .collect()
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
    files.into_iter().filter_map(|path| transcript(HookClient::Codex, path, roots)).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path())).take(MOST_FILES).collect()
}

fn transcript(client: HookClient, path: PathBuf, roots: &[PathBuf]) -> Option<Transcript> {
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
    let here = PathBuf::from(said(&["cwd"])?);
    let is_here = roots.iter().any(|root| here.starts_with(root));
    let id = said(&["sessionId", "id"]).map(str::to_string);
    let id = id.or_else(|| Some(path.file_stem()?.to_string_lossy().into_owned()))?;
    is_here.then_some(Transcript { client, id, written_ms: written.as_millis() as i64, path })
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
        let mut reading = Reading { app, desk, calls: HashMap::new(), events: Vec::new(), at_ms: 0 };
        match self.client {
            HookClient::Opencode => reading.opencode(&self.path, &self.id),
            HookClient::Gemini => reading.gemini_file(&self.whole()),
            client => {
                let text = self.ends();
                for value in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
                    reading.at(&value["timestamp"]);
                    match client {
                        HookClient::Claude => reading.claude(&value),
                        HookClient::Copilot => reading.copilot(&value),
                        _ => reading.codex(&value),
                    }
                }
            }
        }
        reading.events
    }

    /// The text of a transcript that cannot be read in parts.
    fn whole(&self) -> String {
        let mut text = String::new();
        let _ = read_part(&self.path, 0, WHOLE, &mut text);
        text
    }

    /// The beginning and the end of the text.
    fn ends(&self) -> String {
        let length = std::fs::metadata(&self.path).map_or(0, |found| found.len());
        let mut text = String::new();
        let _ = read_part(&self.path, 0, HEAD, &mut text);
        if length > HEAD {
            // A line that is cut is no JSON, and left out.
            text.push('\n');
            let _ = read_part(&self.path, HEAD.max(length.saturating_sub(TAIL)), TAIL, &mut text);
        }
        text
    }
}

struct Reading<'a> {
    app: &'a App,
    desk: &'a SessionDesk,
    /// Tools that were called and have not answered, by the id of the call.
    calls: HashMap<String, (String, Value)>,
    events: Vec<Event>,
    at_ms: i64,
}

impl Reading<'_> {
    fn claude(&mut self, value: &Value) {
        let is_aside = ["isMeta", "isSidechain", "isCompactSummary"].iter().any(|key| value[*key] == true);
        if is_aside {
            return;
        }
        let content = &value["message"]["content"];
        let is_user = value["type"] == "user";
        if let (true, Some(text)) = (is_user, content.as_str()) {
            self.asked(text);
        }
        for part in content.as_array().into_iter().flatten() {
            match part["type"].as_str() {
                Some("text") if is_user => self.asked(part["text"].as_str().unwrap_or_default()),
                Some("tool_use") => self.called(&part["id"], &part["name"], part["input"].clone()),
                Some("tool_result") => {
                    let text = text_of(&part["content"]);
                    self.answered(&part["tool_use_id"], &text, part["is_error"] == true);
                }
                _ => {}
            }
        }
    }

    fn codex(&mut self, value: &Value) {
        let payload = &value["payload"];
        match payload["type"].as_str() {
            Some("user_message") => self.asked(payload["message"].as_str().unwrap_or_default()),
            Some("function_call" | "custom_tool_call") => {
                let given = payload["arguments"].as_str().or(payload["input"].as_str()).unwrap_or_default();
                let input = serde_json::from_str(given).unwrap_or_else(|_| given.into());
                self.called(&payload["call_id"], &payload["name"], input);
            }
            Some("function_call_output" | "custom_tool_call_output") => {
                self.answered(&payload["call_id"], &text_of(&payload["output"]), false);
            }
            _ => {}
        }
    }

    /// The time of what is told next.
    fn at(&mut self, timestamp: &Value) {
        self.at_ms = timestamp.as_str().and_then(parse_rfc3339).unwrap_or(self.at_ms);
    }

    /// What is in angle brackets was put there by the client.
    fn asked(&mut self, text: &str) {
        if !text.trim().is_empty() && !text.trim_start().starts_with('<') {
            self.push(EventKind::Prompt, text, None, None, None);
        }
    }

    fn called(&mut self, id: &Value, name: &Value, input: Value) {
        if let (Some(id), Some(name)) = (id.as_str(), name.as_str()) {
            self.calls.insert(id.to_string(), (name.to_string(), input));
        }
    }

    fn answered(&mut self, id: &Value, text: &str, is_error: bool) {
        let Some((name, input)) = id.as_str().and_then(|id| self.calls.remove(id)) else { return };
        let facts = facts_of(&json!({ "tool_name": name, "tool_input": input }));
        let code = said_exit_code(text);
        let failed = is_error || code.is_some_and(|code| code != 0);
        let error = if failed { first_trouble(text) } else { None };
        match &facts.command {
            Some(command) => {
                self.push(EventKind::Command, command, None, Some(code.unwrap_or(i64::from(failed))), error);
            }
            None if failed => self.push(EventKind::Error, &name, None, None, error),
            None => self.edited(&facts, &name),
        }
    }

    fn edited(&mut self, facts: &HookFacts, name: &str) {
        for path in facts.paths.iter().filter(|_| facts.is_edit()) {
            if let Ok(resource) = self.desk.resource(self.app, path) {
                self.push(EventKind::FileChange, name, Some(resource.shown), None, None);
            }
        }
    }

    fn push(
        &mut self,
        kind: EventKind,
        text: &str,
        path: Option<SafeText>,
        code: Option<i64>,
        error: Option<String>,
    ) {
        let redactor = &self.desk.context.redactor;
        let error = error.map(|error| json!({ "error": self.desk.title(&error).as_str() }).to_string());
        let event = Event {
            seq: self.events.len() as i64,
            at_ms: self.at_ms,
            session: None,
            kind,
            text: self.desk.line(text),
            path,
            code,
            data: error.map(|error| redactor.text(&error)),
        };
        self.events.push(event);
    }
}

/// The text of an answer; Codex puts it into an object.
fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(Value::Object(inner)) => {
                let code = inner.get("metadata").and_then(|it| it["exit_code"].as_i64());
                let code = code.map(|code| format!("Exit code {code}\n")).unwrap_or_default();
                code + inner.get("output").and_then(Value::as_str).unwrap_or_default()
            }
            _ => text.clone(),
        },
        Value::Array(parts) => {
            let texts: Vec<&str> = parts.iter().filter_map(|part| part["text"].as_str()).collect();
            texts.join("\n")
        }
        _ => String::new(),
    }
}

fn first_trouble(text: &str) -> Option<String> {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let is_said = |line: &&str| line.to_lowercase().contains("exit code");
    let line = lines().find(|line| tells_of_trouble(line) && !is_said(line));
    line.or_else(|| lines().find(|line| !is_said(line))).map(str::to_string)
}
