//! Sessions, events and claims as rows of PostgreSQL, with times of this
//! machine's clock.

use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{GenericClient, Row};

use super::super::sql::stored_text;
use super::{Failed, Place};
use crate::model::{Claim, Event, EventKind, NewEvent, Resource, SafeText, Session, SessionIdentity};

/// Values of a statement with their types: so it takes one way to the server.
pub(super) type Values<'a> = Vec<(&'a (dyn ToSql + Sync), Type)>;

/// The columns that [`session_from`] reads.
pub(super) const SESSION: &str =
    "session.seq, session.id, session.conversation, session.agent, session.kind, session.title, session.meta,
     session.worktree, session.branch, session.owner, session.started_ms, session.beat_ms, session.ended_ms,
     session.doing, session.summary,
     (SELECT max(held.expires_ms) FROM waypost.claim AS held WHERE held.session = session.seq)";

/// The columns that [`event_from`] reads.
pub(super) const EVENT: &str =
    "event.seq, event.at_ms, session.id, event.kind, event.text, event.path, event.code, event.data";

/// PostgreSQL has no text with a zero byte in it.
pub(super) fn clean(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

fn text(row: &Row, at: usize) -> SafeText {
    stored_text(row.get(at))
}

fn some_text(row: &Row, at: usize) -> Option<SafeText> {
    row.get::<_, Option<String>>(at).map(stored_text)
}

/// A session from the columns of [`SESSION`].
pub(super) fn session_from(row: &Row, place: &Place) -> Session {
    let here = |at: usize| row.get::<_, Option<i64>>(at).map(|ms| ms - place.ahead_ms);
    Session {
        seq: row.get(0),
        id: row.get(1),
        identity: SessionIdentity {
            conversation: some_text(row, 2),
            agent: text(row, 3),
            kind: text(row, 4),
            title: text(row, 5),
            meta: text(row, 6),
            worktree: text(row, 7),
            branch: text(row, 8),
            owner: row.get(9),
            head: None,
        },
        started_ms: here(10).unwrap_or_default(),
        beat_ms: here(11).unwrap_or_default(),
        ended_ms: here(12),
        doing: text(row, 13),
        summary: text(row, 14),
        leased_until_ms: here(15),
    }
}

/// An event from the columns of [`EVENT`].
pub(super) fn event_from(row: &Row, place: &Place) -> Event {
    Event {
        seq: row.get(0),
        at_ms: row.get::<_, i64>(1) - place.ahead_ms,
        session: row.get(2),
        // One that a newer version added.
        kind: EventKind::from_name(row.get(3)).unwrap_or(EventKind::Note),
        text: text(row, 4),
        path: some_text(row, 5),
        code: row.get(6),
        data: some_text(row, 7),
    }
}

/// A claim from the columns of [`SESSION`] and those behind them.
pub(super) fn claim_from(row: &Row, place: &Place) -> Claim {
    Claim {
        session: session_from(row, place),
        resource: Resource { key: row.get(16), shown: text(row, 17) },
        shared: row.get(18),
        note: text(row, 19),
        taken_ms: row.get::<_, i64>(20) - place.ahead_ms,
        expires_ms: row.get::<_, i64>(21) - place.ahead_ms,
        confirmed: Some(true),
    }
}

/// Adds one entry to the log, at a time of the server's clock.
pub(super) async fn append(
    work: &impl GenericClient,
    place: &Place,
    event: &NewEvent,
    at_ms: i64,
) -> Result<(), Failed> {
    let sql = "INSERT INTO waypost.event (project, at_ms, session, kind, text, path, code, data)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let (path, data) = (event.path.as_ref(), event.data.as_ref());
    let texts = [Some(&event.text), path, data].map(|text| text.map(|text| clean(text.as_str())));
    let kind = event.kind.name();
    let values: Values = vec![
        (&place.project, Type::INT8),
        (&at_ms, Type::INT8),
        (&event.session, Type::INT8),
        (&kind, Type::TEXT),
        (&texts[0], Type::TEXT),
        (&texts[1], Type::TEXT),
        (&event.code, Type::INT8),
        (&texts[2], Type::TEXT),
    ];
    work.execute_typed(sql, &values).await?;
    Ok(())
}
