//! Makes entries, as hooks would have logged them, of what a transcript tells.
//!
//! Not here: how each client writes it down (`lines`, `others`).

use serde_json::{Value, json};

use crate::app::App;
use crate::app::hook_facts::{HookFacts, facts_of, said_exit_code};
use crate::app::sessions::SessionDesk;
use crate::model::time::parse_rfc3339;
use crate::model::{Event, EventKind, SafeText};
use crate::sessions::digest::tells_of_trouble;

/// Entries on their way out of a transcript.
pub(super) struct Reading<'a> {
    app: &'a App,
    desk: &'a SessionDesk,
    /// Tools that were called and have not answered, oldest first.
    calls: Vec<Call>,
    /// Commands that run on in the background, by the client's number for them.
    running: Vec<(String, String)>,
    events: Vec<Event>,
    pub at_ms: i64,
    /// What is read is a subagent's: nobody typed what it was asked for.
    pub is_subagent: bool,
}

struct Call {
    id: String,
    name: String,
    input: Value,
    at_ms: i64,
}

/// An entry before it is redacted.
#[derive(Default)]
struct Told<'a> {
    path: Option<SafeText>,
    code: Option<i64>,
    error: Option<&'a str>,
}

impl<'a> Reading<'a> {
    pub fn new(app: &'a App, desk: &'a SessionDesk) -> Self {
        Self {
            app,
            desk,
            calls: Vec::new(),
            running: Vec::new(),
            events: Vec::new(),
            at_ms: 0,
            is_subagent: false,
        }
    }

    /// All entries in the order of their times. What was called and did not answer
    /// was on its way when the transcript ends.
    pub fn finish(mut self) -> Vec<Event> {
        for call in std::mem::take(&mut self.calls) {
            self.at_ms = call.at_ms;
            let facts = facts_of(&json!({ "tool_name": call.name, "tool_input": call.input }));
            match &facts.command {
                Some(command) => self.push(EventKind::CommandStart, command, Told::default()),
                None => self.edited(&facts, &call.name),
            }
        }
        self.events.sort_by_key(|event| event.at_ms);
        self.events
    }

    /// A part is left out: what was called before it may have answered there.
    pub fn skip(&mut self) {
        self.calls.clear();
        self.running.clear();
    }

    /// The time of what is told next.
    pub fn at(&mut self, timestamp: &Value) {
        self.at_ms = timestamp.as_str().and_then(parse_rfc3339).unwrap_or(self.at_ms);
    }

    /// What somebody typed. Clients tell some of it twice, and put in words of
    /// their own.
    pub fn asked(&mut self, text: &str) {
        let Some(text) = typed(text).filter(|_| !self.is_subagent) else { return };
        self.calls.clear();
        let line = self.desk.line(&text);
        let last = self.events.iter().rev().find(|event| event.kind == EventKind::Prompt);
        if last.is_none_or(|last| last.text != line) {
            self.push(EventKind::Prompt, &text, Told::default());
        }
    }

    /// A tool was called.
    pub fn called(&mut self, id: &Value, name: &Value, input: Value) {
        if let (Some(id), Some(name)) = (id.as_str(), name.as_str()) {
            self.calls.retain(|call| call.id != id);
            self.calls.push(Call { id: id.into(), name: name.into(), input, at_ms: self.at_ms });
        }
    }

    /// Whether a call has not answered yet.
    pub fn waits_for(&self, id: &Value) -> bool {
        id.as_str().is_some_and(|id| self.calls.iter().any(|call| call.id == id))
    }

    /// A tool answered.
    pub fn answered(&mut self, id: &Value, text: &str, is_error: bool) {
        let at = id.as_str().and_then(|id| self.calls.iter().position(|call| call.id == id));
        let Some(Call { name, input, .. }) = at.map(|at| self.calls.remove(at)) else { return };
        let facts = facts_of(&json!({ "tool_name": name, "tool_input": input }));
        let code = said_exit_code(text);
        match &facts.command {
            Some(_) if REFUSED.iter().any(|words| text.starts_with(words)) => {}
            Some(command) if !is_error && code.is_none() && self.runs_on(command, text) => {}
            Some(command) => self.ran(command, code.unwrap_or(i64::from(is_error)), text),
            None if input["session_id"].is_number() => self.looked_again(&input, text),
            None if is_error || code.is_some_and(|code| code != 0) => {
                let error = first_trouble(text);
                self.push(EventKind::Error, &name, Told { error: error.as_deref(), ..Told::default() });
            }
            None => self.edited(&facts, &name),
        }
    }

    /// A command ended.
    pub fn ran(&mut self, command: &str, code: i64, text: &str) {
        let error = if code == 0 { None } else { first_trouble(text) };
        let told = Told { code: Some(code), error: error.as_deref(), path: None };
        self.push(EventKind::Command, command, told);
    }

    /// Whether an answer says that the command runs on: in the background for Claude
    /// Code, with a number to look again for Codex.
    fn runs_on(&mut self, command: &str, text: &str) -> bool {
        let marks = ["Command running in background with ID: ", "Process running with session ID "];
        let Some(rest) = marks.iter().find_map(|mark| text.split_once(mark)).map(|(_, rest)| rest) else {
            return false;
        };
        let number = rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        self.running.push((number.to_string(), command.to_string()));
        self.push(EventKind::Command, command, Told::default());
        true
    }

    fn looked_again(&mut self, input: &Value, text: &str) {
        if let Some(code) = said_exit_code(text) {
            self.ended(&input["session_id"].to_string(), code, text);
        }
    }

    /// A command that ran on ended.
    pub fn ended(&mut self, number: &str, code: i64, text: &str) {
        let at = self.running.iter().position(|(known, _)| known == number);
        if let Some((_, command)) = at.map(|at| self.running.remove(at)) {
            self.ran(&command, code, text);
        }
    }

    fn edited(&mut self, facts: &HookFacts, name: &str) {
        for path in facts.paths.iter().filter(|_| facts.is_edit()) {
            self.changed(path, name);
        }
    }

    /// A file was written, by the tool of this name.
    pub fn changed(&mut self, path: &str, name: &str) {
        if let Ok(resource) = self.desk.resource(self.app, path) {
            let told = Told { path: Some(resource.shown), ..Told::default() };
            self.push(EventKind::FileChange, name, told);
        }
    }

    fn push(&mut self, kind: EventKind, text: &str, told: Told) {
        let redactor = &self.desk.context.redactor;
        let error = told.error.map(|error| json!({ "error": self.desk.title(error).as_str() }).to_string());
        let event = Event {
            seq: self.events.len() as i64,
            at_ms: self.at_ms,
            session: None,
            kind,
            text: self.desk.line(text),
            path: told.path,
            code: told.code,
            data: error.map(|error| redactor.text(&error)),
        };
        self.events.push(event);
    }
}

/// How clients tell that a person did not let a command run.
const REFUSED: [&str; 3] =
    ["The user doesn't want to proceed", "exec command rejected by user", "The user rejected this tool call"];

/// Commands of Claude Code's own, by which nothing is asked for.
const OWN_COMMANDS: [&str; 24] = [
    "/clear",
    "/compact",
    "/config",
    "/context",
    "/cost",
    "/doctor",
    "/exit",
    "/export",
    "/help",
    "/hooks",
    "/ide",
    "/login",
    "/logout",
    "/mcp",
    "/memory",
    "/model",
    "/permissions",
    "/plugin",
    "/quit",
    "/resume",
    "/rewind",
    "/status",
    "/usage",
    "/vim",
];

/// What a client puts before words of its own.
const OF_CLIENTS: [&str; 5] = [
    "<",
    "[Request interrupted",
    "# AGENTS.md instructions",
    "Caveat: The messages below",
    "Stop hook feedback:",
];

/// What a person typed of a message; `None` for what the client put there.
fn typed(text: &str) -> Option<String> {
    let text = text.trim();
    // An editor tells what is open first.
    let text = text.split_once("## My request for Codex:").map_or(text, |(_, request)| request.trim());
    let text = between(text, "user_query").filter(|_| text.starts_with("<user_query>")).unwrap_or(text);
    if let Some(command) = between(text, "command-name").filter(|_| text.starts_with("<command-")) {
        let given = between(text, "command-args").unwrap_or_default();
        let is_asked = !given.is_empty() || !OWN_COMMANDS.contains(&command);
        return is_asked.then(|| format!("{command} {given}").trim().to_string());
    }
    let is_asked = !text.is_empty() && !OF_CLIENTS.iter().any(|mark| text.starts_with(mark));
    is_asked.then(|| text.to_string())
}

/// What stands in an element.
pub(super) fn between<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    Some(rest.split_once(&format!("</{name}>"))?.0.trim())
}

fn first_trouble(text: &str) -> Option<String> {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let is_said = |line: &&str| line.to_lowercase().contains("exit code");
    let line = lines().find(|line| tells_of_trouble(line) && !is_said(line));
    line.or_else(|| lines().find(|line| !is_said(line))).map(str::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_typed_is_told_from_what_a_client_put_there() {
        for (text, expected) in [
            (" mend it ", Some("mend it")),
            ("<environment_context>\n<cwd>/p</cwd>", None),
            ("[Request interrupted by user for tool use]", None),
            ("# AGENTS.md instructions for /p\n\n<INSTRUCTIONS>", None),
            ("<command-name>/clear</command-name>\n<command-args></command-args>", None),
            (
                "<command-message>x</command-message>\n<command-name>/team:plan</command-name>\n<command-args>the cache</command-args>",
                Some("/team:plan the cache"),
            ),
            ("<command-name>/review</command-name>", Some("/review")),
            ("<user_query>find it</user_query>", Some("find it")),
            ("# Context from my IDE setup:\n\n## My request for Codex:\nmend it\n", Some("mend it")),
            ("", None),
        ] {
            assert_eq!(typed(text).as_deref(), expected, "{text}");
        }
    }
}
