//! Project memory: one record a file in `.waypost/memory/`, TOML front matter
//! and a Markdown body, editable by hand. The files are the truth.
//!
//! Not here: which record is shown where (`render`) and snapshots (`store`).

#[macro_use]
mod named;

pub mod anchor;
pub mod chat;
mod file;
mod goal;
pub mod markdown;
pub mod transfer;
mod vocabulary;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::fs::atomic::{self, WriteError};
use crate::fs::confined;
use crate::model::{ContentHash, RelPath, SafeText, Skipped, Trigger};
use crate::redact::Redactor;
use crate::{io_errors, limits};

pub use anchor::{Anchor, AnchorState, AnchorVerdict};
pub use file::{name as file_name, parse, text};
pub use goal::{GoalNode, GoalState, current_goal, goal_tree};
pub use vocabulary::{BodySection, RecordEventKind, RecordKind, RecordOrigin, RecordStatus, Relation};

/// A relation from one record to another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Link {
    pub relation: Relation,
    /// Id of the other record, which may be in another branch.
    pub id: String,
}

/// Certainty in thousandths: 850 is shown as 0.85.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Confidence(u16);

/// One durable memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Sortable by time of creation and free of collisions across branches.
    pub id: String,
    pub kind: RecordKind,
    pub status: RecordStatus,
    /// One line.
    pub title: SafeText,
    /// A name given by hand, by which the record is found and renewed.
    pub slug: Option<String>,
    /// Where it belongs, in the user's words.
    pub section: Option<SafeText>,
    pub tags: Vec<SafeText>,
    pub confidence: Option<Confidence>,
    pub author: Option<SafeText>,
    pub origin: RecordOrigin,
    /// For an imported record: how it came in where it was made.
    pub first_origin: Option<RecordOrigin>,
    /// For an ingested or imported text: file and line that it was found at.
    pub source: Option<SafeText>,
    /// Time of creation: RFC 3339 in UTC.
    pub created: String,
    /// Time of the last change, in the same form; the time of creation until
    /// something changes.
    pub updated: String,
    pub links: Vec<Link>,
    pub anchors: Vec<Anchor>,
    /// For a goal or a checkpoint: the next step.
    pub next: Option<SafeText>,
    /// For a goal: the files recorded for it, sorted by path.
    pub focus: Vec<Focus>,
    /// For a goal of the tree; `None` for one that was set by its text alone and
    /// that the next such text ends.
    pub goal_state: Option<GoalState>,
    /// For a goal of the tree that was made the current one: when, as an id
    /// tells it.
    pub current_since: Option<String>,
    /// For a lesson: when it is told.
    pub trigger: Option<Trigger>,
    pub body: SafeText,
    /// The parts that are there; a part that is no list has one item.
    pub parts: BTreeMap<BodySection, Vec<SafeText>>,
}

/// One file recorded for a goal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Focus {
    pub path: RelPath,
    /// Place in the ranking, from 1.
    pub rank: u32,
    pub why: SafeText,
    /// Qualified names of the symbols that matter, best first.
    pub symbols: Vec<SafeText>,
}

/// All records, and the files that could not be read.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// Sorted by id.
    pub records: Vec<Record>,
    pub unreadable: Vec<Skipped>,
}

impl Memory {
    /// Reads the folder; a folder that does not exist holds nothing.
    ///
    /// # Errors
    /// When the system fails: then nobody knows what there is.
    pub fn load(folder: &Path, redactor: &Redactor) -> Result<Self, ReadError> {
        let mut memory = Self::default();
        let read: Vec<_> = record_files(folder)?
            .into_par_iter()
            .map(|path| Ok((name_of(&path), read(&path, redactor)?)))
            .collect::<Result<_, ReadError>>()?;
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        for (name, outcome) in read {
            match outcome {
                Ok(record) => match seen.get(&record.id) {
                    None => {
                        seen.insert(record.id.clone(), name);
                        memory.records.push(record);
                    }
                    Some(first) => memory.unreadable.push(twice(name, &record.id, first)),
                },
                Err(reason) => memory.unreadable.push(Skipped { path: name, reason: reason.into() }),
            }
        }
        memory.records.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(memory)
    }

    /// The accepted pins, in the order of the records.
    pub fn pins(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.of(RecordKind::Pin)
    }

    /// Accepted records of a kind, oldest first.
    pub fn of(&self, kind: RecordKind) -> impl DoubleEndedIterator<Item = &Record> {
        self.records.iter().filter(move |r| r.kind == kind && r.status == RecordStatus::Accepted)
    }
}

/// The memory could not be read, which is not the same as an empty one.
#[derive(Debug, thiserror::Error)]
#[error("cannot read `{}`: {}", path.display(), io_errors::why(source))]
pub struct ReadError {
    pub path: PathBuf,
    #[source]
    source: io::Error,
}

/// A second file with the id of a first one.
pub fn twice(file: String, id: &str, first: &str) -> Skipped {
    let reason = format!("its id `{id}` is that of `{first}`: give one of them another id");
    Skipped { path: file, reason: reason.into() }
}

impl Record {
    /// An accepted record with nothing in it but its title; `updated` is the time of creation.
    pub fn new(id: String, kind: RecordKind, title: SafeText, created: String) -> Self {
        Self {
            id,
            kind,
            status: RecordStatus::Accepted,
            title,
            slug: None,
            section: None,
            tags: Vec::new(),
            confidence: None,
            author: None,
            origin: RecordOrigin::Cli,
            first_origin: None,
            source: None,
            updated: created.clone(),
            created,
            links: Vec::new(),
            anchors: Vec::new(),
            next: None,
            focus: Vec::new(),
            goal_state: None,
            current_since: None,
            trigger: None,
            body: SafeText::default(),
            parts: BTreeMap::new(),
        }
    }

    /// The whole text of a goal: its body, or the title where that is all.
    pub fn text(&self) -> &SafeText {
        if self.body.is_empty() { &self.title } else { &self.body }
    }

    /// Whether it is neither superseded, rejected nor suppressed.
    pub fn is_live(&self) -> bool {
        matches!(self.status, RecordStatus::Proposed | RecordStatus::Accepted | RecordStatus::NeedsReview)
    }

    /// Whether a person has to decide on it.
    pub fn is_open_to_review(&self) -> bool {
        matches!(self.status, RecordStatus::Proposed | RecordStatus::NeedsReview)
    }

    /// The record as it was where it was made: what revisions hold and what is
    /// exported, so that it is the same on both sides of a transfer.
    pub fn at_home(&self) -> Record {
        let origin = self.first_origin.unwrap_or(self.origin);
        Record { origin, first_origin: None, ..self.clone() }
    }

    /// The record marked as imported.
    pub fn imported(&self) -> Record {
        let first_origin = Some(self.first_origin.unwrap_or(self.origin));
        let first_origin = first_origin.filter(|first| *first != RecordOrigin::Import);
        Record { origin: RecordOrigin::Import, first_origin, ..self.clone() }
    }

    /// Hash of the canonical text of the record, before any import: two files
    /// that say the same in different spellings have the same hash.
    pub fn hash(&self) -> ContentHash {
        ContentHash::of(file::text(&self.at_home()).as_bytes())
    }

    /// Hash of what the record says, without author and time: equal for exact
    /// duplicates.
    pub fn content_hash(&self) -> ContentHash {
        let mut said = Record::new(String::new(), self.kind, self.title.clone(), String::new());
        said.body = self.body.clone();
        said.parts = self.parts.clone();
        said.next = self.next.clone();
        ContentHash::of(file::text(&said).as_bytes())
    }

    /// All of its words, for searching.
    pub fn words(&self) -> Vec<&SafeText> {
        let parts = self.parts.values().flatten();
        [&self.body]
            .into_iter()
            .chain(parts)
            .chain(&self.next)
            .chain(&self.tags)
            .chain(&self.section)
            .collect()
    }
}

/// Writes a record; `true` when the file changed. A record keeps the file that it
/// has, also when its title changes; `None` for one that has none yet.
pub fn save(folder: &Path, record: &Record, file: Option<&str>) -> Result<bool, WriteError> {
    atomic::create_folder(folder)?;
    let name = file.map_or_else(|| file::name(record), str::to_string);
    atomic::write(&folder.join(name), file::text(record).as_bytes())
}

/// Writes records that are new.
pub fn save_new(folder: &Path, records: &[Record]) -> Result<(), WriteError> {
    atomic::create_folder(folder)?;
    // Each file is open until its turn to be renamed comes.
    for some in records.chunks(100) {
        let files: Vec<(PathBuf, String)> =
            some.iter().map(|record| (folder.join(file::name(record)), file::text(record))).collect();
        let files: Vec<(&Path, &[u8])> =
            files.iter().map(|(path, text)| (path.as_path(), text.as_bytes())).collect();
        atomic::write_all(&files)?;
    }
    Ok(())
}

/// Deletes the file of a record; one that is gone already is no error.
pub fn remove(folder: &Path, file: &str) -> Result<(), WriteError> {
    let path = folder.join(file);
    match atomic::remove(&path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(WriteError { path, source }),
        _ => Ok(()),
    }
}

/// An id that sorts by time and does not collide: milliseconds since 1970 in
/// 9 and `random` in 7 characters of base 32 (as ULID, shorter).
pub fn new_id(now_ms: u64, random: u64) -> String {
    let digits = |number: u64, count: u32| -> String {
        const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        (0..count).rev().map(|i| ALPHABET[(number >> (5 * i)) as usize & 31] as char).collect()
    };
    digits(now_ms, 9) + &digits(random, 7)
}

/// Bits for ids of records: from the operating system, by way of std.
pub fn random() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::hash::RandomState::new().build_hasher().finish()
}

/// Whether a file in the memory folder has the name of this record's.
pub fn is_file_of(name: &str, id: &str) -> bool {
    name.strip_prefix(id).is_some_and(|rest| rest.starts_with(['-', '.']))
}

/// Ids are letters and digits: they name files.
pub fn is_id(text: &str) -> bool {
    (1..=limits::MAX_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Slugs name files too.
pub fn is_slug(text: &str) -> bool {
    (1..=limits::MAX_SLUG).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        && text.bytes().any(|byte| byte.is_ascii_alphanumeric())
}

impl Confidence {
    /// From 0 to 1.
    pub fn new(value: f64) -> Option<Self> {
        (0.0..=1.0).contains(&value).then(|| Self((value * 1000.0).round() as u16))
    }

    /// The confidence as a number from 0 to 1.
    pub fn value(self) -> f64 {
        f64::from(self.0) / 1000.0
    }
}

/// The record files, sorted by name; links too, to be reported.
pub fn record_files(folder: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let failed = |source| ReadError { path: folder.to_path_buf(), source };
    let mut files = Vec::new();
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(files),
        entries => entries.map_err(failed)?,
    };
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if !is_folder && entry.path().extension().is_some_and(|extension| extension == "md") {
            files.push(entry.path());
        }
    }
    // By bytes: paths compare part by part, which takes ten times as long.
    files.sort_unstable_by(|a, b| a.as_os_str().cmp(b.as_os_str()));
    Ok(files)
}

/// The record of a file, or why there is none.
///
/// # Errors
/// When the system fails, which says nothing of the file.
pub fn read(path: &Path, redactor: &Redactor) -> Result<Result<Record, String>, ReadError> {
    let bytes = match confined::read(path, limits::MAX_RECORD) {
        Ok(bytes) => bytes,
        Err(source) if io_errors::is_the_systems(&source) => {
            return Err(ReadError { path: path.to_path_buf(), source });
        }
        Err(error) => return Ok(Err(error.to_string())),
    };
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        format!("line {}: it is not UTF-8", before.iter().filter(|byte| **byte == b'\n').count() + 1)
    });
    Ok(text.and_then(|text| file::parse(&text, redactor).and_then(|record| fits(record, text.len() as u64))))
}

/// Bytes that one byte of a file may become when invisible characters are
/// spelled out.
const MOST_SPELLED: u64 = 16;

/// A record whose own text would be over the bound could be written nowhere, and
/// no import would take it.
fn fits(record: Record, bytes: u64) -> Result<Record, String> {
    if bytes * MOST_SPELLED <= limits::MAX_RECORD {
        return Ok(record);
    }
    match file::text(&record).len() as u64 {
        spelled if spelled > limits::MAX_RECORD => Err(format!(
            "with its invisible characters spelled out it has {spelled} bytes, more than {}",
            limits::MAX_RECORD
        )),
        _ => Ok(record),
    }
}

/// The last component of a path, for messages and the index.
pub fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests;
