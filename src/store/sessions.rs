//! Sessions and the append-only log of what they did. Each change is one
//! transaction that waits for other writers, so that what was acknowledged is
//! there after a kill, and no two processes begin one conversation twice.
//!
//! Not here: which session counts as stale or abandoned (`sessions`), and what
//! sessions hold ([`super::claims`]).

use std::path::PathBuf;

use rusqlite::types::Value;
use rusqlite::{Connection, Row, Transaction, TransactionBehavior, params};

use super::session_rows::{SELECT, append, collect, one, session_from};
use super::sql::stored_text;
use super::{Result, Store};
use crate::model::{Event, EventKind, NewEvent, SafeText, Session, SessionIdentity};

/// Which sessions to list, newest sign of life first.
#[derive(Clone, Copy, Debug, Default)]
pub struct SessionFilter {
    /// Only those that have ended, or have not.
    pub ended: Option<bool>,
    /// Only those with a sign of life since then.
    pub since_ms: Option<i64>,
    pub limit: Option<usize>,
}

/// Which entries of the log to list.
#[derive(Clone, Debug, Default)]
pub struct LogFilter {
    /// Row of the session.
    pub session: Option<i64>,
    /// A client's conversation, which may be several sessions: it ends one and goes on in the next.
    pub conversation: Option<String>,
    pub kinds: Vec<EventKind>,
    pub since_ms: Option<i64>,
    /// Only entries after this one.
    pub after: Option<i64>,
    /// The newest so many.
    pub limit: Option<usize>,
}

/// A sign of life of a session.
#[derive(Clone, Debug, Default)]
pub struct Beat {
    pub at_ms: i64,
    /// The process that it ends with from now on.
    pub owner: Option<String>,
    pub doing: Option<SafeText>,
    /// What happened.
    pub events: Vec<NewEvent>,
}

impl Store {
    /// Begins a session and logs that.
    pub fn begin_session(&mut self, id: &str, who: &SessionIdentity, now_ms: i64) -> Result<Session> {
        self.in_transaction(|transaction| insert(transaction, id, who, now_ms))
    }

    /// The open session of a client's conversation, which begins if there is
    /// none, with whether it did. Its id is the conversation's name, numbered if
    /// an ended session has that.
    pub fn session_of_conversation(
        &mut self,
        name: &str,
        who: &SessionIdentity,
        now_ms: i64,
    ) -> Result<(Session, bool)> {
        self.in_transaction(|transaction| {
            let open = one(transaction, "conversation = ?1 AND ended_ms IS NULL", &name)?;
            if let Some(open) = open {
                return Ok((open, false));
            }
            let taken: i64 = transaction.query_row(
                "SELECT count(*) FROM session WHERE id = ?1 OR conversation = ?1",
                [name],
                |row| row.get(0),
            )?;
            let id = if taken == 0 { name.to_string() } else { format!("{name}-{}", taken + 1) };
            Ok((insert(transaction, &id, who, now_ms)?, true))
        })
    }

    /// The session with this id, else the only one whose id begins so.
    pub fn session(&self, id: &str) -> Result<Option<Session>> {
        let found = one(&self.connection, "id = ?1", &id);
        if let Some(found) = self.sql(found)? {
            return Ok(Some(found));
        }
        let beginning = format!("{}*", glob_escaped(id));
        let sql = format!("{SELECT} WHERE session.id GLOB ?1 LIMIT 2");
        let mut all = self.sql(collect(&self.connection, &sql, &[&beginning], session_from))?;
        Ok(if all.len() == 1 { all.pop() } else { None })
    }

    /// Sessions, the one with the newest sign of life first.
    pub fn sessions(&self, filter: &SessionFilter) -> Result<Vec<Session>> {
        let ended = match filter.ended {
            Some(true) => " AND ended_ms IS NOT NULL",
            Some(false) => " AND ended_ms IS NULL",
            None => "",
        };
        let sql = format!("{SELECT} WHERE beat_ms >= ?1{ended} ORDER BY beat_ms DESC, seq DESC LIMIT ?2");
        let since = filter.since_ms.unwrap_or(0);
        let limit = filter.limit.map_or(-1, |limit| limit as i64);
        self.sql(collect(&self.connection, &sql, &[&since, &limit], session_from))
    }

    /// Notes a sign of life and what happened; `false` for a session that has
    /// ended meanwhile, of which nothing is noted.
    pub fn beat(&mut self, session: i64, beat: &Beat) -> Result<bool> {
        self.in_transaction(|transaction| {
            let doing = beat.doing.as_ref().map(SafeText::as_str);
            let beaten = transaction.execute(
                "UPDATE session SET beat_ms = max(beat_ms, ?2), owner = coalesce(?3, owner),
                                    doing = coalesce(?4, doing)
                 WHERE seq = ?1 AND ended_ms IS NULL",
                params![session, beat.at_ms, beat.owner, doing],
            )?;
            if beaten == 1 {
                beat.events.iter().try_for_each(|event| append(transaction, event, beat.at_ms))?;
            }
            Ok(beaten == 1)
        })
    }

    /// Ends a session for good and frees what it holds; `false` if it had ended.
    pub fn end_session(&mut self, session: i64, summary: Option<&SafeText>, now_ms: i64) -> Result<bool> {
        self.in_transaction(|transaction| {
            let ended = transaction.execute(
                "UPDATE session SET ended_ms = ?2, beat_ms = max(beat_ms, ?2), summary = coalesce(?3, summary)
                 WHERE seq = ?1 AND ended_ms IS NULL",
                params![session, now_ms, summary.map(SafeText::as_str)],
            )?;
            if ended == 0 {
                return Ok(false);
            }
            super::claims::release_all(transaction, session, now_ms)?;
            let text = summary.cloned().unwrap_or_default();
            append(transaction, &NewEvent::new(Some(session), EventKind::SessionEnd, text), now_ms)?;
            Ok(true)
        })
    }

    /// Adds entries to the log, all or none.
    pub fn log(&mut self, events: &[NewEvent], now_ms: i64) -> Result<()> {
        self.in_transaction(|transaction| {
            events.iter().try_for_each(|event| append(transaction, event, now_ms))
        })
    }

    /// Entries of the log, oldest first.
    pub fn logged(&self, filter: &LogFilter) -> Result<Vec<Event>> {
        let (mut conditions, mut values) = (vec!["1"], Vec::new());
        let mut also = |condition: &'static str, value: Value| {
            conditions.push(condition);
            values.push(value);
        };
        filter.session.iter().for_each(|row| also("event.session = ?", (*row).into()));
        let of_conversation = "event.session IN (SELECT seq FROM session WHERE conversation = ?)";
        filter.conversation.iter().for_each(|name| also(of_conversation, name.clone().into()));
        filter.since_ms.iter().for_each(|ms| also("event.at_ms >= ?", (*ms).into()));
        filter.after.iter().for_each(|seq| also("event.seq > ?", (*seq).into()));
        let kinds: Vec<String> = filter.kinds.iter().map(|kind| format!("'{}'", kind.name())).collect();
        let kinds = match kinds.as_slice() {
            [] => String::new(),
            kinds => format!(" AND event.kind IN ({})", kinds.join(", ")),
        };
        values.push(filter.limit.map_or(-1, |limit| limit as i64).into());
        let sql = format!(
            "SELECT event.seq, at_ms, session.id, event.kind, text, path, code, data
             FROM event LEFT JOIN session ON session.seq = event.session
             WHERE {}{kinds} ORDER BY event.seq DESC LIMIT ?",
            conditions.join(" AND ")
        );
        let values: Vec<&dyn rusqlite::ToSql> = values.iter().map(|value| value as _).collect();
        let mut found = self.sql(collect(&self.connection, &sql, &values, event_from))?;
        found.reverse();
        Ok(found)
    }

    /// One entry of the log by its number.
    pub fn event(&self, number: i64) -> Result<Option<Event>> {
        let sql = "SELECT event.seq, at_ms, session.id, event.kind, text, path, code, data
                   FROM event LEFT JOIN session ON session.seq = event.session WHERE event.seq = ?1";
        Ok(self.sql(collect(&self.connection, sql, &[&number], event_from))?.pop())
    }

    /// Adds one entry to the log and gives its number.
    pub fn log_one(&mut self, event: &NewEvent, now_ms: i64) -> Result<i64> {
        self.in_transaction(|transaction| {
            append(transaction, event, now_ms)?;
            Ok(transaction.last_insert_rowid())
        })
    }

    /// The roots of all work trees that were recorded or worked in.
    pub fn worktrees(&self) -> Result<Vec<PathBuf>> {
        let sql = "SELECT root FROM tree UNION SELECT worktree FROM session";
        let text = |row: &Row| row.get::<_, String>(0);
        let found = self.sql(collect(&self.connection, sql, &[], text))?;
        Ok(found.into_iter().map(PathBuf::from).collect())
    }

    /// The number of entries in the log.
    pub fn log_size(&self) -> Result<u64> {
        let count = self.connection.query_row("SELECT count(*) FROM event", [], |row| row.get::<_, i64>(0));
        Ok(self.sql(count)?.max(0) as u64)
    }

    /// Runs changes that are kept together, once no other process writes.
    pub(super) fn in_transaction<T>(
        &mut self,
        run: impl FnOnce(&Transaction) -> rusqlite::Result<T>,
    ) -> Result<T> {
        let change = || {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = run(&transaction)?;
            transaction.commit()?;
            Ok(done)
        };
        let done = change();
        self.sql(done)
    }
}

/// Text that means itself in a GLOB.
fn glob_escaped(text: &str) -> String {
    text.chars().map(|c| if "*?[".contains(c) { format!("[{c}]") } else { c.to_string() }).collect()
}

fn insert(
    connection: &Connection,
    id: &str,
    who: &SessionIdentity,
    now_ms: i64,
) -> rusqlite::Result<Session> {
    connection.execute(
        "INSERT INTO session (id, conversation, agent, kind, title, meta, worktree, branch, owner, started_ms,
                              beat_ms, doing, summary)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, '', '')",
        params![
            id,
            who.conversation.as_ref().map(SafeText::as_str),
            who.agent.as_str(),
            who.kind.as_str(),
            who.title.as_str(),
            who.meta.as_str(),
            who.worktree.as_str(),
            who.branch.as_str(),
            who.owner,
            now_ms
        ],
    )?;
    let seq = connection.last_insert_rowid();
    // An object id.
    let head = who.head.as_ref().map(|head| serde_json::json!({ "head": head }).to_string());
    let begun = NewEvent {
        data: head.map(stored_text),
        ..NewEvent::new(Some(seq), EventKind::SessionStart, who.title.clone())
    };
    append(connection, &begun, now_ms)?;
    one(connection, "seq = ?1", &seq)?.ok_or(rusqlite::Error::QueryReturnedNoRows)
}

pub(super) fn event_from(row: &Row) -> rusqlite::Result<Event> {
    let text = |at: usize| row.get::<_, Option<String>>(at).map(|text| text.map(stored_text));
    Ok(Event {
        seq: row.get(0)?,
        at_ms: row.get(1)?,
        session: row.get(2)?,
        // One that a newer version added.
        kind: EventKind::from_name(&row.get::<_, String>(3)?).unwrap_or(EventKind::Note),
        text: text(4)?.unwrap_or_default(),
        path: text(5)?,
        code: row.get(6)?,
        data: text(7)?,
    })
}
