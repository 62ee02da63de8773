//! Project memory: one record a file in `.waypost/memory/`, TOML front matter
//! and a Markdown body, editable by hand. The files are the truth.
//!
//! Not here: which record is shown where (`render`) and snapshots (`store`).

mod file;

use std::io;
use std::path::{Path, PathBuf};

use crate::model::{ContentHash, RelPath, SafeText, Skipped};
use crate::redact::Redactor;
use crate::render::publish::{self, WriteError};

/// What a record is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Decision,
    Lesson,
    Fact,
    Question,
    Preference,
    Goal,
    Checkpoint,
    Pin,
}

/// Where a record stands; only accepted ones are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Proposed,
    Accepted,
    Rejected,
    Superseded,
    Suppressed,
}

/// One durable memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Sortable by time of creation and free of collisions across branches.
    pub id: String,
    pub kind: Kind,
    pub status: Status,
    /// One line.
    pub title: SafeText,
    /// RFC 3339 in UTC.
    pub created: String,
    pub anchors: Vec<Anchor>,
    /// For a goal: the next step.
    pub next: Option<SafeText>,
    /// For a goal: the files recorded for it, sorted by path.
    pub focus: Vec<Focus>,
    pub body: SafeText,
}

/// The code that a record is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    pub path: RelPath,
    pub symbol: Option<String>,
    /// First 16 hex digits of the blake3 hash of the span when it was looked at.
    pub hash: Option<String>,
}

/// One file recorded for a goal.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    pub fn load(folder: &Path, redactor: &Redactor) -> Self {
        let mut memory = Self::default();
        for path in record_files(folder) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            match std::fs::read_to_string(&path)
                .map_err(|e| e.to_string())
                .and_then(|t| file::parse(&t, redactor))
            {
                Ok(record) => memory.records.push(record),
                Err(reason) => memory.unreadable.push(Skipped { path: name, reason }),
            }
        }
        memory.records.sort_by(|a, b| a.id.cmp(&b.id));
        memory
    }

    /// The newest accepted goal.
    pub fn goal(&self) -> Option<&Record> {
        self.of(Kind::Goal).last()
    }

    pub fn pins(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.of(Kind::Pin)
    }

    /// Accepted records of a kind, oldest first.
    pub fn of(&self, kind: Kind) -> impl DoubleEndedIterator<Item = &Record> {
        self.records.iter().filter(move |r| r.kind == kind && r.status == Status::Accepted)
    }
}

impl Record {
    pub fn new(id: String, kind: Kind, title: SafeText, created: String) -> Self {
        Self {
            id,
            kind,
            status: Status::Accepted,
            title,
            created,
            anchors: Vec::new(),
            next: None,
            focus: Vec::new(),
            body: SafeText::default(),
        }
    }

    /// The whole text of a goal: its body, or the title where that is all.
    pub fn text(&self) -> &SafeText {
        if self.body.is_empty() { &self.title } else { &self.body }
    }
}

/// Writes a record; `true` when the file changed. A record keeps its file
/// also when its title changes.
pub fn save(folder: &Path, record: &Record) -> Result<bool, WriteError> {
    publish::create_folder(folder)?;
    let path = find(folder, &record.id).unwrap_or_else(|| folder.join(file::name(record)));
    publish::write(&path, file::text(record).as_bytes())
}

/// Deletes the file of a record; `false` when there is none.
pub fn remove(folder: &Path, id: &str) -> io::Result<bool> {
    match find(folder, id) {
        Some(path) => std::fs::remove_file(path).map(|()| true),
        None => Ok(false),
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

/// Whether the code of an anchor is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnchorState {
    Fresh,
    Drifted,
    Orphaned,
}

impl AnchorState {
    pub fn name(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Drifted => "drifted",
            Self::Orphaned => "orphaned",
        }
    }
}

/// Compares an anchor with the file as it is; `None`: there is none.
pub fn anchor_state(anchor: &Anchor, now: Option<ContentHash>) -> AnchorState {
    match (now, &anchor.hash) {
        (None, _) => AnchorState::Orphaned,
        (Some(now), Some(then)) if !now.to_hex().starts_with(then.as_str()) => AnchorState::Drifted,
        _ => AnchorState::Fresh,
    }
}

impl Kind {
    pub const ALL: [(Kind, &'static str); 8] = [
        (Kind::Decision, "decision"),
        (Kind::Lesson, "lesson"),
        (Kind::Fact, "fact"),
        (Kind::Question, "question"),
        (Kind::Preference, "preference"),
        (Kind::Goal, "goal"),
        (Kind::Checkpoint, "checkpoint"),
        (Kind::Pin, "pin"),
    ];

    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }
}

impl Status {
    const ALL: [(Status, &'static str); 5] = [
        (Status::Proposed, "proposed"),
        (Status::Accepted, "accepted"),
        (Status::Rejected, "rejected"),
        (Status::Superseded, "superseded"),
        (Status::Suppressed, "suppressed"),
    ];

    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(status, _)| *status == self).map_or("", |(_, name)| name)
    }
}

/// The record files, sorted; links and folders are none.
fn record_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    files.sort();
    files
}

fn find(folder: &Path, id: &str) -> Option<PathBuf> {
    record_files(folder).into_iter().find(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.strip_prefix(id).is_some_and(|rest| rest.starts_with(['-', '.']))
    })
}
