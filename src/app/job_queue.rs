//! The queue of work as it is told, and how work gets into it.
//!
//! Not here: running it (`jobs`).

use schemars::JsonSchema;
use serde::Serialize;

use super::Result;
use super::session_desk::SessionDesk;
use crate::memory::{new_id, random};
use crate::model::time::rfc3339;
use crate::model::{Job, JobState, NewJob, SafeText};

/// A job as it is listed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct JobReport {
    pub id: String,
    pub key: SafeText,
    pub kind: &'static str,
    pub target: SafeText,
    /// `waiting`, `running`, `done` or `dead`.
    pub state: &'static str,
    /// Attempts that were made.
    pub attempts: u32,
    pub created: String,
    /// When it is tried next; of one that runs, when it counts as killed.
    pub due: Option<String>,
    /// What went wrong last.
    pub error: Option<SafeText>,
}

/// A job that was queued, or had been before.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Queued {
    pub job: JobReport,
    pub new: bool,
}

/// What became of the jobs that were due.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct JobRun {
    pub ran: Vec<Ran>,
    pub done: usize,
    /// Failed, and tried again later.
    pub failed: usize,
    pub dead: usize,
    /// Not due yet, or with a target that is left alone.
    pub waiting: usize,
}

/// A job that ran.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Ran {
    #[serde(flatten)]
    pub job: JobReport,
    /// What it did, in words.
    pub did: Option<String>,
    /// Ids of the records that it proposed or added.
    pub records: Vec<String>,
}

/// What a job did.
pub(super) struct Deed {
    pub did: String,
    pub records: Vec<String>,
}

pub(super) fn report(desk: &SessionDesk, job: &Job) -> JobReport {
    let is_open = matches!(job.state, JobState::Waiting | JobState::Running);
    JobReport {
        id: job.id.clone(),
        key: desk.line(&job.work.key),
        kind: job.work.kind.name(),
        target: job.work.target.clone(),
        state: job.state.name(),
        attempts: job.attempts,
        created: rfc3339(job.created_ms),
        due: is_open.then(|| rfc3339(job.due_ms)),
        error: job.error.clone(),
    }
}

/// Queues work, once for each key.
pub(super) fn add(desk: &mut SessionDesk, work: &NewJob) -> Result<Queued> {
    let id = new_id(desk.now_ms.max(0) as u64, random());
    let (job, new) = desk.store.add_job(&id, work, desk.now_ms)?;
    Ok(Queued { job: report(desk, &job), new })
}

impl JobRun {
    /// Counts a job that ran.
    pub(super) fn take(&mut self, desk: &SessionDesk, job: &Job, deed: Option<Deed>) -> Result<()> {
        let now = desk.store.job(&job.id)?.unwrap_or_else(|| job.clone());
        match now.state {
            JobState::Done => self.done += 1,
            JobState::Dead => self.dead += 1,
            JobState::Waiting | JobState::Running => self.failed += 1,
        }
        let (did, records) = deed.map_or((None, Vec::new()), |deed| (Some(deed.did), deed.records));
        self.ran.push(Ran { job: report(desk, &now), did, records });
        Ok(())
    }
}
