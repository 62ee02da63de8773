//! Takes a snapshot: read, rank, record, render.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use schemars::JsonSchema;
use serde::Serialize;

use super::handoff::WrittenHandoff;
use super::json;
use super::open::require_folder;
use super::record::found_words;
use super::snapshots::SnapshotHead;
use super::{App, Result, init};
use crate::compare::FileChanges;
use crate::config::SettingKey;
use crate::model::{SafeText, Skipped};
use crate::pipeline::{self, Context, Published, Refocus, SnapshotOutcome, Stale, WarmState};

/// What to snapshot, and what to report.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// What the next session is about. It is kept until changed; `""` ends it.
    pub goal: Option<String>,
    /// Record the snapshot without writing the handoff.
    pub no_handoff: bool,
    /// Write only what is never committed.
    pub local: bool,
    /// Report the time taken by each stage.
    pub timings: bool,
    /// Read only what matches one of these globs, in place of the setting.
    pub include: Vec<String>,
    /// Leave out what matches one of these globs, besides the setting's.
    pub exclude: Vec<String>,
}

/// What was recorded.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    #[serde(flatten)]
    pub snapshot: SnapshotHead,
    pub files: u64,
    pub symbols: u64,
    pub skipped: Vec<Skipped>,
    /// Changes since the last snapshot.
    pub changes: FileChanges,
    /// The handoff files; `None` if they were left as they are.
    pub handoff: Option<WrittenHandoff>,
    pub elapsed_ms: u64,
    pub memory: MemoryReport,
    /// Milliseconds by stage.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "json::map_if_some")]
    #[schemars(with = "BTreeMap<String, f64>")]
    pub timings: Option<Vec<(&'static str, f64)>>,
    /// The project's `.waypost` folder.
    #[serde(skip)]
    pub folder: PathBuf,
}

/// Whether the records still match the tree.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MemoryReport {
    pub stale: Vec<StaleAnchor>,
    pub unreadable: Vec<Skipped>,
}

/// A record's anchor whose code has changed or is gone.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StaleAnchor {
    pub id: String,
    pub title: SafeText,
    /// `path#symbol`.
    pub anchor: String,
    pub state: &'static str,
    /// Where the code has probably moved to.
    pub found: Option<String>,
    /// The same in words.
    #[serde(skip)]
    pub found_words: String,
}

/// Reads the tree, records a snapshot and, unless `no_handoff` is set, writes the handoff; creates
/// `.waypost/` if need be.
pub fn snapshot(app: &App, request: &Request) -> Result<Report> {
    let started = Instant::now();
    let mut context = app.context()?;
    narrow(&mut context, request);
    if request.local {
        require_folder(&context.project, "run `waypost init` first")?;
    } else {
        init::prepare(&context.project)?;
    }
    let asked = pipeline::Request {
        goal: request.goal.as_deref(),
        with_handoff: !request.no_handoff && !request.local,
        refocus: if request.local { Refocus::Never } else { Refocus::WhenChanged },
        by_watch: false,
        touched: None,
    };
    let taken = pipeline::snapshot(&context, asked, &mut WarmState::default())?;
    taken.warnings.iter().for_each(|warning| app.warn(warning));
    let mut report = report(&context, &taken, started.elapsed());
    report.timings = request.timings.then(|| timings(&taken));
    Ok(report)
}

/// Takes the globs of the call into the settings.
fn narrow(context: &mut Context, request: &Request) {
    let settings = &mut context.settings;
    if !request.include.is_empty() {
        settings.set_list_flag(SettingKey::Include, "--include", request.include.clone());
    }
    if !request.exclude.is_empty() {
        let all = settings.exclude().iter().chain(&request.exclude).cloned().collect();
        settings.set_list_flag(SettingKey::Exclude, "--exclude", all);
    }
}

fn report(context: &Context, taken: &SnapshotOutcome, elapsed: Duration) -> Report {
    let folder = context.project.folder();
    let handoff = taken.handoff.as_ref().map(|handoff| written(context, handoff));
    Report {
        snapshot: SnapshotHead::of(&taken.snapshot),
        files: taken.snapshot.files,
        symbols: taken.snapshot.symbols,
        skipped: taken.skipped.clone(),
        changes: taken.changes.clone(),
        handoff,
        elapsed_ms: elapsed.as_millis() as u64,
        memory: MemoryReport {
            stale: taken.stale.iter().map(stale_anchor).collect(),
            unreadable: taken.unreadable.clone(),
        },
        timings: None,
        folder,
    }
}

pub(super) fn written(context: &Context, handoff: &Published) -> WrittenHandoff {
    let path = |name: &str| context.project.folder().join(name).display().to_string();
    WrittenHandoff {
        markdown: path("handoff.md"),
        json: path("handoff.json"),
        tokens: handoff.tokens,
        written: handoff.written,
    }
}

fn stale_anchor(stale: &Stale) -> StaleAnchor {
    StaleAnchor {
        id: stale.id.clone(),
        title: stale.title.clone(),
        anchor: stale.place.clone(),
        state: stale.verdict.state.name(),
        found: stale.verdict.found.as_ref().map(|found| found.place()),
        found_words: found_words(&stale.verdict),
    }
}

fn timings(taken: &SnapshotOutcome) -> Vec<(&'static str, f64)> {
    taken.timings.stages().iter().map(|(stage, took)| (*stage, took.as_secs_f64() * 1_000.0)).collect()
}
