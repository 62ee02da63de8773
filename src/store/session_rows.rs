//! Sessions as rows, and how an entry is added to the log: what sessions, claims
//! and records share.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::sql::stored_text;
use crate::model::{NewEvent, SafeText, Session, SessionIdentity};

/// Adds one entry to the log.
pub(super) fn append(connection: &Connection, event: &NewEvent, now_ms: i64) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO event (at_ms, session, kind, text, path, code, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    statement.execute(params![
        now_ms,
        event.session,
        event.kind.name(),
        event.text.as_str(),
        event.path.as_ref().map(SafeText::as_str),
        event.code,
        event.data.as_ref().map(SafeText::as_str)
    ])?;
    Ok(())
}

/// The columns that [`session_from`] reads.
pub(super) const SELECT: &str =
    "SELECT session.seq, session.id, conversation, agent, session.kind, title, meta, worktree, branch, owner,
       started_ms, beat_ms, ended_ms, doing, summary,
       (SELECT max(expires_ms) FROM claim AS held WHERE held.session = session.seq)
FROM session";

/// The newest session of which this holds.
pub(super) fn one(
    connection: &Connection,
    condition: &str,
    value: &dyn rusqlite::ToSql,
) -> rusqlite::Result<Option<Session>> {
    let sql = format!("{SELECT} WHERE {condition} ORDER BY session.seq DESC LIMIT 1");
    connection.prepare_cached(&sql)?.query_row([value], session_from).optional()
}

/// A session from the columns of [`SELECT`].
pub(super) fn session_from(row: &Row) -> rusqlite::Result<Session> {
    let text = |at: usize| row.get::<_, String>(at).map(stored_text);
    let conversation: Option<String> = row.get(2)?;
    Ok(Session {
        seq: row.get(0)?,
        id: row.get(1)?,
        identity: SessionIdentity {
            conversation: conversation.map(stored_text),
            agent: text(3)?,
            kind: text(4)?,
            title: text(5)?,
            meta: text(6)?,
            worktree: text(7)?,
            branch: text(8)?,
            owner: row.get(9)?,
            head: None,
        },
        started_ms: row.get(10)?,
        beat_ms: row.get(11)?,
        ended_ms: row.get(12)?,
        doing: text(13)?,
        summary: text(14)?,
        leased_until_ms: row.get(15)?,
    })
}

/// All rows of a query.
pub(super) fn collect<T>(
    connection: &Connection,
    sql: &str,
    values: &[&dyn rusqlite::ToSql],
    read: fn(&Row) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    connection.prepare_cached(sql)?.query_map(values, read)?.collect()
}
