//! Changes to records: files are written here and taken up into the index,
//! whoever changed them. A command that changes something does so under the
//! database's write lock, so that two of them never miss each other's changes.
//!
//! Not here: what a file looks like (`memory`), how the index is kept
//! (`store`), and what is found in it (`search`).

mod changes;
mod contradiction;
mod error;
mod goal;
mod lookup;
mod markdown;
mod removal;
mod retro;
mod scan;
mod supersede;
mod transfer;
mod vectors;
mod writer;

use std::time::Duration;

use crate::context::{self, Context, MemoryUse, Time};
use crate::memory::{Memory, ReadError, Record, RecordKind};
use crate::model::{ContentHash, Skipped};
use crate::project::Database;
use crate::store::{Indexed, RecordEvent, Store, StoreError};
use lookup::RecordLookup;

pub use error::{RecordError, Result};
pub use goal::{GoalChange, draft_goal, goal_text};
pub use markdown::{MarkdownImport, is_note};
pub use retro::RetroReport;
pub use scan::unlike_files;
pub use transfer::ImportOutcome;
pub use vectors::{OwnTable, VectorCounts, own_table, table, use_table};
pub use writer::{RecordWriter, change, index_words};

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
        if context.settings.memory_use() == MemoryUse::Off {
            return Err(RecordError::Off);
        }
        context::sweep(context);
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
        let scan = scan::scan(context, &record_store.store)?;
        let unlike = scan::count_unlike(&record_store.store, &scan)?;
        record_store.unreadable = scan.unreadable;
        // A few that were only read too soon to be trusted are no reason to write.
        if unlike > 0 || scan.read.len() > READ_AGAIN {
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

    fn lookup(&self) -> RecordLookup<'_> {
        RecordLookup { context: self.context, store: &self.store }
    }

    /// Notes that these records were asked for.
    pub fn note_recall(&mut self, ids: &[&str]) {
        self.store.note_recall(ids, self.now.ns / 1_000_000);
    }

    /// Keeps a question by its hash with what it found, where the user wants that.
    pub fn note_question(&mut self, question: &str, found: &[&str]) {
        if self.context.settings.question_log() {
            let hash = ContentHash::of(question.as_bytes());
            self.store.note_question(hash, &found.join("\n"), self.now.ns / 1_000_000);
        }
    }

    /// All records, sorted by id.
    pub fn all(&self) -> Result<Vec<Indexed>> {
        self.lookup().all()
    }

    /// The records as the pipeline takes them.
    pub fn memory(&self) -> Result<Memory> {
        let records = self.all()?.into_iter().map(|indexed| indexed.record).collect();
        Ok(Memory { records, unreadable: self.unreadable.clone() })
    }

    /// The record of an id, of the beginning of one, or of a slug.
    pub fn get(&self, name: &str) -> Result<Indexed> {
        self.lookup().get(name)
    }

    /// The brief, if there is one.
    pub fn brief(&self) -> Result<Option<Indexed>> {
        self.lookup().brief()
    }

    /// What happened to a record, oldest first, also to one that is gone.
    pub fn history(&self, name: &str) -> Result<(String, Vec<RecordEvent>)> {
        self.lookup().history(name)
    }

    /// The text of exactly one revision.
    pub fn revision(&self, id: &str, revision: u32) -> Result<String> {
        self.lookup().revision(id, revision)
    }

    /// A new record's id and times. Everything else is for the caller to say.
    pub fn draft(&self, kind: RecordKind, title: &str) -> Record {
        writer::draft(self.context, &self.now, kind, title)
    }

    /// Runs `run` with everybody else kept out.
    fn change<T>(&mut self, run: impl FnOnce(&mut RecordWriter) -> Result<T>) -> Result<T> {
        let (done, unreadable) = change(self.context, &mut self.store, run)?;
        self.unreadable = unreadable;
        Ok(done)
    }
}

/// The records of a project as their files say; none where the settings switch
/// them off.
pub fn load(context: &Context) -> std::result::Result<Memory, ReadError> {
    match context.settings.memory_use() {
        MemoryUse::Off => Ok(Memory::default()),
        _ => Memory::load(&context.project.memory(), &context.redactor),
    }
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
