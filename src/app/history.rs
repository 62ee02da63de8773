//! The revisions of a record.

use schemars::JsonSchema;
use serde::Serialize;

use super::note::{ChangeReport, changed_report};
use super::{App, Error, Result};
use crate::compare;
use crate::store::RecordEvent;

/// Revisions, oldest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RecordHistory {
    pub id: String,
    pub history: Vec<RevisionReport>,
}

/// One revision of a record: what made it, and when.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RevisionReport {
    pub revision: u32,
    /// What made the revision: `added`, `edited`, `deleted` or a status.
    pub event: &'static str,
    pub at: String,
    /// The first 16 hex digits of the hash of its text.
    pub hash: Option<String>,
}

/// Two revisions of a record.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RevisionDifference {
    pub id: String,
    pub from: u32,
    pub to: u32,
    /// Unified diff with three lines of context.
    pub diff: String,
}

/// Every revision of a record, forgotten ones included; `name` is an id, the beginning of one, or a
/// slug.
pub fn history(app: &App, name: &str) -> Result<RecordHistory> {
    let context = app.context()?;
    let record_store = app.record_store(&context)?;
    let (id, events) = record_store.history(name)?;
    Ok(RecordHistory { id, history: events.into_iter().map(revision).collect() })
}

/// The report of one revision.
pub(super) fn revision(event: RecordEvent) -> RevisionReport {
    RevisionReport {
        revision: event.revision,
        event: event.what.name(),
        at: event.at,
        hash: event.hash.map(|hash| hash.to_hex()[..16].to_string()),
    }
}

/// The unified diff between the files of two revisions, with three lines of context; by default of
/// the last two.
pub fn diff(app: &App, name: &str, from: Option<u32>, to: Option<u32>) -> Result<RevisionDifference> {
    let context = app.context()?;
    let record_store = app.record_store(&context)?;
    let (id, events) = record_store.history(name)?;
    let to = to.unwrap_or_else(|| newest(&events));
    let from = match from {
        Some(from) => from,
        None => before(&id, to)?,
    };
    let (old, new) = (record_store.revision(&id, from)?, record_store.revision(&id, to)?);
    let names = (format!("{id} revision {from}"), format!("{id} revision {to}"));
    let diff = compare::unified((&names.0, &names.1), (&old, &new), 3);
    Ok(RevisionDifference { id, from, to, diff })
}

/// Makes an old revision the newest one, by default the one before the newest.
pub fn roll_back(app: &App, name: &str, revision: Option<u32>) -> Result<ChangeReport> {
    let context = app.context()?;
    let mut record_store = app.record_store(&context)?;
    let revision = match revision {
        Some(revision) => revision,
        None => {
            let (id, events) = record_store.history(name)?;
            before(&id, newest(&events))?
        }
    };
    let (indexed, changed) = record_store.roll_back(name, revision)?;
    Ok(changed_report(&indexed, changed))
}

fn newest(events: &[RecordEvent]) -> u32 {
    events.iter().map(|event| event.revision).max().unwrap_or_default()
}

/// The revision before another one.
fn before(id: &str, revision: u32) -> Result<u32> {
    let one_before = || {
        Error::new(format!("`{id}` has one revision")).with_hint(format!("`waypost history {id}` lists them"))
    };
    revision.checked_sub(1).filter(|before| *before > 0).ok_or_else(one_before)
}
