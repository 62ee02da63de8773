//! The queue of work that can be tried again. A job is taken in one transaction
//! and is another's until its time is over, so that two processes do not do the
//! same, and one that was killed is done by the next.
//!
//! Not here: when a failed one is tried again (`sessions`): times are handed in.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::session_rows::collect;
use super::sql::stored_text;
use super::{Result, Store};
use crate::model::{Breaker, Job, JobKind, JobState, NewJob, SafeText};

/// How an attempt ended.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// What went wrong.
    pub error: Option<SafeText>,
    /// When it is tried again; `None` for a failed one that is dead.
    pub due_ms: Option<i64>,
    /// Until when its target is left alone.
    pub rests_until_ms: i64,
    /// How often the target failed one after the other.
    pub failures: u32,
}

const SELECT: &str =
    "SELECT id, key, kind, target, payload, state, attempts, created_ms, due_ms, error FROM job";

impl Store {
    /// Queues work, unless work of this key was queued before; gives the job with
    /// whether it is new.
    pub fn add_job(&mut self, id: &str, new: &NewJob, now_ms: i64) -> Result<(Job, bool)> {
        self.in_transaction(|transaction| {
            let added = transaction.execute(
                "INSERT OR IGNORE INTO job (id, key, kind, target, payload, state, attempts, created_ms, due_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, 'waiting', 0, ?6, ?6)",
                params![id, new.key, new.kind.name(), new.target.as_str(), new.payload.as_str(), now_ms],
            )?;
            let job = one(transaction, "key = ?1", &new.key)?;
            Ok((job.ok_or(rusqlite::Error::QueryReturnedNoRows)?, added == 1))
        })
    }

    /// The jobs of these states, in the order in which they were queued; of all
    /// where none is named.
    pub fn jobs(&self, states: &[JobState]) -> Result<Vec<Job>> {
        let names: Vec<String> = states.iter().map(|state| format!("'{}'", state.name())).collect();
        let only =
            if names.is_empty() { String::new() } else { format!(" AND state IN ({})", names.join(", ")) };
        let sql = format!("{SELECT} WHERE {}{only} ORDER BY seq", known_kinds());
        self.sql(collect(&self.connection, &sql, &[], job_from))
    }

    /// The job of this id.
    pub fn job(&self, id: &str) -> Result<Option<Job>> {
        self.sql(one(&self.connection, "id = ?1", &id))
    }

    /// Whether work of this key was queued, whatever became of it.
    pub fn has_job(&self, key: &str) -> Result<bool> {
        self.sql(one(&self.connection, "key = ?1", &key)).map(|job| job.is_some())
    }

    /// Takes the job that has been due longest and whose target is not left
    /// alone. It is the caller's until `until_ms`.
    pub fn take_job(&mut self, now_ms: i64, until_ms: i64) -> Result<Option<Job>> {
        self.in_transaction(|transaction| {
            let due = format!(
                "{} AND state IN ('waiting', 'running') AND due_ms <= ?1
                 AND NOT EXISTS (SELECT 1 FROM breaker WHERE breaker.target = job.target AND until_ms > ?1)",
                known_kinds()
            );
            let Some(job) = one(transaction, &format!("{due} ORDER BY due_ms, seq"), &now_ms)? else {
                return Ok(None);
            };
            transaction.execute(
                "UPDATE job SET state = 'running', attempts = attempts + 1, due_ms = ?2 WHERE id = ?1",
                params![job.id, until_ms],
            )?;
            Ok(Some(Job { state: JobState::Running, attempts: job.attempts + 1, ..job }))
        })
    }

    /// Notes how an attempt ended. One that somebody dropped meanwhile is gone.
    pub fn finish_job(&mut self, job: &Job, attempt: &Attempt) -> Result<()> {
        let state = match (&attempt.error, attempt.due_ms) {
            (None, _) => JobState::Done,
            (Some(_), Some(_)) => JobState::Waiting,
            (Some(_), None) => JobState::Dead,
        };
        let error = attempt.error.as_ref().map(SafeText::as_str);
        let target = job.work.target.as_str();
        self.in_transaction(|transaction| {
            transaction.execute(
                "UPDATE job SET state = ?2, due_ms = coalesce(?3, due_ms), error = ?4 WHERE id = ?1",
                params![job.id, state.name(), attempt.due_ms, error],
            )?;
            match &attempt.error {
                None => transaction.execute("DELETE FROM breaker WHERE target = ?1", [target])?,
                Some(_) => transaction.execute(
                    "INSERT OR REPLACE INTO breaker (target, failures, until_ms) VALUES (?1, ?2, ?3)",
                    params![target, attempt.failures, attempt.rests_until_ms],
                )?,
            };
            Ok(())
        })
    }

    /// Makes a job due at once, as if it had never been tried, and its target with
    /// it.
    pub fn retry_job(&mut self, id: &str, now_ms: i64) -> Result<bool> {
        self.in_transaction(|transaction| {
            transaction
                .execute("DELETE FROM breaker WHERE target = (SELECT target FROM job WHERE id = ?1)", [id])?;
            let changed = transaction.execute(
                "UPDATE job SET state = 'waiting', attempts = 0, due_ms = ?2, error = NULL WHERE id = ?1",
                params![id, now_ms],
            )?;
            Ok(changed == 1)
        })
    }

    /// Takes a job out of the queue.
    pub fn drop_job(&mut self, id: &str) -> Result<bool> {
        self.in_transaction(
            |transaction| Ok(transaction.execute("DELETE FROM job WHERE id = ?1", [id])? == 1),
        )
    }

    /// Targets that failed last.
    pub fn breakers(&self) -> Result<Vec<Breaker>> {
        let sql = "SELECT target, failures, until_ms FROM breaker ORDER BY target";
        self.sql(collect(&self.connection, sql, &[], breaker_from))
    }

    /// How often a target failed one after the other.
    pub fn failures_of(&self, target: &SafeText) -> Result<u32> {
        let sql = "SELECT failures FROM breaker WHERE target = ?1";
        let found = self.connection.query_row(sql, [target.as_str()], |row| row.get(0)).optional();
        Ok(self.sql(found)?.unwrap_or(0))
    }

    /// Whether a job is due that may be tried.
    pub fn has_due_job(&self, now_ms: i64) -> Result<bool> {
        let sql = "SELECT 1 FROM job WHERE state IN ('waiting', 'running') AND due_ms <= ?1
                   AND NOT EXISTS (SELECT 1 FROM breaker WHERE breaker.target = job.target AND until_ms > ?1)";
        self.sql(self.connection.prepare_cached(sql).and_then(|mut found| found.exists([now_ms])))
    }
}

/// Jobs of a newer version are its own.
fn known_kinds() -> String {
    let names: Vec<String> = JobKind::ALL.iter().map(|(_, name)| format!("'{name}'")).collect();
    format!("kind IN ({})", names.join(", "))
}

fn one(
    connection: &Connection,
    condition: &str,
    value: &dyn rusqlite::ToSql,
) -> rusqlite::Result<Option<Job>> {
    connection
        .prepare(&format!("{SELECT} WHERE {condition} LIMIT 1"))?
        .query_row([value], job_from)
        .optional()
}

fn job_from(row: &Row) -> rusqlite::Result<Job> {
    let text = |at: usize| row.get::<_, String>(at).map(stored_text);
    let (kind, state): (String, String) = (row.get(2)?, row.get(5)?);
    let kind = JobKind::ALL.iter().find(|(_, name)| *name == kind);
    let state = JobState::ALL.iter().find(|(_, name)| *name == state);
    Ok(Job {
        id: row.get(0)?,
        work: NewJob {
            key: row.get(1)?,
            kind: kind.map_or(JobKind::Import, |(kind, _)| *kind),
            target: text(3)?,
            payload: text(4)?,
        },
        state: state.map_or(JobState::Dead, |(state, _)| *state),
        attempts: row.get(6)?,
        created_ms: row.get(7)?,
        due_ms: row.get(8)?,
        error: row.get::<_, Option<String>>(9)?.map(stored_text),
    })
}

fn breaker_from(row: &Row) -> rusqlite::Result<Breaker> {
    Ok(Breaker { target: stored_text(row.get(0)?), failures: row.get(1)?, until_ms: row.get(2)? })
}
