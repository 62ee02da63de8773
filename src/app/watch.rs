//! Keeps the handoff current while files change, and reports events.

use std::io;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::handoff::WrittenHandoff;
use super::snapshots::SnapshotHead;
use super::watch_log::{JobRunner, WatchLog};
use super::{App, Error, Result, init, snapshot};
use crate::compare::{FileChanges, Rename};
use crate::config::SettingKey;
use crate::model::RelPath;
use crate::pipeline::{self, Context};
use crate::watch::{self, Options, Setup, Timing, WatchEvent as Happened};

pub use crate::watch::End;

/// How to watch, as flags give it; `None` leaves a choice to the settings.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// What the session is about. It is kept until changed.
    pub goal: Option<String>,
    /// These three override the settings of the same names.
    pub debounce_ms: Option<u64>,
    pub max_delay_ms: Option<u64>,
    pub min_interval_sec: Option<u64>,
    /// Poll at this interval instead of following events.
    pub poll: Option<Duration>,
    /// End after one change.
    pub once: bool,
}

/// An event of the watch.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum WatchUpdate {
    /// The first snapshot was taken; from now on no change is missed.
    Ready {
        folders: usize,
        files: usize,
        polling_sec: Option<u64>,
    },
    /// These paths, and `more` others, were touched; a look follows.
    Changed {
        paths: Vec<String>,
        more: usize,
    },
    /// The whole tree is looked at, for this reason.
    Rescan {
        reason: &'static str,
    },
    Snapshot(Box<Taken>),
    /// A problem that does not stop the watch.
    Warning {
        text: String,
    },
    /// Stands in for so many events that nobody read in time.
    Dropped {
        dropped: u64,
    },
    /// The last event.
    Stopped {
        reason: String,
    },
    /// A look begins.
    #[serde(skip)]
    Looking,
    /// A look ended and found nothing new.
    #[serde(skip)]
    Looked,
}

/// A snapshot that differs from the one before, or that was announced: counts,
/// and lists of what changed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Taken {
    /// Of the goal only the beginning.
    #[serde(flatten)]
    pub snapshot: SnapshotHead,
    pub files: u64,
    pub symbols: u64,
    pub skipped: usize,
    pub changes: Changes,
    /// Tokens of the handoff; `None` if it was left as it is.
    pub handoff: Option<WrittenHandoff>,
    pub elapsed_ms: u64,
    pub memory: MemoryCounts,
    /// Whether the handoff changed.
    pub written: bool,
}

/// Changes since the last snapshot, at most `LISTED` of each kind.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Changes {
    pub added: Vec<RelPath>,
    pub modified: Vec<RelPath>,
    pub removed: Vec<RelPath>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub renamed: Vec<Rename>,
    /// How many changes the lists leave out.
    pub more: usize,
}

impl Changes {
    /// Each with what happened to it; a renamed file by its new name.
    fn all(&self) -> Vec<(&'static str, &RelPath)> {
        let lists = [("modified", &self.modified), ("added", &self.added), ("removed", &self.removed)];
        let plain = lists.into_iter().flat_map(|(what, paths)| paths.iter().map(move |path| (what, path)));
        plain.chain(self.renamed.iter().map(|renamed| ("renamed", &renamed.to))).collect()
    }
}

/// How many records are about code that has changed, and how many files cannot be read as records.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MemoryCounts {
    pub stale: usize,
    pub unreadable: usize,
}

/// Paths in one list of an event; the snapshot has all of them.
const LISTED: usize = 200;

/// Characters of a goal in an event.
const LONGEST_GOAL: usize = 200;

/// Watches until a signal comes, or one change with [`Request::once`].
pub fn watch(
    app: &App,
    request: &Request,
    tell: &mut dyn FnMut(WatchUpdate) -> io::Result<()>,
) -> Result<End> {
    let open = || setup(app, request);
    init::prepare_for_watch(&open()?.context)?;
    let mut log = WatchLog::new(app);
    let _jobs =
        JobRunner::start(app).map_err(|error| Error::new(format!("no thread can be started: {error}")))?;
    let options = Options { goal: request.goal.clone(), poll: request.poll, once: request.once };
    let ended = watch::run(&|| Ok(open().map_err(CarriedError)?), options, &mut |happened| {
        let update = event(happened);
        match &update {
            WatchUpdate::Ready { .. } => log.begin(),
            WatchUpdate::Snapshot(taken) => log.note(taken.changes.all(), taken.changes.more),
            _ => {}
        }
        tell(update)
    });
    ended.map_err(|error| match error.downcast::<CarriedError>() {
        Ok(carried) => carried.0,
        Err(error) => Error::of(error.as_ref()),
    })
}

/// Carries a use case's error through the watch.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct CarriedError(Error);

fn setup(app: &App, request: &Request) -> Result<Setup> {
    let mut context = app.context()?;
    let flags = [
        (SettingKey::DebounceMs, "--debounce-ms", request.debounce_ms),
        (SettingKey::MaxDelayMs, "--max-delay-ms", request.max_delay_ms),
        (SettingKey::MinIntervalSec, "--min-interval-sec", request.min_interval_sec),
    ];
    for (key, flag, number) in flags {
        if let Some(number) = number {
            context.settings.set_flag(key, flag, number)?;
        }
    }
    let timing = Timing {
        quiet: Duration::from_millis(context.settings.debounce_ms()),
        max_delay: Duration::from_millis(context.settings.max_delay_ms()),
        min_interval: Duration::from_secs(context.settings.min_interval_sec()),
    };
    let root = &context.project.root;
    let mut settings = app.host().git_configs(root);
    settings.extend(app.host().user_config(root).into_iter().chain([context.project.config_file()]));
    Ok(Setup { context, timing, settings })
}

fn event(happened: Happened) -> WatchUpdate {
    match happened {
        Happened::Looking => WatchUpdate::Looking,
        Happened::Looked => WatchUpdate::Looked,
        Happened::Ready { folders, files, polling } => {
            WatchUpdate::Ready { folders, files, polling_sec: polling.map(|every| every.as_secs()) }
        }
        Happened::Changed(paths) => {
            WatchUpdate::Changed { paths: paths[..paths.len().min(LISTED)].to_vec(), more: more(paths.len()) }
        }
        Happened::Rescan(reason) => WatchUpdate::Rescan { reason: reason.name() },
        Happened::Warning(text) => WatchUpdate::Warning { text: text.to_string() },
        Happened::Stopped(reason) => WatchUpdate::Stopped { reason: reason.to_string() },
        Happened::Taken { taken, context, elapsed } => {
            WatchUpdate::Snapshot(Box::new(short(taken, context, elapsed)))
        }
    }
}

fn short(taken: &pipeline::SnapshotOutcome, context: &Context, elapsed: Duration) -> Taken {
    let head = SnapshotHead::of(&taken.snapshot);
    let goal = head.goal.as_ref().map(|goal| goal.one_line(LONGEST_GOAL));
    let FileChanges { added, modified, removed, renamed, .. } = &taken.changes;
    let listed = |paths: &[RelPath]| paths[..paths.len().min(LISTED)].to_vec();
    Taken {
        snapshot: SnapshotHead { goal, ..head },
        files: taken.snapshot.files,
        symbols: taken.snapshot.symbols,
        skipped: taken.skipped.len(),
        changes: Changes {
            added: listed(added),
            modified: listed(modified),
            removed: listed(removed),
            renamed: renamed[..renamed.len().min(LISTED)].to_vec(),
            more: [added, modified, removed].iter().map(|list| more(list.len())).sum::<usize>()
                + more(renamed.len()),
        },
        handoff: taken.handoff.as_ref().map(|handoff| snapshot::written(context, handoff)),
        elapsed_ms: elapsed.as_millis() as u64,
        memory: MemoryCounts { stale: taken.stale.len(), unreadable: taken.unreadable.len() },
        written: taken.handoff.as_ref().is_some_and(|handoff| handoff.written),
    }
}

/// How many entries of a list an event leaves out.
fn more(all: usize) -> usize {
    all.saturating_sub(LISTED)
}
