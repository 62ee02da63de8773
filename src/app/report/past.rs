//! The snapshots of a report, each with what it has and the one before it had not.

use schemars::JsonSchema;
use serde::Serialize;

use super::LeftOut;
use super::room::{Room, size};
use crate::app::Result;
use crate::app::snapshots::SnapshotHead;
use crate::compare::{FileChanges, SymbolChanges};
use crate::model::{RelPath, SafeText};
use crate::pipeline;
use crate::store::Store;

/// A snapshot and how it differs from the one before.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SnapshotStep {
    #[serde(flatten)]
    pub snapshot: SnapshotHead,
    pub files: u64,
    pub symbols: u64,
    pub taken_by_watch: bool,
    /// `None` for the oldest one.
    pub changes: Option<StepChanges>,
}

/// How a snapshot differs from the one before it: counts, and the first of each.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct StepChanges {
    pub added: usize,
    pub modified: usize,
    pub removed: usize,
    pub renamed: usize,
    /// What became of a file and its path: a renamed one by its new name.
    pub files: Vec<(&'static str, RelPath)>,
    pub symbols_added: usize,
    pub symbols_changed: usize,
    pub symbols_removed: usize,
    /// What became of a symbol, its name and its file.
    pub symbols: Vec<(&'static str, SafeText, RelPath)>,
}

/// Snapshots that are shown.
const SHOWN: usize = 40;

/// Files and symbols that are listed of each.
const LISTED: usize = 30;

/// The newest snapshots, newest first.
pub(super) fn steps(store: &Store, room: &mut Room, left_out: &mut LeftOut) -> Result<Vec<SnapshotStep>> {
    let snapshots = store.snapshots()?;
    let mut steps = Vec::new();
    for (at, snapshot) in snapshots.iter().enumerate().take(SHOWN) {
        let before = snapshots.get(at + 1);
        let changes = match before {
            Some(before) if before.digest == snapshot.digest => Some(StepChanges::default()),
            Some(before) => {
                let (files, symbols) = pipeline::compare_snapshots(store, before.id, snapshot.id)?;
                Some(changes(&files, &symbols))
            }
            None => None,
        };
        let step = SnapshotStep {
            snapshot: SnapshotHead::of(snapshot),
            files: snapshot.files,
            symbols: snapshot.symbols,
            taken_by_watch: !snapshot.asked,
            changes,
        };
        if !room.takes_snapshot(size(&step)) {
            break;
        }
        steps.push(step);
    }
    left_out.snapshots = snapshots.len() - steps.len();
    Ok(steps)
}

fn changes(files: &FileChanges, symbols: &SymbolChanges) -> StepChanges {
    let told = |what, paths: &[RelPath]| -> Vec<(&'static str, RelPath)> {
        paths.iter().take(LISTED).map(|path| (what, path.clone())).collect()
    };
    let mut listed = told("modified", &files.modified);
    listed.extend(told("added", &files.added));
    listed.extend(files.renamed.iter().take(LISTED).map(|renamed| ("renamed", renamed.to.clone())));
    listed.extend(told("removed", &files.removed));
    listed.truncate(LISTED);
    let changed = symbols.changed.iter().map(|row| ("changed", row.name.clone(), row.path.clone()));
    let added = symbols.added.iter().map(|row| ("added", row.name.clone(), row.path.clone()));
    let removed = symbols.removed.iter().map(|row| ("removed", row.name.clone(), row.path.clone()));
    StepChanges {
        added: files.added.len(),
        modified: files.modified.len(),
        removed: files.removed.len(),
        renamed: files.renamed.len(),
        files: listed,
        symbols_added: symbols.added.len(),
        symbols_changed: symbols.changed.len(),
        symbols_removed: symbols.removed.len(),
        symbols: changed.chain(added).chain(removed).take(LISTED).collect(),
    }
}
