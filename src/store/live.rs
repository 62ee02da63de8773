//! What live coordination needs of an engine: sessions, the log and claims, as
//! whoever works at the same time has to see them. SQLite serves those who work
//! on one machine.
//!
//! Not here: receipts, jobs and the lessons' counts. They are about files and
//! programs of one machine, and stay with [`Store`].

use std::time::{Duration, Instant};

use super::{Beat, ClaimVerdict, LogFilter, Result, SessionFilter, Store};
use crate::model::{Claim, Event, NewClaim, NewEvent, Resource, SafeText, Session, SessionIdentity};

/// Sessions, the log and claims of one project. Each change is whole or not
/// made at all, and seen by all who ask after it was acknowledged.
///
/// Times that are handed in and out are of the caller's clock, in milliseconds
/// since 1970.
pub trait LiveStore {
    /// Begins a session and logs that.
    fn begin_session(&mut self, id: &str, who: &SessionIdentity, now_ms: i64) -> Result<Session>;

    /// The session with this id, else the only one whose id begins so.
    fn session(&mut self, id: &str) -> Result<Option<Session>>;

    /// Sessions, the one with the newest sign of life first.
    fn sessions(&mut self, filter: &SessionFilter) -> Result<Vec<Session>>;

    /// Notes a sign of life and what happened; `false` for a session that has
    /// ended meanwhile, of which nothing is noted.
    fn beat(&mut self, session: i64, beat: &Beat) -> Result<bool>;

    /// Ends a session for good and frees what it holds; `false` if it had ended.
    fn end_session(&mut self, session: i64, summary: Option<&SafeText>, now_ms: i64) -> Result<bool>;

    /// Adds entries to the log, all or none.
    fn log(&mut self, events: &[NewEvent], now_ms: i64) -> Result<()>;

    /// Entries of the log, oldest first.
    fn logged(&mut self, filter: &LogFilter) -> Result<Vec<Event>>;

    /// Claims a resource, or renews the claim on it. `may_steal` says of a claim
    /// in the way whether it may be taken over.
    fn claim(
        &mut self,
        new: &NewClaim,
        now_ms: i64,
        may_steal: &dyn Fn(&Claim) -> bool,
    ) -> Result<ClaimVerdict>;

    /// Gives up a session's own claim on exactly this resource; `false` if it
    /// holds none.
    fn release(&mut self, session: i64, resource: &Resource, now_ms: i64) -> Result<bool>;

    /// Gives up all claims of a session; what they were on.
    fn release_all(&mut self, session: i64, now_ms: i64) -> Result<Vec<SafeText>>;

    /// Claims that have not run out, oldest first; of one resource, all that it
    /// meets.
    fn claims(&mut self, resource: Option<&Resource>, now_ms: i64) -> Result<Vec<Claim>>;

    /// Waits until a claim was given up or changed, or until the time is over.
    /// Who waits asks again: what ran out is told to nobody.
    fn wait_for_claims(&mut self, most: Duration) -> Result<()>;
}

/// Between two looks at a database that tells nobody of a change.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

impl LiveStore for Store {
    fn begin_session(&mut self, id: &str, who: &SessionIdentity, now_ms: i64) -> Result<Session> {
        Store::begin_session(self, id, who, now_ms)
    }

    fn session(&mut self, id: &str) -> Result<Option<Session>> {
        Store::session(self, id)
    }

    fn sessions(&mut self, filter: &SessionFilter) -> Result<Vec<Session>> {
        Store::sessions(self, filter)
    }

    fn beat(&mut self, session: i64, beat: &Beat) -> Result<bool> {
        Store::beat(self, session, beat)
    }

    fn end_session(&mut self, session: i64, summary: Option<&SafeText>, now_ms: i64) -> Result<bool> {
        Store::end_session(self, session, summary, now_ms)
    }

    fn log(&mut self, events: &[NewEvent], now_ms: i64) -> Result<()> {
        Store::log(self, events, now_ms)
    }

    fn logged(&mut self, filter: &LogFilter) -> Result<Vec<Event>> {
        Store::logged(self, filter)
    }

    fn claim(
        &mut self,
        new: &NewClaim,
        now_ms: i64,
        may_steal: &dyn Fn(&Claim) -> bool,
    ) -> Result<ClaimVerdict> {
        Store::claim(self, new, now_ms, may_steal)
    }

    fn release(&mut self, session: i64, resource: &Resource, now_ms: i64) -> Result<bool> {
        Store::release(self, session, resource, now_ms)
    }

    fn release_all(&mut self, session: i64, now_ms: i64) -> Result<Vec<SafeText>> {
        Store::release_all(self, session, now_ms)
    }

    fn claims(&mut self, resource: Option<&Resource>, now_ms: i64) -> Result<Vec<Claim>> {
        Store::claims(self, resource, now_ms)
    }

    fn wait_for_claims(&mut self, most: Duration) -> Result<()> {
        let (until, before) = (Instant::now() + most, self.version()?);
        while Instant::now() < until && self.version()? == before {
            std::thread::sleep(LOOK_AGAIN.min(until.saturating_duration_since(Instant::now())));
        }
        Ok(())
    }
}

impl Store {
    /// Another number after another process has changed the database.
    fn version(&self) -> Result<i64> {
        self.sql(self.connection.query_row("PRAGMA data_version", [], |row| row.get(0)))
    }
}
