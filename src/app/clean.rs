//! Cleans secrets out of what an older version stored, and renders again the
//! artefacts that may quote them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::open::require_folder;
use super::run::receipts_folder;
use super::{App, Result, json};
use crate::fs::confined;
use crate::git::Repository;
use crate::limits;
use crate::memory::Memory;
use crate::model::RelPath;
use crate::pipeline::{self, Context};
use crate::records::{RecordStore, RetroReport};
use crate::store::Store;

/// What was cleaned, or would be.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    pub dry_run: bool,
    pub changed: usize,
    pub cleaned: CleanCounts,
    /// How often each kind of secret was found in the memory's files.
    #[serde(serialize_with = "json::map")]
    #[schemars(with = "BTreeMap<String, usize>")]
    pub kinds: Vec<(&'static str, usize)>,
    /// Files of the project memory that held a secret.
    pub files: Vec<String>,
    pub artefacts: Vec<String>,
    pub log_emptied: bool,
    /// Files that git knows or knew: its history still holds the secret.
    pub in_git_history: Vec<String>,
    /// Settings with a secret, which are the user's to change.
    #[serde(skip)]
    pub settings: Vec<String>,
}

/// How many of each were cleaned.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CleanCounts {
    pub artefacts: usize,
    pub contents: usize,
    pub histories: usize,
    pub index: usize,
    pub memory_files: usize,
    pub paths: usize,
    pub revisions: usize,
    pub snapshots: usize,
    /// Texts of sessions, their log, claims and receipts.
    pub sessions: usize,
    /// What commands printed.
    pub outputs: usize,
}

impl CleanCounts {
    fn of(done: &RetroReport, artefacts: usize, outputs: usize) -> Self {
        let found = &done.database;
        Self {
            artefacts,
            contents: found.contents,
            histories: found.histories,
            index: found.index,
            memory_files: done.files.len(),
            paths: found.paths,
            revisions: found.revisions,
            snapshots: found.snapshots,
            sessions: found.sessions,
            outputs,
        }
    }

    fn sum(&self) -> usize {
        let stored = self.contents + self.histories + self.index + self.paths + self.snapshots;
        self.artefacts + self.memory_files + self.revisions + self.sessions + self.outputs + stored
    }
}

/// Cleans records, revisions, snapshots, the index and the artefacts.
pub fn clean(app: &App, dry_run: bool) -> Result<Report> {
    let context = app.context()?;
    require_folder(&context.project, "there is nothing to clean")?;
    let (done, artefacts) = clean_project(&context, dry_run)?;
    let outputs = clean_outputs(&context, dry_run)?;
    let committed = in_git(context.repository.as_ref(), &[done.paths.as_slice(), &artefacts].concat());
    if !done.emptied && !dry_run {
        app.warn(
            "the database is in use by another process: run `waypost redact --retro` again when it has ended",
        );
    }
    let cleaned = CleanCounts::of(&done, artefacts.len(), outputs);
    let name = |path: &String| context.redactor.name(path).to_string();
    Ok(Report {
        dry_run,
        changed: cleaned.sum(),
        cleaned,
        kinds: done.kinds.into_iter().collect(),
        files: done.files,
        artefacts,
        log_emptied: done.emptied,
        in_git_history: committed.iter().map(name).collect(),
        settings: settings_with_secrets(&context),
    })
}

/// Cleans what a restored backup brought in; returns how many texts held a
/// secret.
pub(super) fn clean_what_came(context: &Context) -> Result<usize> {
    let (done, artefacts) = clean_project(context, false)?;
    let outputs = clean_outputs(context, false)?;
    let found = done.database;
    Ok(done.files.len() + found.revisions + found.snapshots + found.paths + artefacts.len() + outputs)
}

/// How many outputs of commands held a secret.
fn clean_outputs(context: &Context, dry_run: bool) -> Result<usize> {
    let folder = receipts_folder(context);
    let Some(mut store) = Store::open(&context.project.database())?.filter(|_| folder.is_dir()) else {
        return Ok(0);
    };
    let redactor = &context.redactor;
    let clean = |text: &str| (!redactor.findings(text).is_empty()).then(|| redactor.text(text).to_string());
    Ok(store.clean_outputs(&folder, &clean, !dry_run)?)
}

/// What was found, and the artefacts that held a secret.
fn clean_project(context: &Context, dry_run: bool) -> Result<(RetroReport, Vec<String>)> {
    let artefacts = dirty_artefacts(context);
    let mut record_store = RecordStore::open_untouched(context)?;
    let done = record_store.redact_retro(&pipeline::extractor(context), dry_run)?;
    let is_clean = done.is_empty() && artefacts.is_empty();
    if !dry_run && !is_clean {
        renew_artefacts(context, &record_store)?;
    }
    Ok((done, artefacts))
}

/// Removes prompts and the live part, and renders the handoff again: each of
/// them may quote words that were just removed.
pub(super) fn renew_artefacts(context: &Context, record_store: &RecordStore) -> Result<()> {
    pipeline::remove_copies(context)?;
    if context.project.folder().join("handoff.md").exists() {
        let reading = pipeline::read(context, Some(record_store.store()))?;
        let memory = Memory::load(&context.project.memory(), &context.redactor)?;
        let handoff = pipeline::handoff(context, &reading, &memory)?;
        pipeline::publish(context, &handoff)?;
    }
    Ok(())
}

/// Paths below the root of the artefacts that hold a secret.
fn dirty_artefacts(context: &Context) -> Vec<String> {
    let project = &context.project;
    let prompts = std::fs::read_dir(project.local.join("prompts")).into_iter().flatten().flatten();
    let mut files = vec![project.folder().join("handoff.md"), project.folder().join("handoff.json")];
    files.push(project.local.join("now.md"));
    files.extend(prompts.map(|entry| entry.path()));
    let mut dirty: Vec<String> = files
        .into_iter()
        .filter(|path| confined::read(path, limits::MAX_OWN_FILE).is_ok_and(|bytes| holds(context, &bytes)))
        .map(|path| path.strip_prefix(&project.root).unwrap_or(&path).display().to_string())
        .collect();
    dirty.sort();
    dirty
}

fn holds(context: &Context, bytes: &[u8]) -> bool {
    !context.redactor.findings(&String::from_utf8_lossy(bytes)).is_empty()
}

/// Settings are written by hand, and a changed pattern protects nothing.
fn settings_with_secrets(context: &Context) -> Vec<String> {
    let file = context.project.config_file();
    let dirty = confined::read(&file, limits::MAX_CONFIG)
        .is_ok_and(|bytes| !context.redactor.scan(&String::from_utf8_lossy(&bytes)).is_empty());
    dirty.then(|| file.display().to_string()).into_iter().collect()
}

/// The files that git tracks or once tracked. Where git cannot say, a file
/// counts as tracked, so that nobody takes a text for gone that may still be in
/// the history.
pub(super) fn in_git(repository: Option<&Repository>, files: &[String]) -> Vec<String> {
    let Some(repository) = repository else { return Vec::new() };
    let known =
        |path: &&String| RelPath::new(path).is_some_and(|path| repository.ever_held(&path).unwrap_or(true));
    files.iter().filter(known).cloned().collect()
}
