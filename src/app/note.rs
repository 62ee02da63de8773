//! Writes records: notes, and changes to them.

use schemars::JsonSchema;
use serde::Serialize;

use super::fields::{Fields, Lists, title};
use super::record::file_of;
use super::{App, Error, Result, init};
use crate::memory::{Record, RecordKind};
use crate::model::SafeText;
use crate::pipeline::Context;
use crate::records::{Added, RecordStore};
use crate::store::Indexed;

/// A record to add.
#[derive(Clone, Debug)]
pub struct Request {
    /// The title, in one line.
    pub summary: String,
    pub kind: RecordKind,
    pub fields: Fields,
}

/// A change to a record.
#[derive(Clone, Debug, Default)]
pub struct EditRequest {
    /// Id, the beginning of one, or a slug.
    pub id: String,
    pub summary: Option<String>,
    pub kind: Option<RecordKind>,
    /// For a goal or a checkpoint: what comes next.
    pub next: Option<String>,
    /// Change it only if this is the newest revision.
    pub if_revision: Option<u32>,
    pub lists: Lists,
    pub fields: Fields,
}

/// The outcome of adding a record.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AddReport {
    pub id: String,
    pub outcome: NoteOutcome,
    /// A record with exactly this content existed, and nothing was added.
    pub duplicate: bool,
    pub revision: u32,
    pub file: String,
}

/// What became of a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NoteOutcome {
    Added,
    /// The slug was taken, and its record got a new revision.
    Revised,
    Duplicate,
}

/// The outcome of changing a record.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ChangeReport {
    pub id: String,
    /// `false` if the record already said this.
    pub changed: bool,
    pub revision: u32,
    pub status: &'static str,
}

/// Writes a record, or a new revision of the one that has the slug; creates `.waypost/` if need be.
pub fn note(app: &App, request: &Request) -> Result<AddReport> {
    let context = app.context()?;
    init::prepare(&context.project)?;
    let mut record_store = app.record_store(&context)?;
    let mut record = record_store.draft(request.kind, "");
    record.title = title(&context, &request.summary)?;
    request.fields.apply(app, &record_store, &mut record, Lists::Replace)?;
    add(&mut record_store, record)
}

/// Adds a record and reports it.
pub(super) fn add(record_store: &mut RecordStore, record: Record) -> Result<AddReport> {
    let (indexed, added) = record_store.add(record)?;
    let outcome = match added {
        Added::New => NoteOutcome::Added,
        Added::Revised => NoteOutcome::Revised,
        Added::Known => NoteOutcome::Duplicate,
    };
    Ok(AddReport {
        id: indexed.record.id,
        outcome,
        duplicate: outcome == NoteOutcome::Duplicate,
        revision: indexed.revision,
        file: file_of(&indexed.file),
    })
}

/// Changes a record; fails if nothing to change was named, or if the record has changed since it
/// was read.
pub fn edit(app: &App, request: &EditRequest) -> Result<ChangeReport> {
    let context = app.context()?;
    let mut record_store = app.record_store(&context)?;
    let old = record_store.get(&request.id)?;
    let mut record = old.record.clone();
    apply(app, &record_store, request, &mut record)?;
    if record == old.record && says_nothing(request) {
        let file = context.project.memory().join(&old.file);
        let hint = format!("see `waypost edit --help`, or edit `{}`", file.display());
        return Err(Error::new("nothing to change was named").with_hint(hint).about(file));
    }
    // Nobody may have changed it since it was looked at.
    let if_revision = Some(request.if_revision.unwrap_or(old.revision));
    let (indexed, changed) = record_store.edit(&old.record.id, if_revision, |target| {
        *target = record;
        Ok(())
    })?;
    Ok(changed_report(&indexed, changed))
}

fn says_nothing(request: &EditRequest) -> bool {
    let EditRequest { summary, kind, next, fields, .. } = request;
    summary.is_none() && kind.is_none() && next.is_none() && fields.is_empty()
}

fn apply(app: &App, record_store: &RecordStore, request: &EditRequest, record: &mut Record) -> Result<()> {
    let context = record_store.context;
    if let Some(summary) = &request.summary {
        record.title = title(context, summary)?;
    }
    record.kind = request.kind.unwrap_or(record.kind);
    if let Some(next) = &request.next {
        record.next = next_step(context, next);
    }
    request.fields.apply(app, record_store, record, request.lists)
}

/// What comes next, if it says anything.
pub(super) fn next_step(context: &Context, text: &str) -> Option<SafeText> {
    Some(context.redactor.text(text.trim())).filter(|next| !next.is_empty())
}

/// The outcome of changing a record.
pub(super) fn changed_report(indexed: &Indexed, changed: bool) -> ChangeReport {
    let (record, revision) = (&indexed.record, indexed.revision);
    ChangeReport { id: record.id.clone(), changed, revision, status: record.status.name() }
}
