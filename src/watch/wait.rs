//! Waiting until a look is due: what came in is sorted into the next batch, and
//! now and then the clocks, the root and the lock are looked at.
//!
//! Not here: the look itself (`mod`), and how long changes settle (`debounce`).

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::event_filter::Relevance;
use super::report::RescanReason;
use super::{End, SAFETY_RESCAN, Stop, TICK, Watch, identity, take_lock};

/// Polling takes at most one part in this many of a processor.
const POLL_SHARE: u32 = 30;

/// How long it must be quiet after our own folder was deleted.
const DELETED: Duration = Duration::from_secs(1);

impl Watch<'_> {
    /// Waits until a look is due.
    pub(super) fn wait(&mut self) -> Result<(), Stop> {
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
                let reason =
                    if came.overflow { RescanReason::EventsLost } else { RescanReason::WatcherFailed };
                self.rescan(reason, now);
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

    pub(super) fn again(&mut self, now: Instant) {
        self.batch.again = true;
        self.settle.touched(now);
    }

    fn rescan(&mut self, reason: RescanReason, now: Instant) {
        self.batch.rescan = Some(reason);
        self.settle.touched(now);
    }

    fn tick(&mut self, now: Instant) -> Result<(), Stop> {
        self.next_tick = now + TICK;
        self.check_root()?;
        if !self.lock.is_in_place() {
            // Somebody cleaned the folder up: the next look makes it anew.
            self.lock = take_lock(&self.context)?;
            self.rescan(RescanReason::OwnFilesRemoved, now);
        }
        if self.sleep.slept() {
            self.rescan_by_stamps(Some(RescanReason::Slept))?;
        }
        Ok(())
    }

    /// Compares the stamps of everything with those of the last look.
    fn rescan_by_stamps(&mut self, reason: Option<RescanReason>) -> Result<(), Stop> {
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
            (None, reason) => self.tell_rescan(reason.unwrap_or(RescanReason::Safety))?,
        }
        if !moved.paths.is_empty() {
            // Nothing of a folder that moved is known from events.
            self.again(now);
            self.sort(&moved.paths.into_iter().collect(), now)?;
        }
        Ok(())
    }

    /// Whether the root is still the folder that is watched.
    pub(super) fn check_root(&self) -> anyhow::Result<()> {
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
}
