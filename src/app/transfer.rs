//! Exports and imports records, makes backups and restores them.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

use super::open::require_folder;
use super::stream::{Input, Output};
use super::{App, Error, Result, clean, init};
use crate::backup::{BackupContents, Prepared};
use crate::memory::Record;
use crate::model::{SafeText, Skipped};
use crate::pipeline::Context;
use crate::records::{MarkdownImport, is_note};
use crate::{backup, limits, pipeline};

/// Where the export went, and how many records are in it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Exported {
    /// `-` for a stream.
    pub output: String,
    pub records: usize,
}

/// What an import took over, and what it left out and why.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ImportReport {
    /// Ids of the imported records, including deleted ones.
    pub added: Vec<String>,
    pub known: Vec<String>,
    /// Ids of records that were erased here and stay erased.
    pub erased: Vec<String>,
    /// Ids of records that the export has no text of, only that they were
    /// deleted or erased; they are not imported.
    pub without_text: Vec<String>,
    /// The records made from other tools' notes; in a dry run, all records that
    /// would be imported.
    pub records: Vec<ImportedRecord>,
    /// Files that are not records, with the reason.
    pub left_out: Vec<Skipped>,
    pub dry_run: bool,
}

/// A record that came from another tool's notes, or would come in a dry run.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ImportedRecord {
    pub id: String,
    pub kind: &'static str,
    pub status: &'static str,
    pub title: SafeText,
    pub created: String,
    /// The file, and for a decision from a log its name in it.
    pub source: Option<SafeText>,
}

/// Where the backup went, and how much is in it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BackedUp {
    /// `-` for a stream.
    pub output: String,
    pub files: usize,
    /// Before compression.
    pub bytes: u64,
}

/// What a backup holds, and what it replaced or would replace.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RestorePreview {
    /// Whether this was a preview that changed nothing.
    pub preview: bool,
    pub files: usize,
    pub bytes: u64,
    /// `None` for a backup of an older version.
    pub project: Option<BackedUpProject>,
    /// Whether it is a backup of this project; `None` if that is unknown.
    pub is_of_this_project: Option<bool>,
    pub backup: FolderContents,
    pub here: FolderContents,
    /// What the project has and the backup lacks.
    pub lost: Lost,
    /// The folder, relative to the root, that keeps what was replaced.
    pub kept: Option<String>,
    /// How many restored texts held a secret and were cleaned.
    pub cleaned: usize,
}

/// The project that a backup was taken of, and when.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BackedUpProject {
    pub name: String,
    pub root: String,
    pub taken: String,
}

/// What a `.waypost` folder holds.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FolderContents {
    pub goal: Option<String>,
    pub records: usize,
    pub snapshots: usize,
    pub handoff: bool,
}

/// What the project has and the backup lacks; putting the backup in place takes it away.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Lost {
    pub goal: Option<String>,
    /// Ids.
    pub records: Vec<String>,
    pub snapshots: usize,
    pub handoff: bool,
}

impl FolderContents {
    fn of(contents: &BackupContents) -> Self {
        Self {
            goal: contents.goal.clone(),
            records: contents.records(),
            snapshots: contents.snapshots(),
            handoff: contents.has_handoff,
        }
    }
}

/// Writes all records with their history, as JSON lines.
pub fn export(app: &App, output: Output) -> Result<Exported> {
    let context = app.context()?;
    let record_store = app.record_store(&context)?;
    let mut text = Vec::new();
    let records = record_store.export(&mut text)?;
    pipeline::leak_scan(&context, "the export", &String::from_utf8_lossy(&text))?;
    let output = match output {
        Output::Stream(mut stream) => {
            stream.write_all(&text).and_then(|()| stream.flush())?;
            "-".to_string()
        }
        Output::File(path) => {
            app.write_whole(&path, &text)?;
            path.display().to_string()
        }
    };
    Ok(Exported { output, records })
}

/// Imports an export, or Markdown notes of other tools.
pub fn import(app: &App, input: Input, dry_run: bool) -> Result<ImportReport> {
    let context = app.context()?;
    let file = input.path().map(|path| app.host().current.join(path));
    let notes = file.filter(|path| path.is_dir() || is_note(path));
    if !dry_run {
        init::prepare(&context.project)?;
    }
    let mut record_store = app.record_store(&context)?;
    if notes.is_some() {
        let taken = record_store.import_markdown(input.path().unwrap_or(Path::new(".")), dry_run)?;
        return Ok(of_notes(taken, dry_run));
    }
    let imported = record_store.import(input.open(app)?, dry_run)?;
    let crate::records::ImportOutcome { added, known, erased, without_text, records } = imported;
    let records = records.into_iter().map(imported_record).collect();
    Ok(ImportReport { added, known, erased, without_text, records, left_out: Vec::new(), dry_run })
}

fn imported_record(record: Record) -> ImportedRecord {
    ImportedRecord {
        id: record.id,
        kind: record.kind.name(),
        status: record.status.name(),
        title: record.title,
        created: record.created,
        source: record.source,
    }
}

fn of_notes(taken: MarkdownImport, dry_run: bool) -> ImportReport {
    let added = taken.added.iter().map(|record| record.id.clone()).collect();
    let records = taken.added.into_iter().map(imported_record).collect();
    ImportReport {
        added,
        known: taken.known,
        erased: Vec::new(),
        without_text: Vec::new(),
        records,
        left_out: taken.left_out,
        dry_run,
    }
}

/// Packs everything under `.waypost/` into one archive.
pub fn back_up(app: &App, output: Output) -> Result<BackedUp> {
    let context = app.context()?;
    require_folder(&context.project, "there is nothing to back up")?;
    let now = (context.clock)().text;
    let (shown, summary) = match output {
        Output::File(path) => {
            let summary = backup::write(&context.project, &path, &now)?;
            (path.display().to_string(), summary)
        }
        Output::Stream(mut stream) => {
            let (_scratch, path) = scratch()?;
            let summary = backup::write(&context.project, &path, &now)?;
            io::copy(&mut std::fs::File::open(&path)?, &mut stream)?;
            stream.flush()?;
            ("-".to_string(), summary)
        }
    };
    summary.notice.iter().for_each(|notice| app.warn(notice));
    Ok(BackedUp { output: shown, files: summary.files, bytes: summary.bytes })
}

/// Replaces `.waypost/` by a backup; without `yes` it only reports what the
/// backup holds and would replace.
pub fn restore_backup(app: &App, input: Input, yes: bool) -> Result<RestorePreview> {
    let context = app.context()?;
    let (project, redactor) = (&context.project, &context.redactor);
    let prepared = match input {
        Input::File(path) => backup::prepare(project, &app.host().current.join(path), redactor)?,
        Input::Stream(stream) => {
            let (_scratch, path) = scratch()?;
            let mut file = std::fs::File::create_new(&path)?;
            io::copy(&mut stream.take(limits::MAX_BACKUP_BYTES), &mut file)?;
            backup::prepare(project, &path, redactor)?
        }
    };
    let report = preview(&context, &prepared);
    if !yes {
        return Ok(report);
    }
    let kept = prepared.put_back()?;
    let kept = kept.map(|kept| kept.strip_prefix(&project.root).unwrap_or(&kept).display().to_string());
    // The backup may be of a version that knew fewer secrets.
    let cleaned = clean::clean_what_came(&context)?;
    Ok(RestorePreview { preview: false, kept, cleaned, ..report })
}

fn preview(context: &Context, prepared: &Prepared) -> RestorePreview {
    let clean = |text: &str| context.redactor.line(text).to_string();
    let project = prepared.of.as_ref().map(|of| BackedUpProject {
        name: clean(&of.name),
        root: clean(&of.root),
        taken: clean(&of.taken),
    });
    let lost = &prepared.lost;
    RestorePreview {
        preview: true,
        files: prepared.summary.files,
        bytes: prepared.summary.bytes,
        project,
        is_of_this_project: prepared.is_of_this,
        backup: FolderContents::of(&prepared.holds),
        here: FolderContents::of(&prepared.here),
        lost: Lost {
            goal: lost.goal.clone(),
            records: lost.ids().map(str::to_string).collect(),
            snapshots: lost.snapshots(),
            handoff: lost.has_handoff,
        },
        kept: None,
        cleaned: 0,
    }
}

/// A temporary folder, removed when dropped, and the path of a file in it.
fn scratch() -> Result<(tempfile::TempDir, PathBuf)> {
    let folder = tempfile::tempdir()
        .map_err(|error| Error::new(format!("cannot make a temporary folder: {error}")))?;
    let path = folder.path().join("backup.tar.zst");
    Ok((folder, path))
}
