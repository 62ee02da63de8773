//! What goes to a team's server and comes from it: sessions, and the log, each
//! entry once and in order.
//!
//! Not here: claims, which the server decides one by one.

use serde_json::{Value, json};
use tokio_postgres::types::{ToSql, Type};

use super::rows::{EVENT, SESSION, Values, claim_from, clean, event_from, session_from};
use super::schema::LOCKS;
use super::{Place, TeamStore, claims};
use crate::model::{Claim, Event, SafeText, Session};
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

/// What the server knows of a clone, and tells it.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// The number of the last event that the clone has sent.
    pub sent_until: i64,
    /// All claims of the project.
    pub claims: Vec<Claim>,
    pub arrived: Arrived,
}

const SENT_UNTIL: &str =
    "SELECT coalesce(max(clone_seq), 0) FROM waypost.event WHERE project = $1 AND clone = $2";

impl TeamStore {
    /// The number of the last event that a clone has sent.
    pub fn sent_until(&mut self, clone: &str) -> Result<i64> {
        self.look(async |work, place| {
            let values: Values = vec![(&place.project, Type::INT8), (&clone, Type::TEXT)];
            Ok(work.query_typed_one(SENT_UNTIL, &values).await?.get(0))
        })
    }

    /// What the server has of this clone, who holds what, and what others than this
    /// clone did: their sessions of the last while, and the log after an entry, of
    /// which so many.
    pub fn hear(&mut self, clone: &str, since_ms: i64, after: i64, most: usize) -> Result<Heard> {
        let place = self.place.clone();
        let (since, most) = (since_ms + place.ahead_ms, most as i64);
        let project = (&place.project as &(dyn ToSql + Sync), Type::INT8);
        let own = (&clone as &(dyn ToSql + Sync), Type::TEXT);
        let sessions = vec![project.clone(), own.clone(), (&since, Type::INT8), (&MOST_SESSIONS, Type::INT8)];
        let events = vec![project.clone(), own.clone(), (&after, Type::INT8), (&most, Type::INT8)];
        let (sessions_sql, events_sql, claims_sql) =
            (sessions_of_others(), events_of_others(), claims::select_sql("true"));
        let asked: [(&str, Values); 4] = [
            (SENT_UNTIL, vec![project.clone(), own]),
            (&claims_sql, vec![project]),
            (&sessions_sql, sessions),
            (&events_sql, events),
        ];
        let found = self.look_at_once(&asked)?;
        let [sent, held, sessions, events] = &found[..] else { return Ok(Heard::default()) };
        Ok(Heard {
            sent_until: sent.first().map_or(0, |row| row.get(0)),
            claims: claims::not_over(held.iter().map(|row| claim_from(row, &place)).collect()),
            arrived: Arrived {
                sessions: sessions.iter().map(|row| (row.get(16), session_from(row, &place))).collect(),
                events: events.iter().map(|row| event_from(row, &place)).collect(),
            },
        })
    }

    /// Takes in what a clone has to tell; what came before is known.
    pub fn send(&mut self, sending: &Sending) -> Result<()> {
        let place = self.place.clone();
        let project = (&place.project as &(dyn ToSql + Sync), Type::INT8);
        let sessions = sending.sessions.iter().map(|session| session_as_json(session, &place));
        let events = sending.events.iter().map(|event| event_as_json(event, &place));
        let sessions = Value::Array(sessions.collect()).to_string();
        let events = Value::Array(events.collect()).to_string();
        let clone = (&sending.clone as &(dyn ToSql + Sync), Type::TEXT);
        self.change_at_once(vec![
            (claims::ALONE, vec![(&LOCKS, Type::INT4), project.clone()]),
            (PUT_SESSIONS, vec![project.clone(), clone.clone(), (&sessions, Type::TEXT)]),
            (PUT_EVENTS, vec![project.clone(), clone, (&events, Type::TEXT)]),
            (FREE_ENDED, vec![project]),
        ])
        .map(drop)
    }
}

fn some(text: &Option<SafeText>) -> Option<String> {
    text.as_ref().map(|text| clean(text.as_str()))
}

fn session_as_json(session: &Session, place: &Place) -> Value {
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

const PUT_SESSIONS: &str = "INSERT INTO waypost.session AS known
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

const PUT_EVENTS: &str = "INSERT INTO waypost.event
                 (project, clone, clone_seq, at_ms, session, kind, text, path, code, data)
               SELECT $1, $2, told.seq, told.at_ms, session.seq, told.kind, told.text, told.path, told.code,
                      told.data
               FROM json_to_recordset($3::text::json) AS told
                 (seq bigint, at_ms bigint, session text, kind text, text text, path text, code bigint, data text)
               JOIN waypost.session ON session.project = $1 AND session.id = told.session
               ORDER BY told.seq
               ON CONFLICT (project, clone, clone_seq) DO NOTHING";

fn event_as_json(event: &Event, place: &Place) -> Value {
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
}

/// An ended session holds nothing. Who waits for a claim is told.
const FREE_ENDED: &str = "WITH gone AS (
                 DELETE FROM waypost.claim USING waypost.session
                 WHERE claim.project = $1 AND session.seq = claim.session AND session.ended_ms IS NOT NULL
                 RETURNING claim.seq, claim.session, claim.shown
               ), told AS (
                 INSERT INTO waypost.event (project, at_ms, session, kind, text, path)
                 SELECT $1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint, session, 'release', 'released',
                        shown FROM gone ORDER BY seq
               )
               SELECT pg_notify('waypost_' || $1, '') FROM gone LIMIT 1";

fn sessions_of_others() -> String {
    format!(
        "SELECT {SESSION}, coalesce(clone, '') FROM waypost.session
         WHERE project = $1 AND clone IS DISTINCT FROM $2 AND beat_ms >= $3 ORDER BY beat_ms DESC LIMIT $4"
    )
}

/// Of a long log that was never read the end is what counts.
fn events_of_others() -> String {
    format!(
        "SELECT * FROM (
           SELECT {EVENT} FROM waypost.event JOIN waypost.session ON session.seq = event.session
           WHERE event.project = $1 AND event.seq > $3 AND session.clone IS DISTINCT FROM $2
           ORDER BY event.seq DESC LIMIT $4) AS newest
         ORDER BY 1"
    )
}
