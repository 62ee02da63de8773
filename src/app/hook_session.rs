//! What hooks note of a conversation: it is a session, what was asked for, which
//! tools ran and how they ended; and who holds a file that is about to be edited.
//!
//! Where waypost was never used nothing is noted.

use std::io::Write;
use std::path::Path;

use super::checkpoint;
use super::hook::{HookCall, HookClient, HookEvent};
use super::hook_facts::{HookFacts, facts};
use super::resume::{self, ResumeRequest};
use super::session_report::ClaimReport;
use super::sessions::{SessionDesk, StartRequest};
use super::{App, Error, Result};
use crate::fs::confined;
use crate::model::time::length;
use crate::model::{EventKind, NewEvent, SafeText, Session};
use crate::sessions::digest::tells_of_trouble;

/// The longest id of a session that is taken over as it is.
const MOST_ID: usize = 100;

/// A conversation with its session.
struct Conversation<'a> {
    app: &'a App,
    call: &'a HookCall,
    desk: SessionDesk,
    session: Session,
}

/// Notes what a client tells. For the start of a conversation and for an edit it
/// gives what the agent should know.
pub fn note(app: &App, call: &HookCall, input: &str) -> Result<Option<String>> {
    let Some(mut conversation) = Conversation::open(app, call)? else { return Ok(None) };
    let facts = facts(input);
    match call.event {
        HookEvent::SessionStart => conversation.begin(),
        HookEvent::Prompt => conversation.asked(&facts).map(|()| None),
        HookEvent::PreTool => conversation.holders(&facts),
        HookEvent::PostTool => conversation.used(&facts).map(|()| None),
        HookEvent::SessionEnd => conversation.end().map(|()| None),
        HookEvent::PreCompact | HookEvent::Stop => conversation.checkpoint().map(|()| None),
    }
}

impl<'a> Conversation<'a> {
    /// `None` where there is nothing to note in, or where the client does not say
    /// which conversation it is.
    fn open(app: &'a App, call: &'a HookCall) -> Result<Option<Self>> {
        let Some(name) = call.session.as_deref().and_then(id) else { return Ok(None) };
        if !app.locate()?.folder().is_dir() {
            return Ok(None);
        }
        let mut desk = SessionDesk::create(app)?;
        let start = StartRequest {
            agent: Some(call.client.name().to_string()),
            kind: Some("conversation".to_string()),
            ..StartRequest::default()
        };
        let mut who = desk.identity(app, &start)?;
        who.conversation = Some(desk.context.redactor.line(&name));
        let (session, _) = desk.store.session_of_conversation(&name, &who, desk.now_ms)?;
        Ok(Some(Self { app, call, desk, session }))
    }

    fn log(&mut self, events: Vec<NewEvent>) -> Result<()> {
        let beat = self.desk.beat_of(self.app, &self.session, events);
        Ok(self.desk.store.beat(self.session.seq, &beat).map(drop)?)
    }

    fn event(&self, kind: EventKind, text: &str) -> NewEvent {
        NewEvent::new(Some(self.session.seq), kind, self.desk.line(text))
    }

    /// Tells commands that the agent runs which session they carry, and the agent
    /// what others left unfinished; after a compaction, what it did itself.
    fn begin(&mut self) -> Result<Option<String>> {
        self.log(Vec::new())?;
        if let Some(file) =
            self.app.variable("CLAUDE_ENV_FILE").filter(|_| self.call.client == HookClient::Claude)
        {
            tell_environment(Path::new(&file), &self.session.id)?;
        }
        let source = self.call.source.as_deref().unwrap_or_default().to_lowercase();
        let is_own = source.contains("compact") || source.contains("resume");
        let request = ResumeRequest {
            session: is_own.then(|| self.session.id.clone()),
            but: (!is_own).then_some(self.session.seq),
            budget: None,
            transcripts: false,
        };
        Ok(resume::unfinished(self.app, &self.desk, &request)?.map(|report| report.sheet.text))
    }

    fn asked(&mut self, facts: &HookFacts) -> Result<()> {
        let events = facts.prompt.iter().map(|prompt| self.event(EventKind::Prompt, prompt)).collect();
        self.log(events)
    }

    /// Who else holds a file that is about to be edited.
    fn holders(&mut self, facts: &HookFacts) -> Result<Option<String>> {
        if !facts.is_edit() {
            return Ok(None);
        }
        let mut told = Vec::new();
        for path in &facts.paths {
            // One outside of the project can be held by nobody.
            let Ok(resource) = self.desk.resource(self.app, path) else { continue };
            let mut claims = self.desk.store.claims(Some(&resource), self.desk.now_ms)?;
            claims.retain(|claim| claim.session.seq != self.session.seq && !claim.shared);
            told.extend(self.desk.reports(&claims).iter().map(|claim| told_holder(&resource.shown, claim)));
        }
        told.dedup();
        Ok((!told.is_empty()).then(|| told.join("\n")))
    }

    fn used(&mut self, facts: &HookFacts) -> Result<()> {
        let mut events = Vec::new();
        match (&facts.command, &facts.tool) {
            (Some(command), _) => events.push(self.command(command, facts)),
            (None, Some(tool)) => events.push(self.tool_call(tool, facts)),
            (None, None) => {}
        }
        for path in facts.paths.iter().filter(|_| facts.is_edit() && !facts.failed) {
            let Ok(resource) = self.desk.resource(self.app, path) else { continue };
            let tool = facts.tool.as_deref().unwrap_or_default();
            events.push(NewEvent { path: Some(resource.shown), ..self.event(EventKind::FileChange, tool) });
        }
        self.log(events)
    }

    /// Where a client does not tell how a command ended, that it failed counts as 1.
    fn command(&self, command: &str, facts: &HookFacts) -> NewEvent {
        let code = facts.exit_code.unwrap_or(i64::from(facts.failed));
        NewEvent {
            code: Some(code),
            data: (code != 0).then(|| self.error(facts)).flatten(),
            ..self.event(EventKind::Command, command)
        }
    }

    fn tool_call(&self, tool: &str, facts: &HookFacts) -> NewEvent {
        let path = facts.paths.first().and_then(|path| self.desk.resource(self.app, path).ok());
        let kind = if facts.failed { EventKind::Error } else { EventKind::ToolCall };
        let data = if facts.failed { self.error(facts) } else { None };
        NewEvent { path: path.map(|resource| resource.shown), data, ..self.event(kind, tool) }
    }

    /// The first line that tells what went wrong.
    fn error(&self, facts: &HookFacts) -> Option<SafeText> {
        let output = facts.output.as_deref()?;
        let lines = || output.lines().map(str::trim).filter(|line| !line.is_empty());
        let line = lines().find(|line| tells_of_trouble(line)).or_else(|| lines().next())?;
        let data = serde_json::json!({ "error": self.desk.title(line).as_str() });
        Some(self.desk.context.redactor.text(&data.to_string()))
    }

    fn checkpoint(&mut self) -> Result<()> {
        checkpoint::automatic(&mut self.desk, self.session.seq)?;
        self.log(Vec::new())
    }

    fn end(&mut self) -> Result<()> {
        checkpoint::automatic(&mut self.desk, self.session.seq)?;
        self.desk.store.end_session(self.session.seq, None, self.desk.now_ms)?;
        Ok(())
    }
}

/// A conversation's name as the id of a session, if it can be one.
fn id(name: &str) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
    let id: String = name.chars().map(|c| if is_plain(c) { c } else { '-' }).take(MOST_ID).collect();
    id.chars().any(|c| c.is_ascii_alphanumeric()).then_some(id)
}

/// Claude Code reads this file before each command that it runs.
fn tell_environment(file: &Path, session: &str) -> Result<()> {
    let line = format!("export WAYPOST_SESSION={session}\n");
    let told = |error: std::io::Error| Error::cannot("write", file, &error);
    let mut open = confined::open_log(file).map_err(told)?;
    open.write_all(line.as_bytes()).map_err(told)
}

fn told_holder(path: &SafeText, claim: &ClaimReport) -> String {
    let note = claim.note.as_ref().map(|note| format!(", for: {note}")).unwrap_or_default();
    let stale = if claim.stale { " It shows no sign of life." } else { "" };
    format!(
        "waypost: `{path}` is held by another session, {} ({}), for {}{note}.{stale} Work on something else, or ask \
         before you edit it.",
        claim.holder,
        claim.session,
        length(claim.age_s * 1_000)
    )
}
