//! Keeping what records are about: which table tells it, and that each record
//! has the vector of what it says now.
//!
//! Not here: what a table is (`meaning`), and when vectors are asked (`search`).

use std::path::PathBuf;

use rayon::prelude::*;

use super::writer::RecordWriter;
use super::{RecordError, RecordStore, Result};
use crate::context::Context;
use crate::fs::{atomic, confined};
use crate::meaning::{BadTable, MAX_TABLE, Table};
use crate::memory::Record;
use crate::model::ContentHash;
use crate::store::WriteTransaction;

/// How much the title counts besides all that is said.
const TITLE: f32 = 0.25;

/// How many records have a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VectorCounts {
    pub records: usize,
    pub vectors: usize,
    /// Of another model, or of a text that no record has any more: never used.
    pub stale: usize,
}

/// The user's own table of this work tree.
pub enum OwnTable {
    None,
    Sound(Table),
    Bad(BadTable),
}

/// Where the user's own table lies; the folder is of this work tree alone, and
/// not under version control.
fn own_file(context: &Context) -> PathBuf {
    context.project.local.join("meaning.table")
}

/// The table that `waypost vectors use` took over, if it did.
pub fn own_table(context: &Context) -> OwnTable {
    match confined::read(&own_file(context), MAX_TABLE) {
        Err(_) => OwnTable::None,
        Ok(bytes) => Table::read(bytes).map_or_else(OwnTable::Bad, OwnTable::Sound),
    }
}

/// The table in use: the user's own, else the bundled one. None where the
/// settings switch vectors off, or where the own one is damaged.
pub fn table(context: &Context) -> Option<Table> {
    if !context.settings.vectors() {
        return None;
    }
    match own_table(context) {
        OwnTable::Sound(table) => Some(table),
        OwnTable::Bad(_) => None,
        OwnTable::None => Table::bundled(),
    }
}

/// Takes a table over for this work tree; none for the bundled one again.
pub fn use_table(context: &Context, bytes: Option<&[u8]>) -> Result<()> {
    let file = own_file(context);
    match bytes {
        Some(bytes) => _ = atomic::write(&file, bytes)?,
        None => {
            let failed =
                |source| RecordError::Transfer { what: "remove the table of vectors".to_string(), source };
            match atomic::remove(&file) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                done => done.map_err(failed)?,
            }
        }
    }
    Ok(())
}

impl RecordWriter<'_> {
    /// Gives each record that has none its vector, and drops those of texts that
    /// are gone.
    pub(super) fn sync_vectors(&mut self) -> Result<()> {
        self.transaction.drop_unsaid_vectors()?;
        if let Some(table) = table(self.context) {
            make_missing(&mut self.transaction, &table)?;
        }
        Ok(())
    }
}

impl RecordStore<'_> {
    /// Makes all vectors anew by the table in use.
    pub fn rebuild_vectors(&mut self) -> Result<()> {
        let mut transaction = self.store.write()?;
        transaction.clear_vectors()?;
        if let Some(table) = table(self.context) {
            make_missing(&mut transaction, &table)?;
        }
        Ok(transaction.commit()?)
    }

    /// How many records have a vector of a table.
    pub fn vector_counts(&self, table: &Table) -> Result<VectorCounts> {
        let model = table.model();
        let (records, vectors) = (self.store.record_count()?, self.store.vectors(model)?.len());
        Ok(VectorCounts { records, vectors, stale: self.store.stale_vectors(model)? })
    }
}

fn make_missing(transaction: &mut WriteTransaction, table: &Table) -> Result<()> {
    let model = table.model();
    let missing = transaction.records_without_vector(model)?;
    let made: Vec<(ContentHash, Vec<u8>)> =
        missing.par_iter().map(|(said, record)| (*said, vector(table, record))).collect();
    for (said, data) in made {
        transaction.put_vector(said, model, &data)?;
    }
    Ok(())
}

/// What a record says as a direction, of what its hash is made of and no more.
fn vector(table: &Table, record: &Record) -> Vec<u8> {
    let parts = record.parts.values().flatten();
    let texts = [&record.title, &record.body].into_iter().chain(parts).chain(&record.next);
    let all = table.direction(texts.map(|text| text.as_str()));
    let title = table.direction([record.title.as_str()]);
    all.map(|all| all.drawn_to(title.as_ref(), TITLE).to_bytes()).unwrap_or_default()
}
