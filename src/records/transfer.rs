//! Export of the memory with its history, and import of it: all or nothing.
//!
//! An import that was found right is first kept as a journal. A run that is
//! killed before leaves nothing; after it, the next command ends the import.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use super::writer::{RecordWriter, may_write_records};
use super::{RecordError, RecordStore, Result};
use crate::fs::atomic;
use crate::memory::transfer::{self, ExportLine, ExportedRevision, ImportedLine};
use crate::memory::{self, Record, RecordEventKind};
use crate::model::ContentHash;
use crate::store::RecordEvent;

/// What an import did, or would do.
#[derive(Debug, Default)]
pub struct ImportOutcome {
    /// Ids of records that came, gone ones included.
    pub added: Vec<String>,
    /// Ids that were there with just this, or with this and more.
    pub known: Vec<String>,
    /// Ids of records that were erased here, and stay so.
    pub erased: Vec<String>,
    /// Ids of which the import has no text, only that they were erased or
    /// deleted elsewhere: that is not taken over, or it would keep out the record.
    pub without_text: Vec<String>,
    /// In a dry run: the records that would come.
    pub records: Vec<Record>,
}

impl RecordStore<'_> {
    /// Writes every record with its history; returns how many. The same memory
    /// gives the same bytes.
    pub fn export(&self, mut to: impl Write) -> Result<usize> {
        let failed = |source| RecordError::Transfer { what: "write the export".to_string(), source };
        writeln!(to, "{}", transfer::HEAD).map_err(failed)?;
        let ids = self.store.known_ids()?;
        for id in &ids {
            let line = self.line(id)?;
            let text = serde_json::to_string(&line).map_err(|error| failed(error.into()))?;
            writeln!(to, "{text}").map_err(failed)?;
        }
        writeln!(to, "{}", transfer::end(ids.len())).map_err(failed)?;
        Ok(ids.len())
    }

    fn line(&self, id: &str) -> Result<ExportLine> {
        let record = self.store.record_of(id)?.map(|indexed| memory::text(&indexed.record.at_home()));
        let events = self.store.events(id)?;
        let last = events.len();
        let mut history = Vec::with_capacity(last);
        for (at, event) in events.into_iter().enumerate() {
            let is_record = record.is_some() && at + 1 == last;
            let text = match event.hash.filter(|_| !is_record) {
                Some(hash) => self.store.revision_text(hash)?,
                None => None,
            };
            history.push(ExportedRevision {
                revision: event.revision,
                event: event.what,
                at: event.at,
                hash: event.hash.map(ContentHash::to_hex),
                text,
            });
        }
        Ok(ExportLine { id: id.to_string(), record, history })
    }

    /// Takes the records of an export over, marked as imported. An id that is
    /// there with something else ends it, and nothing is changed.
    pub fn import(&mut self, from: impl Read, dry_run: bool) -> Result<ImportOutcome> {
        let limit = crate::limits::MAX_IMPORT_BYTES;
        let incoming = transfer::read(from, limit, &self.context.redactor).map_err(RecordError::Import)?;
        let plan = self.plan(&incoming)?;
        if dry_run {
            let added: BTreeSet<&String> = plan.added.iter().collect();
            let shown = incoming.into_iter().filter(|one| added.contains(&one.id));
            let records = shown.filter_map(|one| one.record).collect();
            return Ok(ImportOutcome { records, ..plan });
        }
        if plan.added.is_empty() {
            return Ok(plan);
        }
        may_write_records(self.context)?;
        atomic::create_folder(&self.context.project.local)?;
        atomic::write_by(&self.journal(), |to| transfer::write_journal(&incoming, to))?;
        self.finish_import(incoming)?;
        Ok(plan)
    }

    fn journal(&self) -> PathBuf {
        self.context.project.local.join("import.jsonl")
    }

    /// Ends an import that was killed.
    pub(super) fn resume_import(&mut self) -> Result<()> {
        let file = match crate::fs::confined::open(&self.journal()) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            opened => opened.map_err(|source| unreadable(&self.journal(), source))?,
        };
        let limit = crate::limits::MAX_JOURNAL_BYTES;
        let incoming = transfer::read(file, limit, &self.context.redactor)
            .map_err(|reason| RecordError::Journal { path: self.journal().display().to_string(), reason })?;
        self.finish_import(incoming)
    }

    fn finish_import(&mut self, incoming: Vec<ImportedLine>) -> Result<()> {
        let journal = self.journal();
        // Before the index looks at the files: those that an import left when it was
        // killed have a history that is not in the index yet.
        let mut writer = RecordWriter::begin(self.context, &mut self.store)?;
        writer.put_imported(&incoming)?;
        writer.sync_index()?;
        self.unreadable = writer.commit()?;
        match atomic::remove(&journal) {
            // Another command may have ended it meanwhile.
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(RecordError::Remove { path: journal.display().to_string(), source })
            }
            _ => Ok(()),
        }
    }

    /// Which records are new; an error when one is there and says something
    /// else.
    fn plan(&self, incoming: &[ImportedLine]) -> Result<ImportOutcome> {
        let mut plan = ImportOutcome::default();
        for one in incoming {
            let events = self.store.events(&one.id)?;
            let last = one.last_hash();
            if events.last().is_some_and(|last| last.what == RecordEventKind::Erased) {
                plan.erased.push(one.id.clone());
            } else if events.is_empty() && !one.has_text() {
                plan.without_text.push(one.id.clone());
            } else if events.is_empty() {
                plan.added.push(one.id.clone());
            } else if last.is_none() || events.iter().any(|event| event.hash == last) {
                plan.known.push(one.id.clone());
            } else {
                return Err(RecordError::Import(format!(
                    "line {}: the record `{}` exists here and says something else",
                    one.line, one.id
                )));
            }
        }
        Ok(plan)
    }
}

impl RecordWriter<'_> {
    fn put_imported(&mut self, incoming: &[ImportedLine]) -> Result<()> {
        let mut records: Vec<Record> = Vec::new();
        for one in incoming.iter().filter(|one| one.has_text()) {
            if !self.transaction.events(&one.id)?.is_empty() {
                continue;
            }
            let events: Vec<(RecordEvent, Option<String>)> =
                one.history.iter().map(|part| event(&one.id, part)).collect();
            self.transaction.put_history_of(&events)?;
            records.extend(one.record.as_ref().map(Record::imported));
        }
        self.save_new(&records)
    }
}

fn event(id: &str, (revision, text): &(ExportedRevision, Option<String>)) -> (RecordEvent, Option<String>) {
    let event = RecordEvent {
        record: id.to_string(),
        revision: revision.revision,
        what: revision.event,
        hash: revision.hash.as_deref().and_then(ContentHash::from_hex),
        at: revision.at.clone(),
    };
    (event, text.clone())
}

fn unreadable(path: &Path, source: std::io::Error) -> RecordError {
    RecordError::Transfer { what: format!("read `{}`", path.display()), source }
}
