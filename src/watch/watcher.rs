//! Which folders the system watches for us. The only user of notify.
//!
//! Each folder is watched by itself, so an ignored `node_modules` costs
//! nothing. What the events are about is for others to judge.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::event::{EventKind, ModifyKind};
use notify::{
    Config, ErrorKind, EventKindMask, PathOp, RecommendedWatcher, RecursiveMode, WatchPathConfig,
    Watcher as _,
};

use super::WorkerInbox;
use super::system::{self, Remedy};

/// The system's watches on single folders.
pub struct Watcher {
    notify: RecommendedWatcher,
    /// Held by notify's thread too: a second owner means that it still runs.
    running: Arc<()>,
    watched: BTreeSet<PathBuf>,
}

/// Why the system cannot report changes.
pub enum WatcherError {
    Limit(Remedy),
    Other(String),
}

impl Watcher {
    /// Starts the watcher with no folder watched; its thread puts events into `inbox`.
    pub fn new(inbox: &Arc<WorkerInbox>) -> Result<Self, WatcherError> {
        let running = Arc::new(());
        let (inbox, running_there) = (inbox.clone(), running.clone());
        let handler = move |event: notify::Result<notify::Event>| {
            let _running = &running_there;
            match event {
                // Tested first: a rescan carries no paths.
                Ok(event) if event.need_rescan() => inbox.overflow(),
                Ok(event) => inbox.touch(event.paths, is_move(&event.kind)),
                Err(error) => inbox.broken(format!("the watcher failed: {error}")),
            }
        };
        // Reading files must not wake the one who reads them.
        let kinds = EventKindMask::CORE | EventKindMask::ACCESS_CLOSE;
        let config = Config::default().with_event_kinds(kinds).with_follow_symlinks(false);
        match RecommendedWatcher::new(handler, config) {
            Ok(notify) => Ok(Self { notify, running, watched: BTreeSet::new() }),
            Err(error) => Err(deaf(error, 0)),
        }
    }

    /// Watches exactly these folders; returns whether any of them is new. One
    /// that is gone by now is left out: its parent tells.
    pub fn follow(&mut self, wanted: &BTreeSet<PathBuf>) -> Result<bool, WatcherError> {
        let gone: Vec<PathBuf> = self.watched.difference(wanted).cloned().collect();
        gone.iter().for_each(|path| self.unwatch(path));
        let new: Vec<PathBuf> = wanted.difference(&self.watched).cloned().collect();
        let mut left: Vec<PathOp> =
            new.iter().map(|path| PathOp::Watch(path.clone(), one_folder())).collect();
        self.watched.extend(new.iter().cloned());
        // A failed one ends a batch; the rest follows in the next.
        while let Err(error) = self.notify.update_paths(std::mem::take(&mut left)) {
            if let Some(path) = error.origin.as_ref().map(PathOp::as_path) {
                self.watched.remove(path);
            }
            if is_limit(&error.source) {
                return Err(deaf(error.source, wanted.len()));
            }
            left = error.remaining;
        }
        Ok(!new.is_empty())
    }

    /// A path came or went: what was watched there, and below it, may live
    /// elsewhere by now, and is watched again where it is found.
    pub fn forget(&mut self, path: &Path) {
        let below = self.watched.range(path.to_path_buf()..).take_while(|known| known.starts_with(path));
        let below: Vec<PathBuf> = below.cloned().collect();
        below.iter().for_each(|path| self.unwatch(path));
    }

    fn unwatch(&mut self, path: &Path) {
        // Mostly the folder is gone, and the watch went with it.
        let _ = self.notify.unwatch(path);
        self.watched.remove(path);
    }

    /// Ends it, and waits until the system has its watches back.
    pub fn end(self) {
        let Self { notify, running, .. } = self;
        drop(notify);
        for _ in 0..1_000 {
            if Arc::strong_count(&running) == 1 {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// A link in the place of a folder is not followed.
fn one_folder() -> WatchPathConfig {
    WatchPathConfig::new(RecursiveMode::NonRecursive).with_dereference_symlinks(false)
}

/// Whether names came or went, rather than contents.
fn is_move(kind: &EventKind) -> bool {
    !matches!(kind, EventKind::Access(_) | EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Metadata(_)))
}

fn is_limit(error: &notify::Error) -> bool {
    let code = match &error.kind {
        ErrorKind::MaxFilesWatch => return true,
        ErrorKind::Io(error) => error.raw_os_error(),
        _ => None,
    };
    [rustix::io::Errno::NOSPC, rustix::io::Errno::MFILE, rustix::io::Errno::NFILE]
        .iter()
        .any(|limit| code == Some(limit.raw_os_error()))
}

fn deaf(error: notify::Error, wanted: usize) -> WatcherError {
    match &error.kind {
        ErrorKind::MaxFilesWatch => WatcherError::Limit(system::watch_limit(wanted)),
        _ if is_limit(&error) => WatcherError::Limit(system::instance_limit()),
        _ => WatcherError::Other(error.to_string()),
    }
}
