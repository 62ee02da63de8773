//! Prompts, which clients offer to a person as commands: one for each reader
//! that `waypost prompt` knows.

use serde_json::{Value, json};

use super::message::{Fault, Params, shortened};
use super::{Server, safe};
use crate::app::prompt::{self, PromptMode, Request};

/// The definitions for `prompts/list`.
pub fn list() -> Value {
    let about = |mode: PromptMode| match mode {
        PromptMode::GenericAgentRestore => "Where the work stands, for any agent",
        PromptMode::CopilotRestore => "The same for a chat of Copilot, with files to attach",
        PromptMode::ClaudeCodeRestore => "The same for Claude Code",
        PromptMode::HumanHandoff => "The same for a person who takes over",
    };
    let goal = json!({ "name": "goal", "description": "The task, in place of the recorded goal" });
    let prompt = |(mode, name): &(PromptMode, &str)| json!({ "name": name, "description": about(*mode), "arguments": [goal] });
    PromptMode::ALL.iter().map(prompt).collect()
}

/// The text of one prompt; fails for an unknown name.
pub fn get(server: &Server, params: &Params) -> Result<Value, Fault> {
    let name = params.get("name").and_then(Value::as_str).unwrap_or_default();
    let mode = PromptMode::ALL.iter().find(|(_, known)| *known == name).map(|(mode, _)| *mode);
    let mode = mode.ok_or_else(|| {
        Fault::invalid_params(format!("there is no prompt `{}`: see prompts/list", shortened(name)))
    })?;
    let goal = match params.get("arguments").and_then(|arguments| arguments.get("goal")) {
        None | Some(Value::Null) => None,
        Some(Value::String(goal)) => Some(goal.clone()).filter(|goal| !goal.trim().is_empty()),
        Some(_) => return Err(Fault::invalid_params("`goal` must be a text")),
    };
    let request = Request { mode, token_budget: None, snapshot: None, goal, with_goal: false };
    let text = prompt::prompt(&server.app, &request).and_then(|report| safe(&report.prompt));
    let text = text.map_err(|error| Fault::internal(error.without_secrets().to_string()))?;
    let message = json!({ "role": "user", "content": { "type": "text", "text": text } });
    Ok(json!({ "messages": [message] }))
}
