//! The process as the host of a call: its folder, environment and clock, with
//! warnings and progress for the user.

use std::sync::Arc;

use etcetera::BaseStrategy;
use etcetera::base_strategy::Xdg;

use super::Out;
use super::progress::Bar;
use crate::app::{Error, Host, Listener, Progress, Result, Time, UserFolders};

/// This process, which reports warnings and progress through `out`.
pub fn host(out: &Out) -> Result<Host> {
    let current = std::env::current_dir()
        .map_err(|error| Error::new(format!("the current folder cannot be read: {error}")))?;
    Ok(Host {
        current,
        environment: std::env::vars_os().collect(),
        folders: folders(),
        clock: now,
        listener: Arc::new(TerminalHost { out: out.clone(), bar: Bar::new(out) }),
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

/// Shows warnings, and a progress bar on a terminal.
struct TerminalHost {
    out: Out,
    bar: Bar,
}

impl Listener for TerminalHost {
    fn warning(&self, text: &str) {
        self.out.warning(text);
    }
}

impl Progress for TerminalHost {
    fn begin(&self, what: &'static str, total: usize) {
        self.bar.begin(what, total);
    }

    fn step(&self) {
        self.bar.step();
    }

    fn end(&self) {
        self.bar.end();
    }
}

/// Shows warnings but no progress, for commands that already have a status
/// line.
pub struct WithoutProgress(pub Out);

impl Listener for WithoutProgress {
    fn warning(&self, text: &str) {
        self.0.warning(text);
    }
}

impl Progress for WithoutProgress {
    fn begin(&self, _: &'static str, _: usize) {}
    fn step(&self) {}
    fn end(&self) {}
}

/// Says nothing, for a command whose standard error is another program's.
pub struct Silent;

impl Listener for Silent {
    fn warning(&self, _: &str) {}
}

impl Progress for Silent {
    fn begin(&self, _: &'static str, _: usize) {}
    fn step(&self) {}
    fn end(&self) {}
}
