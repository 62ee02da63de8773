//! What a team's server is told of this clone, and what others did as it is kept
//! here, so that every question about sessions and claims is answered from this
//! machine.
//!
//! Not here: asking the server ([`super::postgres`]).

use rusqlite::{Connection, OptionalExtension, params};

use super::claims;
use super::postgres::{Arrived, Sending};
use super::session_rows::{SELECT, append, collect, session_from};
use super::sessions::event_from;
use super::{Result, Store};
use crate::model::{Claim, Event, EventKind, NewEvent, Session};

/// Sessions of this clone that are told of: open ones, and those of the last day.
const MOST_SESSIONS: i64 = 200;

const DAY_MS: i64 = 86_400_000;

impl Store {
    /// The name by which a team's server knows this clone; `new` where it has
    /// none yet.
    pub fn clone_name(&mut self, new: &str) -> Result<String> {
        self.in_transaction(|transaction| {
            let known = transaction.query_row("SELECT name FROM clone", [], |row| row.get(0)).optional()?;
            if let Some(known) = known {
                return Ok(known);
            }
            transaction.execute("INSERT INTO clone (name) VALUES (?1)", [new])?;
            Ok(new.to_string())
        })
    }

    /// What this clone did after an entry of its log, so many entries of it. Claims
    /// are not among them: the server tells of those itself.
    pub fn to_send(&self, clone: &str, after: i64, most: usize, now_ms: i64) -> Result<Sending> {
        let events = self.own_events(after, most)?;
        let first = events.first().map_or(i64::MAX, |event| event.seq);
        let sql = format!(
            "{SELECT} WHERE place IS NULL AND (ended_ms IS NULL OR beat_ms >= ?1
               OR seq IN (SELECT session FROM event WHERE seq >= ?2)) ORDER BY beat_ms DESC LIMIT ?3"
        );
        let since = now_ms - DAY_MS;
        let sessions =
            self.sql(collect(&self.connection, &sql, &[&since, &first, &MOST_SESSIONS], session_from))?;
        Ok(Sending { clone: clone.to_string(), sessions, events })
    }

    fn own_events(&self, after: i64, most: usize) -> Result<Vec<Event>> {
        let sql = "SELECT event.seq, at_ms, session.id, event.kind, text, path, code, data
                   FROM event JOIN session ON session.seq = event.session
                   WHERE event.seq > ?1 AND session.place IS NULL AND event.origin IS NULL
                     AND event.kind NOT IN ('claim', 'release') ORDER BY event.seq LIMIT ?2";
        self.sql(collect(&self.connection, sql, &[&after, &(most as i64)], event_from))
    }

    /// Open claims of this clone's own sessions.
    pub fn own_claims(&self, now_ms: i64) -> Result<Vec<Claim>> {
        let found = claims::select(&self.connection, "session.place IS NULL AND expires_ms > ?1", &[&now_ms]);
        self.sql(found)
    }

    /// Whether a session of this id is one of this clone's own.
    pub fn is_own(&self, id: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM session WHERE id = ?1 AND place IS NULL";
        self.sql(self.connection.prepare_cached(sql).and_then(|mut found| found.exists([id])))
    }

    /// The last entry of others' logs that came here.
    pub fn last_arrived(&self) -> Result<i64> {
        let sql = "SELECT coalesce(max(origin), 0) FROM event WHERE origin IS NOT NULL";
        self.sql(self.connection.query_row(sql, [], |row| row.get(0)))
    }

    /// Keeps what others did, and what they hold by now.
    pub fn keep_arrived(&mut self, arrived: &Arrived, claims: &[Claim]) -> Result<()> {
        self.in_transaction(|transaction| {
            for (place, session) in &arrived.sessions {
                keep_session(transaction, place, session)?;
            }
            arrived.events.iter().try_for_each(|event| keep_event(transaction, event))?;
            let elsewhere =
                "DELETE FROM claim WHERE session IN (SELECT seq FROM session WHERE place IS NOT NULL)";
            transaction.execute(elsewhere, [])?;
            claims.iter().try_for_each(|claim| keep_claim(transaction, claim))
        })
    }

    /// Notes whether the team's server holds a claim of this clone too.
    pub fn mark_claim(&mut self, session: &str, resource: &str, confirmed: bool) -> Result<()> {
        let sql = "UPDATE claim SET confirmed = ?3 WHERE resource = ?2 AND confirmed IS NOT ?3
                     AND session = (SELECT seq FROM session WHERE id = ?1 AND place IS NULL)";
        self.sql(self.connection.execute(sql, params![session, resource, confirmed])).map(drop)
    }

    /// No claim is known to a server any more.
    pub fn forget_confirmed(&mut self) -> Result<()> {
        self.sql(self.connection.execute("UPDATE claim SET confirmed = NULL WHERE confirmed IS NOT NULL", []))
            .map(drop)
    }

    /// Gives up a claim of this clone that the team did not confirm, and logs why.
    pub fn give_up(&mut self, claim: &Claim, why: NewEvent, now_ms: i64) -> Result<()> {
        self.in_transaction(|transaction| {
            transaction.execute(
                "DELETE FROM claim WHERE session = ?1 AND resource = ?2",
                params![claim.session.seq, claim.resource.key],
            )?;
            let why = NewEvent {
                path: Some(claim.resource.shown.clone()),
                session: Some(claim.session.seq),
                ..why
            };
            append(transaction, &NewEvent { kind: EventKind::Release, ..why }, now_ms)
        })
    }
}

fn keep_session(connection: &Connection, place: &str, session: &Session) -> rusqlite::Result<()> {
    let who = &session.identity;
    connection.execute(
        "INSERT INTO session (id, conversation, agent, kind, title, meta, worktree, branch, owner, started_ms,
                              beat_ms, ended_ms, doing, summary, place)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
         ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, beat_ms = excluded.beat_ms,
           ended_ms = excluded.ended_ms, doing = excluded.doing, summary = excluded.summary
         WHERE place IS NOT NULL",
        params![
            session.id,
            who.conversation.as_ref().map(|text| text.as_str()),
            who.agent.as_str(),
            who.kind.as_str(),
            who.title.as_str(),
            who.meta.as_str(),
            who.worktree.as_str(),
            who.branch.as_str(),
            who.owner,
            session.started_ms,
            session.beat_ms,
            session.ended_ms,
            session.doing.as_str(),
            session.summary.as_str(),
            place
        ],
    )?;
    Ok(())
}

/// An entry whose session is not kept is left out.
fn keep_event(connection: &Connection, event: &Event) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO event (at_ms, session, kind, text, path, code, data, origin)
         SELECT ?1, seq, ?3, ?4, ?5, ?6, ?7, ?8 FROM session WHERE id = ?2 AND place IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM event AS known WHERE known.origin = ?8)",
    )?;
    statement.execute(params![
        event.at_ms,
        event.session,
        event.kind.name(),
        event.text.as_str(),
        event.path.as_ref().map(|text| text.as_str()),
        event.code,
        event.data.as_ref().map(|text| text.as_str()),
        event.seq
    ])?;
    Ok(())
}

fn keep_claim(connection: &Connection, claim: &Claim) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT OR IGNORE INTO claim (resource, session, shown, shared, note, taken_ms, expires_ms, confirmed)
         SELECT ?1, seq, ?3, ?4, ?5, ?6, ?7, 1 FROM session WHERE id = ?2 AND place IS NOT NULL",
        params![
            claim.resource.key,
            claim.session.id,
            claim.resource.shown.as_str(),
            i64::from(claim.shared),
            claim.note.as_str(),
            claim.taken_ms,
            claim.expires_ms
        ],
    )?;
    Ok(())
}
