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
mod lock;
mod polling;
mod report;
mod signals;
mod system;
mod watcher;
mod worker;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::model::{RelPath, Skipped};
use crate::pipeline::{self, Context, OWN_IGNORE_FILE, PipelineError, Refocus, SnapshotOutcome, WriteHold};
use debounce::Debounce;
pub use debounce::Timing;
use event_filter::{KnownTree, OutsidePaths, Relevance};
use inbox::Inbox;
use lock::Lock;
pub use lock::NoLock;
use polling::StampTable;
pub use report::WatchReport;
use watcher::{Watcher, WatcherError};
use worker::{Job, SnapshotWorker, WorkerResult};

/// How often to rescan without any event, in case events were lost silently.
const SAFETY_RESCAN: Duration = Duration::from_secs(600);

/// How often to look at the clocks, the root and the lock: three system calls.
const TICK: Duration = Duration::from_secs(5);

/// How often to look where the system cannot tell of changes.
pub const POLL: Duration = Duration::from_secs(2);

/// Polling takes at most one part in this many of a processor.
const POLL_SHARE: u32 = 30;

/// How long to wait after a failed snapshot.
const RETRY: Duration = Duration::from_secs(5);

/// How long a snapshot may go on after a signal. It is safe to cut it off at
/// any moment; waiting only spares the next run some work.
const GRACE: Duration = Duration::from_secs(1);

/// When to look again while git is changing the work tree.
const AT_WORK: Duration = Duration::from_secs(1);

/// Reasons to look at everything that need not be written down at once.
const EVERYDAY: [&str; 4] = ["settings changed", "ignore rules changed", "git moved", "ten minutes passed"];

/// How long it must be quiet after our own folder was deleted.
const DELETED: Duration = Duration::from_secs(1);

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
    Rescan(&'static str),
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
    rescan: Option<&'static str>,
    /// The last look may have missed something.
    again: bool,
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

    /// Takes a snapshot; returns whether it differs from the one before. A
    /// failed one is tried again later.
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
                if taken.hold == Some(WriteHold::AtWork) {
                    self.again(Instant::now());
                    self.settle.end(Instant::now() + AT_WORK);
                }
                let is_told = !known.is_empty() || !unknown.is_empty();
                let has_news = self.report(&taken, done.elapsed, is_told)?;
                self.remember_stamps(taken);
                Ok(has_news)
            }
            // The root is gone: there is nothing left to watch.
            Err(error @ PipelineError::Root { .. }) => Err(error.into()),
            Err(error) => {
                self.warn(&error.to_string())?;
                self.again(Instant::now());
                self.settle.end(Instant::now() + RETRY);
                (self.tell)(WatchEvent::Looked)?;
                Ok(false)
            }
        }
    }

    /// The files that a look may be restricted to: no event was lost, and none
    /// was about anything but these, which the last look had.
    fn only_touched(&self, batch: &Batch) -> Option<Vec<RelPath>> {
        let Batch { touched, concerns, rescan: None, again: false } = batch else { return None };
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
            () if asks(Relevance::Settings) => Some("settings changed"),
            () if asks(Relevance::Rules) => Some("ignore rules changed"),
            () if asks(Relevance::Git) => Some("git moved"),
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

    fn watch_all(&mut self) -> Result<bool, Stop> {
        let (folders, skipped) = pipeline::folders(&self.context)?;
        self.watch_folders(&folders, &skipped)
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

    /// Starts to follow events, anew if it did before; where that is not
    /// possible, says why and polls.
    fn listen(&mut self) -> Result<(), Stop> {
        if let Some(old) = self.watcher.take() {
            old.end();
        }
        if let Some(poll) = self.poll {
            self.next_rescan = Instant::now() + poll;
            return Ok(());
        }
        if let Some(name) = system::silent_file_system(&self.context.project.root) {
            let hint = "a checkout on a local disk is followed at once, and costs nothing while it is quiet";
            return self.poll_instead(
                &format!("the project lies on {name}, which does not tell of all changes"),
                hint,
            );
        }
        match Watcher::new(&self.inbox) {
            Ok(watcher) => self.watcher = Some(watcher),
            Err(deaf) => return self.cannot_listen(deaf),
        }
        self.watch_all()?;
        Ok(())
    }

    /// Watches the folders of the tree and those of ours and git's; returns
    /// whether any of them is new.
    fn watch_folders(&mut self, folders: &[String], skipped: &[Skipped]) -> Result<bool, Stop> {
        let Some(watcher) = &mut self.watcher else { return Ok(false) };
        let root = &self.context.project.root;
        let mut wanted = self.places.folders();
        wanted.extend(
            folders
                .iter()
                .map(String::as_str)
                .chain(event_filter::nested(skipped))
                .map(|path| below(root, path)),
        );
        match watcher.follow(&wanted) {
            Ok(new) => Ok(new),
            Err(deaf) => {
                if let Some(old) = self.watcher.take() {
                    old.end();
                }
                self.cannot_listen(deaf)?;
                Ok(true)
            }
        }
    }

    fn cannot_listen(&mut self, deaf: WatcherError) -> Result<(), Stop> {
        match deaf {
            WatcherError::Limit(remedy) => self.poll_instead(
                &format!("the system's limit on watching is reached ({})", remedy.limit),
                &remedy.hint,
            ),
            WatcherError::Other(why) => self.poll_instead(
                &format!("the system does not tell of changes: {why}"),
                "`--poll` asks for this without a warning",
            ),
        }
    }

    fn poll_instead(&mut self, why: &str, hint: &str) -> Result<(), Stop> {
        self.poll = Some(POLL);
        self.next_rescan = Instant::now() + POLL;
        let every = POLL.as_secs();
        self.account.polls = Some(format!("{why}; {hint}"));
        if self.is_ready {
            self.account.keep(&self.context);
        }
        Ok(self.warn(&format!("{why}, so all files are looked at every {every} s instead\nhint: {hint}"))?)
    }

    /// Waits until a look is due.
    fn wait(&mut self) -> Result<(), Stop> {
        loop {
            let now = Instant::now();
            let due = self.due();
            if due.is_some_and(|due| due <= now) {
                self.drop_what_vanished();
                if !self.batch.is_empty() {
                    return Ok(());
                }
                self.settle.begin();
                continue;
            }
            let until = due.into_iter().chain([self.next_tick, self.next_rescan]).min();
            let came = self.inbox.take(until.unwrap_or(now));
            if let Some(signal) = came.signal {
                return Err(Stop::End(End::Signal(signal)));
            }
            let now = Instant::now();
            for problem in &came.broken {
                self.warn(problem)?;
            }
            if came.overflow || !came.broken.is_empty() {
                // Moves may be among what was lost, so no watch is where it
                // seems to be.
                self.listen()?;
                self.rescan(if came.overflow { "events were lost" } else { "the watcher failed" }, now);
            }
            if let Some(watcher) = &mut self.watcher {
                came.moved.iter().for_each(|path| watcher.forget(path));
            }
            self.sort(&came.touched, came.at.unwrap_or(now))?;
            if now >= self.next_tick {
                self.tick(now)?;
            }
            if now >= self.next_rescan {
                self.rescan_by_stamps(None)?;
            }
        }
    }

    /// When the next look is due. Once our own folder is gone, not before the
    /// deletion has ended: perhaps the whole project is being deleted, and must
    /// not come back with a handoff in it.
    fn due(&self) -> Option<Instant> {
        let due = self.settle.due()?;
        match self.context.project.folder().exists() {
            true => Some(due),
            false => self.settle.last().map(|last| due.max(last + DELETED)),
        }
    }

    /// Puts what was touched where it belongs.
    fn sort(&mut self, paths: &BTreeSet<PathBuf>, at: Instant) -> Result<(), Stop> {
        for path in paths {
            let Some(touch) = self.tree.judge(&self.places, path) else { continue };
            if touch.concern == Relevance::Root {
                self.check_root()?;
            }
            self.settle.touched(at);
            self.batch.concerns.insert(touch.concern);
            // What git does to itself is not a change of the project.
            if touch.concern != Relevance::Git && path.starts_with(&self.context.project.root) {
                self.batch.touched.insert(touch.path, touch.is_known);
            }
        }
        Ok(())
    }

    /// Files that came and went while their change settled.
    fn drop_what_vanished(&mut self) {
        let root = &self.context.project.root;
        let is_there = |path: &String| std::fs::symlink_metadata(root.join(path)).is_ok();
        self.batch.touched.retain(|path, known| *known || is_there(path));
        if self.batch.touched.is_empty() {
            self.batch.concerns.remove(&Relevance::Tree);
        }
    }

    fn again(&mut self, now: Instant) {
        self.batch.again = true;
        self.settle.touched(now);
    }

    fn rescan(&mut self, reason: &'static str, now: Instant) {
        self.batch.rescan = Some(reason);
        self.settle.touched(now);
    }

    fn tick(&mut self, now: Instant) -> Result<(), Stop> {
        self.next_tick = now + TICK;
        self.check_root()?;
        if !self.lock.is_in_place() {
            // Somebody cleaned the folder up: the next look makes it anew.
            self.lock = take_lock(&self.context)?;
            self.rescan("its own files were removed", now);
        }
        if self.sleep.slept() {
            self.rescan_by_stamps(Some("the machine slept"))?;
        }
        Ok(())
    }

    /// Compares the stamps of everything with those of the last look.
    fn rescan_by_stamps(&mut self, reason: Option<&'static str>) -> Result<(), Stop> {
        let began = Instant::now();
        let moved = self.seen.moved();
        let now = Instant::now();
        self.next_rescan = match self.poll {
            Some(poll) => now + poll.max(POLL_SHARE * (now - began)),
            None => now + SAFETY_RESCAN,
        };
        match (self.poll, reason) {
            (Some(_), _) => {
                if moved.is_unsure {
                    self.again(now);
                }
            }
            (None, reason) => self.tell_rescan(reason.unwrap_or("ten minutes passed"))?,
        }
        if !moved.paths.is_empty() {
            // Nothing of a folder that moved is known from events.
            self.again(now);
            self.sort(&moved.paths.into_iter().collect(), now)?;
        }
        Ok(())
    }

    /// Whether the root is still the folder that is watched.
    fn check_root(&self) -> anyhow::Result<()> {
        let root = &self.context.project.root;
        let shown = root.display();
        match identity(root) {
            Ok(found) => anyhow::ensure!(
                found == self.root,
                "project root `{shown}` was replaced by another folder\nhint: start watch again to follow that one"
            ),
            Err(error) => anyhow::bail!("project root `{shown}` was moved or deleted: {error}"),
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

    fn tell_rescan(&mut self, reason: &'static str) -> io::Result<()> {
        self.account.count(reason, (self.context.clock)().text);
        if !EVERYDAY.contains(&reason) {
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
