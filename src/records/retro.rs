//! Cleaning what an older version wrote before it knew a kind of secret: the
//! files of the records, their revisions, and everything else in the database.
//!
//! Not here: artefacts that are made from these (handoff, prompts, the live
//! part). They are rendered anew by the caller.

use std::collections::BTreeMap;

use super::writer::RecordWriter;
use super::{RecordError, RecordStore, Result};
use crate::fs::atomic;
use crate::fs::confined;
use crate::limits;
use crate::memory;
use crate::redact::Redactor;
use crate::store::{Cleaners, Scrubbed};

/// What was cleaned, or would be.
#[derive(Debug, Default)]
pub struct RetroReport {
    /// Names of the files in the memory, as they were, without their secrets.
    pub files: Vec<String>,
    /// The same, for git, with the exact name.
    pub paths: Vec<String>,
    pub database: Scrubbed,
    /// How often each kind was found in the memory's files.
    pub kinds: BTreeMap<&'static str, usize>,
    /// Whether the database could be written anew and its log emptied.
    pub emptied: bool,
}

impl RetroReport {
    /// Whether nothing had to be cleaned.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.database.sum() == 0
    }
}

impl RecordStore<'_> {
    /// Replaces every secret in what is stored by its placeholder. A second run
    /// finds nothing. With `dry_run` nothing is changed. `extractor` is the one
    /// that is in use: contents of another one are made anew in any case.
    pub fn redact_retro(&mut self, extractor: &str, dry_run: bool) -> Result<RetroReport> {
        if !dry_run {
            self.resume_import()?;
        }
        let redactor = &self.context.redactor;
        let line = |text: &str| cleaned(redactor, text);
        let path = |text: &str| Some(redactor.name(text).to_string()).filter(|clean| clean != text);
        let record = |text: &str| cleaned_record(redactor, text);
        let holds = |text: &str| !redactor.scan(text).is_empty();
        let cleaners = Cleaners { line: &line, path: &path, record: &record, holds: &holds, extractor };
        // What files say is not taken up before they are clean.
        let mut writer = RecordWriter::begin(self.context, &mut self.store)?;
        let mut done = writer.redact_files(dry_run)?;
        done.database = writer.transaction.scrub(&cleaners)?;
        if dry_run {
            return Ok(done);
        }
        if !done.is_empty() {
            writer.transaction.drop_code_index()?;
            writer.transaction.clear_records()?;
            writer.sync_index()?;
        }
        self.unreadable = writer.commit()?;
        done.emptied = done.is_empty() || self.store.write_anew()?;
        Ok(done)
    }
}

impl RecordWriter<'_> {
    fn redact_files(&self, dry_run: bool) -> Result<RetroReport> {
        let redactor = &self.context.redactor;
        let mut done = RetroReport::default();
        for file in memory::record_files(&self.folder())? {
            let Ok(bytes) = confined::read(&file, limits::MAX_RECORD) else { continue };
            let text = String::from_utf8_lossy(&bytes);
            let name = memory::name_of(&file);
            let clean_name = redactor.name(&name).to_string();
            let clean = cleaned_record(redactor, &text);
            if clean.is_none() && clean_name == name {
                continue;
            }
            for finding in redactor.findings(&text) {
                *done.kinds.entry(finding.kind).or_default() += 1;
            }
            done.paths.push(format!("{}/memory/{name}", crate::project::FOLDER));
            // The name is made of words of the title.
            let target = match memory::parse(clean.as_deref().unwrap_or(&text), redactor) {
                Ok(record) if clean.is_some() => file.with_file_name(memory::file_name(&record)),
                _ => file.with_file_name(&clean_name),
            };
            done.files.push(clean_name);
            if dry_run {
                continue;
            }
            atomic::write(&target, clean.as_deref().unwrap_or(&text).as_bytes())?;
            if target != file {
                let failed = |source| RecordError::Remove { path: file.display().to_string(), source };
                atomic::remove(&file).map_err(failed)?;
            }
        }
        Ok(done)
    }
}

/// The text without its secrets; `None` where it holds none.
fn cleaned(redactor: &Redactor, text: &str) -> Option<String> {
    (!redactor.findings(text).is_empty()).then(|| redactor.text(text).to_string())
}

/// A record's text without its secrets: as a record where it is one, so that
/// its hash is that of its canonical form.
fn cleaned_record(redactor: &Redactor, text: &str) -> Option<String> {
    let parsed = memory::parse(text, redactor).map(|record| memory::text(&record));
    let found = !redactor.findings(text).is_empty();
    match parsed {
        // Secrets in parts that only the whole record shows.
        Ok(record) if found => Some(record),
        Ok(_) => None,
        Err(_) => found.then(|| redactor.text(text).to_string()),
    }
}
