//! What goes wrong, as facts of the log: how a session stands, and which commands
//! and folders fail.

use schemars::JsonSchema;
use serde::Serialize;

use super::sessions::{SessionDesk, no_session};
use super::{App, Result};
use crate::model::SafeText;
use crate::model::time::rfc3339;
use crate::sessions::signals::{self, FailureCount};
use crate::store::LogFilter;

pub use crate::sessions::signals::CountedBy;

/// How a session stands.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SignalsReport {
    pub id: String,
    /// Commands and tools that ran, and those of them that failed.
    pub runs: usize,
    pub failures: usize,
    /// Failures since the last success.
    pub error_streak: usize,
    /// Times that a command was run again right after it had failed.
    pub retries: usize,
    pub most_retried: Option<SafeText>,
    pub last_success: Option<String>,
    pub since_last_success_s: Option<i64>,
    pub last_error: Option<SafeText>,
}

/// What fails.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FailuresReport {
    pub by: &'static str,
    /// Most failures first.
    pub failures: Vec<FailureReport>,
}

/// How often something ran and failed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FailureReport {
    pub name: SafeText,
    pub runs: usize,
    pub failures: usize,
    pub last_failed: Option<String>,
    pub last_error: Option<SafeText>,
}

/// Entries of the log that are looked at.
const MOST_EVENTS: usize = 200_000;

/// How a session stands, by default the one that carries the call.
pub fn of_session(app: &App, id: Option<&str>) -> Result<SignalsReport> {
    let id = id.or(app.session()).ok_or_else(no_session)?;
    let desk = super::sessions::existing(app, id)?;
    let session = desk.session(id)?;
    let filter = LogFilter { session: Some(session.seq), limit: Some(MOST_EVENTS), ..LogFilter::default() };
    let found = signals::of(&desk.store.logged(&filter)?);
    Ok(SignalsReport {
        id: session.id,
        runs: found.runs,
        failures: found.failures,
        error_streak: found.error_streak,
        retries: found.retries,
        most_retried: found.most_retried.map(|(command, _)| command),
        last_success: found.last_success_ms.map(rfc3339),
        since_last_success_s: found.last_success_ms.map(|at| (desk.now_ms - at).max(0) / 1_000),
        last_error: found.last_error.map(|error| desk.context.redactor.line(&error)),
    })
}

/// What failed, by command or by folder.
pub fn failures(app: &App, by: CountedBy) -> Result<FailuresReport> {
    let name = match by {
        CountedBy::Command => "command",
        CountedBy::Folder => "folder",
    };
    let Some(desk) = SessionDesk::open(app)? else {
        return Ok(FailuresReport { by: name, failures: Vec::new() });
    };
    let filter = LogFilter { limit: Some(MOST_EVENTS), ..LogFilter::default() };
    let found = signals::failures(&desk.store.logged(&filter)?, by);
    let failures = found.into_iter().map(|(name, count)| failure(&desk, &name, count)).collect();
    Ok(FailuresReport { by: name, failures })
}

fn failure(desk: &SessionDesk, name: &str, count: FailureCount) -> FailureReport {
    let redactor = &desk.context.redactor;
    FailureReport {
        name: redactor.line(name),
        runs: count.runs,
        failures: count.failures,
        last_failed: count.last_failed_ms.map(rfc3339),
        last_error: count.last_error.map(|error| redactor.line(&error)),
    }
}
