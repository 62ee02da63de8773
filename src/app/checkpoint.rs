//! Checkpoints: what is done and what comes next, as somebody says it or as the
//! log tells it since the last one.
//!
//! One that is asked for is a record, a file that can be committed. One that a
//! hook makes is only logged: a file for each turn of a conversation would bury
//! the others.

use schemars::JsonSchema;
use serde::Serialize;

use super::fields::{Fields, Lists, set_part};
use super::note::{AddReport, add, next_step};
use super::records::{self, Filter};
use super::sessions::SessionDesk;
use super::{App, Error, Result, init};
use crate::memory::{BodySection, Link, Record, RecordKind, Relation};
use crate::model::time::rfc3339;
use crate::model::{Event, EventKind, NewEvent, SafeText};
use crate::records::RecordStore;
use crate::redact::Redactor;
use crate::sessions::work::{self, Work};
use crate::store::LogFilter;

/// A checkpoint; what is not said is told by the log.
#[derive(Clone, Debug, Default)]
pub struct CheckpointRequest {
    pub done: Option<String>,
    pub next: Option<String>,
    pub decisions: Vec<String>,
    pub blockers: Vec<String>,
    /// Commands that worked.
    pub commands: Vec<String>,
    /// Id of the goal that it is about.
    pub goal: Option<String>,
    pub fields: Fields,
}

/// A checkpoint on a list.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CheckpointReport {
    /// Of the record; `e` and the number of the entry for one that a hook made.
    pub id: String,
    pub at: String,
    pub session: Option<String>,
    pub title: String,
    pub next: Option<SafeText>,
    /// A hook made it.
    pub automatic: bool,
    pub body: Option<SafeText>,
}

/// Checkpoints, newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Checkpoints {
    pub checkpoints: Vec<CheckpointReport>,
}

/// Entries of the log that a checkpoint looks at.
const MOST_EVENTS: usize = 5_000;

/// Items of a list in its body.
const MOST_ITEMS: usize = 20;

/// Records what is done and what comes next. A `done` longer than a title is
/// kept whole in the body.
pub fn checkpoint(app: &App, request: &CheckpointRequest) -> Result<AddReport> {
    let work = work_since(app, request)?;
    let context = app.context()?;
    init::prepare(&context.project)?;
    let mut record_store = app.record_store(&context)?;
    let mut record = record_store.draft(RecordKind::Checkpoint, "");
    let done = request.done.as_ref().map(|done| context.redactor.text(done.trim()));
    let done = done.or(work.as_ref().map(title)).unwrap_or_else(|| SafeText::constant("Checkpoint"));
    record.title = done.one_line(120);
    if record.title != done {
        record.parts.insert(BodySection::Done, vec![done]);
    }
    record.next = request.next.as_deref().and_then(|next| next_step(&context, next));
    set_part(&mut record, BodySection::Blockers, request.blockers.iter(), &context);
    set_part(&mut record, BodySection::Commands, request.commands.iter(), &context);
    let decided: Vec<SafeText> =
        request.decisions.iter().map(|text| context.redactor.line(text.trim())).collect();
    record.body = context.redactor.text(&body(work.as_ref(), &decided));
    link_goal(&record_store, &mut record, request.goal.as_deref())?;
    log_decisions(app, &decided)?;
    request.fields.apply(app, &record_store, &mut record, Lists::Replace)?;
    add(&mut record_store, record)
}

/// Before the checkpoint itself, so that the next one does not tell them again.
fn log_decisions(app: &App, decided: &[SafeText]) -> Result<()> {
    if decided.is_empty() {
        return Ok(());
    }
    let mut desk = SessionDesk::create(app)?;
    let session = desk.carrier_row(app)?;
    let events = decided.iter().map(|text| NewEvent::new(session, EventKind::Decision, text.clone()));
    let events: Vec<NewEvent> = events.collect();
    Ok(desk.store.log(&events, desk.now_ms)?)
}

fn link_goal(record_store: &RecordStore, record: &mut Record, goal: Option<&str>) -> Result<()> {
    let Some(goal) = goal else { return Ok(()) };
    let found = record_store.get(goal)?.record;
    if found.kind != RecordKind::Goal {
        return Err(Error::new(format!("the record `{goal}` is no goal")));
    }
    record.links.push(Link { relation: Relation::Relates, id: found.id });
    Ok(())
}

/// What the log tells since the last checkpoint: of the session that carries
/// the call, or, where nobody says what was done, of what none carried.
fn work_since(app: &App, request: &CheckpointRequest) -> Result<Option<Work>> {
    if app.session().is_none() && request.done.is_some() {
        return Ok(None);
    }
    let Some(desk) = SessionDesk::open(app)? else { return Ok(None) };
    let session = desk.carrier_row(app)?;
    let mut events = events_since(&desk, session)?;
    events.retain(|event| session.is_some() || event.session.is_none());
    Ok(Some(work::of(&events)).filter(|work| work.events > 0))
}

/// What was logged since the last checkpoint.
fn events_since(desk: &SessionDesk, session: Option<i64>) -> Result<Vec<Event>> {
    let last =
        LogFilter { session, kinds: vec![EventKind::Checkpoint], limit: Some(1), ..LogFilter::default() };
    let after = desk.store.logged(&last)?.pop().map(|event| event.seq);
    Ok(desk.store.logged(&LogFilter { session, after, limit: Some(MOST_EVENTS), ..LogFilter::default() })?)
}

/// One line of what was done.
fn title(work: &Work) -> SafeText {
    let asked = work.asked.last().or(work.milestones.last()).map(|asked| asked.one_line(80));
    let files: Vec<SafeText> = work.files.keys().take(3).cloned().collect();
    let parts = [asked.into_iter().collect(), files].concat();
    match parts.is_empty() {
        true => work.last_command.as_ref().map_or_else(SafeText::default, |run| run.command.one_line(100)),
        false => SafeText::join(&parts, "; "),
    }
}

/// What was done, as Markdown.
fn body(work: Option<&Work>, decided: &[SafeText]) -> String {
    let mut text = String::new();
    let mut list = |name: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            let lines: String = lines.iter().take(MOST_ITEMS).map(|line| format!("- {line}\n")).collect();
            text.push_str(&format!("{name}:\n\n{lines}\n"));
        }
    };
    let default = Work::default();
    let work = work.unwrap_or(&default);
    let decided = decided.iter().chain(&work.decisions).map(SafeText::to_string).collect();
    list("Decided", decided);
    list("Edited", work.files.keys().map(|path| format!("`{path}`")).collect());
    let run = |run: &work::CommandRun| {
        let error = run.error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
        let code = run.code.unwrap_or_default();
        format!("`{}` exit {code}{error}", run.command)
    };
    list("Failed and not put right", work.failures.iter().rev().map(run).collect());
    list("Last test", work.last_test.iter().map(run).collect());
    text.trim_end().to_string()
}

/// Logs where a session stands if it did anything since the last checkpoint.
pub(super) fn automatic(desk: &mut SessionDesk, session: i64) -> Result<bool> {
    let work = work::of(&events_since(desk, Some(session))?);
    if work.events == 0 {
        return Ok(false);
    }
    // Everything in it has been redacted.
    let data = serde_json::json!({ "automatic": true, "body": body(Some(&work), &[]) });
    let event = NewEvent {
        data: Some(desk.context.redactor.text(&data.to_string())),
        ..NewEvent::new(Some(session), EventKind::Checkpoint, title(&work))
    };
    desk.store.log(&[event], desk.now_ms)?;
    Ok(true)
}

/// Checkpoints, newest first.
pub fn list(app: &App, limit: usize) -> Result<Checkpoints> {
    let mut all = automatic_ones(app)?;
    let filter = Filter { kind: Some(RecordKind::Checkpoint), ..Filter::default() };
    all.extend(records::notes(app, &filter)?.notes.into_iter().map(|record| CheckpointReport {
        id: record.id,
        at: record.created,
        session: None,
        title: record.title,
        next: record.next,
        automatic: false,
        body: Some(record.body).filter(|body| !body.is_empty()),
    }));
    all.sort_by(|one, other| other.at.cmp(&one.at));
    all.truncate(limit);
    Ok(Checkpoints { checkpoints: all })
}

fn automatic_ones(app: &App) -> Result<Vec<CheckpointReport>> {
    let Some(desk) = SessionDesk::open(app)? else { return Ok(Vec::new()) };
    let filter =
        LogFilter { kinds: vec![EventKind::Checkpoint], limit: Some(MOST_EVENTS), ..LogFilter::default() };
    let redactor = &desk.context.redactor;
    Ok(desk.store.logged(&filter)?.iter().filter_map(|event| of_event(event, redactor)).collect())
}

/// One that a hook made.
fn of_event(event: &Event, redactor: &Redactor) -> Option<CheckpointReport> {
    let data = event.data.as_ref()?;
    let value: serde_json::Value = serde_json::from_str(data.as_str()).ok()?;
    let is_automatic = value.get("automatic")?.as_bool()?;
    let body = value.get("body").and_then(|body| body.as_str()).map(|body| redactor.text(body));
    is_automatic.then(|| CheckpointReport {
        id: format!("e{}", event.seq),
        at: rfc3339(event.at_ms),
        session: event.session.clone(),
        title: event.text.to_string(),
        next: None,
        automatic: true,
        body,
    })
}

/// One checkpoint.
pub fn show(app: &App, id: &str) -> Result<CheckpointReport> {
    let mut all = list(app, usize::MAX)?.checkpoints;
    if let Some(at) = all.iter().position(|checkpoint| checkpoint.id == id) {
        return Ok(all.swap_remove(at));
    }
    all.retain(|checkpoint| id.len() >= 4 && checkpoint.id.starts_with(id));
    match (all.pop(), all.is_empty()) {
        (Some(found), true) => Ok(found),
        _ => {
            let error = Error::new(format!("there is no checkpoint `{id}`"));
            Err(error.with_hint("`waypost checkpoint list` lists them"))
        }
    }
}
