//! Takes out of the log, of sessions, receipts and jobs what is older than it is
//! kept. Which kinds are kept how long is handed in.
//!
//! Not here: snapshots ([`super::retention`]), and the bytes of receipts.

use rusqlite::{Connection, params};

use super::{Result, Store};
use crate::model::{ContentHash, EventKind};

/// From which moment on what is kept, in milliseconds since 1970; what is not
/// named is kept for ever.
#[derive(Clone, Debug, Default)]
pub struct Retention {
    pub events: Vec<(EventKind, i64)>,
    /// Ended sessions without an entry in the log, and jobs that are done.
    pub sessions: Option<i64>,
    pub receipts: Option<i64>,
}

/// How many of each were taken out, or would be.
#[derive(Clone, Debug, Default)]
pub struct Garbage {
    pub events: Vec<(EventKind, usize)>,
    pub sessions: usize,
    pub jobs: usize,
    pub receipts: usize,
}

impl Store {
    /// Counts what is older than it is kept, and takes it out if asked to.
    /// Receipts are only counted.
    pub fn collect_garbage(&mut self, retention: &Retention, apply: bool) -> Result<Garbage> {
        let run = |connection: &Connection| -> rusqlite::Result<Garbage> {
            let mut garbage = Garbage::default();
            for (kind, before) in &retention.events {
                let deleted = connection.execute(
                    "DELETE FROM event WHERE kind = ?1 AND at_ms < ?2
                     AND (session IS NULL OR session IN (SELECT seq FROM session WHERE ended_ms < ?2))",
                    params![kind.name(), before],
                )?;
                garbage.events.extend((deleted > 0).then_some((*kind, deleted)));
            }
            if let Some(before) = retention.receipts {
                garbage.receipts =
                    count(connection, "SELECT count(*) FROM receipt WHERE at_ms < ?1", before)?;
            }
            if let Some(before) = retention.sessions {
                garbage.sessions = connection.execute(
                    "DELETE FROM session WHERE ended_ms < ?1
                     AND NOT EXISTS (SELECT 1 FROM event WHERE event.session = session.seq)
                     AND NOT EXISTS (SELECT 1 FROM receipt WHERE receipt.session = session.seq)
                     AND NOT EXISTS (SELECT 1 FROM claim WHERE claim.session = session.seq)",
                    [before],
                )?;
                garbage.jobs =
                    connection.execute("DELETE FROM job WHERE state = 'done' AND due_ms < ?1", [before])?;
            }
            Ok(garbage)
        };
        let done = (|| {
            let transaction =
                self.connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            let garbage = run(&transaction)?;
            // Counting is the same, taken back.
            if apply {
                transaction.commit()?
            } else {
                transaction.rollback()?
            }
            Ok(garbage)
        })();
        self.sql(done)
    }

    /// Notes that records were asked for. Where somebody else writes it is not
    /// waited for.
    pub fn note_recall(&mut self, records: &[&str], now_ms: i64) {
        if records.is_empty() || self.wait_at_most(std::time::Duration::ZERO).is_err() {
            return;
        }
        let run = |connection: &mut Connection| -> rusqlite::Result<()> {
            let transaction =
                connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            for id in records {
                transaction.execute(
                    "INSERT INTO recall (record, times, last_ms) VALUES (?1, 1, ?2)
                     ON CONFLICT (record) DO UPDATE SET times = times + 1, last_ms = max(last_ms, ?2)",
                    params![id, now_ms],
                )?;
            }
            transaction.commit()
        };
        // One that is not counted is no harm.
        let _ = run(&mut self.connection);
    }

    /// Keeps a question by its hash with what it found, one a line. Where somebody else
    /// writes it is not waited for.
    pub fn note_question(&mut self, hash: ContentHash, found: &str, now_ms: i64) {
        if self.wait_at_most(std::time::Duration::ZERO).is_err() {
            return;
        }
        let run = |connection: &mut Connection| -> rusqlite::Result<()> {
            let transaction =
                connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            transaction.execute(
                "INSERT INTO question (at_ms, hash, found) VALUES (?1, ?2, ?3)",
                params![now_ms.max(0), hash.0, found],
            )?;
            transaction.execute(
                "DELETE FROM question WHERE seq <= (SELECT max(seq) FROM question) - ?1",
                [MOST_QUESTIONS],
            )?;
            transaction.commit()
        };
        // One that is not kept is no harm.
        let _ = run(&mut self.connection);
    }

    /// How many questions were kept, and how many of them found nothing.
    pub fn questions(&self) -> Result<(u64, u64)> {
        let sql = "SELECT count(*), count(*) FILTER (WHERE found = '') FROM question";
        let row = self
            .connection
            .query_row(sql, [], |row| Ok((row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64)));
        self.sql(row)
    }

    /// Ids of the records that somebody asked for.
    pub fn recalled(&self) -> Result<Vec<String>> {
        let mut all = self.sql(self.connection.prepare("SELECT record FROM recall"))?;
        let found = all.query_map([], |row| row.get(0)).and_then(Iterator::collect);
        self.sql(found)
    }
}

/// Questions that are kept, the newest.
const MOST_QUESTIONS: i64 = 10_000;

fn count(connection: &Connection, sql: &str, before: i64) -> rusqlite::Result<usize> {
    connection.query_row(sql, [before], |row| row.get::<_, i64>(0)).map(|count| count.max(0) as usize)
}
