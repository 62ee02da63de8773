//! The forms in which clients accept a text. No form suits all of them: some
//! ignore an unknown key, for others it is an error.

use serde::Serialize;

use crate::app::Result;
use crate::app::hook::HookEvent;
use crate::model::ClientId;

#[derive(Serialize)]
struct HookSpecific<'a> {
    #[serde(rename = "hookSpecificOutput")]
    output: SpecificOutput<'a>,
}

#[derive(Serialize)]
struct SpecificOutput<'a> {
    #[serde(rename = "hookEventName")]
    event: &'a str,
    #[serde(rename = "additionalContext")]
    context: &'a str,
}

#[derive(Serialize)]
struct CopilotOutput<'a> {
    #[serde(rename = "additionalContext")]
    context: &'a str,
}

#[derive(Serialize)]
struct CursorOutput<'a> {
    additional_context: &'a str,
}

#[derive(Serialize)]
struct ClineOutput<'a> {
    cancel: bool,
    #[serde(rename = "contextModification")]
    context: &'a str,
}

/// What Copilot takes from a file of Claude Code, and VS Code from one of
/// Copilot: each ignores the other's key.
#[derive(Serialize)]
struct SharedOutput<'a> {
    #[serde(rename = "additionalContext")]
    context: &'a str,
    #[serde(flatten)]
    specific: HookSpecific<'a>,
}

/// The event as a client calls it.
pub fn client_name(client: ClientId, event: HookEvent) -> &'static str {
    match event {
        HookEvent::PreTool if client == ClientId::Gemini => "BeforeTool",
        HookEvent::PostTool if client == ClientId::Gemini => "AfterTool",
        HookEvent::SessionStart => "SessionStart",
        HookEvent::SessionEnd => "SessionEnd",
        HookEvent::Prompt => "UserPromptSubmit",
        HookEvent::PreTool => "PreToolUse",
        HookEvent::PostTool => "PostToolUse",
        HookEvent::PreCompact => "PreCompact",
        HookEvent::Stop => "Stop",
    }
}

/// A text for the agent in the form of a client; empty for a client that accepts
/// none.
///
/// `event` is its name for what happened. `is_shared`: whoever calls runs the hooks of another client's file, as
/// Copilot does with Claude's and VS Code with Copilot's.
pub fn told(client: ClientId, is_shared: bool, event: &str, text: &str) -> Result<String> {
    let answer = match client {
        ClientId::Claude | ClientId::Copilot if is_shared => {
            let specific = HookSpecific { output: SpecificOutput { event, context: text } };
            serde_json::to_string(&SharedOutput { context: text, specific })?
        }
        ClientId::Claude | ClientId::Codex | ClientId::Vscode | ClientId::Gemini | ClientId::Qwen => {
            let output = SpecificOutput { event, context: text };
            serde_json::to_string(&HookSpecific { output })?
        }
        ClientId::Copilot => serde_json::to_string(&CopilotOutput { context: text })?,
        ClientId::Cursor => serde_json::to_string(&CursorOutput { additional_context: text })?,
        ClientId::Cline => serde_json::to_string(&ClineOutput { cancel: false, context: text })?,
        ClientId::Opencode => return Ok(text.to_string()),
        // It takes none, or has no hooks.
        _ => return Ok(String::new()),
    };
    Ok(format!("{answer}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_is_answered_in_its_own_form() {
        let check = |client, expected: &str| {
            assert_eq!(told(client, false, "SessionStart", "a\n\"b\"").unwrap(), expected)
        };
        let specific = "{\"hookSpecificOutput\":{\"hookEventName\":\"SessionStart\",\"additionalContext\":\"a\\n\\\"b\\\"\"}}\n";
        for client in [ClientId::Claude, ClientId::Codex, ClientId::Vscode, ClientId::Gemini, ClientId::Qwen]
        {
            check(client, specific);
        }
        check(ClientId::Copilot, "{\"additionalContext\":\"a\\n\\\"b\\\"\"}\n");
        check(ClientId::Cursor, "{\"additional_context\":\"a\\n\\\"b\\\"\"}\n");
        check(ClientId::Cline, "{\"cancel\":false,\"contextModification\":\"a\\n\\\"b\\\"\"}\n");
        check(ClientId::Opencode, "a\n\"b\"");
        check(ClientId::Windsurf, "");
        let expected = "{\"additionalContext\":\"a\",\"hookSpecificOutput\":{\"hookEventName\":\"SessionStart\",\"additionalContext\":\"a\"}}\n";
        for client in [ClientId::Claude, ClientId::Copilot] {
            assert_eq!(told(client, true, "SessionStart", "a").unwrap(), expected);
        }
    }
}
