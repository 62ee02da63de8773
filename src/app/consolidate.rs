//! Has a program of the user's own say what is worth keeping of what sessions
//! did: each ended session becomes a job, and what the program prints becomes
//! proposals. Without a program there is nothing to do and nothing is missing.
//!
//! Not here: what it is asked (`consolidate_ask`).

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::job_queue::{self, JobRun};
use super::jobs;
use super::sessions::SessionDesk;
use super::{App, Result, consolidate_ask};
use crate::model::{JobKind, NewJob, Session};
use crate::store::SessionFilter;

/// What was sent, or would be.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    pub dry_run: bool,
    /// Sessions that nobody consolidated yet.
    pub sessions: Vec<SentSession>,
    /// What became of the jobs; `None` in a dry run.
    pub jobs: Option<JobRun>,
    /// Ids of the records that are proposed now.
    pub proposed: Vec<String>,
}

/// What the program is told of one session.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SentSession {
    pub id: String,
    pub events: usize,
    pub bytes: usize,
    /// All that is sent, in a dry run.
    pub text: Option<String>,
}

/// Ended sessions that are looked at, the newest first.
const MOST_SESSIONS: usize = 50;

/// Queues what ended sessions did, and runs the jobs that are due.
pub fn consolidate(app: &App, dry_run: bool) -> Result<Report> {
    consolidate_ask::command(app)?;
    let mut report = Report { dry_run, sessions: Vec::new(), jobs: None, proposed: Vec::new() };
    let Some(mut desk) = SessionDesk::open(app)? else { return Ok(report) };
    for session in unread(&desk)? {
        let (text, events) = consolidate_ask::told(&desk, &session)?;
        let (id, bytes) = (session.id.clone(), text.len());
        report.sessions.push(SentSession { id, events, bytes, text: dry_run.then_some(text) });
    }
    if dry_run {
        return Ok(report);
    }
    for session in &report.sessions {
        let payload = desk.context.redactor.text(&json!({ "session": session.id }).to_string());
        let target = desk.line(consolidate_ask::KEY);
        let work = NewJob { key: key(&session.id), kind: JobKind::Consolidate, target, payload };
        job_queue::add(&mut desk, &work)?;
    }
    let ran = jobs::run(app)?;
    let of_ours = ran.ran.iter().filter(|ran| ran.job.kind == JobKind::Consolidate.name());
    report.proposed = of_ours.flat_map(|ran| ran.records.clone()).collect();
    report.jobs = Some(ran);
    Ok(report)
}

fn key(session: &str) -> String {
    format!("consolidate:{session}")
}

/// Ended sessions with work that was never queued.
fn unread(desk: &SessionDesk) -> Result<Vec<Session>> {
    let filter = SessionFilter { ended: Some(true), limit: Some(MOST_SESSIONS), since_ms: None };
    let mut unread = Vec::new();
    for session in desk.store.sessions(&filter)? {
        if !desk.store.has_job(&key(&session.id))? && !consolidate_ask::events(desk, &session)?.is_empty() {
            unread.push(session);
        }
    }
    Ok(unread)
}
