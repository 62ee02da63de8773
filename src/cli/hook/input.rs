//! What clients send on standard input, as far as it matters here. Each has its
//! own names for it.

use std::io::{self, IsTerminal, Read};
use std::path::PathBuf;
use std::sync::mpsc::channel;
use std::time::Duration;

use serde::Deserialize;

/// The fields of all clients; what is not there is not known.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct HookInput {
    source: Option<String>,
    cwd: Option<PathBuf>,
    session_id: Option<String>,
    #[serde(rename = "sessionId")]
    copilot_session: Option<String>,
    #[serde(rename = "conversation_id")]
    cursor_conversation: Option<String>,
    #[serde(rename = "workspace_roots")]
    cursor_roots: Vec<PathBuf>,
    #[serde(rename = "taskId")]
    cline_task: Option<String>,
    #[serde(rename = "workspaceRoots")]
    cline_roots: Vec<PathBuf>,
    #[serde(rename = "hookName")]
    cline_hook: Option<String>,
    hook_event_name: Option<String>,
    #[serde(rename = "hookEventName")]
    vscode_event: Option<String>,
}

const FAILURE: &str = "PostToolUseFailure";

/// Bytes that are looked at. What a tool printed can be long, and says nothing
/// here.
const MOST: u64 = 1_000_000;

/// How long to wait for a client that leaves the input open.
const PATIENCE: Duration = Duration::from_secs(1);

impl HookInput {
    /// The conversation, as the client names it.
    pub fn session(&self) -> Option<String> {
        let names = [&self.session_id, &self.copilot_session, &self.cursor_conversation, &self.cline_task];
        names.into_iter().flatten().find(|name| !name.is_empty()).map(|name| name.chars().take(200).collect())
    }

    /// Whether the event is named in it. Of the two that read the hooks of
    /// Copilot, VS Code does so and Copilot CLI does not.
    pub fn names_event(&self) -> bool {
        self.hook_event_name.is_some() || self.vscode_event.is_some()
    }

    /// The name of the event by which Claude Code tells that a tool failed.
    pub fn failure(&self) -> Option<&'static str> {
        (self.hook_event_name.as_deref() == Some(FAILURE)).then_some(FAILURE)
    }

    /// Where the conversation takes place.
    pub fn folder(&self) -> Option<PathBuf> {
        let roots = self.cursor_roots.iter().chain(&self.cline_roots);
        let folders = self.cwd.iter().chain(roots);
        folders.into_iter().find(|folder| folder.is_absolute() && folder.is_dir()).cloned()
    }

    /// What began it; Cline says it by the name of the hook.
    pub fn source(&self) -> Option<String> {
        let source = self.source.as_ref().or(self.cline_hook.as_ref());
        source.map(|source| source.chars().take(50).collect())
    }
}

/// Reads standard input, parses what it can, and gives its text too. Reads to the end, since some
/// clients fail if nobody does.
pub fn read() -> (HookInput, String) {
    if io::stdin().is_terminal() {
        return (HookInput::default(), String::new());
    }
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut text = Vec::new();
        let mut stdin = io::stdin().lock();
        // Half of it tells nothing.
        let _ = stdin.by_ref().take(MOST).read_to_end(&mut text);
        let _ = io::copy(&mut stdin, &mut io::sink());
        sender.send(text)
    });
    let text = receiver.recv_timeout(PATIENCE).unwrap_or_default();
    let text = String::from_utf8_lossy(text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text)).into_owned();
    (serde_json::from_str(&text).unwrap_or_default(), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> HookInput {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn the_conversation_and_its_folder_are_found_under_the_names_of_each_client() {
        let check = |text: &str, session: &str, source: Option<&str>| {
            let asked = asked(text);
            assert_eq!(asked.session().as_deref(), Some(session), "{text}");
            assert_eq!(asked.folder(), Some(PathBuf::from("/")), "{text}");
            assert_eq!(asked.source().as_deref(), source, "{text}");
        };
        check(
            r#"{"session_id":"c","cwd":"/","hook_event_name":"SessionStart","source":"compact"}"#,
            "c",
            Some("compact"),
        );
        check(
            r#"{"sessionId":"p","timestamp":1,"cwd":"/","source":"new","initialPrompt":"x"}"#,
            "p",
            Some("new"),
        );
        check(r#"{"conversation_id":"u","session_id":"","workspace_roots":["rel","/"]}"#, "u", None);
        check(r#"{"taskId":"t","hookName":"TaskResume","workspaceRoots":["/"]}"#, "t", Some("TaskResume"));
    }

    #[test]
    fn vs_code_is_told_from_copilot_by_the_name_of_the_event() {
        assert!(!asked(r#"{"sessionId":"p","timestamp":1,"cwd":"/","source":"new"}"#).names_event());
        assert!(asked(r#"{"sessionId":"p","hookEventName":"SessionStart"}"#).names_event());
        assert!(asked(r#"{"hook_event_name":"SessionStart","hookEventName":"SessionStart"}"#).names_event());
    }

    #[test]
    fn what_is_not_said_is_not_known() {
        let asked = asked(r#"{"cwd":"/does/not/exist","session_id":""}"#);
        assert_eq!((asked.session(), asked.folder(), asked.source()), (None, None, None));
    }
}
