//! What every command works on: one project with its settings, redactor,
//! repository and parsers, and the clock and progress that came with the call.
//!
//! Not here: how it is put together (`app`), and what is done with it.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use crate::config::Settings;
use crate::fs::atomic;
use crate::git;
use crate::parsers::Parsers;
use crate::project::Project;
use crate::redact::Redactor;
use crate::render::template::Templates;

pub use crate::config::MemoryUse;

/// What every command works on; nothing in it changes while it runs.
#[derive(Clone)]
pub struct Context {
    pub project: Project,
    pub settings: Settings,
    pub redactor: Arc<Redactor>,
    pub repository: Option<git::Repository>,
    pub parsers: Arc<Parsers>,
    /// How pages are made.
    pub templates: Arc<Templates>,
    pub clock: fn() -> Time,
    pub progress: Arc<dyn Progress>,
}

/// A moment on the context's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Time {
    /// Nanoseconds since 1970.
    pub ns: i64,
    /// RFC 3339, UTC, to the second.
    pub text: String,
}

/// Receives the progress of long work.
pub trait Progress: Send + Sync {
    fn begin(&self, what: &'static str, total: usize);
    fn step(&self);
    fn end(&self);
}

/// Removes the temporary files that killed runs left behind.
pub fn sweep(context: &Context) {
    let clock = UNIX_EPOCH + Duration::from_nanos((context.clock)().ns.max(0) as u64);
    let project = &context.project;
    let folders = [project.folder(), project.memory(), project.local.clone(), project.shared.clone()];
    for folder in folders.iter().chain([&project.root]) {
        atomic::sweep(folder, clock);
    }
}
