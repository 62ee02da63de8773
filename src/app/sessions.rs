//! Sessions: who works here, what they did, and how they end.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::session_report::{EventReport, SessionReport};
#[cfg(feature = "team")]
use super::team;
use super::{App, Error, Result};

pub(super) use super::session_desk::{MAX_TITLE, SessionDesk, no_session, now_ms, refuse_ended};
use crate::memory::{self, new_id};
use crate::model::{EventKind, NewEvent, SafeText, Session, SessionIdentity};
use crate::sessions::owner;
use crate::sessions::state::SessionState;
use crate::store::{Beat, LogFilter, SessionFilter};

/// A session to begin.
#[derive(Clone, Debug, Default)]
pub struct StartRequest {
    pub agent: Option<String>,
    pub kind: Option<String>,
    pub title: Option<String>,
    /// `KEY=VALUE`
    pub meta: Vec<String>,
}

/// The session that began.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Started {
    pub id: String,
}

/// Which sessions to list.
#[derive(Clone, Debug, Default)]
pub struct ListRequest {
    pub state: Option<SessionState>,
    /// Only those with a sign of life in the last so many milliseconds.
    pub since_ms: Option<i64>,
    pub limit: Option<usize>,
}

/// Sessions, the one with the newest sign of life first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SessionList {
    pub sessions: Vec<SessionReport>,
}

/// A session that gave a sign of life.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Beaten {
    pub id: String,
    pub doing: Option<SafeText>,
}

/// A session that has ended.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Ended {
    pub id: String,
    pub summary: Option<SafeText>,
    /// What it held until then.
    pub released: Vec<SafeText>,
}

/// Which entries of the log to show.
#[derive(Clone, Debug, Default)]
pub struct LogRequest {
    /// Id of a session.
    pub session: Option<String>,
    pub kind: Option<EventKind>,
    pub since_ms: Option<i64>,
    /// The newest so many.
    pub limit: Option<usize>,
}

/// Entries of the log, oldest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Log {
    pub events: Vec<EventReport>,
}

impl SessionDesk {
    /// The same for a question about all who work here, others of the team too.
    pub fn of_team(app: &App) -> Result<Option<Self>> {
        let mut desk = Self::open(app)?;
        desk.iter_mut().for_each(|desk| desk.exchange(app));
        Ok(desk)
    }

    /// Tells the team what happened here and hears from it, in a project that is
    /// connected with one.
    #[cfg(feature = "team")]
    pub fn exchange(&mut self, app: &App) {
        team::exchange(app, self);
    }

    /// There is no team in this build.
    #[cfg(not(feature = "team"))]
    pub fn exchange(&mut self, _: &App) {}
}

/// Begins a session.
pub fn start(app: &App, request: &StartRequest) -> Result<Started> {
    let mut desk = SessionDesk::create(app)?;
    let identity = desk.identity(app, request)?;
    let id = new_id(desk.now_ms.max(0) as u64, memory::random());
    let session = desk.store.begin_session(&id, &identity, desk.now_ms)?;
    desk.exchange(app);
    Ok(Started { id: session.id })
}

impl SessionDesk {
    /// What a session says of itself, with where it is.
    pub fn identity(&self, app: &App, request: &StartRequest) -> Result<SessionIdentity> {
        let text = |text: &Option<String>| text.as_ref().map(|text| self.title(text)).unwrap_or_default();
        let head = self.context.repository.as_ref().map(|repository| repository.head()).unwrap_or_default();
        let redactor = &self.context.redactor;
        Ok(SessionIdentity {
            conversation: None,
            agent: text(&request.agent),
            kind: text(&request.kind),
            title: text(&request.title),
            meta: redactor.text(&meta(&request.meta)?),
            worktree: redactor.line(&self.context.project.root.to_string_lossy()),
            branch: head.branch.map(|branch| redactor.line(&branch)).unwrap_or_default(),
            owner: owner::around(app.host().process),
            head: head.commit,
        })
    }
}

/// `KEY=VALUE` pairs as a JSON object.
fn meta(pairs: &[String]) -> Result<String> {
    let mut all = BTreeMap::new();
    for pair in pairs {
        let (key, value) =
            pair.split_once('=').filter(|(key, _)| !key.trim().is_empty()).ok_or_else(|| {
                Error::new(format!("`{pair}` is no `KEY=VALUE`")).with_hint("for example `--meta ticket=42`")
            })?;
        all.insert(key.trim(), value.trim());
    }
    Ok(serde_json::to_string(&all)?)
}

/// Checks the session that a command carries, and gives the app that works on
/// its behalf. An unknown or ended one is an error.
pub fn carry(app: &App, id: &str) -> Result<App> {
    if id.trim().is_empty() {
        return Err(Error::new("the id of the session is empty"));
    }
    let unknown = || {
        let text = format!("there is no session `{id}` here");
        Error::new(text).with_hint("`waypost session start` begins one, `unset WAYPOST_SESSION` does without")
    };
    let desk = SessionDesk::open(app)?.ok_or_else(unknown)?;
    let session = desk.session(id)?;
    refuse_ended(&session)?;
    app.keep_store(desk.store);
    Ok(app.clone().for_session(Some(session.id)))
}

/// Notes that a session's command ran: a sign of life. `command` is its command
/// line, `None` for one that tells the log by itself.
pub fn beat(app: &App, command: Option<&str>, code: u8) -> Result<()> {
    let Some(id) = app.session() else { return Ok(()) };
    let Some(mut desk) = SessionDesk::open(app)? else { return Ok(()) };
    let session = desk.session(id)?;
    let events = command.map(|command| NewEvent {
        code: Some(code.into()),
        ..NewEvent::new(Some(session.seq), EventKind::Command, desk.line(command))
    });
    let beat = desk.beat_of(app, &session, events.into_iter().collect());
    // It may have ended itself.
    desk.store.beat(session.seq, &beat)?;
    // What tells the log by itself tells the team too.
    if command.is_some() {
        desk.exchange(app);
    }
    Ok(())
}

impl SessionDesk {
    /// A sign of life. The session ends with another process from now on where
    /// the one that it was to end with is gone: it is alive.
    pub fn beat_of(&self, app: &App, session: &Session, events: Vec<NewEvent>) -> Beat {
        let is_gone = session.identity.owner.as_deref().is_some_and(owner::is_gone);
        let owner = if is_gone { owner::around(app.host().process) } else { None };
        Beat { at_ms: self.now_ms, owner, doing: None, events }
    }
}

/// Sessions, the one with the newest sign of life first.
pub fn list(app: &App, request: &ListRequest) -> Result<SessionList> {
    let Some(desk) = SessionDesk::of_team(app)? else { return Ok(SessionList { sessions: Vec::new() }) };
    let filter = SessionFilter {
        ended: request.state.map(|state| state == SessionState::Ended),
        since_ms: request.since_ms.map(|since| desk.now_ms - since),
        // Whether one is abandoned is not known to the database.
        limit: None,
    };
    let mut sessions: Vec<SessionReport> =
        desk.store.sessions(&filter)?.iter().map(|session| desk.report(session)).collect();
    sessions.retain(|session| request.state.is_none_or(|state| session.state == state));
    sessions.truncate(request.limit.unwrap_or(usize::MAX));
    Ok(SessionList { sessions })
}

/// The database, in which a session of this id must be.
pub(super) fn existing(app: &App, id: &str) -> Result<SessionDesk> {
    SessionDesk::open(app)?.ok_or_else(|| {
        Error::new(format!("there is no session `{id}` here")).with_hint("`waypost session start` begins one")
    })
}

/// Says what the session that carries the call is doing.
pub fn heartbeat(app: &App, text: Option<&str>) -> Result<Beaten> {
    let id = app.session().ok_or_else(no_session)?;
    let mut desk = existing(app, id)?;
    let session = desk.carrier(app)?;
    let doing = text.map(|text| desk.line(text));
    let event = NewEvent::new(Some(session.seq), EventKind::Heartbeat, doing.clone().unwrap_or_default());
    let beat = Beat { doing: doing.clone(), ..desk.beat_of(app, &session, vec![event]) };
    let was_open = desk.store.beat(session.seq, &beat)?;
    desk.exchange(app);
    match was_open {
        true => Ok(Beaten { id: session.id, doing }),
        false => Err(Error::new(format!("the session `{}` has ended", session.id))),
    }
}

/// Ends a session, by default the one that carries the call.
pub fn end(app: &App, id: Option<&str>, summary: Option<&str>) -> Result<Ended> {
    let id = id.or(app.session()).ok_or_else(no_session)?;
    let mut desk = existing(app, id)?;
    let session = desk.session(id)?;
    refuse_ended(&session)?;
    let summary = summary.map(|summary| desk.line(summary));
    let held = desk.store.claims(None, desk.now_ms)?.into_iter();
    let released = held.filter(|claim| claim.session.seq == session.seq).map(|claim| claim.resource.shown);
    let released = released.collect();
    if !desk.store.end_session(session.seq, summary.as_ref(), desk.now_ms)? {
        return Err(Error::new(format!("the session `{}` has ended", session.id)));
    }
    desk.exchange(app);
    Ok(Ended { id: session.id, summary, released })
}

/// Entries of the log, oldest first.
pub fn log(app: &App, request: &LogRequest) -> Result<Log> {
    let desk = match &request.session {
        Some(id) => existing(app, id)?,
        None => match SessionDesk::open(app)? {
            Some(desk) => desk,
            None => return Ok(Log { events: Vec::new() }),
        },
    };
    let session = request.session.as_deref().map(|id| desk.session(id)).transpose()?;
    let filter = LogFilter {
        session: session.map(|session| session.seq),
        kinds: request.kind.into_iter().collect(),
        since_ms: request.since_ms.map(|since| desk.now_ms - since),
        limit: request.limit,
        ..LogFilter::default()
    };
    Ok(Log { events: desk.store.logged(&filter)?.iter().map(EventReport::of).collect() })
}
