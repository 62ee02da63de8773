//! This process as the host of calls: its folder, environment and clock, and where the
//! user's own folders are.
//!
//! Not here: who listens. A front end brings its listener along.

use std::sync::Arc;

use etcetera::BaseStrategy;
use etcetera::base_strategy::Xdg;

use crate::app::{Error, Host, Listener, Result, Time, UserFolders};

/// The process, with this listener.
pub fn of_process(listener: Arc<dyn Listener>) -> Result<Host> {
    let current = std::env::current_dir()
        .map_err(|error| Error::new(format!("the current folder cannot be read: {error}")))?;
    Ok(Host {
        current,
        environment: std::env::vars_os().collect(),
        folders: folders(),
        clock: now,
        listener,
        process: std::process::id(),
    })
}

fn folders() -> Option<UserFolders> {
    let base = Xdg::new().ok()?;
    let (home, config) = (base.home_dir().to_path_buf(), base.config_dir());
    let state = base.state_dir().unwrap_or_else(|| home.join(".local/state"));
    Some(UserFolders { home, config, state })
}

/// The system's clock; the text honours `SOURCE_DATE_EPOCH`, as reproducible
/// builds want it.
fn now() -> Time {
    let now = jiff::Timestamp::now();
    let epoch = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse().ok());
    let shown = epoch.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok()).unwrap_or(now);
    let ns = i64::try_from(now.as_nanosecond()).unwrap_or(i64::MAX);
    Time { ns, text: shown.strftime("%Y-%m-%dT%H:%M:%SZ").to_string() }
}
