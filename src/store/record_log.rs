//! Tells the log what became of records, and the records which session it was.
//!
//! Not here: the history of a record itself ([`super::records`]).

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::decode_checked;
use super::session_rows::{append, collect};
use super::sql::stored_text;
use crate::memory::{Record, RecordKind};
use crate::model::{EventKind, NewEvent};

/// A change of a record that is not in the log yet.
struct RecordChange {
    id: String,
    what: String,
    record: Option<Record>,
}

/// The last event of any record.
pub(super) fn last(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT coalesce(max(seq), 0) FROM record_event", [], |row| row.get(0))
}

/// Adds the events of records after this one to the log, as those of the session
/// if there is one and it is open.
pub(super) fn tell(
    connection: &Connection,
    tree: Option<i64>,
    after: i64,
    session: Option<&str>,
) -> rusqlite::Result<()> {
    let sql = "SELECT record_event.record, what, data FROM record_event
               LEFT JOIN record ON record.tree = ?1 AND record.id = record_event.record
               WHERE record_event.seq > ?2 AND record_event.tree = ?1 ORDER BY record_event.seq";
    let changes = collect(connection, sql, &[&tree, &after], change_from)?;
    // Taking up a whole folder at once is no work of anybody.
    if changes.is_empty() || changes.len() > MOST {
        return Ok(());
    }
    let open = "SELECT seq FROM session WHERE id = ?1 AND ended_ms IS NULL";
    let row: Option<i64> = connection.query_row(open, [session], |row| row.get(0)).optional()?;
    if row.is_some() {
        let sql = "UPDATE record_event SET session = ?2 WHERE seq > ?1 AND tree = ?3";
        connection.execute(sql, params![after, session, tree])?;
    }
    let now_ms: i64 = connection.query_row(
        "SELECT max(unixepoch() * 1000, coalesce((SELECT at_ms FROM event ORDER BY seq DESC LIMIT 1), 0))",
        [],
        |row| row.get(0),
    )?;
    changes.iter().try_for_each(|change| append(connection, &change.event(row), now_ms))
}

/// Changes in one go beyond which they are not logged one by one.
const MOST: usize = 50;

fn change_from(row: &Row) -> rusqlite::Result<RecordChange> {
    let data: Option<Vec<u8>> = row.get(2)?;
    Ok(RecordChange {
        id: row.get(0)?,
        what: row.get(1)?,
        record: data.and_then(|data| decode_checked(&data)),
    })
}

impl RecordChange {
    fn event(&self, session: Option<i64>) -> NewEvent {
        let kind = match self.record.as_ref().map(|record| record.kind) {
            Some(RecordKind::Decision) => EventKind::Decision,
            Some(RecordKind::Question) => EventKind::Question,
            Some(RecordKind::Checkpoint) => EventKind::Checkpoint,
            _ => EventKind::Record,
        };
        let text = self.record.as_ref().map(|record| record.title.clone()).unwrap_or_default();
        let kind_name = self.record.as_ref().map_or("", |record| record.kind.name());
        let mut data = serde_json::json!({ "record": self.id, "what": self.what, "kind": kind_name });
        if let Some(next) = self.record.as_ref().and_then(|record| record.next.as_ref()) {
            data["next"] = next.as_str().into();
        }
        // An id, two names of our own, and what has been redacted.
        let data = Some(stored_text(data.to_string()));
        NewEvent { data, ..NewEvent::new(session, kind, text) }
    }
}
