//! What a client tells its hook, as facts: the request, the tool, the file, the
//! command and how it ended. Each client has its own names for them.
//!
//! Not here: what is done with them.

use serde_json::Value;

use super::hook_edits::{self, ToldEdit, patch};

/// What a call of a hook tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HookFacts {
    /// What the person asked for.
    pub prompt: Option<String>,
    pub tool: Option<String>,
    /// Files that the tool is about.
    pub paths: Vec<String>,
    pub command: Option<String>,
    /// How the command ended, where that is told.
    pub exit_code: Option<i64>,
    /// The tool failed.
    pub failed: bool,
    /// The command runs on in the background.
    pub runs_on: bool,
    /// What it printed or answered.
    pub output: Option<String>,
    /// The edits, where their texts are told.
    pub edits: Vec<ToldEdit>,
    /// Where the client keeps the conversation.
    pub transcript: Option<String>,
    /// The client's name for this use of the tool.
    pub call: Option<String>,
}

/// Reads the facts out of a client's input.
pub fn facts(input: &str) -> HookFacts {
    facts_of(&serde_json::from_str(input).unwrap_or_default())
}

/// The same of what was parsed.
pub fn facts_of(value: &Value) -> HookFacts {
    // Cline puts them into an object of the event's name.
    let inner = ["preToolUse", "postToolUse", "userPromptSubmit"].iter().find_map(|key| value.get(*key));
    let value = inner.unwrap_or(value);
    let tool_input = parsed(first(value, &["tool_input", "toolArgs", "parameters", "tool_info", "args"]));
    let response = parsed(first(value, &["tool_response", "toolResult", "result", "tool_output", "output"]));
    // What Claude Code and Copilot tell of a tool that failed, in the place of a response.
    let failure = text(value, &["error", "error_message", "errorMessage"]);
    let exit_code = number(&response, &["exit_code", "exitCode", "returnCode", "code"]);
    let exit_code = exit_code.or_else(|| said_exit_code(failure.as_deref()?));
    HookFacts {
        prompt: text(value, &["prompt", "initialPrompt", "message"]),
        tool: match patch(&tool_input) {
            Some(_) => Some("apply_patch".to_string()),
            None => text(value, &["tool_name", "toolName", "tool", "name"]),
        },
        paths: paths(&tool_input),
        command: command(&tool_input).or_else(|| text(value, &["command"])),
        failed: exit_code.is_some_and(|code| code != 0) || failure.is_some() || says_failed(value, &response),
        runs_on: response.get("backgroundTaskId").is_some_and(Value::is_string),
        output: output(&response).or(failure),
        edits: hook_edits::edits(&tool_input),
        transcript: text(value, &["transcript_path", "transcriptPath"]),
        call: text(value, &["tool_use_id"]),
        exit_code,
    }
}

fn first<'a>(value: &'a Value, keys: &[&str]) -> Option<&'a Value> {
    keys.iter().find_map(|key| value.get(*key))
}

/// Arguments that are a text of JSON, as Copilot sends them, are read as such.
fn parsed(value: Option<&Value>) -> Value {
    match value {
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_else(|_| text.clone().into()),
        Some(value) => value.clone(),
        None => Value::Null,
    }
}

fn text(value: &Value, keys: &[&str]) -> Option<String> {
    let found = keys.iter().find_map(|key| value.get(*key).and_then(Value::as_str));
    found.map(str::trim).filter(|text| !text.is_empty()).map(str::to_string)
}

fn number(value: &Value, keys: &[&str]) -> Option<i64> {
    let values = [value, value.get("metadata").unwrap_or(&Value::Null)];
    values.into_iter().find_map(|value| keys.iter().find_map(|key| value.get(*key).and_then(Value::as_i64)))
}

/// The files of an edit, and those that a patch of Codex names.
fn paths(input: &Value) -> Vec<String> {
    let keys = [
        "file_path",
        "path",
        "filePath",
        "notebook_path",
        "absolute_path",
        "target_file",
        "filename",
        "file",
    ];
    let mut found: Vec<String> = text(input, &keys).into_iter().collect();
    let marks = ["*** Update File: ", "*** Add File: ", "*** Delete File: ", "*** Move to: "];
    let lines = patch(input).into_iter().flat_map(str::lines);
    let named = lines.filter_map(|line| marks.iter().find_map(|mark| line.strip_prefix(mark)));
    found.extend(named.map(|path| path.trim().to_string()));
    found
}

/// A command as one text; some clients send its words.
fn command(input: &Value) -> Option<String> {
    if patch(input).is_some() {
        return None;
    }
    match first(input, &["command", "cmd", "command_line", "script"]) {
        Some(Value::String(command)) => Some(command.trim().to_string()),
        Some(Value::Array(words)) => {
            let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
            // `bash -lc COMMAND`
            match words.as_slice() {
                [shell, flag, command] if shell.ends_with("sh") && flag.starts_with('-') => {
                    Some(command.to_string())
                }
                words => Some(words.join(" ")).filter(|text| !text.is_empty()),
            }
        }
        _ => None,
    }
}

fn output(response: &Value) -> Option<String> {
    match response {
        Value::String(text) => Some(text.clone()),
        Value::Array(_) => Some(response.to_string()),
        Value::Object(_) => {
            let keys = ["stderr", "error", "stdout", "output", "textResultForLlm", "llmContent", "content"];
            let texts: Vec<&str> = keys.iter().filter_map(|key| response.get(*key)?.as_str()).collect();
            Some(texts.join("\n")).filter(|text| !text.trim().is_empty())
        }
        _ => None,
    }
}

/// How a command ended, as clients say it at the head of what it printed.
pub(super) fn said_exit_code(text: &str) -> Option<i64> {
    let head: String = text.chars().take(400).collect::<String>().to_lowercase();
    let said = ["exit code", "exited with code"].iter().find_map(|words| head.split_once(words));
    // Copilot says it at the end.
    let ends = ["<exited with exit code", " completed with exit code"];
    let said = said.or_else(|| ends.iter().find_map(|mark| text.rsplit_once(mark)))?;
    let digits: String =
        said.1.trim_start_matches([':', ' ']).chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn says_failed(value: &Value, response: &Value) -> bool {
    let is = |key: &str, wanted: bool| response.get(key).and_then(Value::as_bool) == Some(wanted);
    let kind = text(response, &["resultType"]);
    is("is_error", true)
        || is("isError", true)
        || is("interrupted", true)
        || is("success", false)
        || value.get("success").and_then(Value::as_bool) == Some(false)
        || response.get("error").is_some_and(|error| !error.is_null())
        || kind.is_some_and(|kind| kind != "success")
        || value.get("hook_event_name").and_then(Value::as_str) == Some("PostToolUseFailure")
}

impl HookFacts {
    /// Whether the tool writes files, by the names that clients give theirs.
    pub fn is_edit(&self) -> bool {
        let Some(tool) = &self.tool else { return false };
        let name = tool.rsplit("__").next().unwrap_or(tool).to_ascii_lowercase();
        let words = ["edit", "write", "replace", "patch", "create", "insert", "multiedit"];
        !self.paths.is_empty() && words.iter().any(|word| name.contains(word)) && !name.contains("todo")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_each_client_tells_is_understood() {
        let check = |input: &str,
                     tool: &str,
                     paths: &[&str],
                     command: Option<&str>,
                     code: Option<i64>,
                     failed: bool| {
            let facts = facts(input);
            assert_eq!(facts.tool.as_deref(), Some(tool), "{input}");
            assert_eq!(
                (facts.paths.iter().map(String::as_str).collect::<Vec<_>>(), facts.command.as_deref()),
                (paths.to_vec(), command),
                "{input}"
            );
            assert_eq!((facts.exit_code, facts.failed), (code, failed), "{input}");
        };
        check(
            r#"{"tool_name":"Edit","tool_input":{"file_path":"/p/a.rs","old_string":"x"},"tool_response":{"filePath":"/p/a.rs"}}"#,
            "Edit",
            &["/p/a.rs"],
            None,
            None,
            false,
        );
        check(
            r#"{"tool_name":"Bash","tool_input":{"command":"cargo test"},"tool_response":{"stdout":"ok","stderr":"","interrupted":false}}"#,
            "Bash",
            &[],
            Some("cargo test"),
            None,
            false,
        );
        check(
            r#"{"tool_name":"apply_patch","tool_input":{"command":"*** Begin Patch\n*** Update File: src/a.rs\n+x\n*** Add File: b.rs\n*** End Patch"}}"#,
            "apply_patch",
            &["src/a.rs", "b.rs"],
            None,
            None,
            false,
        );
        check(
            r#"{"tool_name":"shell","tool_input":{"command":["bash","-lc","make test"]},"tool_response":{"output":"no","metadata":{"exit_code":2}}}"#,
            "shell",
            &[],
            Some("make test"),
            Some(2),
            true,
        );
        check(
            r#"{"tool_name":"run_shell_command","tool_input":{"command":"ls"},"tool_response":{"llmContent":"x","error":{"message":"no"}}}"#,
            "run_shell_command",
            &[],
            Some("ls"),
            None,
            true,
        );
        check(
            r#"{"toolName":"bash","toolArgs":"{\"command\":\"ls\"}","toolResult":{"resultType":"failure","textResultForLlm":"no"}}"#,
            "bash",
            &[],
            Some("ls"),
            None,
            true,
        );
        check(
            r#"{"hook_event_name":"PostToolUseFailure","tool_name":"Bash","tool_input":{"command":"make"},"error":"Exit code 2\nno rule"}"#,
            "Bash",
            &[],
            Some("make"),
            Some(2),
            true,
        );
        check(
            r#"{"hookName":"PreToolUse","preToolUse":{"toolName":"write_to_file","parameters":{"path":"a.rs"}}}"#,
            "write_to_file",
            &["a.rs"],
            None,
            None,
            false,
        );
        for (tool, is_edit) in [
            ("Edit", true),
            ("mcp__fs__write_file", true),
            ("Read", false),
            ("TodoWrite", false),
            ("replace", true),
        ] {
            let facts =
                HookFacts { tool: Some(tool.into()), paths: vec!["a".into()], ..HookFacts::default() };
            assert_eq!(facts.is_edit(), is_edit, "{tool}");
        }
        assert_eq!(facts("nonsense"), HookFacts::default());
        assert_eq!(facts(r#"{"prompt":" mend it "}"#).prompt.as_deref(), Some("mend it"));
    }
}
