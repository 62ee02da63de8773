//! The surroundings of a call: the folder that relative paths start from, the
//! environment, the user's own folders, the clock, and the listener for
//! warnings and progress.
//!
//! A front end fills it in once. Nothing below the front ends asks the process
//! for any of it, so that several projects, and several users' settings in
//! tests, fit into one process.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::pipeline::{Progress, Time};

/// The surroundings of a call.
#[derive(Clone)]
pub struct Host {
    /// Relative paths start here.
    pub current: PathBuf,
    pub environment: BTreeMap<OsString, OsString>,
    /// `None` for a user without a home folder.
    pub folders: Option<UserFolders>,
    pub clock: fn() -> Time,
    pub listener: Arc<dyn Listener>,
    /// The process that asks, for which others may be looked up.
    pub process: u32,
}

/// The user's own folders, whether or not they exist.
#[derive(Clone, Debug)]
pub struct UserFolders {
    pub home: PathBuf,
    /// `$XDG_CONFIG_HOME`, else `~/.config`.
    pub config: PathBuf,
    /// `$XDG_STATE_HOME`, else `~/.local/state`.
    pub state: PathBuf,
}

/// Receives what a use case reports while it runs.
pub trait Listener: Progress {
    /// A problem that does not stop the work.
    fn warning(&self, text: &str);
}

impl Host {
    /// The value of an environment variable, as the host gave it.
    pub fn variable(&self, name: &str) -> Option<&OsStr> {
        self.environment.get(OsStr::new(name)).map(OsString::as_os_str)
    }

    /// The user's configuration folder. `None` if it lies in the project, since
    /// it could then have come with the repository.
    pub fn config_folder(&self, root: &Path) -> Option<PathBuf> {
        self.outside(root, |folders| folders.config.clone())
    }

    /// The folder for what waypost keeps for the user outside of all projects.
    pub fn state_folder(&self, root: &Path) -> Option<PathBuf> {
        Some(self.outside(root, |folders| folders.state.clone())?.join("waypost"))
    }

    /// The user's settings file.
    pub fn user_config(&self, root: &Path) -> Option<PathBuf> {
        Some(self.config_folder(root)?.join("waypost/config.toml"))
    }

    /// The user's git configuration, which may name an ignore file. `None` if
    /// the environment names another one, or if it lies in the project.
    pub fn git_configs(&self, root: &Path) -> Vec<PathBuf> {
        if self.variable("GIT_CONFIG_GLOBAL").is_some() {
            return Vec::new();
        }
        let in_home = self.outside(root, |folders| folders.home.join(".gitconfig"));
        self.config_folder(root).map(|folder| folder.join("git/config")).into_iter().chain(in_home).collect()
    }

    /// Whether the user's home lies in the project.
    pub fn is_home_within(&self, root: &Path) -> bool {
        let home = self.folders.as_ref().and_then(|folders| folders.home.canonicalize().ok());
        home.is_some_and(|home| home.starts_with(root))
    }

    /// A user's folder that cannot have come with the repository: it is
    /// absolute, and neither it nor the home folder around it lies in the
    /// project.
    fn outside(&self, root: &Path, folder: impl Fn(&UserFolders) -> PathBuf) -> Option<PathBuf> {
        let folders = self.folders.as_ref()?;
        let place = folder(folders);
        let is_outside = place.is_absolute() && !place.starts_with(root);
        (is_outside && (!place.starts_with(&folders.home) || !self.is_home_within(root))).then_some(place)
    }
}
