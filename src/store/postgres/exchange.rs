//! What goes to a team's server and comes from it: sessions, and the log, each
//! entry once and in order.
//!
//! Not here: claims, which the server decides one by one.

use serde_json::{Value, json};
use tokio_postgres::GenericClient;
use tokio_postgres::types::Type;

use super::rows::{EVENT, SESSION, Values, clean, event_from, session_from};
use super::{Failed, Place, TeamStore, claims};
use crate::model::{Event, SafeText, Session};
use crate::store::Result;

/// What a clone has to tell.
#[derive(Clone, Debug, Default)]
pub struct Sending {
    /// The clone's own name, which no other has.
    pub clone: String,
    pub sessions: Vec<Session>,
    /// In order, each with its number in the clone.
    pub events: Vec<Event>,
}

/// What others did.
#[derive(Clone, Debug, Default)]
pub struct Arrived {
    /// Each with the clone that it works in.
    pub sessions: Vec<(String, Session)>,
    /// Each with its number at the server.
    pub events: Vec<Event>,
}

/// Sessions of others that are told of.
const MOST_SESSIONS: i64 = 200;

impl TeamStore {
    /// The number of the last event that a clone has sent.
    pub fn sent_until(&mut self, clone: &str) -> Result<i64> {
        self.look(async |work, place| {
            let sql =
                "SELECT coalesce(max(clone_seq), 0) FROM waypost.event WHERE project = $1 AND clone = $2";
            let values: Values = vec![(&place.project, Type::INT8), (&clone, Type::TEXT)];
            Ok(work.query_typed_one(sql, &values).await?.get(0))
        })
    }

    /// Takes in what a clone has to tell; what came before is known.
    pub fn send(&mut self, sending: &Sending) -> Result<()> {
        self.ask(async |work, place| {
            let now_ms = claims::alone(work, place).await?;
            put_sessions(work, place, sending).await?;
            put_events(work, place, sending).await?;
            free_ended(work, place, now_ms).await
        })
    }

    /// What others than this clone did: their sessions of the last while, and the
    /// log after an entry, of which so many.
    pub fn arrived(&mut self, clone: &str, since_ms: i64, after: i64, most: usize) -> Result<Arrived> {
        self.look(async |work, place| {
            let sessions = sessions_of_others(work, place, clone, since_ms).await?;
            let events = events_of_others(work, place, clone, after, most as i64).await?;
            Ok(Arrived { sessions, events })
        })
    }
}

fn some(text: &Option<SafeText>) -> Option<String> {
    text.as_ref().map(|text| clean(text.as_str()))
}

fn as_json(session: &Session, place: &Place) -> Value {
    let who = &session.identity;
    json!({
        "id": clean(&session.id),
        "conversation": some(&who.conversation),
        "agent": clean(who.agent.as_str()),
        "kind": clean(who.kind.as_str()),
        "title": clean(who.title.as_str()),
        "meta": clean(who.meta.as_str()),
        "worktree": clean(who.worktree.as_str()),
        "branch": clean(who.branch.as_str()),
        "owner": who.owner,
        "started_ms": session.started_ms + place.ahead_ms,
        "beat_ms": session.beat_ms + place.ahead_ms,
        "ended_ms": session.ended_ms.map(|ms| ms + place.ahead_ms),
        "doing": clean(session.doing.as_str()),
        "summary": clean(session.summary.as_str()),
    })
}

async fn put_sessions(
    work: &impl GenericClient,
    place: &Place,
    sending: &Sending,
) -> std::result::Result<(), Failed> {
    let sql = "INSERT INTO waypost.session AS known
                 (project, clone, id, conversation, agent, kind, title, meta, worktree, branch, owner, started_ms,
                  beat_ms, ended_ms, doing, summary)
               SELECT $1, $2, id, conversation, agent, kind, title, meta, worktree, branch, owner, started_ms,
                      beat_ms, ended_ms, doing, summary
               FROM json_to_recordset($3::text::json) AS told
                 (id text, conversation text, agent text, kind text, title text, meta text, worktree text,
                  branch text, owner text, started_ms bigint, beat_ms bigint, ended_ms bigint, doing text,
                  summary text)
               ON CONFLICT (project, id) DO UPDATE
                 SET beat_ms = greatest(known.beat_ms, excluded.beat_ms), owner = excluded.owner,
                     ended_ms = coalesce(known.ended_ms, excluded.ended_ms), doing = excluded.doing,
                     summary = excluded.summary
                 WHERE known.clone = excluded.clone
                   AND (known.beat_ms, known.owner, known.ended_ms, known.doing, known.summary)
                     IS DISTINCT FROM
                     (excluded.beat_ms, excluded.owner, excluded.ended_ms, excluded.doing, excluded.summary)";
    let told: Vec<Value> = sending.sessions.iter().map(|session| as_json(session, place)).collect();
    let told = Value::Array(told).to_string();
    let values: Values =
        vec![(&place.project, Type::INT8), (&sending.clone, Type::TEXT), (&told, Type::TEXT)];
    work.execute_typed(sql, &values).await?;
    Ok(())
}

async fn put_events(
    work: &impl GenericClient,
    place: &Place,
    sending: &Sending,
) -> std::result::Result<(), Failed> {
    let sql = "INSERT INTO waypost.event
                 (project, clone, clone_seq, at_ms, session, kind, text, path, code, data)
               SELECT $1, $2, told.seq, told.at_ms, session.seq, told.kind, told.text, told.path, told.code,
                      told.data
               FROM json_to_recordset($3::text::json) AS told
                 (seq bigint, at_ms bigint, session text, kind text, text text, path text, code bigint, data text)
               JOIN waypost.session ON session.project = $1 AND session.id = told.session
               ORDER BY told.seq
               ON CONFLICT (project, clone, clone_seq) DO NOTHING";
    let as_json = |event: &Event| {
        json!({
            "seq": event.seq,
            "at_ms": event.at_ms + place.ahead_ms,
            "session": event.session.as_deref().map(clean),
            "kind": event.kind.name(),
            "text": clean(event.text.as_str()),
            "path": some(&event.path),
            "code": event.code,
            "data": some(&event.data),
        })
    };
    let told = Value::Array(sending.events.iter().map(as_json).collect()).to_string();
    let values: Values =
        vec![(&place.project, Type::INT8), (&sending.clone, Type::TEXT), (&told, Type::TEXT)];
    work.execute_typed(sql, &values).await?;
    Ok(())
}

/// An ended session holds nothing.
async fn free_ended(
    work: &impl GenericClient,
    place: &Place,
    now_ms: i64,
) -> std::result::Result<(), Failed> {
    let sql =
        "SELECT DISTINCT session.seq FROM waypost.claim JOIN waypost.session ON session.seq = claim.session
               WHERE claim.project = $1 AND session.ended_ms IS NOT NULL";
    for row in work.query_typed(sql, &[(&place.project, Type::INT8)]).await? {
        claims::release_all(work, place, row.get(0), now_ms).await?;
    }
    Ok(())
}

async fn sessions_of_others(
    work: &impl GenericClient,
    place: &Place,
    clone: &str,
    since_ms: i64,
) -> std::result::Result<Vec<(String, Session)>, Failed> {
    let sql = format!(
        "SELECT {SESSION}, coalesce(clone, '') FROM waypost.session
         WHERE project = $1 AND clone IS DISTINCT FROM $2 AND beat_ms >= $3 ORDER BY beat_ms DESC LIMIT $4"
    );
    let since = since_ms + place.ahead_ms;
    let values: Values = vec![
        (&place.project, Type::INT8),
        (&clone, Type::TEXT),
        (&since, Type::INT8),
        (&MOST_SESSIONS, Type::INT8),
    ];
    let rows = work.query_typed(&sql, &values).await?;
    Ok(rows.iter().map(|row| (row.get(16), session_from(row, place))).collect())
}

async fn events_of_others(
    work: &impl GenericClient,
    place: &Place,
    clone: &str,
    after: i64,
    most: i64,
) -> std::result::Result<Vec<Event>, Failed> {
    // Of a long log that was never read the end is what counts.
    let sql = format!(
        "SELECT * FROM (
           SELECT {EVENT} FROM waypost.event JOIN waypost.session ON session.seq = event.session
           WHERE event.project = $1 AND event.seq > $3 AND session.clone IS DISTINCT FROM $2
           ORDER BY event.seq DESC LIMIT $4) AS newest
         ORDER BY 1"
    );
    let values: Values =
        vec![(&place.project, Type::INT8), (&clone, Type::TEXT), (&after, Type::INT8), (&most, Type::INT8)];
    let rows = work.query_typed(&sql, &values).await?;
    Ok(rows.iter().map(|row| event_from(row, place)).collect())
}
