//! What a shell proposes for an argument: ids and names that the project has now.
//!
//! Not here: the shells' scripts (`man`).

use super::checkpoint;
use super::session_desk::SessionDesk;
use super::{App, Result, goals, jobs, pin, receipts, schema, settings, setup, snapshots, templates};
use crate::memory::{Record, RecordStatus};
use crate::store::SessionFilter;

/// What an argument is one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Live {
    Record,
    Proposal,
    Goal,
    Checkpoint,
    Pin,
    Snapshot,
    Session,
    Receipt,
    Job,
    Setting,
    Client,
    Schema,
    Template,
}

/// A value, and what tells it from the others.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub value: String,
    pub about: String,
}

/// At most this many of those that grow without end, the newest first.
const MOST: usize = 100;

/// The values that begin as what is typed. Nothing is written, and no tree is read.
pub fn candidates(app: &App, of: Live, typed: &str) -> Result<Vec<Candidate>> {
    let mut found: Vec<Candidate> = match of {
        Live::Record => records(app, |_| true)?,
        Live::Proposal => records(app, |record| record.status == RecordStatus::Proposed)?,
        Live::Goal => of_list(goals::list(app, true)?.goals, |goal| (goal.id, goal.text.to_string())),
        Live::Checkpoint => of_list(checkpoint::list(app, MOST)?.checkpoints, |one| (one.id, one.title)),
        Live::Pin => of_list(pin::pins(app)?.pins, |pin| (pin.path.to_string(), pin.note.to_string())),
        Live::Snapshot => of_list(snapshots::list(app)?.snapshots, |row| {
            let head = row.snapshot;
            (head.id, head.goal.map_or(head.created_at, |goal| goal.to_string()))
        }),
        Live::Session => sessions(app)?,
        Live::Receipt => {
            of_list(receipts::list(app, Some(MOST))?.receipts, |one| (one.id, one.command.to_string()))
        }
        Live::Job => of_list(jobs::list(app, true)?.jobs, |job| (job.id, job.kind.to_string())),
        Live::Setting => of_list(settings::names(), |name| (name.to_string(), String::new())),
        Live::Client => {
            of_list(setup::list(app)?.clients, |one| (one.client.to_string(), one.name.to_string()))
        }
        Live::Template => of_list(templates::names(), |name| (name.to_string(), String::new())),
        Live::Schema => of_list(schema::list().schemas, |one| (one.name.to_string(), String::new())),
    };
    found.retain(|one| one.value.starts_with(typed));
    found.truncate(MOST);
    Ok(found)
}

fn of_list<T>(list: Vec<T>, told: impl Fn(T) -> (String, String)) -> Vec<Candidate> {
    let candidate = |one| {
        let (value, about) = told(one);
        Candidate { value, about }
    };
    list.into_iter().map(candidate).collect()
}

/// By slug where there is one, else by id.
fn records(app: &App, is_meant: impl Fn(&Record) -> bool) -> Result<Vec<Candidate>> {
    let memory = app.memory(&app.context()?)?;
    let meant = memory.records.into_iter().rev().filter(is_meant);
    let candidate = |record: Record| Candidate {
        about: record.title.to_string(),
        value: record.slug.unwrap_or(record.id),
    };
    Ok(meant.map(candidate).collect())
}

/// Those of this machine, whatever a team's server would say.
fn sessions(app: &App) -> Result<Vec<Candidate>> {
    let Some(desk) = SessionDesk::open(app)? else { return Ok(Vec::new()) };
    let filter = SessionFilter { ended: None, since_ms: None, limit: Some(MOST) };
    let reports = desk.store.sessions(&filter)?.into_iter().map(|session| desk.report(&session));
    Ok(of_list(reports.collect(), |one| {
        let doing = one.doing.map(|doing| doing.to_string());
        (one.id, doing.unwrap_or(one.last_beat))
    }))
}
