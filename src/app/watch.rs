//! Keeps the handoff current while files change, and tells of what happens.

use std::io;
use std::time::Duration;

use serde::Serialize;

use super::snapshot::{self, Report as SnapshotReport};
use super::{App, Error, Result, init};
use crate::watch::{self, Event as Happened, Options, Setup, Timing};

pub use crate::watch::End;

#[derive(Clone, Debug, Default)]
pub struct Request {
    /// What the session is about; remembered until changed.
    pub goal: Option<String>,
    /// In place of the settings of these names.
    pub debounce_ms: Option<u64>,
    pub max_delay_ms: Option<u64>,
    pub min_interval_sec: Option<u64>,
    /// Look this often instead of following events.
    pub poll: Option<Duration>,
    /// End after one change.
    pub once: bool,
}

/// What happens while watching.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Event {
    /// The first snapshot is taken, and from here on no change is missed.
    Ready {
        folders: usize,
        files: usize,
        polling_sec: Option<u64>,
    },
    /// These paths were touched. A look follows.
    Changed {
        paths: Vec<String>,
    },
    /// Everything is looked at, for this reason.
    Rescan {
        reason: String,
    },
    Snapshot(Box<Taken>),
    /// Something is not as it should be; watching goes on.
    Warning {
        text: String,
    },
    /// The last event.
    Stopped {
        reason: String,
    },
    /// A look begins.
    #[serde(skip)]
    Looking,
    /// A look is over, and nothing is new.
    #[serde(skip)]
    Looked,
}

/// A snapshot that has news, or that was announced.
#[derive(Debug, Serialize)]
pub struct Taken {
    #[serde(flatten)]
    pub report: SnapshotReport,
    /// Whether the handoff changed.
    pub written: bool,
}

/// Watches until a signal comes, or one change with [`Request::once`].
pub fn watch(app: &App, request: &Request, tell: &mut dyn FnMut(Event) -> io::Result<()>) -> Result<End> {
    let open = || setup(app, request);
    init::prepare(&open()?.context.project)?;
    let options = Options { goal: request.goal.clone(), poll: request.poll, once: request.once };
    let ended = watch::run(&|| Ok(open().map_err(Carried)?), options, &mut |happened| tell(event(happened)));
    ended.map_err(|error| match error.downcast::<Carried>() {
        Ok(carried) => carried.0,
        Err(error) => Error::of(error.as_ref()),
    })
}

/// An error of ours on its way through the watch.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Carried(Error);

fn setup(app: &App, request: &Request) -> Result<Setup> {
    let mut context = app.context()?;
    let flags = [
        ("debounce_ms", "--debounce-ms", request.debounce_ms),
        ("max_delay_ms", "--max-delay-ms", request.max_delay_ms),
        ("min_interval_sec", "--min-interval-sec", request.min_interval_sec),
    ];
    for (key, flag, number) in flags {
        if let Some(number) = number {
            context.settings.set_flag(key, flag, number)?;
        }
    }
    let timing = Timing {
        quiet: Duration::from_millis(context.settings.number("debounce_ms")),
        max_delay: Duration::from_millis(context.settings.number("max_delay_ms")),
        min_interval: Duration::from_secs(context.settings.number("min_interval_sec")),
    };
    let root = &context.project.root;
    let mut settings = app.host().git_configs(root);
    settings.extend(app.host().user_config(root).into_iter().chain([context.project.config_file()]));
    Ok(Setup { context, timing, settings })
}

fn event(happened: Happened) -> Event {
    match happened {
        Happened::Looking => Event::Looking,
        Happened::Looked => Event::Looked,
        Happened::Ready { folders, files, polling } => {
            Event::Ready { folders, files, polling_sec: polling.map(|every| every.as_secs()) }
        }
        Happened::Changed(paths) => Event::Changed { paths: paths.to_vec() },
        Happened::Rescan(reason) => Event::Rescan { reason: reason.to_string() },
        Happened::Warning(text) => Event::Warning { text: text.to_string() },
        Happened::Stopped(reason) => Event::Stopped { reason: reason.to_string() },
        Happened::Taken { taken, context, elapsed } => {
            let written = taken.handoff.as_ref().is_some_and(|handoff| handoff.written);
            Event::Snapshot(Box::new(Taken { report: snapshot::report(context, taken, elapsed), written }))
        }
    }
}
