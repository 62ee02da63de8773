//! How Claude Code and Codex write a conversation down: one JSON object a line.
//!
//! Not here: where the files lie (`super`), and what becomes of what is told
//! (`reading`).

use serde_json::Value;

use super::reading::{Reading, between};
use crate::app::hook_facts::{facts_of, said_exit_code};

impl Reading<'_> {
    /// A line of Claude Code's. What subagents did counts, what they were asked for
    /// does not.
    pub(super) fn claude(&mut self, value: &Value) {
        let is_aside = ["isMeta", "isSidechain", "isCompactSummary"].iter().any(|key| value[*key] == true);
        let content = &value["message"]["content"];
        let is_user = value["type"] == "user";
        if let (true, Some(text)) = (is_user, content.as_str()) {
            self.claude_text(text, is_aside);
        }
        for part in content.as_array().into_iter().flatten() {
            match part["type"].as_str() {
                Some("text") if is_user => {
                    self.claude_text(part["text"].as_str().unwrap_or_default(), is_aside);
                }
                Some("tool_use") => self.called(&part["id"], &part["name"], part["input"].clone()),
                Some("tool_result") => {
                    let text = text_of(&part["content"]);
                    self.answered(&part["tool_use_id"], &text, part["is_error"] == true);
                }
                _ => {}
            }
        }
    }

    /// A text in a person's place, which may tell that a command in the background
    /// ended.
    fn claude_text(&mut self, text: &str, is_aside: bool) {
        if text.starts_with("<task-notification>") {
            let told = || {
                let summary = between(text, "summary")?;
                let code = said_exit_code(summary).or((between(text, "status")? == "failed").then_some(1))?;
                Some((between(text, "task-id")?, code, summary))
            };
            if let Some((number, code, summary)) = told() {
                self.ended(number, code, summary);
            }
        } else if !is_aside {
            self.asked(text);
        }
    }

    /// A line of Codex's.
    pub(super) fn codex(&mut self, value: &Value) {
        // Older versions have what is now the payload on the line itself.
        let payload = if value["payload"].is_object() { &value["payload"] } else { value };
        match payload["type"].as_str() {
            Some("user_message") => self.asked(payload["message"].as_str().unwrap_or_default()),
            Some("message") if payload["role"] == "user" => self.asked(&text_of(&payload["content"])),
            Some("function_call" | "custom_tool_call") => {
                let given = payload["arguments"].as_str().or(payload["input"].as_str()).unwrap_or_default();
                let input = serde_json::from_str(given).unwrap_or_else(|_| given.into());
                self.called(&payload["call_id"], &payload["name"], input);
            }
            Some("local_shell_call") => {
                self.called(&payload["call_id"], &payload["type"], payload["action"].clone());
            }
            Some("function_call_output" | "custom_tool_call_output" | "local_shell_call_output") => {
                self.answered(&payload["call_id"], &text_of(&payload["output"]), false);
            }
            Some("exec_command_end") => self.codex_ran(payload, &payload["call_id"]),
            Some("patch_apply_end") => self.codex_patched(payload, &payload["call_id"]),
            Some("item_completed") => self.codex_item(&payload["item"]),
            Some("turn_aborted") => self.skip(),
            _ => {}
        }
    }

    /// What newer versions write besides, with how it ended.
    fn codex_item(&mut self, item: &Value) {
        match item["type"].as_str() {
            Some("CommandExecution") => self.codex_ran(item, &item["id"]),
            Some("FileChange") => self.codex_patched(item, &item["id"]),
            _ => {}
        }
    }

    /// A command ended. One that a script called is named only here.
    fn codex_ran(&mut self, payload: &Value, id: &Value) {
        let code = payload["exit_code"].as_i64().unwrap_or(0);
        let output = payload["aggregated_output"].as_str().unwrap_or_default();
        if self.waits_for(id) {
            self.answered(id, &format!("Exit code {code}\n{output}"), code != 0);
        } else if let Some(command) = facts_of(&serde_json::json!({ "tool_input": payload })).command {
            self.ran(&command, code, output);
        }
    }

    fn codex_patched(&mut self, payload: &Value, id: &Value) {
        let has_failed = payload["success"] == false || payload["status"] == "failed";
        if self.waits_for(id) {
            let said = payload["stderr"].as_str().unwrap_or_default();
            return self.answered(id, said, has_failed);
        }
        let paths = payload["changes"].as_object().into_iter().flat_map(|changes| changes.keys());
        paths.filter(|_| !has_failed).for_each(|path| self.changed(path, "apply_patch"));
    }
}

/// How a command ended that Codex calls by this name, by the last lines of its transcript.
pub(super) fn codex_exit_code(text: &str, call: &str) -> Option<i64> {
    let lines = text.lines().rev().filter(|line| line.contains(call));
    lines.filter_map(|line| serde_json::from_str::<Value>(line).ok()).find_map(|value| {
        let payload = &value["payload"];
        let item = if payload["item"].is_object() { &payload["item"] } else { payload };
        let said = || said_exit_code(payload["output"].as_str()?);
        item["exit_code"].as_i64().or_else(said)
    })
}

/// Whether a line of Codex's says that the conversation is a subagent's.
pub(super) fn is_of_codex_subagent(value: &Value) -> bool {
    let meta = &value["payload"];
    value["type"] == "session_meta"
        && (meta["thread_source"] == "subagent"
            || meta["source"]["subagent"].is_object()
            || meta["source"]["subagent"].is_string())
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
