//! What records are compared by where words do not answer: how many have a
//! vector, making them anew, and the table that they are made by.

use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use super::open::require_folder;
use super::{App, Error, Result};
use crate::fs::confined;
use crate::meaning::{MAX_TABLE, Table};
use crate::pipeline::Context;
use crate::records::{self, OwnTable};

/// The vectors of a project's records, and their table.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    /// Whether the settings let them be used.
    pub on: bool,
    /// `bundled`, or `own` after `vectors use`.
    pub table: &'static str,
    /// Why the own table cannot be used; none is then.
    pub damaged: Option<String>,
    /// Hash of the table.
    pub model: Option<String>,
    pub dimensions: usize,
    pub pieces: usize,
    pub records: usize,
    pub vectors: usize,
    /// Records that meaning cannot find yet.
    pub missing: usize,
    /// Vectors of other tables or texts; they are never used.
    pub stale: usize,
}

/// How many records have a vector, and of which table.
pub fn status(app: &App) -> Result<Report> {
    let context = app.context()?;
    require_folder(&context.project, "there is no record")?;
    report(app, &context)
}

/// Makes all vectors anew.
pub fn rebuild(app: &App) -> Result<Report> {
    let context = app.context()?;
    require_folder(&context.project, "there is no record")?;
    app.record_store(&context)?.rebuild_vectors()?;
    report(app, &context)
}

/// Takes over a table of the user's own, or goes back to the bundled one, and
/// makes all vectors anew.
pub fn use_table(app: &App, file: Option<&Path>) -> Result<Report> {
    let context = app.context()?;
    require_folder(&context.project, "there is no record")?;
    let bytes = file.map(|file| sound(app, file)).transpose()?;
    // Opened first: what cannot be opened is no reason for another table.
    let mut record_store = app.record_store(&context)?;
    records::use_table(&context, bytes.as_deref())?;
    record_store.rebuild_vectors()?;
    drop(record_store);
    report(app, &context)
}

/// The bytes of a file that is a table.
fn sound(app: &App, file: &Path) -> Result<Vec<u8>> {
    let path = app.host().current.join(file);
    let bytes = confined::read(&path, MAX_TABLE).map_err(|error| Error::cannot("read", file, &error))?;
    let refused = |bad| Error::new(format!("`{}` is no table of vectors: {bad}", file.display())).about(file);
    Table::read(bytes.clone()).map_err(refused)?;
    Ok(bytes)
}

fn report(app: &App, context: &Context) -> Result<Report> {
    let own = records::own_table(context);
    let name = if matches!(own, OwnTable::None) { "bundled" } else { "own" };
    let (table, damaged) = match own {
        OwnTable::None => (Table::bundled(), None),
        OwnTable::Sound(table) => (Some(table), None),
        OwnTable::Bad(bad) => (None, Some(bad.to_string())),
    };
    let record_store = app.book_to_ask(context)?;
    let counts = table.as_ref().map(|table| record_store.vector_counts(table)).transpose()?;
    let records = counts.map_or(record_store.store().record_count()?, |counts| counts.records);
    let vectors = counts.map_or(0, |counts| counts.vectors);
    Ok(Report {
        on: context.settings.vectors(),
        table: name,
        damaged,
        model: table.as_ref().map(|table| table.model().to_hex()),
        dimensions: table.as_ref().map_or(0, Table::dimensions),
        pieces: table.as_ref().map_or(0, Table::pieces),
        records,
        vectors,
        missing: records.saturating_sub(vectors),
        stale: counts.map_or(0, |counts| counts.stale),
    })
}
