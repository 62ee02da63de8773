//! What a watch leaves for others to read: whether it polls, and how often it
//! looked at everything and why. Kept until the next watch begins.
//!
//! Not here: who runs (`lock`).

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::fs::confined;
use crate::limits;
use crate::pipeline::{self, Context};

/// The file in the folder for what is never committed.
const NAME: &str = "watch.json";

macro_rules! rescan_reasons {
    ($($reason:ident = $name:literal,)*) => {
        /// Why everything is looked at.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum RescanReason { $($reason),* }

        impl RescanReason {
            /// The reason in words, under which it is counted.
            pub fn name(self) -> &'static str {
                match self { $(Self::$reason => $name),* }
            }
        }
    };
}

rescan_reasons! {
    Settings = "settings changed",
    Rules = "ignore rules changed",
    Git = "git moved",
    Safety = "ten minutes passed",
    EventsLost = "events were lost",
    WatcherFailed = "the watcher failed",
    OwnFilesRemoved = "its own files were removed",
    Slept = "the machine slept",
}

impl RescanReason {
    /// Whether it is so usual that it need not be written down at once.
    pub fn is_everyday(self) -> bool {
        matches!(self, Self::Settings | Self::Rules | Self::Git | Self::Safety)
    }
}

/// The report of one watch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchReport {
    /// When it began.
    pub since: String,
    /// Why it polls though nobody asked for it, and what helps.
    pub polls: Option<String>,
    /// Looks at everything by their reasons.
    pub rescans: BTreeMap<String, Times>,
}

/// How often something happened, and when it last did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    pub times: u64,
    /// When it last happened.
    pub last: String,
}

impl WatchReport {
    /// Counts one look at everything, by its reason.
    pub fn count(&mut self, reason: RescanReason, now: String) {
        let of = self.rescans.entry(reason.name().to_string()).or_default();
        of.times += 1;
        of.last = now;
    }

    /// Writes it, unless the folder is gone. It is not worth a warning: a disk
    /// that is full has given one.
    pub fn keep(&self, context: &Context) {
        let text = serde_json::to_string(self).unwrap_or_default();
        let _ = pipeline::keep_local(context, NAME, text.as_bytes());
    }

    /// The report of the watch that runs or ran last, if it can be read.
    pub(super) fn read(local: &Path) -> Option<Self> {
        let bytes = confined::read(&local.join(NAME), limits::MAX_OWN_FILE).ok()?;
        serde_json::from_slice(&bytes).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_counted_each_and_a_broken_file_is_none() {
        let mut account = WatchReport::default();
        let (lost, git) = (RescanReason::EventsLost, RescanReason::Git);
        for (reason, now) in [(lost, "1"), (git, "2"), (lost, "3")] {
            account.count(reason, now.into());
        }
        assert_eq!(account.rescans["events were lost"], Times { times: 2, last: "3".into() });
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(WatchReport::read(folder.path()), None);
        std::fs::write(folder.path().join(NAME), serde_json::to_string(&account).unwrap()).unwrap();
        assert_eq!(WatchReport::read(folder.path()), Some(account));
        std::fs::write(folder.path().join(NAME), "{\"since\":").unwrap();
        assert_eq!(WatchReport::read(folder.path()), None);
    }
}
