//! An entry that somebody adds to the log, with what it comes from.
//!
//! Not here: reading the log (`sessions`).

use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use super::sessions::SessionDesk;
use super::{App, Error, Result, why};
use crate::memory::Relation;
use crate::model::{EventKind, NewEvent};

/// An entry to add to the log.
#[derive(Clone, Debug)]
pub struct LogEntry {
    pub kind: EventKind,
    pub text: String,
    pub path: Option<String>,
    pub code: Option<i64>,
    /// `relation:id`: records and entries that it comes from.
    pub links: Vec<String>,
}

/// An entry that was added.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Logged {
    /// `e` and its number.
    pub id: String,
    pub kind: &'static str,
    pub session: Option<String>,
}

/// Adds an entry to the log.
pub fn add_to_log(app: &App, entry: &LogEntry) -> Result<Logged> {
    let mut desk = SessionDesk::create(app)?;
    let text = desk.line(&entry.text);
    if text.is_empty() {
        return Err(Error::new("the text is empty"));
    }
    let path =
        entry.path.as_deref().map(|path| app.project_path(&desk.context, Path::new(path))).transpose()?;
    let links = declared(app, &desk, &entry.links)?;
    let event = NewEvent {
        path: path.map(|path| desk.line(path.as_str())),
        code: entry.code,
        data: links.map(|links| desk.context.redactor.text(&links.to_string())),
        ..NewEvent::new(desk.carrier_row(app)?, entry.kind, text)
    };
    let number = desk.store.log_one(&event, desk.now_ms)?;
    desk.exchange(app);
    Ok(Logged {
        id: format!("e{number}"),
        kind: entry.kind.name(),
        session: app.session().map(str::to_string),
    })
}

/// The links that an entry declares, as they are stored.
fn declared(app: &App, desk: &SessionDesk, links: &[String]) -> Result<Option<serde_json::Value>> {
    if links.is_empty() {
        return Ok(None);
    }
    let record_store = app.record_store(&desk.context)?;
    let pairs = links.iter().filter_map(|link| link.split_once(':'));
    let pairs = pairs.filter_map(|(relation, id)| Some((Relation::from_name(relation)?, id)));
    let declared = pairs.map(|(relation, id)| Ok((relation, why::known(desk, &record_store, id)?)));
    let declared: Vec<(Relation, String)> = declared.collect::<Result<_>>()?;
    Ok(why::stored(&declared))
}
