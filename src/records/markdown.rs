//! Markdown notes of other tools, a file or every one below a folder, taken over
//! as records. A file that is no record costs itself and is named.
//!
//! Not here: what a note says (`memory::markdown`).

use std::collections::HashMap;
use std::fs::DirEntry;
use std::path::{Path, PathBuf};

use super::writer::{self, RecordWriter};
use super::{RecordError, RecordStore, Result};
use crate::memory::markdown::{self, DatedRecord};
use crate::memory::{self, Record, RecordOrigin};
use crate::model::Skipped;
use crate::project::FOLDER;
use crate::store::Indexed;
use crate::{io_errors, limits, walk};

/// What such an import does, or would do.
#[derive(Debug, Default)]
pub struct MarkdownImport {
    /// Records that came, or have a new revision.
    pub added: Vec<Record>,
    /// Ids of those that were there with just this.
    pub known: Vec<String>,
    /// Files that are no record, and why.
    pub left_out: Vec<Skipped>,
}

/// Bytes of a note: its parts stand in the record twice.
const MAX_NOTE: u64 = limits::MAX_RECORD / 2;

impl RecordStore<'_> {
    /// Takes Markdown notes over. A note that came before is known by its
    /// place: unchanged it is left alone, else it becomes the next revision of
    /// its record.
    pub fn import_markdown(&mut self, path: &Path, dry_run: bool) -> Result<MarkdownImport> {
        let is_named = !path.is_dir();
        let mut taken = MarkdownImport::default();
        let files = match is_named {
            true => vec![path.to_path_buf()],
            false => markdown_files(path, &mut taken.left_out)?,
        };
        let mut wanted = Vec::new();
        for file in files {
            match self.notes_of(&file, is_named) {
                Ok(notes) => wanted.extend(notes),
                Err(reason) if is_named => {
                    return Err(RecordError::Import(format!("`{}`: {reason}", file.display())));
                }
                Err(reason) => {
                    taken.left_out.push(Skipped { path: file.display().to_string(), reason: reason.into() })
                }
            }
        }
        self.change(|writer| {
            writer.take(wanted, &mut taken)?;
            match dry_run {
                true => Ok(()),
                false => taken.added.iter().try_for_each(|record| writer.save(record)),
            }
        })?;
        taken.left_out.sort();
        Ok(taken)
    }

    /// The records of one file, or why there are none.
    fn notes_of(&self, file: &Path, is_named: bool) -> std::result::Result<Vec<DatedRecord>, String> {
        let size = std::fs::metadata(file).map_err(|error| io_errors::why(&error))?.len();
        if size > MAX_NOTE {
            return Err(format!("it has {size} bytes, more than {MAX_NOTE}"));
        }
        let bytes = std::fs::read(file).map_err(|error| io_errors::why(&error))?;
        let text = walk::decode_named(&bytes).ok_or("it is binary")?;
        let absolute = file.canonicalize().unwrap_or_else(|_| file.to_path_buf());
        let place = absolute.strip_prefix(&self.context.project.root).unwrap_or(file);
        let place = place.to_string_lossy().replace('\\', "/");
        let notes = markdown::read(&place, &text, is_named, &self.context.redactor)?;
        Ok(notes)
    }
}

impl RecordWriter<'_> {
    /// Makes records of what was found, those aside that are there already.
    fn take(&self, wanted: Vec<DatedRecord>, taken: &mut MarkdownImport) -> Result<()> {
        let there = self.lookup().all()?;
        let imported = there.iter().filter(|old| old.record.origin == RecordOrigin::Import);
        let by_source: HashMap<&str, &Indexed> =
            imported.filter_map(|old| Some((old.record.source.as_ref()?.as_str(), old))).collect();
        for (at, noted) in (0..).zip(wanted) {
            let source = noted.record.source.as_ref().map(|source| source.to_string()).unwrap_or_default();
            let old = by_source.get(source.as_str()).copied();
            if let Some(old) = old.filter(|old| is_same(&old.record, &noted.record)) {
                taken.known.push(old.record.id.clone());
                continue;
            }
            match self.made(noted, old, at) {
                Ok(record) => taken.added.push(record),
                Err(error) if is_its_own(&error) => {
                    taken.left_out.push(Skipped { path: source, reason: error.to_string().into() });
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// A note as a record: the next revision of `old`, or a new one. New ones
    /// of one day stand in the order of their files.
    fn made(&self, noted: DatedRecord, old: Option<&Indexed>, at: u64) -> Result<Record> {
        old.map_or(Ok(()), |old| self.may_write(old))?;
        let draft = writer::draft(self.context, &self.now, noted.record.kind, "");
        let mut record = Record { origin: RecordOrigin::Import, ..noted.record };
        let id = noted.date.map(|date| memory::new_id(date.ms() + at, memory::random()));
        record.id = id.unwrap_or(draft.id);
        if record.created.is_empty() {
            record.created = draft.created;
        }
        if record.updated.is_empty() {
            record.updated = record.created.clone();
        }
        if let Some(old) = old {
            record.id = old.record.id.clone();
            record.updated = draft.updated;
            if noted.date.is_none() {
                record.created = old.record.created.clone();
            }
        }
        self.checked(record)
    }
}

/// Whether a record that is there says what was found again.
fn is_same(old: &Record, new: &Record) -> bool {
    markdown::says_the_same(old, new) && (new.created.is_empty() || new.created == old.created)
}

/// Whether an error is about one record, and says nothing of the others.
fn is_its_own(error: &RecordError) -> bool {
    matches!(
        error,
        RecordError::TooLong { .. }
            | RecordError::Empty(_)
            | RecordError::NotReadable(_)
            | RecordError::Broken { .. }
    )
}

/// The notes below a folder, sorted. Links are left out, and so is what cannot
/// be listed.
fn markdown_files(path: &Path, left_out: &mut Vec<Skipped>) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![path.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(source) if folder == path => {
                return Err(RecordError::Transfer { what: format!("read `{}`", path.display()), source });
            }
            Err(error) => {
                let reason = io_errors::why(&error);
                left_out.push(Skipped { path: folder.display().to_string(), reason: reason.into() });
                continue;
            }
        };
        for entry in entries.flatten() {
            match kind_of(&entry) {
                Some(FileKind::Folder) => folders.push(entry.path()),
                Some(FileKind::Note) => found.push(entry.path()),
                None => {}
            }
        }
        if found.len() > limits::MAX_IMPORT_RECORDS {
            let limit = limits::MAX_IMPORT_RECORDS;
            return Err(RecordError::Import(format!("more than {limit} Markdown files")));
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a file is one that other tools keep notes in, by its name.
pub fn is_note(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    ["md", "markdown", "mdx"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

enum FileKind {
    Folder,
    Note,
}

/// What an entry of a folder is; `None` for what is not taken.
fn kind_of(entry: &DirEntry) -> Option<FileKind> {
    let kind = entry.file_type().ok()?;
    let is_ours = || entry.file_name() == FOLDER || entry.file_name() == ".git";
    match () {
        () if kind.is_dir() => (!is_ours()).then_some(FileKind::Folder),
        () => (kind.is_file() && is_note(&entry.path())).then_some(FileKind::Note),
    }
}
