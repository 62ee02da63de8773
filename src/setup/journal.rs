//! Remembers what was in a client's file before and what was put in, in the
//! user's state folder, one note for each file.
//!
//! Not here: undoing it (`edit`).

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::clients::Part;
use super::disk;
use super::piece::Piece;
use crate::fs::atomic::{self, WriteError};
use crate::fs::confined;
use crate::limits;

/// One file that holds something of ours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub path: PathBuf,
    /// The project that it belongs to; none for a file of the user's own.
    pub root: Option<PathBuf>,
    /// What it would be without us; none when there was no file.
    pub before: Option<String>,
    /// Hash of what we wrote.
    pub after: String,
    /// Folders that were made for it, outermost first.
    pub folders: Vec<PathBuf>,
    pub steps: Vec<Step>,
}

/// One piece in a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Who asked for it: it goes with the last one.
    pub clients: BTreeSet<String>,
    pub part: Part,
    pub piece: Piece,
    /// Containers around it that were made for it.
    pub created: usize,
    /// The text in the place of which there is `new` now.
    pub old: String,
    pub new: String,
}

/// The folder with the records.
#[derive(Clone, Debug)]
pub struct Journal {
    pub folder: PathBuf,
}

impl Journal {
    /// Keeps other processes out until the file is dropped. Nobody else may look
    /// into the folder: configurations hold tokens.
    pub fn lock(&self) -> Result<File, WriteError> {
        atomic::create_private_folder(&self.folder)?;
        let failed = |source| WriteError { path: self.folder.clone(), source };
        let lock = File::open(&self.folder).map_err(failed)?;
        lock.lock().map_err(failed)?;
        Ok(lock)
    }

    /// What is noted of this file; `None` where nothing is, or the note cannot be read.
    pub fn load(&self, path: &Path) -> Option<Record> {
        self.read(&self.file(path)).filter(|record| record.path == path)
    }

    /// All records, by path.
    pub fn all(&self) -> Vec<Record> {
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut records: Vec<Record> = entries.filter_map(|entry| self.read(&entry.path())).collect();
        records.sort_by(|a, b| a.path.cmp(&b.path));
        records
    }

    /// Reads a note, unless others could have written it.
    fn read(&self, file: &Path) -> Option<Record> {
        let is_record = file.extension().is_some_and(|extension| extension == "json");
        if !is_record || !confined::is_private(file) {
            return None;
        }
        serde_json::from_str(&confined::read_text(file, 4 * limits::MAX_OWN_FILE).ok()?).ok()
    }

    /// Writes the note of a file, whole or not at all.
    pub fn save(&self, record: &Record) -> Result<(), WriteError> {
        let file = self.file(&record.path);
        let text = serde_json::to_string_pretty(record)
            .map_err(|error| WriteError { path: file.clone(), source: error.into() })?;
        atomic::write(&file, text.as_bytes()).map(|_| ())
    }

    /// Removes the note of a file; having none is no error.
    pub fn drop(&self, path: &Path) -> Result<(), WriteError> {
        let file = self.file(path);
        match atomic::remove(&file) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(WriteError { path: file, source })
            }
            _ => Ok(()),
        }
    }

    fn file(&self, path: &Path) -> PathBuf {
        let name = disk::hash(path.as_os_str().as_encoded_bytes());
        self.folder.join(format!("{}.json", &name[..32]))
    }
}
