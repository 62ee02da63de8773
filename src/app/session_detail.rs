//! One session in full: how full its conversation is, what became of its edits,
//! and what it did.
//!
//! Not here: lists of sessions (`sessions`).

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::pressure::{self, Pressure};
use super::session_report::{EventReport, SessionReport};
use super::sessions::{SessionDesk, existing, no_session};
use super::survival::{self, Survival};
use super::{App, Result};
use crate::model::{Event, EventKind, Session};
use crate::store::LogFilter;

/// One session with the newest of what it did.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SessionDetail {
    #[serde(flatten)]
    pub session: SessionReport,
    /// How full its conversation is, where its client tells.
    pub context: Option<Pressure>,
    /// What became of its edits, where hooks noted them.
    pub edits: Vec<Survival>,
    /// Oldest first.
    pub events: Vec<EventReport>,
}

/// Entries of the log that are shown of one session.
const SHOWN_EVENTS: usize = 20;

/// One session, by default the one that carries the call.
pub fn show(app: &App, id: Option<&str>) -> Result<SessionDetail> {
    let id = id.or(app.session()).ok_or_else(no_session)?;
    let desk = existing(app, id)?;
    let session = desk.session(id)?;
    let events = logged(&desk, &session)?;
    Ok(SessionDetail {
        session: desk.report(&session),
        context: pressure::of(&desk, &session),
        edits: survival::of(&desk, &session, &events),
        events: newest(&events),
    })
}

/// The newest entries. That a command began is not told of one that ended.
fn newest(events: &[Event]) -> Vec<EventReport> {
    let mut ended = BTreeSet::new();
    let is_told = |event: &&Event| match event.kind {
        EventKind::CommandStart => !ended.contains(&event.text),
        EventKind::Command => {
            ended.insert(event.text.clone());
            true
        }
        _ => true,
    };
    let told = events.iter().rev().filter(is_told).take(SHOWN_EVENTS);
    let mut newest: Vec<EventReport> = told.map(EventReport::of).collect();
    newest.reverse();
    newest
}

fn logged(desk: &SessionDesk, session: &Session) -> Result<Vec<Event>> {
    let filter = LogFilter { session: Some(session.seq), ..LogFilter::default() };
    Ok(desk.store.logged(&filter)?)
}

/// One session with all that it did.
pub fn transcript(app: &App, id: &str) -> Result<SessionDetail> {
    let desk = existing(app, id)?;
    let session = desk.session(id)?;
    let events = logged(&desk, &session)?.iter().map(EventReport::of).collect();
    Ok(SessionDetail { session: desk.report(&session), context: None, edits: Vec::new(), events })
}
