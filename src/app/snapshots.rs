//! Lists, shows and removes recorded snapshots.

use schemars::JsonSchema;
use serde::Serialize;

use super::open::{existing_store, snapshot_id, store};
use super::{App, Result};
use crate::model::{Class, SafeText, Skipped, Snapshot};

/// What every report of a snapshot begins with.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SnapshotHead {
    pub id: String,
    pub created_at: String,
    pub goal: Option<SafeText>,
    pub head: Option<String>,
    pub branch: Option<SafeText>,
}

impl SnapshotHead {
    /// The head of a recorded snapshot.
    pub fn of(snapshot: &Snapshot) -> Self {
        let Snapshot { id, created_at, goal, head, branch, .. } = snapshot.clone();
        Self { id: id.to_string(), created_at, goal, head, branch }
    }
}

/// All snapshots, newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SnapshotList {
    pub snapshots: Vec<SnapshotRow>,
}

/// A snapshot as it is listed, without its files.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SnapshotRow {
    #[serde(flatten)]
    pub snapshot: SnapshotHead,
    pub files: u64,
    pub symbols: u64,
    /// Tokens of the handoff, if one was rendered.
    pub tokens: Option<u64>,
    /// Whether a watch recorded it after a change, rather than the user on
    /// request.
    pub taken_by_watch: bool,
}

/// One snapshot with its files.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    #[serde(flatten)]
    pub snapshot: SnapshotHead,
    pub files: Vec<RecordedFile>,
    pub symbols: u64,
    pub tokens: Option<u64>,
    pub taken_by_watch: bool,
    pub skipped: Vec<Skipped>,
}

/// A file as a snapshot recorded it: `size` in bytes, `hash` in hex.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RecordedFile {
    pub path: String,
    pub size: u64,
    pub hash: String,
    pub class: Class,
    pub language: Option<String>,
}

/// What was removed, or would be without `dry_run`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Pruned {
    pub removed: Vec<String>,
    pub kept: usize,
    pub dry_run: bool,
}

/// The snapshots of this work tree, newest first; empty where none was taken yet.
pub fn list(app: &App) -> Result<SnapshotList> {
    let context = app.context()?;
    let snapshots = match store(&context)? {
        Some(store) => store.snapshots()?,
        None => Vec::new(),
    };
    Ok(SnapshotList { snapshots: snapshots.into_iter().map(row).collect() })
}

/// One snapshot, by default the last one.
pub fn show(app: &App, id: Option<&str>) -> Result<Report> {
    let context = app.context()?;
    let store = existing_store(&context)?;
    let snapshot = store.snapshot(snapshot_id(&store, id)?)?;
    let state = store.state(snapshot.id)?;
    let files = state.files.into_iter().map(|(path, file)| RecordedFile {
        path: path.to_string(),
        size: file.size,
        hash: file.hash.to_hex(),
        class: file.class,
        language: file.language,
    });
    Ok(Report {
        files: files.collect(),
        symbols: snapshot.symbols,
        tokens: snapshot.tokens,
        taken_by_watch: !snapshot.asked,
        skipped: state.skipped,
        snapshot: SnapshotHead::of(&snapshot),
    })
}

/// Removes all snapshots but the newest.
pub fn prune(app: &App, keep: usize, dry_run: bool) -> Result<Pruned> {
    let context = app.context()?;
    let mut store = existing_store(&context)?;
    let removed = if dry_run { store.prunable(keep)? } else { store.prune(keep)? };
    let kept = store.snapshots()?.len() - if dry_run { removed.len() } else { 0 };
    Ok(Pruned { removed: removed.iter().map(|snapshot| snapshot.id.to_string()).collect(), kept, dry_run })
}

fn row(snapshot: Snapshot) -> SnapshotRow {
    SnapshotRow {
        files: snapshot.files,
        symbols: snapshot.symbols,
        tokens: snapshot.tokens,
        taken_by_watch: !snapshot.asked,
        snapshot: SnapshotHead::of(&snapshot),
    }
}
