//! The state of the project at a glance.

use schemars::JsonSchema;
use serde::Serialize;

use super::handoff::{self, HandoffFreshness};
use super::open::store;
use super::{App, Result};
use crate::memory::Record;
use crate::model::SafeText;
use crate::pipeline;
use crate::render::{tokens, view};

/// Snapshot, goal, changes and freshness of the handoff at one glance.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    pub project: SafeText,
    pub root: String,
    /// The last snapshot, if there is one.
    pub snapshot: Option<SnapshotRef>,
    pub goal: Option<SafeText>,
    pub files: usize,
    pub symbols: u64,
    /// Tokens of the handoff that the current tree would get.
    pub tokens: usize,
    pub branch: Option<SafeText>,
    pub head: Option<String>,
    pub changed: Vec<ChangedFile>,
    /// Pinned paths.
    pub pins: Vec<String>,
    pub freshness: HandoffFreshness,
    /// What `changed` is compared with.
    #[serde(skip)]
    pub since: Option<String>,
    #[serde(skip)]
    pub short_head: Option<String>,
}

/// A snapshot's id and time.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SnapshotRef {
    pub id: String,
    pub created_at: String,
}

/// A file that changed, with its changed symbols.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ChangedFile {
    pub path: SafeText,
    pub status: &'static str,
    /// Marked `+`, `-` or `~`.
    pub symbols: Vec<SafeText>,
}

impl From<view::ChangedView> for ChangedFile {
    fn from(changed: view::ChangedView) -> Self {
        let view::ChangedView { status, path, symbols } = changed;
        Self { path, status, symbols }
    }
}

/// Reads the tree and renders the handoff in memory to say how things stand.
pub fn status(app: &App) -> Result<Report> {
    let context = app.context()?;
    tokens::warm_up();
    let store = store(&context)?;
    let reading = pipeline::read(&context, store.as_ref())?;
    let memory = app.memory(&context)?;
    let latest = store.as_ref().map(|store| store.latest()).transpose()?.flatten();
    let history = pipeline::history(&context, store.as_ref(), &reading.head);
    let now = pipeline::now(&context, &reading, store.as_ref(), &history)?;
    let handoff = pipeline::handoff(&context, &reading, &memory)?;
    app.warn_of_missing(&reading);
    let folder = || context.redactor.line(&context.project.folder_name());
    let pins = memory.pins().flat_map(|pin| &pin.anchors);
    Ok(Report {
        project: pipeline::project_name(&context, reading.facts(&context)?).unwrap_or_else(folder),
        root: context.project.root.display().to_string(),
        snapshot: latest.map(|last| SnapshotRef { id: last.id.to_string(), created_at: last.created_at }),
        goal: memory.goal().map(Record::text).cloned(),
        files: reading.tree.files.len(),
        symbols: reading.symbols(),
        tokens: handoff.tokens,
        branch: now.branch,
        head: reading.head.commit.clone(),
        changed: now.changed.into_iter().map(ChangedFile::from).collect(),
        pins: pins.map(|anchor| anchor.path.to_string()).collect(),
        freshness: handoff::freshness(&context, &handoff)?,
        since: now.since,
        short_head: now.head,
    })
}
