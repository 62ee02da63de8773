//! Lists and shows records.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use super::record::{self, CheckedRecord, Report as RecordReport};
use super::{App, Result};
use crate::memory::{AnchorState, RecordKind, RecordStatus};
use crate::model::RelPath;
use crate::records::RecordStore;
use crate::store::Indexed;

/// Which records to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub kind: Option<RecordKind>,
    pub tag: Option<String>,
    /// Only this status; by default proposed and accepted.
    pub status: Option<RecordStatus>,
    /// Only records about this file or folder.
    pub anchor: Option<PathBuf>,
    /// Only records whose code has changed or is gone.
    pub drifted: bool,
    /// At most this many, the newest first.
    pub limit: Option<usize>,
    /// Include records of any status.
    pub all: bool,
}

/// Records, newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Notes {
    pub count: usize,
    pub notes: Vec<RecordReport>,
}

/// Decisions, newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Decisions {
    pub count: usize,
    pub decisions: Vec<RecordReport>,
}

/// The records that pass the filter, newest first.
pub fn notes(app: &App, filter: &Filter) -> Result<Notes> {
    let notes = list(app, filter)?;
    Ok(Notes { count: notes.len(), notes })
}

/// The decisions that pass the filter, newest first.
pub fn decisions(app: &App, filter: &Filter) -> Result<Decisions> {
    let decisions = list(app, &Filter { kind: Some(RecordKind::Decision), ..filter.clone() })?;
    Ok(Decisions { count: decisions.len(), decisions })
}

/// One record, by its id, the beginning of one, or its slug.
pub fn show(app: &App, name: &str) -> Result<RecordReport> {
    let context = app.context()?;
    let mut record_store = app.record_store(&context)?;
    let found = record_store.get(name)?;
    record_store.note_recall(&[&found.record.id]);
    let checked = record::check(&record_store, vec![found])?;
    Ok(checked[0].report())
}

fn list(app: &App, filter: &Filter) -> Result<Vec<RecordReport>> {
    let context = app.context()?;
    let record_store = app.record_store(&context)?;
    let place = filter.anchor.as_ref().map(|path| app.project_path(&context, path)).transpose()?;
    let mut records = record_store.all()?;
    records.retain(|indexed| filter.lets_through(indexed, place.as_ref()));
    records.reverse();
    checked(&record_store, records, filter).map(|shown| shown.iter().map(CheckedRecord::report).collect())
}

/// The records that pass the filter, with their verdicts; no more records than
/// necessary are checked.
fn checked(
    record_store: &RecordStore,
    mut records: Vec<Indexed>,
    filter: &Filter,
) -> Result<Vec<CheckedRecord>> {
    let limit = filter.limit.unwrap_or(usize::MAX);
    if !filter.drifted {
        records.truncate(limit);
        return record::check(record_store, records);
    }
    let mut checked = record::check(record_store, records)?;
    checked.retain(|checked| checked.state().is_some_and(|state| state != AnchorState::Fresh));
    checked.truncate(limit);
    Ok(checked)
}

impl Filter {
    fn lets_through(&self, indexed: &Indexed, place: Option<&RelPath>) -> bool {
        let record = &indexed.record;
        let right_status = match self.status {
            Some(status) => record.status == status,
            None => self.all || record.is_live(),
        };
        let is_about = |place: &RelPath| {
            let mut anchors = record.anchors.iter();
            anchors.any(|anchor| anchor.path == *place || anchor.path.is_below(place.as_str()))
        };
        right_status
            && self.kind.is_none_or(|kind| record.kind == kind)
            && self.tag.as_ref().is_none_or(|tag| record.tags.iter().any(|known| known.as_str() == tag))
            && place.is_none_or(is_about)
    }
}
