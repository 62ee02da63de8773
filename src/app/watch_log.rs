//! What a watch does beside its snapshots: it tells the log which files changed,
//! and runs jobs that are due.
//!
//! Both in passing: what goes wrong here is no reason for the watch to end.

use std::collections::HashMap;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use super::sessions::SessionDesk;
use super::{App, Result, jobs};
use crate::model::{EventKind, NewEvent, RelPath};

/// Files of one snapshot that are named in the log; of more only the number is.
const NAMED: usize = 20;

/// A file that is saved over and over is logged once in so long.
const ONCE: Duration = Duration::from_secs(60);

/// Files whose last entry is remembered.
const REMEMBERED: usize = 2_000;

/// How long settings and what git said are taken as they were.
const RENEWED: Duration = Duration::from_secs(30);

/// How often to look for jobs.
const JOBS: Duration = Duration::from_secs(30);

/// Tells the log which files changed while a watch runs.
pub(super) struct WatchLog<'a> {
    app: &'a App,
    /// The same with what it opened, and since when.
    opened: Option<(App, Instant)>,
    last: HashMap<RelPath, Instant>,
    /// What changed before it began is no change that it saw.
    is_ready: bool,
}

impl<'a> WatchLog<'a> {
    pub fn new(app: &'a App) -> Self {
        Self { app, opened: None, last: HashMap::new(), is_ready: false }
    }

    /// From now on changes are those that the watch sees.
    pub fn begin(&mut self) {
        self.is_ready = true;
    }

    /// Notes what happened to which files, and how many others there were.
    pub fn note(&mut self, changed: Vec<(&'static str, &RelPath)>, others: usize) {
        if self.is_ready {
            let _ = self.log(changed, others);
        }
    }

    /// Asking git for each save would take longer than all else here.
    fn opened(&mut self) -> &App {
        if self.opened.as_ref().is_some_and(|(_, since)| since.elapsed() >= RENEWED) {
            self.opened = None;
        }
        &self.opened.get_or_insert_with(|| (self.app.clone().for_one_call(), Instant::now())).0
    }

    fn log(&mut self, mut new: Vec<(&'static str, &RelPath)>, others: usize) -> Result<()> {
        let now = Instant::now();
        new.retain(|(_, path)| self.last.get(path).is_none_or(|at| now - *at >= ONCE));
        if self.last.len() > REMEMBERED {
            self.last.clear();
        }
        self.last.extend(new.iter().map(|(_, path)| ((*path).clone(), now)));
        let more = new.len().saturating_sub(NAMED) + others;
        if new.is_empty() {
            return Ok(());
        }
        // What is missing is not created: a branch may hold no `.waypost`.
        let Some(mut desk) = SessionDesk::open(self.opened())? else { return Ok(()) };
        let event = |text: &str| NewEvent::new(None, EventKind::FileChange, desk.line(text));
        let named = new.iter().take(NAMED).map(|(what, path)| NewEvent {
            path: Some(desk.context.redactor.name(path.as_str())),
            ..event(&format!("{what}, seen by watch"))
        });
        let rest = (more > 0).then(|| event(&format!("{more} more files, seen by watch")));
        let events: Vec<NewEvent> = named.chain(rest).collect();
        let now_ms = desk.now_ms;
        Ok(desk.store.log(&events, now_ms)?)
    }
}

/// Runs due jobs until it is dropped.
pub(super) struct JobRunner {
    /// Its end ends the thread.
    _stop: Sender<()>,
}

impl JobRunner {
    pub fn start(app: &App) -> std::io::Result<Self> {
        let (stop, stopped) = channel();
        let app = app.clone();
        // Where the queue lies does not change, so looking asks git only once; a job
        // goes by the settings and the redaction of its time.
        let look = app.clone().for_one_call();
        let run = move || {
            while stopped.recv_timeout(JOBS) == Err(RecvTimeoutError::Timeout) {
                if jobs::are_due(&look).unwrap_or(false) {
                    let _ = jobs::run(&app.clone().for_one_call());
                }
            }
        };
        std::thread::Builder::new().name("jobs".into()).spawn(run)?;
        Ok(Self { _stop: stop })
    }
}
