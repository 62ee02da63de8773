//! The revisions of a record.

use serde::Serialize;
use similar::TextDiff;

use super::note::{ChangeReport, changed_report};
use super::{App, Result};

/// Revisions, oldest first.
#[derive(Debug, Serialize)]
pub struct History {
    pub id: String,
    pub history: Vec<Revision>,
}

#[derive(Debug, Serialize)]
pub struct Revision {
    pub revision: u32,
    /// What happened.
    pub event: String,
    pub at: String,
    /// First 16 digits of its text's hash.
    pub hash: Option<String>,
}

/// Two revisions of a record.
#[derive(Debug, Serialize)]
pub struct Difference {
    pub id: String,
    pub from: u32,
    pub to: u32,
    /// Unified.
    pub diff: String,
}

pub fn history(app: &App, name: &str) -> Result<History> {
    let context = app.context()?;
    let book = app.book(&context)?;
    let (id, events) = book.history(name)?;
    let revisions = events.into_iter().map(|event| Revision {
        revision: event.revision,
        event: event.what,
        at: event.at,
        hash: event.hash.map(|hash| hash.to_hex()[..16].to_string()),
    });
    Ok(History { id, history: revisions.collect() })
}

pub fn diff(app: &App, name: &str, from: u32, to: u32) -> Result<Difference> {
    let context = app.context()?;
    let book = app.book(&context)?;
    let (id, _) = book.history(name)?;
    let (old, new) = (book.revision(&id, from)?, book.revision(&id, to)?);
    let names = (format!("{id} revision {from}"), format!("{id} revision {to}"));
    let diff = TextDiff::from_lines(&old, &new);
    let diff = diff.unified_diff().context_radius(3).header(&names.0, &names.1).to_string();
    Ok(Difference { id, from, to, diff })
}

/// Makes an old revision the newest one.
pub fn roll_back(app: &App, name: &str, revision: u32) -> Result<ChangeReport> {
    let context = app.context()?;
    let mut book = app.book(&context)?;
    let (indexed, changed) = book.roll_back(name, revision)?;
    Ok(changed_report(&indexed, changed))
}
