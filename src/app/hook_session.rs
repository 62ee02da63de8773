//! What hooks note of a conversation: it is a session, what was asked for, which
//! tools ran and how they ended; and who holds a file that is about to be edited.
//!
//! Where waypost was never used nothing is noted.

use std::io::Write;
use std::path::Path;

use super::checkpoint;
use super::hook::{BOUND, HookCall, HookEvent};
use super::hook_facts::{HookFacts, facts};
use super::known_lessons::{self, MatchRequest};
use super::pressure::{self, Pressure};
use super::resume::{self, ResumeRequest};
use super::session_report::ClaimReport;
use super::sessions::{SessionDesk, StartRequest};
use super::{App, Error, Result, transcripts};
use crate::config::MemoryUse;
use crate::fs::confined;
use crate::model::time::length;
use crate::model::{ClientId, Event, EventKind, NewEvent, RelPath, SafeText, Session};
use crate::sessions::fingerprint::error_line;
use crate::sessions::survival::NetLines;
use crate::store::LogFilter;

/// Parts of a hundred at which it is told how full a conversation is.
const PRESSING: [u8; 2] = [65, 85];

/// So much below the first of them it counts as shortened.
const EMPTIED: u8 = 15;

/// The longest id of a session that is taken over as it is.
const MOST_ID: usize = 100;

/// A conversation with its session.
struct Conversation<'a> {
    app: &'a App,
    call: &'a HookCall,
    desk: SessionDesk,
    /// `None` where nothing may be noted.
    session: Option<Session>,
}

/// Notes what a client tells. Gives what the agent should know at the start of a
/// conversation, before it uses a tool, and when something failed.
pub fn note(app: &App, call: &HookCall, input: &str) -> Result<Option<String>> {
    let facts = facts(input);
    let Some(mut conversation) = Conversation::open(app, call, &facts)? else { return Ok(None) };
    match call.event {
        HookEvent::SessionStart => conversation.begin(),
        HookEvent::Prompt => conversation.asked(&facts),
        HookEvent::PreTool => conversation.before(&facts),
        HookEvent::PostTool => conversation.used(&conversation.completed(facts)),
        HookEvent::SessionEnd => conversation.end(&facts).map(|()| None),
        HookEvent::PreCompact | HookEvent::Stop => conversation.checkpoint(&facts).map(|()| None),
    }
}

impl<'a> Conversation<'a> {
    /// `None` where there is nothing to note in, or where the client does not say
    /// which conversation it is.
    fn open(app: &'a App, call: &'a HookCall, facts: &HookFacts) -> Result<Option<Self>> {
        let Some(name) = call.session.as_deref().and_then(id) else { return Ok(None) };
        if !app.locate()?.folder().is_dir() {
            return Ok(None);
        }
        match app.context()?.settings.memory_use() {
            MemoryUse::ReadWrite => {}
            MemoryUse::Off => return Ok(None),
            MemoryUse::ReadOnly => {
                let Some(desk) = SessionDesk::open(app)? else { return Ok(None) };
                return Ok(Some(Self { app, call, desk, session: None }));
            }
        }
        let mut desk = SessionDesk::create(app)?;
        let start = StartRequest {
            agent: Some(call.client.name().to_string()),
            kind: Some("conversation".to_string()),
            meta: facts.transcript.iter().map(|path| format!("transcript={path}")).collect(),
            ..StartRequest::default()
        };
        let mut who = desk.identity(app, &start)?;
        who.conversation = Some(desk.context.redactor.line(&name));
        let (session, _) = desk.store.session_of_conversation(&name, &who, desk.now_ms)?;
        Ok(Some(Self { app, call, desk, session: Some(session) }))
    }

    fn log(&mut self, events: Vec<NewEvent>) -> Result<()> {
        let Some(session) = &self.session else { return Ok(()) };
        let beat = self.desk.beat_of(self.app, session, events);
        Ok(self.desk.store.beat(session.seq, &beat).map(drop)?)
    }

    fn event(&self, kind: EventKind, text: &str) -> NewEvent {
        NewEvent::new(self.seq(), kind, self.desk.line(text))
    }

    fn seq(&self) -> Option<i64> {
        self.session.as_ref().map(|session| session.seq)
    }

    /// Tells commands that the agent runs which session they carry, and the agent
    /// what others left unfinished; after a compaction, what it did itself.
    fn begin(&mut self) -> Result<Option<String>> {
        self.log(Vec::new())?;
        self.desk.exchange(self.app);
        if let Some(file) =
            self.app.variable("CLAUDE_ENV_FILE").filter(|_| self.call.client == ClientId::Claude)
        {
            let id = self.session.as_ref().map(|session| session.id.as_str());
            id.map_or(Ok(()), |id| tell_environment(Path::new(&file), id))?;
        }
        let source = self.call.source.as_deref().unwrap_or_default().to_lowercase();
        let is_own = source.contains("compact") || source.contains("resume");
        let request = ResumeRequest {
            session: self.session.as_ref().filter(|_| is_own).map(|session| session.id.clone()),
            but: self.seq().filter(|_| !is_own),
            budget: low_budget(self.desk.context.settings.brief_budget() as usize),
            transcripts: false,
            companions: false,
        };
        Ok(resume::unfinished(self.app, &self.desk, &request)?.map(|report| report.sheet.text))
    }

    /// Notes what was asked for, and tells once each how full the conversation is
    /// when that becomes pressing.
    fn asked(&mut self, facts: &HookFacts) -> Result<Option<String>> {
        let events = facts.prompt.iter().map(|prompt| self.event(EventKind::Prompt, prompt)).collect();
        self.log(events)?;
        self.desk.exchange(self.app);
        let path = self.transcript(facts);
        let noted = || self.session.as_ref().and_then(|session| pressure::of(&self.desk, session));
        let pressure = path.and_then(pressure::of_transcript).or_else(noted);
        match (pressure, self.seq()) {
            (Some(pressure), Some(seq)) => self.pressed(pressure, seq),
            _ => Ok(None),
        }
    }

    fn pressed(&mut self, pressure: Pressure, session: i64) -> Result<Option<String>> {
        let told = self.last_told()?;
        let now = PRESSING.into_iter().rev().find(|at| pressure.percent >= *at).unwrap_or(0);
        // After a compaction it fills up anew.
        let has_emptied = told > 0 && pressure.percent < PRESSING[0] - EMPTIED;
        if now <= told && !has_emptied {
            return Ok(None);
        }
        let data = serde_json::json!({ "context": now }).to_string();
        let event = NewEvent {
            data: Some(self.desk.context.redactor.text(&data)),
            ..self.event(EventKind::Note, &format!("the conversation is {}", pressure.words()))
        };
        if now > 0 {
            checkpoint::automatic(&mut self.desk, session)?;
        }
        self.log(vec![event])?;
        let text = format!(
            "waypost: this conversation is {}. A checkpoint was made; `waypost checkpoint --next TEXT` says what comes \
             next, so that it is there when the conversation is shortened.",
            pressure.words()
        );
        Ok((now > 0).then_some(text))
    }

    /// The threshold that was told last in this conversation.
    fn last_told(&self) -> Result<u8> {
        let filter = LogFilter {
            session: self.seq(),
            kinds: vec![EventKind::Note],
            limit: Some(50),
            ..LogFilter::default()
        };
        let told = |event: Event| {
            let data: serde_json::Value = serde_json::from_str(event.data?.as_str()).ok()?;
            data["context"].as_u64()
        };
        let last = self.desk.store.logged(&filter)?.into_iter().rev().find_map(told);
        Ok(last.unwrap_or(0).min(100) as u8)
    }

    /// Who else holds a file that is about to be edited, and the lessons about what
    /// is about to be done. A command is noted: its client may end before it does.
    fn before(&mut self, facts: &HookFacts) -> Result<Option<String>> {
        if let Some(command) = &facts.command {
            self.log(vec![self.event(EventKind::CommandStart, command)])?;
        }
        let holders = self.holders(facts)?;
        let lessons = self.lessons(facts, None, "known about this")?;
        let told: Vec<String> = holders.into_iter().chain(lessons).collect();
        Ok((!told.is_empty()).then(|| told.join("\n")))
    }

    /// The accepted lessons about a call, or about how it failed.
    fn lessons(&mut self, facts: &HookFacts, failed: Option<&str>, when: &str) -> Result<Option<String>> {
        let shown = |path: &String| {
            let resource = self.desk.resource(self.app, path).ok()?;
            Some(resource.shown.to_string())
        };
        let code = facts.exit_code.unwrap_or(i64::from(facts.failed));
        let request = MatchRequest {
            tool: facts.tool.clone(),
            arg: facts.command.clone(),
            paths: facts.paths.iter().filter_map(shown).collect(),
            error: failed.map(str::to_string),
            exit_code: facts.command.as_ref().map(|_| code),
            fingerprint: None,
        };
        let call = known_lessons::call_of(&self.desk.context.redactor, &request);
        known_lessons::told_to_agent(self.app, &mut self.desk, &call, when)
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
            claims.retain(|claim| Some(claim.session.seq) != self.seq() && !claim.shared);
            told.extend(self.desk.reports(&claims).iter().map(|claim| told_holder(&resource.shown, claim)));
        }
        told.dedup();
        Ok((!told.is_empty()).then(|| told.join("\n")))
    }

    /// Notes what was done. Where it failed, gives what is known to put it right.
    fn used(&mut self, facts: &HookFacts) -> Result<Option<String>> {
        let mut events = Vec::new();
        match (&facts.command, &facts.tool) {
            (Some(command), _) => events.push(self.command(command, facts)),
            (None, Some(tool)) => events.push(self.tool_call(tool, facts)),
            (None, None) => {}
        }
        for path in facts.paths.iter().filter(|_| facts.is_edit() && !facts.failed) {
            let Ok(resource) = self.desk.resource(self.app, path) else { continue };
            let tool = facts.tool.as_deref().unwrap_or_default();
            let data = self.lines(facts, path, &resource.shown);
            events.push(NewEvent {
                path: Some(resource.shown),
                data,
                ..self.event(EventKind::FileChange, tool)
            });
        }
        self.log(events)?;
        match (facts.failed, &facts.output) {
            (true, Some(output)) => self.lessons(facts, Some(output), "known about this error"),
            _ => Ok(None),
        }
    }

    /// The lines that an edit brought and took, as hashes.
    fn lines(&self, facts: &HookFacts, path: &str, shown: &SafeText) -> Option<SafeText> {
        let mut net = NetLines::default();
        for edit in facts.edits.iter().filter(|edit| edit.path.as_deref().is_none_or(|of| of == path)) {
            let (old, new) = match &edit.old {
                Some(old) => whole_lines(self.on_disk(shown), old, &edit.new),
                None => (self.committed(shown).unwrap_or_default(), edit.new.clone()),
            };
            net.then(&NetLines::between(&old, &new));
        }
        let data = serde_json::json!({ "lines": net.stored() }).to_string();
        (!net.is_empty()).then(|| self.desk.context.redactor.text(&data))
    }

    /// A file as it is after the edit.
    fn on_disk(&self, path: &SafeText) -> Option<String> {
        let file = self.desk.context.project.root.join(path.as_str());
        let bytes = confined::read(&file, self.desk.context.settings.max_file_size()).ok()?;
        Some(crate::walk::decode(&bytes))
    }

    /// A file as the head commit has it.
    fn committed(&self, path: &SafeText) -> Option<String> {
        let path = RelPath::new(path.as_str())?;
        let repository = self.desk.context.repository.as_ref()?;
        let most = self.desk.context.settings.max_file_size();
        let bytes = repository.contents_at_head(&[path], most).ok()?.into_iter().next()??;
        Some(crate::walk::decode(&bytes))
    }

    /// Where a client does not tell how a command ended, that it failed counts as 1.
    fn command(&self, command: &str, facts: &HookFacts) -> NewEvent {
        let code = facts.exit_code.unwrap_or(i64::from(facts.failed));
        NewEvent {
            code: (!facts.runs_on).then_some(code),
            data: self.data(facts.output.as_deref().filter(|_| code != 0)),
            ..self.event(EventKind::Command, command)
        }
    }

    fn tool_call(&self, tool: &str, facts: &HookFacts) -> NewEvent {
        let path = facts.paths.first().and_then(|path| self.desk.resource(self.app, path).ok());
        let kind = if facts.failed { EventKind::Error } else { EventKind::ToolCall };
        let data = self.data(facts.output.as_deref().filter(|_| facts.failed));
        NewEvent { path: path.map(|resource| resource.shown), data, ..self.event(kind, tool) }
    }

    /// The line that tells what went wrong, and the folder below the root that it
    /// happened in.
    fn data(&self, failed: Option<&str>) -> Option<SafeText> {
        let mut data = serde_json::Map::new();
        if let Some(line) = failed.and_then(error_line) {
            data.insert("error".to_string(), self.desk.title(&line).as_str().into());
        }
        let folder = self.app.host().current.strip_prefix(&self.desk.context.project.root);
        if let Some(folder) = folder.ok().and_then(Path::to_str).filter(|folder| !folder.is_empty()) {
            data.insert("folder".to_string(), self.desk.title(folder).as_str().into());
        }
        let text = serde_json::Value::Object(data).to_string();
        (text != "{}").then(|| self.desk.context.redactor.text(&text))
    }

    /// Codex does not tell its hooks how a command ended; its transcript does, by then.
    fn completed(&self, facts: HookFacts) -> HookFacts {
        if self.call.client != ClientId::Codex || facts.command.is_none() || facts.exit_code.is_some() {
            return facts;
        }
        let told = self.transcript(&facts).zip(facts.call.as_ref());
        let code = told.and_then(|(path, call)| transcripts::codex_exit_code(path, call));
        HookFacts {
            exit_code: code,
            failed: facts.failed || code.is_some_and(|code| code != 0),
            runs_on: code.is_none(),
            ..facts
        }
    }

    /// The client's own transcript, where it may be read.
    fn transcript<'f>(&self, facts: &'f HookFacts) -> Option<&'f Path> {
        let may_read = self.desk.context.settings.transcripts();
        facts.transcript.as_ref().map(Path::new).filter(|path| may_read && path.is_absolute())
    }

    /// Codex calls no hook after a patch that a command of the shell applies: its transcript tells of it.
    fn catch_up(&mut self, facts: &HookFacts) -> Result<()> {
        let (ClientId::Codex, Some(path), Some(session)) =
            (self.call.client, self.transcript(facts), &self.session)
        else {
            return Ok(());
        };
        let filter =
            |kind| LogFilter { session: Some(session.seq), kinds: vec![kind], ..LogFilter::default() };
        let known = self.desk.store.logged(&filter(EventKind::FileChange))?;
        let known: Vec<Option<SafeText>> = known.into_iter().map(|event| event.path).collect();
        let told = transcripts::told_since(self.app, &self.desk, ClientId::Codex, path, session.started_ms);
        let mut missed: Vec<NewEvent> = Vec::new();
        for event in told.into_iter().filter(|event| event.kind == EventKind::FileChange) {
            let is_known = known.contains(&event.path) || missed.iter().any(|it| it.path == event.path);
            if !is_known {
                missed.push(NewEvent {
                    path: event.path,
                    ..self.event(EventKind::FileChange, event.text.as_str())
                });
            }
        }
        if missed.is_empty() { Ok(()) } else { self.log(missed) }
    }

    fn checkpoint(&mut self, facts: &HookFacts) -> Result<()> {
        self.catch_up(facts)?;
        let Some(session) = self.seq() else { return Ok(()) };
        checkpoint::automatic(&mut self.desk, session)?;
        self.log(Vec::new())?;
        self.desk.exchange(self.app);
        Ok(())
    }

    fn end(&mut self, facts: &HookFacts) -> Result<()> {
        self.catch_up(facts)?;
        let Some(session) = self.seq() else { return Ok(()) };
        checkpoint::automatic(&mut self.desk, session)?;
        self.desk.store.end_session(session, None, self.desk.now_ms)?;
        self.desk.exchange(self.app);
        Ok(())
    }
}

/// What was left unfinished takes no more than half of a low bound; else nothing
/// has to be counted, which takes longer than all the rest.
fn low_budget(bound: usize) -> Option<usize> {
    (bound < BOUND.tokens).then_some(bound / 2)
}

/// An edit of parts of lines, as whole lines: what stands around its new text in
/// the file stood around the old one.
fn whole_lines(file: Option<String>, old: &str, new: &str) -> (String, String) {
    let is_whole = |file: &str, at: usize| {
        let (before, after) = (&file[..at], &file[at + new.len()..]);
        (before.is_empty() || before.ends_with('\n'))
            && (new.ends_with('\n') || after.is_empty() || after.starts_with('\n'))
    };
    let places = |file: &str| file.match_indices(new).map(|(at, _)| at).collect::<Vec<_>>();
    let places = file.as_deref().filter(|_| !new.is_empty()).map(places).unwrap_or_default();
    let at = places.first().copied();
    let (Some(file), Some(at)) = (file, at) else { return (old.to_string(), new.to_string()) };
    if places.iter().any(|at| is_whole(&file, *at)) {
        return (old.to_string(), new.to_string());
    }
    let begin = file[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = at + new.len();
    // A text that ends with its line has nothing behind it.
    let rest = if new.ends_with('\n') { "" } else { file[end..].split('\n').next().unwrap_or_default() };
    let before = &file[begin..at];
    (format!("{before}{old}{rest}"), format!("{before}{new}{rest}"))
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
