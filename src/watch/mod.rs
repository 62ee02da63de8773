//! Keeps the handoff current: a snapshot at once, then after every settled
//! change. Events are hints: each one only says that it is time to look, and
//! looking is a snapshot. So a repeated event changes nothing but the time of
//! the next look, and where events may have been lost everything is looked at.
//!
//! Not here: how a snapshot is taken (`pipeline`) and how events are told to
//! the user (`cli`).

mod debounce;
mod event_filter;
mod inbox;
mod listen;
mod lock;
mod polling;
mod report;
mod signals;
mod system;
mod wait;
mod watcher;
mod worker;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::model::RelPath;
use crate::pipeline::{self, Context, OWN_IGNORE_FILE, PipelineError, Refocus, SnapshotOutcome, WriteHold};
use debounce::Debounce;
pub use debounce::Timing;
use event_filter::{KnownTree, OutsidePaths, Relevance};
use inbox::Inbox;
pub use listen::POLL;
use lock::Lock;
pub use lock::NoLock;
use polling::StampTable;
pub use report::{RescanReason, WatchReport};
use watcher::Watcher;
use worker::{Job, SnapshotWorker, WorkerResult};

/// How often to rescan without any event, in case events were lost silently.
const SAFETY_RESCAN: Duration = Duration::from_secs(600);

/// How often to look at the clocks, the root and the lock: three system calls.
const TICK: Duration = Duration::from_secs(5);

/// How long to wait after a failed snapshot.
const RETRY: Duration = Duration::from_secs(5);

/// How long a snapshot may go on after a signal. It is safe to cut it off at
/// any moment; waiting only spares the next run some work.
const GRACE: Duration = Duration::from_secs(1);

/// When to look again while git is changing the work tree.
const AT_WORK: Duration = Duration::from_secs(1);

/// Everything that wakes the loop.
type WorkerInbox = Inbox<WorkerResult>;

/// The settings and rules of a watch, read again when a settings file changes.
pub struct Setup {
    pub context: Context,
    pub timing: Timing,
    /// Settings files besides git's, whether they exist or not.
    pub settings: Vec<PathBuf>,
}

/// How to watch, as the command was asked to.
#[derive(Clone, Debug)]
pub struct Options {
    pub goal: Option<String>,
    /// Look this often instead of following events.
    pub poll: Option<Duration>,
    /// End after one change.
    pub once: bool,
}

/// An event of the watch.
pub enum WatchEvent<'a> {
    /// A look begins.
    Looking,
    /// A look ended and found nothing new.
    Looked,
    /// The first snapshot was taken; from now on no change is missed.
    Ready { folders: usize, files: usize, polling: Option<Duration> },
    /// These paths, relative to the root, were touched. A look follows.
    Changed(&'a [String]),
    /// The whole tree is looked at, for this reason.
    Rescan(RescanReason),
    /// A snapshot that differs from the one before, or that was announced.
    Taken { taken: &'a SnapshotOutcome, context: &'a Context, elapsed: Duration },
    /// A problem that does not stop the watch.
    Warning(&'a str),
    /// The last event.
    Stopped(&'a str),
}

/// How watching ended when nothing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Once,
    /// Ended by the signal of this number.
    Signal(i32),
}

/// Why watching ended before its time.
enum Stop {
    End(End),
    Error(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Stop::Error(error.into())
    }
}

type EventSink<'a> = &'a mut dyn FnMut(WatchEvent) -> io::Result<()>;

/// Watches until a signal comes, or one change with [`Options::once`].
pub fn run(
    open: &dyn Fn() -> anyhow::Result<Setup>,
    options: Options,
    tell: EventSink,
) -> anyhow::Result<End> {
    let setup = open()?;
    // Before the lock, so that a signal never leaves its file behind.
    let inbox = Arc::new(WorkerInbox::new());
    let signalled = inbox.clone();
    signals::forward(move |signal| signalled.signal(signal))?;
    let lock = take_lock(&setup.context)?;
    let mut watch = Watch::new(open, setup, options, inbox, lock, tell)?;
    let ended = match watch.follow() {
        Stop::End(end) => Ok(end),
        Stop::Error(error) => Err(error),
    };
    let reason = match &ended {
        Ok(End::Once) => "one change was taken",
        Ok(End::Signal(signal_hook::consts::SIGINT)) => "interrupted",
        Ok(End::Signal(_)) => "terminated",
        Err(_) => "it cannot go on",
    };
    if ended.is_ok() && watch.is_ready {
        watch.account.keep(&watch.context);
    }
    let told = (watch.tell)(WatchEvent::Stopped(reason));
    drop(watch);
    // A reader that is gone is no reason to end otherwise.
    if ended.is_ok() {
        told.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })?;
    }
    ended
}

struct Watch<'a> {
    open: &'a dyn Fn() -> anyhow::Result<Setup>,
    tell: EventSink<'a>,
    options: Options,
    inbox: Arc<WorkerInbox>,
    worker: SnapshotWorker,
    lock: Lock,
    context: Arc<Context>,
    places: OutsidePaths,
    tree: KnownTree,
    seen: StampTable,
    /// `None` while polling.
    watcher: Option<Watcher>,
    poll: Option<Duration>,
    settle: Debounce,
    batch: Batch,
    sleep: system::Sleep,
    /// Device and inode of the root.
    root: (u64, u64),
    next_rescan: Instant,
    next_tick: Instant,
    /// The first snapshot is taken.
    is_ready: bool,
    /// Warnings that were told, and need not be again.
    told: BTreeSet<String>,
    account: WatchReport,
}

/// The watch of a project that runs or ran last.
pub struct WatchState {
    /// ` (process 123, since 2026-01-01T00:00:00Z)` while it runs.
    pub running: Option<String>,
    pub account: Option<WatchReport>,
}

/// What is known of the watch whose uncommitted files lie in `local`.
pub fn state(local: &Path) -> WatchState {
    WatchState { running: lock::held(local), account: WatchReport::read(local) }
}

/// Changes that wait for the next look.
#[derive(Default)]
struct Batch {
    /// Paths relative to the root, and whether the last look had them.
    touched: BTreeMap<String, bool>,
    concerns: BTreeSet<Relevance>,
    /// Everything is to be looked at.
    rescan: Option<RescanReason>,
    /// The last look may have missed something.
    again: bool,
    /// The last look found news, and its handoff was held back.
    has_held_news: bool,
}

impl<'a> Watch<'a> {
    fn new(
        open: &'a dyn Fn() -> anyhow::Result<Setup>,
        setup: Setup,
        options: Options,
        inbox: Arc<WorkerInbox>,
        lock: Lock,
        tell: EventSink<'a>,
    ) -> anyhow::Result<Self> {
        let context = Arc::new(setup.context);
        let root = identity(&context.project.root)?;
        let since = (context.clock)().text;
        Ok(Self {
            open,
            tell,
            worker: SnapshotWorker::start(inbox.clone())?,
            inbox,
            lock,
            places: OutsidePaths::new(&context, &setup.settings),
            context,
            tree: KnownTree::default(),
            seen: StampTable::default(),
            watcher: None,
            poll: options.poll,
            options,
            settle: Debounce::new(setup.timing),
            batch: Batch::default(),
            sleep: system::Sleep::new(),
            root,
            next_rescan: Instant::now() + SAFETY_RESCAN,
            next_tick: Instant::now() + TICK,
            is_ready: false,
            told: BTreeSet::new(),
            account: WatchReport { since, ..WatchReport::default() },
        })
    }

    /// Looks, waits, looks, until something stops it.
    fn follow(&mut self) -> Stop {
        loop {
            match self.turn() {
                Ok(()) => {}
                // Why a root cannot be read is said best by what became of it.
                Err(Stop::Error(error)) => return Stop::Error(self.check_root().err().unwrap_or(error)),
                Err(end) => return end,
            }
        }
    }

    fn turn(&mut self) -> Result<(), Stop> {
        if self.is_ready {
            self.wait()?;
        } else {
            self.listen()?;
        }
        let has_news = self.look()?;
        match has_news && self.options.once {
            true => Err(Stop::End(End::Once)),
            false => Ok(()),
        }
    }

    /// Takes a snapshot; returns whether it differs from the one before and is
    /// written. A failed one is tried again later.
    fn look(&mut self) -> Result<bool, Stop> {
        let batch = std::mem::take(&mut self.batch);
        self.prepare(&batch)?;
        let known: Vec<String> =
            batch.touched.iter().filter(|(_, known)| **known).map(|(path, _)| path.clone()).collect();
        if !known.is_empty() {
            (self.tell)(WatchEvent::Changed(&known))?;
        }
        (self.tell)(WatchEvent::Looking)?;
        let before = KnownTree::before(&self.places, &batch.touched);
        let goal = self.options.goal.clone();
        let refocus = if goal.is_some() { Refocus::WhenChanged } else { Refocus::WhenBroken };
        self.settle.begin();
        let touched = self.only_touched(&batch);
        self.worker.look(Job { context: self.context.clone(), goal, refocus, touched });
        let done = self.finished()?;
        match done.result {
            Ok(taken) => {
                self.options.goal = None;
                let records_moved = self.tree.learn(&self.places, before, &taken);
                let new_folders = !taken.is_partial && self.watch_folders(&taken.folders, &taken.skipped)?;
                if records_moved || new_folders {
                    self.again(Instant::now());
                }
                let unknown =
                    batch.touched.into_iter().filter(|(path, known)| !known && self.tree.knows(path));
                let unknown: Vec<String> = unknown.map(|(path, _)| path).collect();
                if !unknown.is_empty() {
                    (self.tell)(WatchEvent::Changed(&unknown))?;
                }
                self.settle.end(Instant::now());
                let is_told = !known.is_empty() || !unknown.is_empty();
                let has_news = self.report(&taken, done.elapsed, is_told)? || batch.has_held_news;
                let is_held = taken.hold == Some(WriteHold::AtWork);
                self.remember_stamps(taken);
                if is_held {
                    self.look_when_git_is_done(has_news);
                }
                Ok(has_news && !is_held)
            }
            // The root is gone: there is nothing left to watch.
            Err(error @ PipelineError::Root { .. }) => Err(error.into()),
            Err(error) => {
                self.warn(&error.to_string())?;
                self.again(Instant::now());
                self.batch.has_held_news = batch.has_held_news;
                self.settle.end(Instant::now() + RETRY);
                (self.tell)(WatchEvent::Looked)?;
                Ok(false)
            }
        }
    }

    /// Looks again soon, since nothing tells when git is done. What is news
    /// counts as such once it is written.
    fn look_when_git_is_done(&mut self, has_news: bool) {
        self.again(Instant::now());
        self.batch.has_held_news = has_news;
        self.settle.end(Instant::now() + AT_WORK);
    }

    /// The files that a look may be restricted to: no event was lost, and none
    /// was about anything but these, which the last look had.
    fn only_touched(&self, batch: &Batch) -> Option<Vec<RelPath>> {
        let Batch { touched, concerns, rescan: None, again: false, .. } = batch else { return None };
        let is_plain = self.is_ready
            && self.options.goal.is_none()
            && !touched.is_empty()
            && touched.values().all(|known| *known)
            && concerns.iter().all(|concern| *concern == Relevance::Tree);
        let paths = || touched.keys().map(|path| RelPath::new(path)).collect();
        if is_plain { paths() } else { None }
    }

    /// Reports a snapshot; returns whether it differs from the one before.
    fn report(&mut self, taken: &SnapshotOutcome, elapsed: Duration, is_told: bool) -> Result<bool, Stop> {
        // What was repaired is told again when it breaks again.
        let warnings: BTreeSet<String> = taken.warnings.iter().cloned().collect();
        for new in warnings.difference(&self.told).cloned().collect::<Vec<_>>() {
            (self.tell)(WatchEvent::Warning(&new))?;
        }
        self.told = warnings;
        let is_first = !self.is_ready;
        let has_news = has_news(taken);
        match is_first || has_news || is_told {
            true => (self.tell)(WatchEvent::Taken { taken, context: &self.context, elapsed })?,
            false => (self.tell)(WatchEvent::Looked)?,
        }
        if is_first {
            self.is_ready = true;
            self.account.keep(&self.context);
            let (folders, files) = (taken.folders.len(), taken.snapshot.files as usize);
            (self.tell)(WatchEvent::Ready { folders, files, polling: self.poll })?;
        }
        Ok(has_news && !is_first)
    }

    /// What has to be right before a look: settings, rules, and watches on the
    /// folders that it will list.
    fn prepare(&mut self, batch: &Batch) -> Result<(), Stop> {
        let asks = |concern| batch.concerns.contains(&concern);
        if asks(Relevance::Settings) {
            self.reload()?;
        }
        let reason = match () {
            () if batch.rescan.is_some() => batch.rescan,
            () if asks(Relevance::Settings) => Some(RescanReason::Settings),
            () if asks(Relevance::Rules) => Some(RescanReason::Rules),
            () if asks(Relevance::Git) => Some(RescanReason::Git),
            () => None,
        };
        if let Some(reason) = reason {
            // What was learnt of the rules may not hold any more.
            self.tree.unlearn();
            self.tell_rescan(reason)?;
        }
        let is_folder = |path: &String| self.context.project.root.join(path).is_dir();
        let has_new_folder = batch.touched.iter().any(|(path, known)| !known && is_folder(path));
        if self.watcher.is_some() && (reason.is_some() || has_new_folder) {
            let is_new = self.watch_all()?;
            // A repository is not made in one step: the rest of it may have
            // come before its folder was watched.
            if is_new && asks(Relevance::Settings) {
                self.reload()?;
                self.watch_all()?;
            }
        }
        Ok(())
    }

    fn reload(&mut self) -> Result<(), Stop> {
        match (self.open)() {
            Ok(setup) => {
                self.places = OutsidePaths::new(&setup.context, &setup.settings);
                self.context = Arc::new(setup.context);
                self.settle.set_timing(setup.timing);
            }
            // Half an edit, most of the time; the other half comes.
            Err(error) => self.warn(&format!("the settings from before stay in force: {error:#}"))?,
        }
        Ok(())
    }

    /// Waits for the worker. A signal ends the wait soon, a second one at once.
    fn finished(&mut self) -> Result<WorkerResult, Stop> {
        if let Some(done) = self.inbox.take_done(None, 1) {
            self.worker.is_done();
            return Ok(done);
        }
        let signal = self.inbox.asked_to_end().unwrap_or(signal_hook::consts::SIGTERM);
        if self.inbox.take_done(Some(Instant::now() + GRACE), 2).is_some() {
            self.worker.is_done();
        }
        Err(Stop::End(End::Signal(signal)))
    }

    /// What the tree and everything that decides about it look like now.
    fn remember_stamps(&mut self, taken: SnapshotOutcome) {
        let root = &self.context.project.root;
        let mut others = self.places.files();
        if taken.is_partial {
            return self.seen.renew(taken.stamps, others, taken.began);
        }
        for folder in &taken.folders {
            let folder = below(root, folder);
            others.extend([folder.join(".gitignore"), folder.join(OWN_IGNORE_FILE), folder]);
        }
        others.extend(taken.skipped.iter().map(|skipped| root.join(&skipped.path)));
        self.seen = StampTable::new(root, taken.stamps, others, taken.began);
    }

    fn tell_rescan(&mut self, reason: RescanReason) -> io::Result<()> {
        self.account.count(reason, (self.context.clock)().text);
        if !reason.is_everyday() {
            self.account.keep(&self.context);
        }
        (self.tell)(WatchEvent::Rescan(reason))
    }

    fn warn(&mut self, text: &str) -> io::Result<()> {
        // A failure that lasts is told once.
        match self.told.insert(text.to_string()) {
            true => (self.tell)(WatchEvent::Warning(text)),
            false => Ok(()),
        }
    }
}

impl Batch {
    fn is_empty(&self) -> bool {
        self.touched.is_empty() && self.concerns.is_empty() && self.rescan.is_none() && !self.again
    }
}

/// Whether anything differs from the snapshot before.
fn has_news(taken: &SnapshotOutcome) -> bool {
    taken.changes.count() > 0 || taken.handoff.as_ref().is_some_and(|handoff| handoff.written)
}

fn take_lock(context: &Context) -> anyhow::Result<Lock> {
    let local = &context.project.local;
    pipeline::create_local(context)?;
    Ok(Lock::take(local, &(context.clock)().text)?)
}

/// Device and inode of a folder.
fn identity(folder: &Path) -> io::Result<(u64, u64)> {
    let found = std::fs::metadata(folder)?;
    Ok((found.dev(), found.ino()))
}

/// `""` is the root itself.
fn below(root: &Path, path: &str) -> PathBuf {
    if path.is_empty() { root.to_path_buf() } else { root.join(path) }
}
