//! The records of a report, each with the state of its anchors and its history.

use schemars::JsonSchema;
use serde::Serialize;

use super::LeftOut;
use super::room::{Room, size};
use crate::app::history::{RevisionReport, revision};
use crate::app::record::{CheckedRecord, Report};
use crate::app::{App, Result};
use crate::config::MemoryUse;
use crate::memory::Record;
use crate::pipeline::{self, Context, Reading};

/// A record with its revisions, oldest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RecordEntry {
    #[serde(flatten)]
    pub record: Report,
    pub history: Vec<RevisionReport>,
}

/// Records of every status, newest first, as many as there is room for.
pub(super) fn entries(
    app: &App,
    context: &Context,
    reading: &Reading,
    room: &mut Room,
    left_out: &mut LeftOut,
) -> Result<Vec<RecordEntry>> {
    if context.settings.memory_use() == MemoryUse::Off {
        return Ok(Vec::new());
    }
    let record_store = app.book_to_ask(context)?;
    let mut records = record_store.all()?;
    records.reverse();
    let plain: Vec<&Record> = records.iter().map(|indexed| &indexed.record).collect();
    let verdicts = pipeline::followed(context, &reading.tree, &plain)?;
    let mut entries = Vec::new();
    for (indexed, verdicts) in records.into_iter().zip(verdicts) {
        let (_, events) = record_store.history(&indexed.record.id)?;
        let history = events.into_iter().map(revision).collect();
        let entry = RecordEntry { record: CheckedRecord { indexed, verdicts }.report(), history };
        match room.takes_record(size(&entry)) {
            true => entries.push(entry),
            false => left_out.records += 1,
        }
    }
    Ok(entries)
}
