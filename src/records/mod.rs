//! Changes to records: files are written here and taken up into the index,
//! whoever changed them. A command that changes something does so under the
//! database's write lock, so that two of them never miss each other's changes.
//!
//! Not here: what a file looks like (`memory`), how the index is kept
//! (`store`), and what is found in it (`search`).

mod markdown;
mod retro;
mod transfer;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rayon::prelude::*;

use crate::fs::atomic::WriteError;
use crate::fs::confined;
use crate::limits;
use crate::memory::{self, Anchor, Link, Memory, Record, RecordStatus, Relation};
use crate::model::{RelPath, SafeText, Skipped, Stamp};
use crate::pipeline::{self, Context, PipelineError, Time};
use crate::project::Database;
use crate::store::{Indexed, KnownFile, NewRecord, RecordEvent, Store, StoreError};
use crate::{io_errors, search_terms};

pub use markdown::{MarkdownImport, is_note};
pub use retro::RetroReport;
pub use transfer::ImportOutcome;

/// How long a query waits for another writer: most are done by then, and a
/// slightly stale answer is better than a longer wait.
const PATIENCE: Duration = Duration::from_millis(300);

/// Unchanged files that are read at every command, rather than marked as known:
/// fewer take no time, and looking changes nothing.
const READ_AGAIN: usize = 50;

/// The slug of the one summary of the state of things.
pub const BRIEF: &str = "brief";

/// The memory of a project, open for reading and changing.
pub struct RecordStore<'a> {
    pub context: &'a Context,
    store: Store,
    now: Time,
    /// Files that are not valid records, with line and reason.
    pub unreadable: Vec<Skipped>,
    /// Files that changed and could not be taken up, since another process
    /// keeps writing.
    pub behind: usize,
    /// Says that a broken database was set aside, if one was.
    pub notice: Option<String>,
    /// Where the index lies while nothing may be written into the project.
    _scratch: Option<tempfile::TempDir>,
}

/// Why an operation on records failed; it changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(transparent)]
    Read(#[from] memory::ReadError),
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    #[error("there is no record `{0}`\nhint: `waypost notes` lists them")]
    Unknown(String),
    #[error("the record `{0}` was forgotten\nhint: `waypost rollback {0} {1}` brings it back")]
    Forgotten(String, u32),
    #[error("the record `{0}` was erased\nhint: `waypost erase --lift {0}` lets an import bring it back")]
    Erased(String),
    #[error("`{old}` cannot be superseded by `{new}`: {why}")]
    Circle { old: String, new: String, why: &'static str },
    #[error(
        "memory file `{file}` would be overwritten, which cannot be read: {reason}\nhint: mend the file, or move it away and roll the record back"
    )]
    Broken { file: String, reason: String },
    #[error("no record with the id `{0}` was erased\nhint: `waypost erase --marks` lists those that were")]
    NoMark(String),
    #[error("`{0}` may be each of {1}")]
    Ambiguous(String, String),
    #[error("the record `{id}` has no revision {revision}\nhint: `waypost history {id}` lists them")]
    NoRevision { id: String, revision: u32 },
    #[error("the text of revision {revision} of `{id}` is not kept: it was {what}")]
    NoText { id: String, revision: u32, what: String },
    #[error("the {what} has {found} {unit}, more than {max}: nothing was stored")]
    TooLong { what: &'static str, found: usize, max: usize, unit: &'static str },
    #[error("the {0} is empty")]
    Empty(&'static str),
    #[error(
        "the record is at revision {found}, not {expected}: somebody changed it since\nhint: look at it with `waypost {look}` and write again"
    )]
    Lost { expected: u32, found: u32, look: String },
    #[error("the record cannot be read back from its file: {0}")]
    NotReadable(String),
    #[error("nothing was imported: {0}")]
    Import(String),
    #[error(
        "`{path}`, the journal of an import that was cut off, cannot be read: {reason}\nhint: delete that file, and import once more: nothing of it was taken over"
    )]
    Journal { path: String, reason: String },
    #[error("cannot {what}: {}", io_errors::why(source))]
    Transfer { what: String, source: std::io::Error },
    #[error("cannot remove `{path}`: {}", io_errors::why(source))]
    Remove { path: String, source: std::io::Error },
}

/// What every operation on records returns.
pub type Result<T> = std::result::Result<T, RecordError>;

/// The outcome of adding a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    New,
    /// The slug was taken, and its record got a new revision.
    Revised,
    /// A record with exactly this content existed, and nothing was added.
    Known,
}

impl<'a> RecordStore<'a> {
    /// Opens the memory as it is, before anything is taken up: for cleaning, or
    /// a file that reads otherwise now would be one more revision.
    pub fn open_untouched(context: &'a Context) -> Result<Self> {
        let (mut store, scratch) = open_store(context)?;
        let now = (context.clock)();
        let notice = store.take_notice();
        Ok(Self { context, store, now, unreadable: Vec::new(), behind: 0, notice, _scratch: scratch })
    }

    /// Opens the memory and takes up what was changed by hand. A database that
    /// turns out to be broken is set aside.
    pub fn open(context: &'a Context) -> Result<Self> {
        pipeline::sweep(context);
        Self::open_mended(context, None)
    }

    /// The same for a query, which does not wait long for another writer: what
    /// cannot be taken up is counted.
    pub fn open_to_ask(context: &'a Context) -> Result<Self> {
        Self::open_mended(context, Some(PATIENCE))
    }

    fn open_mended(context: &'a Context, patience: Option<Duration>) -> Result<Self> {
        let open = || Self::open_sound(context, patience);
        let (mut record_store, notice) =
            Store::mending(&context.project.database(), open, |error| match error {
                RecordError::Store(error) => Some(error),
                _ => None,
            })?;
        record_store.notice = record_store.notice.or(notice);
        Ok(record_store)
    }

    fn open_sound(context: &'a Context, patience: Option<Duration>) -> Result<Self> {
        let mut record_store = Self::open_untouched(context)?;
        patience.map_or(Ok(()), |time| record_store.store.wait_at_most(time))?;
        let is_left = |error: &RecordError| {
            patience.is_some() && matches!(error, RecordError::Store(error) if error.is_busy())
        };
        match record_store.resume_import() {
            Err(error) if is_left(&error) => {}
            done => done?,
        }
        let look = record_store.look()?;
        record_store.unreadable = look.unreadable.clone();
        let unlike = record_store.unlike(&look)?;
        // A few that were only read too soon to be trusted are no reason to write.
        if unlike > 0 || look.read.len() > READ_AGAIN {
            match record_store.change(|_| Ok(())) {
                Err(error) if is_left(&error) => record_store.behind = unlike,
                done => done?,
            }
        }
        Ok(record_store)
    }

    /// The store underneath, for reading.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The store underneath, for bringing the index of the code up to date.
    pub fn store_mut(&mut self) -> &mut Store {
        &mut self.store
    }

    /// All records, sorted by id.
    pub fn all(&self) -> Result<Vec<Indexed>> {
        Ok(self.store.records()?)
    }

    /// The records as the pipeline takes them.
    pub fn memory(&self) -> Result<Memory> {
        let records = self.all()?.into_iter().map(|indexed| indexed.record).collect();
        Ok(Memory { records, unreadable: self.unreadable.clone() })
    }

    /// The record of an id, of the beginning of one, or of a slug.
    pub fn get(&self, name: &str) -> Result<Indexed> {
        if let Some(found) = self.store.record_of(name)? {
            return Ok(found);
        }
        if let Some(found) = self.store.record_with_slug(name)? {
            return Ok(found);
        }
        let shown = || SafeText::as_str(&self.context.redactor.line(name)).to_string();
        if name.len() >= 4 && memory::is_id(name) {
            let mut all = self.all()?;
            all.retain(|indexed| indexed.record.id.starts_with(name));
            match all.len() {
                0 => {}
                1 => return all.pop().ok_or_else(|| RecordError::Unknown(shown())),
                _ => {
                    let ids: Vec<String> = all.into_iter().map(|indexed| indexed.record.id).take(5).collect();
                    return Err(RecordError::Ambiguous(shown(), ids.join(", ")));
                }
            }
        }
        let events = self.store.events(name)?;
        match events.last() {
            None => Err(RecordError::Unknown(shown())),
            Some(last) if last.what == "erased" => Err(RecordError::Erased(shown())),
            Some(last) => Err(RecordError::Forgotten(shown(), last.revision.saturating_sub(1).max(1))),
        }
    }

    /// The brief, if there is one.
    pub fn brief(&self) -> Result<Option<Indexed>> {
        Ok(self.store.record_with_slug(BRIEF)?)
    }

    /// What happened to a record, oldest first, also to one that is gone.
    pub fn history(&self, name: &str) -> Result<(String, Vec<RecordEvent>)> {
        let id = match self.get(name) {
            Ok(found) => found.record.id,
            Err(RecordError::Forgotten(..) | RecordError::Erased(_)) => name.to_string(),
            Err(error) => return Err(error),
        };
        let events = self.store.events(&id)?;
        Ok((id, events))
    }

    /// The text of exactly one revision.
    pub fn revision(&self, id: &str, revision: u32) -> Result<String> {
        let events = self.store.events(id)?;
        let missing = || RecordError::NoRevision { id: id.to_string(), revision };
        let event = events.iter().find(|event| event.revision == revision).ok_or_else(missing)?;
        let gone = || RecordError::NoText { id: id.to_string(), revision, what: event.what.clone() };
        let hash = event.hash.ok_or_else(gone)?;
        let erased = || RecordError::NoText { id: id.to_string(), revision, what: "erased".to_string() };
        // An older version may have kept what this one would not.
        let text = self.store.revision_text(hash)?.ok_or_else(erased)?;
        Ok(self.context.redactor.text(&text).to_string())
    }

    /// Runs `run` with everybody else kept out; an error leaves the index as it
    /// was, and the files speak for themselves.
    pub fn change<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.exclusively(|record_store| {
            record_store.sync_index()?;
            let done = run(record_store)?;
            record_store.sync_index()?;
            Ok(done)
        })
    }

    fn exclusively<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.store.begin(&self.context.project.root)?;
        match run(self) {
            Ok(done) => {
                self.store.commit()?;
                Ok(done)
            }
            Err(error) => {
                self.store.roll_back();
                Err(error)
            }
        }
    }

    /// A new record's id and times. Everything else is for the caller to say.
    pub fn draft(&self, kind: memory::RecordKind, title: &str) -> Record {
        let id = memory::new_id(self.now.ns.max(0) as u64 / 1_000_000, pipeline::random());
        Record::new(id, kind, self.context.redactor.line(title.trim()), self.now.text.clone())
    }

    /// Adds a record. One with the slug of an older record is its next
    /// revision; an exact duplicate of a live one is not added.
    pub fn add(&mut self, record: Record) -> Result<(Indexed, Added)> {
        let record = self.checked(record)?;
        self.change(|record_store| {
            let old = match &record.slug {
                Some(slug) => record_store.store.record_with_slug(slug)?,
                None => record_store
                    .store
                    .record_saying(record.content_hash())?
                    .filter(|old| old.record.is_live()),
            };
            let (id, added) = match old {
                None => {
                    let ended = record_store.superseded_by(&record, &[])?;
                    memory::save(&record_store.folder(), &record)?;
                    ended.iter().try_for_each(|old| record_store.end(old))?;
                    (record.id.clone(), Added::New)
                }
                Some(old) if record.slug.is_none() => (old.record.id, Added::Known),
                Some(old) => {
                    let mut revised = record.clone();
                    revised.id = old.record.id.clone();
                    revised.created = old.record.created.clone();
                    revised.updated = old.record.updated.clone();
                    keep_facts(&mut revised, &old.record);
                    match revised == old.record {
                        true => (revised.id, Added::Known),
                        false => {
                            record_store.may_write(&old)?;
                            revised.updated = record_store.now.text.clone();
                            let ended = record_store.superseded_by(&revised, &old.record.links)?;
                            memory::save(&record_store.folder(), &revised)?;
                            ended.iter().try_for_each(|old| record_store.end(old))?;
                            (revised.id, Added::Revised)
                        }
                    }
                }
            };
            Ok((id, added))
        })
        .and_then(|(id, added)| Ok((self.get(&id)?, added)))
    }

    /// Adds proposals. What was ever proposed in the same words is not proposed
    /// again, whatever became of it. Returns the new proposals, and how many
    /// were known.
    pub fn propose(&mut self, records: Vec<Record>, dry_run: bool) -> Result<(Vec<Record>, usize)> {
        let records: Vec<Record> =
            records.into_iter().map(|record| self.checked(record)).collect::<Result<_>>()?;
        self.change(|record_store| {
            let mut added: Vec<Record> = Vec::new();
            let mut known = 0;
            for record in records {
                match record_store.store.record_saying(record.content_hash())? {
                    Some(_) => known += 1,
                    None => added.push(record),
                }
            }
            if !dry_run {
                memory::save_new(&record_store.folder(), &added)?;
            }
            Ok((added, known))
        })
    }

    /// Changes a record with `rewrite`; `false` if it stays as it was.
    pub fn edit(
        &mut self,
        name: &str,
        if_revision: Option<u32>,
        rewrite: impl FnOnce(&mut Record) -> Result<()>,
    ) -> Result<(Indexed, bool)> {
        let (id, changed) = self.change(|record_store| record_store.rewrite(name, if_revision, rewrite))?;
        Ok((self.get(&id)?, changed))
    }

    /// Gives records a status, all of them or none.
    pub fn set_status(&mut self, ids: &[String], status: RecordStatus) -> Result<()> {
        let set = |record: &mut Record| {
            record.status = status;
            Ok(())
        };
        self.change(|record_store| {
            ids.iter().try_for_each(|id| record_store.rewrite(id, None, set).map(|_| ()))
        })
    }

    /// Changes a record while the lock is held; returns its id and whether it
    /// is different now.
    fn rewrite(
        &self,
        name: &str,
        if_revision: Option<u32>,
        rewrite: impl FnOnce(&mut Record) -> Result<()>,
    ) -> Result<(String, bool)> {
        let old = self.get(name)?;
        expect(if_revision, old.revision, || format!("show {}", old.record.id))?;
        let mut record = old.record.clone();
        rewrite(&mut record)?;
        let record = self.checked(record)?;
        if record == old.record {
            return Ok((record.id, false));
        }
        self.may_write(&old)?;
        let record = Record { updated: self.now.text.clone(), ..record };
        let ended = self.superseded_by(&record, &old.record.links)?;
        memory::save(&self.folder(), &record)?;
        ended.iter().try_for_each(|old| self.end(old))?;
        Ok((record.id, true))
    }

    /// Pins the file of an anchor: with the pin that it has, which keeps its note
    /// where none is given, or with a new one.
    pub fn pin(&mut self, anchor: Anchor, note: Option<SafeText>) -> Result<Record> {
        self.change(|record_store| {
            let old = record_store.pins_of(&anchor.path)?.into_iter().next();
            old.as_ref().map_or(Ok(()), |old| record_store.may_write(old))?;
            let mut record =
                old.map_or_else(|| record_store.draft(memory::RecordKind::Pin, ""), |old| old.record);
            record.title = note.unwrap_or(record.title);
            record.anchors = vec![anchor];
            let record = record_store.checked(record)?;
            memory::save(&record_store.folder(), &record)?;
            Ok(record)
        })
    }

    /// Removes the pins of a file; returns how many.
    pub fn unpin(&mut self, path: &RelPath) -> Result<usize> {
        self.change(|record_store| {
            let pins = record_store.pins_of(path)?;
            pins.iter().try_for_each(|pin| record_store.may_write(pin))?;
            pins.iter().try_for_each(|pin| record_store.remove_file(&pin.record.id))?;
            Ok(pins.len())
        })
    }

    fn pins_of(&self, path: &RelPath) -> Result<Vec<Indexed>> {
        let mut pins = self.all()?;
        pins.retain(|one| {
            let record = &one.record;
            let is_pin = record.kind == memory::RecordKind::Pin && record.status == RecordStatus::Accepted;
            is_pin && record.anchors.iter().any(|anchor| anchor.path == *path)
        });
        Ok(pins)
    }

    /// Writes the brief. A given revision must be the newest one, or 0 if there
    /// is no brief yet.
    pub fn set_brief(&mut self, record: Record, if_revision: Option<u32>) -> Result<(Indexed, bool)> {
        let record = self.checked(Record { slug: Some(BRIEF.to_string()), ..record })?;
        let (id, changed) = self.change(|record_store| {
            let old = record_store.store.record_with_slug(BRIEF)?;
            expect(if_revision, old.as_ref().map_or(0, |old| old.revision), || "brief show".to_string())?;
            let record = match &old {
                None => record,
                Some(old) => {
                    let mut new = old.record.clone();
                    (new.title, new.body, new.status) = (record.title, record.body, RecordStatus::Accepted);
                    if new == old.record {
                        return Ok((new.id, false));
                    }
                    record_store.may_write(old)?;
                    new.updated = record_store.now.text.clone();
                    new
                }
            };
            memory::save(&record_store.folder(), &record)?;
            Ok((record.id, true))
        })?;
        Ok((self.get(&id)?, changed))
    }

    /// Ends a record in favour of another one, and links them.
    pub fn supersede(&mut self, old: &str, new: &str) -> Result<(Indexed, Indexed)> {
        let (old, new) = self.change(|record_store| {
            let (old, new) = (record_store.get(old)?, record_store.get(new)?);
            record_store.may_supersede(&old.record.id, &new.record)?;
            record_store.may_write(&old)?;
            record_store.may_write(&new)?;
            let mut successor = new.record.clone();
            let link = Link { relation: Relation::Supersedes, id: old.record.id.clone() };
            if !successor.links.contains(&link) {
                successor.links.push(link);
                successor.updated = record_store.now.text.clone();
                memory::save(&record_store.folder(), &successor)?;
            }
            record_store.end(&old.record)?;
            Ok((old.record.id, new.record.id))
        })?;
        Ok((self.get(&old)?, self.get(&new)?))
    }

    fn end(&self, old: &Record) -> Result<()> {
        if old.status != RecordStatus::Superseded {
            let ended =
                Record { status: RecordStatus::Superseded, updated: self.now.text.clone(), ..old.clone() };
            memory::save(&self.folder(), &ended)?;
        }
        Ok(())
    }

    /// What a record that holds supersedes and did not before; each of them may
    /// be ended.
    fn superseded_by(&self, record: &Record, before: &[Link]) -> Result<Vec<Record>> {
        let is_new = |link: &&Link| link.relation == Relation::Supersedes && !before.contains(link);
        let mut ended = Vec::new();
        for link in record.links.iter().filter(is_new).filter(|_| record.status == RecordStatus::Accepted) {
            self.may_supersede(&link.id, record)?;
            if let Some(old) = self.store.record_of(&link.id)?.filter(|old| old.record.is_live()) {
                self.may_write(&old)?;
                ended.push(old.record);
            }
        }
        Ok(ended)
    }

    fn may_supersede(&self, old: &str, new: &Record) -> Result<()> {
        let circle = |why| RecordError::Circle { old: old.to_string(), new: new.id.clone(), why };
        if old == new.id {
            return Err(circle("it is the same record"));
        }
        match self.is_successor(old, &new.id)? {
            true => Err(circle(
                "that one was superseded by it\nhint: `waypost edit ID --status accepted` brings a record back",
            )),
            false => Ok(()),
        }
    }

    /// Whether a record supersedes another one, directly or through others.
    fn is_successor(&self, id: &str, of: &str) -> Result<bool> {
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut next = vec![id.to_string()];
        while let Some(id) = next.pop() {
            if id == of {
                return Ok(true);
            }
            let Some(found) = self.store.record_of(&id)?.filter(|_| seen.insert(id)) else { continue };
            let ended = found.record.links.into_iter().filter(|link| link.relation == Relation::Supersedes);
            next.extend(ended.map(|link| link.id));
        }
        Ok(false)
    }

    /// Refused where a record's file holds what is not known: it was written by
    /// hand or by a merge, and is in no revision.
    fn may_write(&self, known: &Indexed) -> Result<()> {
        let broken = self.unreadable.iter().find(|skipped| skipped.path == known.file);
        broken.map_or(Ok(()), |broken| {
            Err(RecordError::Broken { file: broken.path.clone(), reason: broken.reason.clone() })
        })
    }

    /// Deletes the files of records; their revisions stay and can be brought
    /// back.
    pub fn forget(&mut self, ids: &[String]) -> Result<()> {
        self.change(|record_store| {
            for id in ids {
                record_store.store.record_of(id)?.map_or(Ok(()), |known| record_store.may_write(&known))?;
            }
            ids.iter().try_for_each(|id| record_store.remove_file(id))
        })
    }

    /// Deletes every word of records: files, index, revisions and the
    /// database's own log. Returns the paths below the root that they had, and
    /// whether the log could be emptied.
    pub fn erase(&mut self, ids: &[String]) -> Result<(Vec<String>, bool)> {
        let at = self.now.text.clone();
        let files = self.change(|record_store| {
            let mut files = Vec::new();
            for id in ids {
                if let Some(known) = record_store.store.record_of(id)? {
                    record_store.store.erase_goal(known.record.text().as_str())?;
                    files.push(format!("{}/memory/{}", crate::project::FOLDER, known.file));
                    record_store.remove_file(id)?;
                }
                record_store.store.erase_record(id, &at)?;
            }
            Ok(files)
        })?;
        Ok((files, self.store.forget_deleted()?))
    }

    /// Ids of records that were erased and do not come back with an import, and
    /// when that was.
    pub fn erased(&self) -> Result<Vec<(String, String)>> {
        Ok(self.store.erased()?)
    }

    /// Takes away the marks that these were erased. All are there, or none is
    /// taken away.
    pub fn lift_erased(&mut self, ids: &[String]) -> Result<()> {
        self.change(|record_store| {
            let erased = record_store.store.erased()?;
            let is_marked = |id: &str| erased.iter().any(|(known, _)| known == id);
            if let Some(other) = ids.iter().find(|id| !is_marked(id)) {
                let shown = record_store.context.redactor.line(other).to_string();
                return Err(RecordError::NoMark(shown));
            }
            ids.iter().try_for_each(|id| Ok(record_store.store.forget_history_of(id)?))
        })
    }

    fn remove_file(&self, id: &str) -> Result<()> {
        Ok(memory::remove(&self.folder(), id).map(|_| ())?)
    }

    /// Makes an old revision the newest one, also for a forgotten record.
    /// `false` if the record already says the same.
    pub fn roll_back(&mut self, name: &str, revision: u32) -> Result<(Indexed, bool)> {
        let (id, changed) = self.change(|record_store| {
            let (id, _) = record_store.history(name)?;
            let text = record_store.revision(&id, revision)?;
            let mut old =
                memory::parse(&text, &record_store.context.redactor).map_err(RecordError::NotReadable)?;
            let now = record_store.store.record_of(&id)?;
            if let Some(now) = &now {
                let same = Record { updated: now.record.updated.clone(), ..old.clone() };
                if same == now.record.at_home() {
                    return Ok((id, false));
                }
                record_store.may_write(now)?;
                (old.origin, old.first_origin) = (now.record.origin, now.record.first_origin);
            }
            old.updated = record_store.now.text.clone();
            memory::save(&record_store.folder(), &old)?;
            Ok((id, true))
        })?;
        Ok((self.get(&id)?, changed))
    }

    /// Empties the index and builds it again from the files; history stays.
    pub fn rebuild(&mut self) -> Result<()> {
        self.change(|record_store| Ok(record_store.store.clear_records()?))
    }

    fn folder(&self) -> std::path::PathBuf {
        self.context.project.memory()
    }

    /// The record as its file will say it, or which limit it exceeds.
    fn checked(&self, record: Record) -> Result<Record> {
        let long = |what, text: &SafeText, max| match text.as_str().chars().count() {
            found if found > max => Err(RecordError::TooLong { what, found, max, unit: "characters" }),
            _ => Ok(()),
        };
        if record.title.is_empty() && record.kind != memory::RecordKind::Pin {
            return Err(RecordError::Empty("summary"));
        }
        long("summary", &record.title, limits::MAX_TITLE)?;
        for (what, text) in [("section", &record.section), ("author", &record.author)] {
            text.as_ref().map_or(Ok(()), |text| long(what, text, limits::MAX_TITLE))?;
        }
        record.tags.iter().try_for_each(|tag| long("tag", tag, limits::MAX_TITLE))?;
        let lists = [
            ("list of tags", record.tags.len()),
            ("list of links", record.links.len()),
            ("list of anchors", record.anchors.len()),
        ];
        for (what, found) in
            lists.into_iter().chain(record.parts.values().map(|p| ("list of items", p.len())))
        {
            if found > limits::MAX_ITEMS {
                return Err(RecordError::TooLong { what, found, max: limits::MAX_ITEMS, unit: "items" });
            }
        }
        let text = memory::text(&record);
        if text.len() as u64 > limits::MAX_RECORD {
            let (found, max) = (text.len(), limits::MAX_RECORD as usize);
            return Err(RecordError::TooLong { what: "record", found, max, unit: "bytes" });
        }
        memory::parse(&text, &self.context.redactor).map_err(RecordError::NotReadable)
    }

    /// Takes up every file that is not as the index knows it. Under the lock.
    fn sync_index(&mut self) -> Result<()> {
        let look = self.look()?;
        for (file, record, stamp) in &look.read {
            let title = search_terms::index(record.title.as_str());
            let body: Vec<String> =
                record.words().iter().map(|text| search_terms::index(text.as_str())).collect();
            let names =
                record.slug.iter().map(String::as_str).chain(record.anchors.iter().map(|a| a.path.as_str()));
            let names: Vec<String> = names.map(search_terms::index).collect();
            self.store.put_record(&NewRecord {
                record,
                file,
                stamp: *stamp,
                read_ns: self.now.ns,
                at: &self.now.text,
                title: &title,
                body: &[body, names].concat().join(" "),
            })?;
        }
        for id in &look.gone {
            self.store.drop_record(id, &self.now.text)?;
        }
        self.unreadable = look.unreadable;
        Ok(())
    }

    /// How many records a look found otherwise than the index has them.
    fn unlike(&self, look: &FolderScan) -> Result<usize> {
        let mut unlike = look.gone.len();
        for (name, record, _) in &look.read {
            let known = self.store.record_of(&record.id)?;
            let is_known = known.is_some_and(|known| known.record == *record && known.file == *name);
            unlike += usize::from(!is_known);
        }
        Ok(unlike)
    }

    /// Compares the folder with the index, reading what is not known.
    fn look(&self) -> Result<FolderScan> {
        let known = self.store.record_files()?;
        let files = memory::record_files(&self.folder())?;
        let stats = stamps(&self.folder(), &files);
        let is_known = |known: &KnownFile, (name, stamp): &(String, Option<Stamp>)| {
            known.file == *name && Some(known.stamp) == *stamp && !is_racy(known)
        };
        // Both are sorted by name.
        if known.len() == stats.len() && known.iter().zip(&stats).all(|(known, file)| is_known(known, file)) {
            return Ok(FolderScan::default());
        }
        let known: BTreeMap<String, KnownFile> =
            known.into_iter().map(|known| (known.file.clone(), known)).collect();
        let fresh = |name: &str, stamp: &Option<Stamp>| {
            known.get(name).is_some_and(|known| Some(known.stamp) == *stamp && !is_racy(known))
        };
        let unknown: Vec<usize> =
            (0..files.len()).filter(|at| !fresh(&stats[*at].0, &stats[*at].1)).collect();
        let read: Vec<_> = unknown
            .par_iter()
            .map(|at| memory::read(&files[*at], &self.context.redactor))
            .collect::<std::result::Result<_, _>>()?;
        let mut look = FolderScan::default();
        let there: BTreeSet<&str> = stats.iter().map(|(name, _)| name.as_str()).collect();
        let mut file_of: BTreeMap<String, String> = known
            .values()
            .filter(|known| there.contains(known.file.as_str()))
            .map(|known| (known.id.clone(), known.file.clone()))
            .collect();
        for (at, outcome) in unknown.into_iter().zip(read) {
            let (name, stamp) = &stats[at];
            match outcome {
                Err(reason) => look.unreadable.push(Skipped { path: name.clone(), reason }),
                Ok(record) => match file_of.get(&record.id).filter(|first| *first != name) {
                    Some(first) => look.unreadable.push(memory::twice(name.clone(), &record.id, first)),
                    None => {
                        file_of.insert(record.id.clone(), name.clone());
                        look.read.push((name.clone(), record, stamp.unwrap_or_default()));
                    }
                },
            }
        }
        // A file whose id was changed by hand leaves its old record behind.
        for (name, record, _) in &look.read {
            if let Some(before) = known.get(name).filter(|before| before.id != record.id) {
                file_of.remove(&before.id);
            }
        }
        look.gone =
            known.values().filter(|known| !file_of.contains_key(&known.id)).map(|k| k.id.clone()).collect();
        Ok(look)
    }
}

/// Names and stamps of files of one folder.
fn stamps(folder: &Path, files: &[PathBuf]) -> Vec<(String, Option<Stamp>)> {
    let root = confined::Root::open(folder).ok();
    let stamp = |path: &PathBuf| {
        let name = memory::name_of(path);
        let stamp = match (&root, path.file_name().and_then(|name| name.to_str())) {
            (Some(root), Some(name)) => root.stamp(name),
            _ => pipeline::stamp_at(path),
        };
        (name, stamp)
    };
    files.par_iter().map(stamp).collect()
}

/// What in the index of the records is not as their files say, though they have
/// not changed since they were read: ids, and the full text by name. Files that
/// did change are taken up by the next command.
pub fn unlike_files(context: &Context, store: &Store) -> Result<Vec<String>> {
    let folder = context.project.memory();
    let known: BTreeMap<String, KnownFile> =
        store.record_files()?.into_iter().map(|known| (known.id.clone(), known)).collect();
    let is_unlike = |row: &Indexed| {
        let path = folder.join(&row.file);
        let unchanged = known.get(&row.record.id).map(|known| known.stamp) == pipeline::stamp_at(&path);
        unchanged
            && memory::read(&path, &context.redactor)
                .is_ok_and(|read| read.is_ok_and(|record| record != row.record))
    };
    let rows = store.records()?;
    let mut unlike: Vec<String> = rows.into_par_iter().filter(is_unlike).map(|row| row.record.id).collect();
    unlike.sort();
    if !store.full_text_is_sound()? {
        unlike.push("the full text".to_string());
    }
    Ok(unlike)
}

/// The project's database. One that is not set up is not to be, and one that
/// cannot be written to is read all the same: both get an index that goes with
/// the command.
fn open_store(context: &Context) -> Result<(Store, Option<tempfile::TempDir>)> {
    let project = &context.project;
    if project.folder().is_dir() {
        match Store::create(&project.database()) {
            Err(StoreError::Create { .. }) => {}
            Err(error) if error.is_read_only() => {}
            opened => return Ok((opened?, None)),
        }
    }
    let failed = |source| RecordError::Transfer { what: "make a temporary index".to_string(), source };
    let scratch = tempfile::tempdir().map_err(failed)?;
    let store = Store::create(&Database::unchecked(&scratch.path().join("waypost.db"), &project.root))?;
    Ok((store, Some(scratch)))
}

/// How the folder differs from the index.
#[derive(Default)]
struct FolderScan {
    read: Vec<(String, Record, Stamp)>,
    gone: Vec<String>,
    unreadable: Vec<Skipped>,
}

/// What a new revision by its slug does not say stays as it was, but for the
/// text.
fn keep_facts(new: &mut Record, old: &Record) {
    if new.tags.is_empty() {
        new.tags = old.tags.clone();
    }
    if new.links.is_empty() {
        new.links = old.links.clone();
    }
    if new.anchors.is_empty() {
        new.anchors = old.anchors.clone();
    }
    new.section = new.section.take().or_else(|| old.section.clone());
    new.author = new.author.take().or_else(|| old.author.clone());
    new.source = new.source.take().or_else(|| old.source.clone());
    new.confidence = new.confidence.or(old.confidence);
}

fn expect(wanted: Option<u32>, found: u32, look: impl FnOnce() -> String) -> Result<()> {
    match wanted {
        Some(expected) if expected != found => Err(RecordError::Lost { expected, found, look: look() }),
        _ => Ok(()),
    }
}

/// Read so soon after its last change that the next one may leave the same
/// stamp: coarse file systems count in steps of up to 2 s.
fn is_racy(known: &KnownFile) -> bool {
    known.stamp.mtime_ns.max(known.stamp.ctime_ns) >= known.read_ns - pipeline::RACY_NS
}
