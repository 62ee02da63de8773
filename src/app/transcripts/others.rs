//! Where Gemini, Copilot and OpenCode keep their conversations, and how they
//! write them down.
//!
//! Read only, and only of conversations in this tree, as for the others.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::reading::Reading;
use super::sha256;
use super::{MOST_FILES, TAIL, Transcript, entries, folder, read_part};
use crate::app::App;
use crate::fs::confined;
use crate::model::ClientId;
use crate::store::foreign;

/// Bytes of a small file of a client.
const SMALL: u64 = 200_000;

fn written_ms(path: &Path) -> Option<i64> {
    let found = std::fs::symlink_metadata(path).ok().filter(|found| found.is_file())?;
    let written = found.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(written.as_millis() as i64)
}

fn has_extension(path: &Path, wanted: &[&str]) -> bool {
    path.extension().and_then(|it| it.to_str()).is_some_and(|it| wanted.contains(&it))
}

/// `tmp/<project>/chats/session-*.json`, or `.jsonl`: the project's folder is named
/// by the hash of its path, or has a file that tells it.
pub(super) fn of_gemini(app: &App, roots: &[PathBuf]) -> Vec<Transcript> {
    let home = folder(app, "GEMINI_CLI_HOME", "").map(|home| home.join(".gemini"));
    let Some(projects) = home.map(|home| home.join("tmp")) else { return Vec::new() };
    let hashes: Vec<String> =
        roots.iter().map(|root| sha256::hex(root.to_string_lossy().as_bytes())).collect();
    let is_here = |folder: &PathBuf| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let told = confined::read_text(&folder.join(".project_root"), SMALL).unwrap_or_default();
        hashes.contains(&name)
            || roots.iter().any(|root| !told.is_empty() && Path::new(told.trim()).starts_with(root))
    };
    let folders = entries(&projects).into_iter().filter(is_here);
    let files = folders.flat_map(|folder| entries(&folder.join("chats")));
    let files = files.filter(|path| has_extension(path, &["json", "jsonl"])).take(MOST_FILES);
    files.filter_map(gemini).collect()
}

fn gemini(path: PathBuf) -> Option<Transcript> {
    let written_ms = written_ms(&path)?;
    let mut head = String::new();
    read_part(&path, 0, 4_000, &mut head)?;
    let said = head.split_once("\"sessionId\"").and_then(|(_, rest)| rest.split('"').nth(1));
    let id = said.map(str::to_string).or_else(|| Some(path.file_stem()?.to_string_lossy().into_owned()))?;
    Some(Transcript { client: ClientId::Gemini, id, written_ms, path })
}

/// `session-state/<id>/events.jsonl`, or `session-state/<id>.jsonl`: its folder is in
/// the first entry, or in `workspace.yaml` beside it.
pub(super) fn of_copilot(app: &App, roots: &[PathBuf]) -> Vec<Transcript> {
    let Some(sessions) = folder(app, "COPILOT_HOME", ".copilot").map(|it| it.join("session-state")) else {
        return Vec::new();
    };
    entries(&sessions).into_iter().filter_map(|path| copilot(path, roots)).collect()
}

fn copilot(path: PathBuf, roots: &[PathBuf]) -> Option<Transcript> {
    let file = if path.is_dir() { path.join("events.jsonl") } else { path.clone() };
    let written_ms = written_ms(&file).filter(|_| has_extension(&file, &["jsonl"]))?;
    let mut head = String::new();
    read_part(&file, 0, 64_000, &mut head)?;
    let values: Vec<Value> =
        head.lines().take(20).filter_map(|line| serde_json::from_str(line).ok()).collect();
    let said = |value: &Value| {
        value["data"]["context"]["cwd"].as_str().or(value["data"]["cwd"].as_str()).map(str::to_string)
    };
    let beside = confined::read_text(&path.join("workspace.yaml"), SMALL).unwrap_or_default();
    let beside = || {
        beside
            .lines()
            .find_map(|line| line.strip_prefix("cwd:"))
            .map(|it| it.trim().trim_matches(['"', '\'']).to_string())
    };
    let here = PathBuf::from(values.iter().find_map(said).or_else(beside)?);
    let id = values.iter().find_map(|value| value["data"]["sessionId"].as_str().map(str::to_string));
    let id = id.or_else(|| Some(path.file_stem()?.to_string_lossy().into_owned()))?;
    let is_here = roots.iter().any(|root| here.starts_with(root));
    is_here.then_some(Transcript { client: ClientId::Copilot, id, written_ms, path: file })
}

/// The database in OpenCode's data folder.
pub(super) fn of_opencode(app: &App, roots: &[PathBuf]) -> Vec<Transcript> {
    let data = app.variable("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let data = data.or_else(|| folder(app, "", ".local/share"));
    let Some(path) = data.map(|data| data.join("opencode/opencode.db")) else { return Vec::new() };
    let sessions = foreign::opencode_sessions(&path).into_iter();
    let here =
        sessions.filter(|session| roots.iter().any(|root| Path::new(&session.folder).starts_with(root)));
    here.map(|session| Transcript {
        client: ClientId::Opencode,
        id: session.id,
        written_ms: session.updated_ms,
        path: path.clone(),
    })
    .collect()
}

impl Reading<'_> {
    /// All of a transcript of Gemini: one object, or one a line, where a message that
    /// is written again takes the place of its first form. Of an object that is cut
    /// the messages before the cut.
    pub(super) fn gemini_file(&mut self, text: &str) {
        let whole: Result<Value, _> = serde_json::from_str(text);
        let mut messages = match whole.as_ref().ok().and_then(|whole| whole["messages"].as_array()) {
            Some(messages) => messages.clone(),
            None if whole.is_err() && text.contains("\"messages\"") => cut_messages(text),
            None => text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect(),
        };
        let mut last = HashMap::new();
        for (at, message) in messages.iter().enumerate() {
            last.insert(message["id"].to_string(), at);
        }
        let has_id = |message: &Value| message["id"].is_string();
        let mut at = 0..;
        messages.retain(|message| {
            let at = at.next().unwrap_or(0);
            !has_id(message) || last.get(&message["id"].to_string()) == Some(&at)
        });
        messages.iter().for_each(|message| self.gemini(message));
    }

    fn gemini(&mut self, message: &Value) {
        self.at(&message["timestamp"]);
        if message["type"] == "user" {
            self.asked(&text_of(&message["content"]));
        }
        for call in message["toolCalls"].as_array().into_iter().flatten() {
            self.at(&call["timestamp"]);
            let failed = matches!(call["status"].as_str(), Some("error" | "cancelled"));
            let shown = call["resultDisplay"].as_str().map(str::to_string);
            let output = || gemini_output(&call["result"]);
            self.called(&call["id"], &call["name"], call["args"].clone());
            if !matches!(
                call["status"].as_str(),
                Some("executing" | "scheduled" | "validating" | "awaiting_approval")
            ) {
                self.answered(&call["id"], &output().or(shown).unwrap_or_default(), failed);
            }
        }
    }

    pub(super) fn copilot(&mut self, value: &Value) {
        let data = &value["data"];
        match value["type"].as_str() {
            Some("user.message") => self.asked(data["content"].as_str().unwrap_or_default()),
            Some("tool.execution_start") => {
                self.called(&data["toolCallId"], &data["toolName"], data["arguments"].clone());
            }
            Some("tool.execution_complete") => {
                let code =
                    data["shellExecution"]["exitCode"].as_i64().map(|code| format!("Exit code {code}\n"));
                let said = data["result"]["content"].as_str().or(data["error"]["message"].as_str());
                let said = said.or(data["error"].as_str()).unwrap_or_default();
                self.answered(
                    &data["toolCallId"],
                    &(code.unwrap_or_default() + said),
                    data["success"] == false,
                );
            }
            _ => {}
        }
    }

    /// The parts of a conversation of OpenCode in their order.
    pub(super) fn opencode(&mut self, database: &Path, id: &str) {
        for part in foreign::opencode_parts(database, id, TAIL as usize) {
            self.at_ms = part.at_ms;
            let Ok(value) = serde_json::from_str::<Value>(&part.data) else { continue };
            match value["type"].as_str() {
                Some("text") if part.role == "user" && value["synthetic"] != true => {
                    self.asked(value["text"].as_str().unwrap_or_default());
                }
                Some("tool") => self.opencode_tool(&value),
                _ => {}
            }
        }
    }

    fn opencode_tool(&mut self, part: &Value) {
        let state = &part["state"];
        let failed = state["status"] == "error";
        self.called(&part["callID"], &part["tool"], state["input"].clone());
        if failed || state["status"] == "completed" {
            let code = state["metadata"]["exit"].as_i64().map(|code| format!("Exit code {code}\n"));
            let said = state["output"].as_str().or(state["error"].as_str()).unwrap_or_default();
            self.answered(&part["callID"], &(code.unwrap_or_default() + said), failed);
        }
    }
}

/// The messages of an object that ends too early; of the last one, of which a part
/// is missing, the calls that are whole.
fn cut_messages(text: &str) -> Vec<Value> {
    let Some((_, rest)) = text.split_once("\"messages\"") else { return Vec::new() };
    let (mut messages, rest) = elements(rest);
    if let Some((_, calls)) = rest.rsplit_once("\"toolCalls\"") {
        let (calls, _) = elements(calls);
        messages.push(serde_json::json!({ "toolCalls": calls }));
    }
    messages
}

/// The elements of a list up to where it is cut, and what is left of the text.
fn elements(text: &str) -> (Vec<Value>, &str) {
    let mut rest = text.split_once('[').map_or("", |(_, rest)| rest);
    let mut found = Vec::new();
    loop {
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        let Some(Ok(value)) = values.next() else { return (found, rest) };
        rest = rest[values.byte_offset()..].trim_start().trim_start_matches(',');
        found.push(value);
    }
}

/// A text, or the texts of its parts.
fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts: Vec<&str> =
                parts.iter().filter_map(|part| part["text"].as_str().or(part.as_str())).collect();
            texts.join("\n")
        }
        _ => String::new(),
    }
}

/// `[{"functionResponse": {"response": {"output": ...}}}]`
fn gemini_output(result: &Value) -> Option<String> {
    let parts = result.as_array()?;
    let output = |part: &Value| {
        let response = &part["functionResponse"]["response"];
        response["output"].as_str().or(response["error"].as_str()).map(str::to_string)
    };
    parts.iter().find_map(output)
}
