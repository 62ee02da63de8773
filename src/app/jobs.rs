//! The queue of work that can be tried again: imports that were put off, and
//! what the user's own program is asked. Due jobs run in a watch, at the end of
//! a session and when somebody asks for it; nothing runs by itself.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::job_queue::{Deed, add, report};
use super::sessions::{SessionDesk, now_ms};
use super::stream::Input;
use super::{App, Error, Result, consolidate_ask, transfer};
use crate::model::time::rfc3339;
use crate::model::{Job, JobKind, JobState, NewJob, SafeText};
use crate::sessions::retry;
use crate::store::Attempt;

pub use super::job_queue::{JobReport, JobRun, Queued, Ran};

/// A target that failed and is left alone for a time.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct BreakerReport {
    pub target: SafeText,
    pub failures: u32,
    pub until: String,
}

/// The queue.
#[derive(Debug, Serialize, JsonSchema)]
pub struct JobList {
    pub jobs: Vec<JobReport>,
    /// Targets that nothing is tried with yet.
    pub resting: Vec<BreakerReport>,
}

/// A job that was changed or dropped.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Changed {
    pub id: String,
}

/// How long a job may run before it counts as killed.
const LEASE_MS: i64 = 15 * 60_000;

/// Jobs of one run.
const MOST: usize = 100;

/// The jobs that are not done, or all.
pub fn list(app: &App, all: bool) -> Result<JobList> {
    let Some(desk) = SessionDesk::open(app)? else {
        return Ok(JobList { jobs: Vec::new(), resting: Vec::new() });
    };
    let states: &[JobState] = if all { &[] } else { &[JobState::Waiting, JobState::Running, JobState::Dead] };
    let jobs = desk.store.jobs(states)?.iter().map(|job| report(&desk, job)).collect();
    let mut resting = desk.store.breakers()?;
    resting.retain(|breaker| breaker.until_ms > desk.now_ms);
    let resting = resting.into_iter().map(|breaker| BreakerReport {
        target: breaker.target,
        failures: breaker.failures,
        until: rfc3339(breaker.until_ms),
    });
    Ok(JobList { jobs, resting: resting.collect() })
}

/// Queues the import of a file or folder. The same file in the same state is
/// queued once.
pub fn import_later(app: &App, file: &Path) -> Result<Queued> {
    if file == Path::new("-") {
        return Err(Error::new("standard input cannot be read later").with_hint("name a file"));
    }
    app.locate()?;
    let path = app.host().current.join(file);
    let cannot = |error: std::io::Error| Error::cannot("read", file, &error);
    let found = std::fs::metadata(&path).map_err(cannot)?;
    let written = found.modified().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    let mut desk = SessionDesk::create(app)?;
    let shown = desk.line(&path.to_string_lossy());
    let state = format!("{}-{}", found.len(), written.unwrap_or_default().as_millis());
    let work = NewJob {
        key: format!("import:{shown}:{state}"),
        kind: JobKind::Import,
        target: shown.clone(),
        payload: desk.context.redactor.text(&json!({ "file": shown.as_str() }).to_string()),
    };
    add(&mut desk, &work)
}

fn unknown(id: &str) -> Error {
    Error::new(format!("there is no job `{id}`")).with_hint("`waypost jobs list --all` lists them")
}

fn existing(app: &App, id: &str) -> Result<SessionDesk> {
    let desk = SessionDesk::open(app)?.ok_or_else(|| unknown(id))?;
    desk.store.job(id)?.ok_or_else(|| unknown(id))?;
    Ok(desk)
}

/// Makes a job due at once, as if it had never failed.
pub fn retry(app: &App, id: &str) -> Result<Changed> {
    let mut desk = existing(app, id)?;
    desk.store.retry_job(id, desk.now_ms)?;
    Ok(Changed { id: id.to_string() })
}

/// Takes a job out of the queue.
pub fn drop(app: &App, id: &str) -> Result<Changed> {
    existing(app, id)?.store.drop_job(id)?;
    Ok(Changed { id: id.to_string() })
}

/// Whether a job is due, at little cost.
pub fn are_due(app: &App) -> Result<bool> {
    match SessionDesk::open(app)? {
        Some(desk) => Ok(desk.store.has_due_job(desk.now_ms)?),
        None => Ok(false),
    }
}

/// Runs the jobs that are due, each once.
pub fn run(app: &App) -> Result<JobRun> {
    let mut outcome = JobRun::default();
    // It works for nobody in particular.
    let app = &app.clone().for_session(None);
    let Some(mut desk) = SessionDesk::open(app)? else { return Ok(outcome) };
    let began_ms = now_ms(app);
    for _ in 0..MOST {
        // What fails is due later, so that none is taken twice.
        let Some(job) = desk.store.take_job(began_ms, now_ms(app) + LEASE_MS)? else { break };
        let done = perform(app, &desk, &job);
        let now_ms = now_ms(app);
        let error = done.as_ref().err().map(|error| desk.line(&error.to_string()));
        let failures = if error.is_some() { desk.store.failures_of(&job.work.target)? + 1 } else { 0 };
        let due_ms = error.as_ref().and_then(|_| retry::due_ms(job.attempts, now_ms));
        let rests_until_ms = retry::rests_until_ms(failures, now_ms);
        desk.store.finish_job(&job, &Attempt { error, due_ms, rests_until_ms, failures })?;
        outcome.take(&desk, &job, done.ok())?;
    }
    outcome.waiting = desk.store.jobs(&[JobState::Waiting, JobState::Running])?.len();
    Ok(outcome)
}

fn perform(app: &App, desk: &SessionDesk, job: &Job) -> Result<Deed> {
    let payload: serde_json::Value = serde_json::from_str(job.work.payload.as_str())?;
    let said = |key: &str| payload[key].as_str().unwrap_or_default().to_string();
    match job.work.kind {
        JobKind::Import => {
            let report = transfer::import(app, Input::File(PathBuf::from(said("file"))), false)?;
            Ok(Deed { did: format!("{} imported", report.added.len()), records: report.added })
        }
        JobKind::Consolidate => consolidate_ask::perform(app, desk, &said("session")),
        #[cfg(feature = "team")]
        JobKind::Deliver => super::team::deliver(app),
    }
}
