//! The one writer of records. Whoever changes a record, a command, an import or
//! a snapshot, does it through a [`RecordWriter`], which holds the database's
//! write lock from the look at the files to the end, so that nobody writes back
//! what it read before somebody else's change.
//!
//! Not here: the changes themselves (`changes`, `goal`, `supersede`, `removal`,
//! `markdown`, `transfer`, `retro`, `vectors`).

use std::path::PathBuf;

use super::lookup::RecordLookup;
use super::scan::scan;
use super::{RecordError, Result};
use crate::context::{Context, MemoryUse, Time};
use crate::limits;
use crate::memory::{self, Record, RecordKind};
use crate::model::{SafeText, Skipped};
use crate::search_terms;
use crate::store::{Indexed, NewRecord, Store, WriteTransaction};

/// Records under the lock, open for changing.
pub struct RecordWriter<'w> {
    pub(super) context: &'w Context,
    pub(super) transaction: WriteTransaction<'w>,
    pub(super) now: Time,
    /// Files that are not valid records, with line and reason.
    pub(super) unreadable: Vec<Skipped>,
}

/// Runs `run` with all other writers kept out, on records that are as their
/// files say now; returns what `run` did, and the files that are no records. An
/// error leaves the index as it was, and the files speak for themselves.
pub fn change<T, E: From<RecordError>>(
    context: &Context,
    store: &mut Store,
    run: impl FnOnce(&mut RecordWriter) -> std::result::Result<T, E>,
) -> std::result::Result<(T, Vec<Skipped>), E> {
    let mut writer = RecordWriter::begin(context, store)?;
    writer.sync_index()?;
    let done = run(&mut writer)?;
    writer.sync_index()?;
    Ok((done, writer.commit()?))
}

impl<'w> RecordWriter<'w> {
    /// Takes the lock. What the files say is not looked at yet.
    pub(super) fn begin(context: &'w Context, store: &'w mut Store) -> Result<Self> {
        let transaction = store.write()?;
        Ok(Self { context, transaction, now: (context.clock)(), unreadable: Vec::new() })
    }

    /// Keeps the changes; returns the files that are no records.
    pub(super) fn commit(self) -> Result<Vec<Skipped>> {
        self.transaction.commit()?;
        Ok(self.unreadable)
    }

    pub(super) fn lookup(&self) -> RecordLookup<'_> {
        RecordLookup { context: self.context, store: &self.transaction }
    }

    pub(super) fn folder(&self) -> PathBuf {
        self.context.project.memory()
    }

    /// Takes up every file that is not as the index knows it.
    pub(super) fn sync_index(&mut self) -> Result<()> {
        let scan = scan(self.context, &self.transaction)?;
        for (file, record, stamp) in &scan.read {
            let (title, body) = index_words(record);
            self.transaction.put_record(&NewRecord {
                record,
                file,
                stamp: *stamp,
                read_ns: self.now.ns,
                at: &self.now.text,
                title: &title,
                body: &body,
            })?;
        }
        for id in &scan.gone {
            self.transaction.drop_record(id, &self.now.text)?;
        }
        self.unreadable = scan.unreadable;
        if scan.read.is_empty() && scan.gone.is_empty() { Ok(()) } else { self.sync_vectors() }
    }

    /// Writes a record's file, which the index knows: files are as it says since
    /// the lock was taken.
    pub(super) fn save(&self, record: &Record) -> Result<()> {
        may_write_records(self.context)?;
        let known = self.transaction.record_of(&record.id)?;
        let file = known.as_ref().map(|known| known.file.as_str());
        Ok(memory::save(&self.folder(), record, file).map(|_| ())?)
    }

    /// Writes the files of records that are new.
    pub(super) fn save_new(&self, records: &[Record]) -> Result<()> {
        may_write_records(self.context)?;
        Ok(memory::save_new(&self.folder(), records)?)
    }

    /// Removes a record's file.
    pub(super) fn remove(&self, id: &str) -> Result<()> {
        may_write_records(self.context)?;
        let known = self.transaction.record_of(id)?;
        known.map_or(Ok(()), |known| Ok(memory::remove(&self.folder(), &known.file)?))
    }

    /// Refused where a record's file holds what is not known: it was written by
    /// hand or by a merge, and is in no revision.
    pub(super) fn may_write(&self, known: &Indexed) -> Result<()> {
        self.may_overwrite(|skipped| skipped.path == known.file)
    }

    /// The same for a record that the index does not hold.
    pub(super) fn may_bring_back(&self, id: &str) -> Result<()> {
        self.may_overwrite(|skipped| memory::is_file_of(&skipped.path, id))
    }

    fn may_overwrite(&self, is_its: impl Fn(&Skipped) -> bool) -> Result<()> {
        let broken = self.unreadable.iter().find(|skipped| is_its(skipped));
        broken.map_or(Ok(()), |broken| {
            Err(RecordError::Broken { file: broken.path.clone(), reason: broken.reason.to_string() })
        })
    }

    /// The record as its file will say it, or which limit it exceeds.
    pub(super) fn checked(&self, record: Record) -> Result<Record> {
        checked(self.context, record)
    }
}

/// Refused where the settings say that records are only read.
pub(super) fn may_write_records(context: &Context) -> Result<()> {
    match context.settings.memory_use() {
        MemoryUse::ReadWrite => Ok(()),
        _ => Err(RecordError::MayNotWrite(context.settings.memory().to_string())),
    }
}

/// A new record's id and times. Everything else is for the caller to say.
pub(super) fn draft(context: &Context, now: &Time, kind: RecordKind, title: &str) -> Record {
    let id = memory::new_id(now.ns.max(0) as u64 / 1_000_000, memory::random());
    Record::new(id, kind, context.redactor.line(title.trim()), now.text.clone())
}

/// The record as its file will say it, or which limit it exceeds.
pub(super) fn checked(context: &Context, record: Record) -> Result<Record> {
    if record.title.is_empty() && record.kind != RecordKind::Pin {
        return Err(RecordError::Empty("summary"));
    }
    is_short("summary", &record.title)?;
    for (what, text) in [("section", &record.section), ("author", &record.author)] {
        text.as_ref().map_or(Ok(()), |text| is_short(what, text))?;
    }
    record.tags.iter().try_for_each(|tag| is_short("tag", tag))?;
    let lists = [
        ("list of tags", record.tags.len()),
        ("list of links", record.links.len()),
        ("list of anchors", record.anchors.len()),
    ];
    for (what, found) in lists.into_iter().chain(record.parts.values().map(|p| ("list of items", p.len()))) {
        if found > limits::MAX_ITEMS {
            return Err(RecordError::TooLong { what, found, max: limits::MAX_ITEMS, unit: "items" });
        }
    }
    let text = memory::text(&record);
    if text.len() as u64 > limits::MAX_RECORD {
        let (found, max) = (text.len(), limits::MAX_RECORD as usize);
        return Err(RecordError::TooLong { what: "record", found, max, unit: "bytes" });
    }
    memory::parse(&text, &context.redactor).map_err(RecordError::NotReadable)
}

fn is_short(what: &'static str, text: &SafeText) -> Result<()> {
    let max = limits::MAX_TITLE;
    match text.as_str().chars().count() {
        found if found > max => Err(RecordError::TooLong { what, found, max, unit: "characters" }),
        _ => Ok(()),
    }
}

/// The words of a record's title, and all its other words, as an index takes them.
pub fn index_words(record: &Record) -> (String, String) {
    let title = search_terms::index(record.title.as_str());
    let body = record.words().into_iter().map(|text| search_terms::index(text.as_str()));
    let anchors = record.anchors.iter().map(|anchor| anchor.path.as_str());
    let names = record.slug.iter().map(String::as_str).chain(anchors).map(search_terms::index);
    (title, body.chain(names).collect::<Vec<_>>().join(" "))
}
