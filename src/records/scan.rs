//! How the files of the records differ from the index: what stamps tell, and
//! what is read anew because they do not.
//!
//! Not here: taking the difference up (`writer`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::Result;
use crate::context::Context;
use crate::fs::confined;
use crate::limits::RACY_NS;
use crate::memory::{self, Record};
use crate::model::{Skipped, Stamp};
use crate::store::{Indexed, KnownFile, Store};
use crate::walk;

/// How the folder differs from the index.
#[derive(Default)]
pub(super) struct FolderScan {
    /// Records that were read anew, with the name and the stamp of their file.
    pub read: Vec<(String, Record, Stamp)>,
    /// Ids of records whose file is gone.
    pub gone: Vec<String>,
    pub unreadable: Vec<Skipped>,
}

/// Compares the folder with the index, reading what is not known.
pub(super) fn scan(context: &Context, store: &Store) -> Result<FolderScan> {
    let folder = context.project.memory();
    let known = store.record_files()?;
    let files = memory::record_files(&folder)?;
    let stats = stamps(&folder, &files);
    let is_known = |known: &KnownFile, (name, stamp): &(String, Option<Stamp>)| {
        known.file == *name && Some(known.stamp) == *stamp && !is_racy(known)
    };
    // Both are sorted by name.
    if known.len() == stats.len() && known.iter().zip(&stats).all(|(known, file)| is_known(known, file)) {
        return Ok(FolderScan::default());
    }
    let known: BTreeMap<String, KnownFile> =
        known.into_iter().map(|known| (known.file.clone(), known)).collect();
    let is_fresh = |file: &(String, Option<Stamp>)| known.get(&file.0).is_some_and(|it| is_known(it, file));
    let unknown: Vec<usize> = (0..files.len()).filter(|at| !is_fresh(&stats[*at])).collect();
    let read: Vec<_> = unknown
        .par_iter()
        .map(|at| memory::read(&files[*at], &context.redactor))
        .collect::<std::result::Result<_, _>>()?;
    let read = unknown.into_iter().zip(read).map(|(at, outcome)| (&stats[at], outcome));
    Ok(difference(&known, &stats, read))
}

/// What changed, of what was known and what was read.
fn difference<'a>(
    known: &BTreeMap<String, KnownFile>,
    stats: &[(String, Option<Stamp>)],
    read: impl Iterator<Item = (&'a (String, Option<Stamp>), std::result::Result<Record, String>)>,
) -> FolderScan {
    let mut scan = FolderScan::default();
    let there: BTreeSet<&str> = stats.iter().map(|(name, _)| name.as_str()).collect();
    let mut file_of: BTreeMap<String, String> = known
        .values()
        .filter(|known| there.contains(known.file.as_str()))
        .map(|known| (known.id.clone(), known.file.clone()))
        .collect();
    for ((name, stamp), outcome) in read {
        match outcome {
            Err(reason) => scan.unreadable.push(Skipped { path: name.clone(), reason: reason.into() }),
            Ok(record) => match file_of.get(&record.id).filter(|first| *first != name) {
                Some(first) => scan.unreadable.push(memory::twice(name.clone(), &record.id, first)),
                None => {
                    file_of.insert(record.id.clone(), name.clone());
                    scan.read.push((name.clone(), record, stamp.unwrap_or_default()));
                }
            },
        }
    }
    // A file whose id was changed by hand leaves its old record behind.
    for (name, record, _) in &scan.read {
        if let Some(before) = known.get(name).filter(|before| before.id != record.id) {
            file_of.remove(&before.id);
        }
    }
    scan.gone =
        known.values().filter(|known| !file_of.contains_key(&known.id)).map(|k| k.id.clone()).collect();
    scan
}

/// How many records a scan found otherwise than the index has them.
pub(super) fn count_unlike(store: &Store, scan: &FolderScan) -> Result<usize> {
    let mut unlike = scan.gone.len();
    for (name, record, _) in &scan.read {
        let known = store.record_of(&record.id)?;
        let is_known = known.is_some_and(|known| known.record == *record && known.file == *name);
        unlike += usize::from(!is_known);
    }
    Ok(unlike)
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
        let unchanged = known.get(&row.record.id).map(|known| known.stamp) == walk::stamp_at(&path);
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

/// Names and stamps of files of one folder.
fn stamps(folder: &Path, files: &[PathBuf]) -> Vec<(String, Option<Stamp>)> {
    let root = confined::Root::open(folder).ok();
    let stamp = |path: &PathBuf| {
        let name = memory::name_of(path);
        let stamp = match (&root, path.file_name().and_then(|name| name.to_str())) {
            (Some(root), Some(name)) => root.stamp(name),
            _ => walk::stamp_at(path),
        };
        (name, stamp)
    };
    files.par_iter().map(stamp).collect()
}

/// Read so soon after its last change that the next one may leave the same
/// stamp: coarse file systems count in steps of up to 2 s.
fn is_racy(known: &KnownFile) -> bool {
    known.stamp.mtime_ns.max(known.stamp.ctime_ns) >= known.read_ns - RACY_NS
}
