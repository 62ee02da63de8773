//! Following events: watches on every folder that a look lists, and polling
//! where the system does not tell of changes.
//!
//! Not here: what an event means (`event_filter`) and the waiting (`wait`).

use std::time::{Duration, Instant};

use super::watcher::{Watcher, WatcherError};
use super::{Stop, Watch, below, event_filter, system};
use crate::model::Skipped;
use crate::pipeline;

/// How often to look where the system cannot tell of changes.
pub const POLL: Duration = Duration::from_secs(2);

impl Watch<'_> {
    /// Starts to follow events, anew if it did before; where that is not
    /// possible, says why and polls.
    pub(super) fn listen(&mut self) -> Result<(), Stop> {
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
    pub(super) fn watch_folders(&mut self, folders: &[String], skipped: &[Skipped]) -> Result<bool, Stop> {
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

    pub(super) fn watch_all(&mut self) -> Result<bool, Stop> {
        let (folders, skipped) = pipeline::folders(&self.context)?;
        self.watch_folders(&folders, &skipped)
    }
}
