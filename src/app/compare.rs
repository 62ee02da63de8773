//! Two states against each other: the tree and a snapshot, or two snapshots.

use schemars::JsonSchema;
use serde::Serialize;

use super::open::{baseline, existing_store, snapshot_id};
use super::record::found_words;
use super::{App, Error, Result};
pub use crate::compare::{FileChanges, Rename, SymbolChanges};
use crate::memory::{AnchorState, Record, RecordStatus};
use crate::model::{RelPath, Snapshot};
use crate::pipeline::{self, Context, Reading};

/// Which parts of a snapshot still hold.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Restored {
    pub snapshot: String,
    /// Whether a watch recorded it after a change, rather than the user on
    /// request.
    pub taken_by_watch: bool,
    pub summary: RestoredSummary,
    pub changed: Vec<RelPath>,
    pub missing: Vec<RelPath>,
    pub new: Vec<RelPath>,
    pub renamed: Vec<Rename>,
    /// Recorded facts that no longer hold, one sentence each.
    pub stale: Vec<String>,
    pub symbols: SymbolChanges,
    #[serde(skip)]
    pub created_at: String,
}

/// How many files of the snapshot still are as they were, and how many are not.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RestoredSummary {
    pub valid: usize,
    pub changed: usize,
    pub missing: usize,
    pub new: usize,
    pub renamed: usize,
}

/// What changed since the last snapshot that the user took.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ChangeSummary {
    pub snapshot: String,
    pub taken_by_watch: bool,
    pub summary: ChangeCounts,
    pub files: FileChanges,
    pub symbols: SymbolChanges,
    #[serde(skip)]
    pub created_at: String,
}

/// The totals of a comparison, for a summary line.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ChangeCounts {
    pub files: FileCounts,
    pub symbols: SymbolCounts,
}

/// Files by what became of them; a renamed one counts neither as added nor as removed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FileCounts {
    pub added: usize,
    pub modified: usize,
    pub removed: usize,
    pub renamed: usize,
    pub same: usize,
}

/// Symbols by what became of them; `changed` counts new signatures.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SymbolCounts {
    pub added: usize,
    pub removed: usize,
    pub changed: usize,
}

/// What differs between two snapshots.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SnapshotDifference {
    pub from: String,
    pub to: String,
    pub files: FileChanges,
    pub symbols: SymbolChanges,
}

/// Compares the tree with a snapshot, by default the last one that the user
/// took.
pub fn restore(app: &App, snapshot: Option<&str>) -> Result<Restored> {
    let context = app.context()?;
    let store = existing_store(&context)?;
    let snapshot = baseline(&store, snapshot)?;
    let reading = pipeline::read(&context, Some(&store))?;
    let (files, symbols) = pipeline::compare_with(&reading, &store, snapshot.id)?;
    app.warn_of_missing(&reading);
    let stale = stale_facts(&context, &snapshot, &reading)?;
    Ok(Restored {
        snapshot: snapshot.id.to_string(),
        taken_by_watch: !snapshot.asked,
        summary: RestoredSummary {
            valid: files.same,
            changed: files.modified.len(),
            missing: files.removed.len(),
            new: files.added.len(),
            renamed: files.renamed.len(),
        },
        changed: files.modified,
        missing: files.removed,
        new: files.added,
        renamed: files.renamed,
        stale,
        symbols,
        created_at: snapshot.created_at,
    })
}

/// Compares the tree with the last snapshot that the user took, for a screen's
/// summary.
pub fn summary(app: &App) -> Result<ChangeSummary> {
    let context = app.context()?;
    let store = existing_store(&context)?;
    let snapshot = baseline(&store, None)?;
    let reading = pipeline::read(&context, Some(&store))?;
    let (files, symbols) = pipeline::compare_with(&reading, &store, snapshot.id)?;
    app.warn_of_missing(&reading);
    let counts = ChangeCounts {
        files: FileCounts {
            added: files.added.len(),
            modified: files.modified.len(),
            removed: files.removed.len(),
            renamed: files.renamed.len(),
            same: files.same,
        },
        symbols: SymbolCounts {
            added: symbols.added.len(),
            removed: symbols.removed.len(),
            changed: symbols.changed.len(),
        },
    };
    let (id, created_at) = (snapshot.id.to_string(), snapshot.created_at);
    let taken_by_watch = !snapshot.asked;
    Ok(ChangeSummary { snapshot: id, taken_by_watch, summary: counts, files, symbols, created_at })
}

/// Compares two snapshots, by default the last two.
pub fn between(app: &App, from: Option<&str>, to: Option<&str>) -> Result<SnapshotDifference> {
    let context = app.context()?;
    let store = existing_store(&context)?;
    let to = snapshot_id(&store, to)?;
    let from = match from {
        Some(id) => id.parse().map_err(Error::new)?,
        None => store
            .snapshots()?
            .into_iter()
            .find(|snapshot| snapshot.id < to)
            .map(|found| found.id)
            .ok_or_else(|| {
                Error::new("there is only one snapshot")
                    .with_hint("`waypost restore` compares it with the tree")
            })?,
    };
    let (files, symbols) = pipeline::compare_snapshots(&store, from, to)?;
    Ok(SnapshotDifference { from: from.to_string(), to: to.to_string(), files, symbols })
}

fn stale_facts(context: &Context, snapshot: &Snapshot, reading: &Reading) -> Result<Vec<String>> {
    let mut stale = moved_head(context, snapshot, reading);
    let memory = crate::records::load(context)?;
    let accepted: Vec<&Record> =
        memory.records.iter().filter(|r| r.status == RecordStatus::Accepted).collect();
    let verdicts = pipeline::followed(context, &reading.tree, &accepted)?;
    for (record, verdicts) in accepted.iter().zip(verdicts) {
        for (anchor, verdict) in record.anchors.iter().zip(verdicts) {
            if verdict.state != AnchorState::Fresh {
                let (kind, title) = (record.kind.name(), &record.title);
                let (state, place) = (verdict.state.name(), anchor.place());
                let found = found_words(&verdict);
                stale.push(format!("{kind} {} ({title}) {state}: {place}{found}", record.id));
            }
        }
    }
    Ok(stale)
}

/// Sentences about branch and commit where they differ from the snapshot's.
fn moved_head(context: &Context, snapshot: &Snapshot, reading: &Reading) -> Vec<String> {
    let head = &reading.head;
    let branch = head.branch.as_deref().map(|branch| context.redactor.line(branch));
    let word = |text: Option<&str>| text.unwrap_or("none").to_string();
    let mut moved = Vec::new();
    if branch != snapshot.branch {
        let [then, now] = [&snapshot.branch, &branch].map(|branch| word(branch.as_ref().map(|b| b.as_str())));
        moved.push(format!("branch moved from {then} to {now}"));
    }
    if head.commit != snapshot.head {
        let short = |commit: &Option<String>| word(commit.as_ref().map(|c| &c[..c.len().min(10)]));
        moved.push(format!("head moved from {} to {}", short(&snapshot.head), short(&head.commit)));
    }
    moved
}
