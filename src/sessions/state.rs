//! Whether a session is active, ended or abandoned, and whether it is stale.
//! Computed whenever somebody asks, since nothing runs that could note it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::Session;

/// Without a sign of life for so long a session is stale: it is shown as such,
/// and its claims may be taken over.
pub const STALE_MS: i64 = 30 * 60_000;

/// A session is itself a lease, as long as a claim by default is.
pub const LEASE_MS: i64 = 2 * 3_600_000;

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SessionState {
    Active,
    /// For good.
    Ended,
    /// Its leases have run out, or its process is gone. A sign of life brings
    /// it back.
    Abandoned,
}

impl SessionState {
    /// Every state with the name that it has in reports and flags.
    pub const ALL: &[(SessionState, &'static str)] =
        &[(Self::Active, "active"), (Self::Ended, "ended"), (Self::Abandoned, "abandoned")];

    /// The name of the state.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }
}

/// The state of a session; `is_gone` says of its process whether that has ended.
pub fn of(session: &Session, now_ms: i64, is_gone: &dyn Fn(&str) -> bool) -> SessionState {
    let leased_until = session.leased_until_ms.unwrap_or(0).max(session.beat_ms + LEASE_MS);
    match () {
        () if session.ended_ms.is_some() => SessionState::Ended,
        () if leased_until <= now_ms => SessionState::Abandoned,
        () if session.identity.owner.as_deref().is_some_and(is_gone) => SessionState::Abandoned,
        () => SessionState::Active,
    }
}

/// Whether a session that has not ended gave no sign of life for too long.
pub fn is_stale(session: &Session, now_ms: i64) -> bool {
    session.ended_ms.is_none() && session.beat_ms + STALE_MS <= now_ms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{SafeText, SessionIdentity};

    fn session(beat_ms: i64, leased_until_ms: Option<i64>, owner: Option<&str>) -> Session {
        let identity = SessionIdentity { owner: owner.map(str::to_string), ..SessionIdentity::default() };
        let none = SafeText::default;
        Session {
            seq: 1,
            id: "a".into(),
            identity,
            started_ms: 0,
            beat_ms,
            ended_ms: None,
            doing: none(),
            summary: none(),
            leased_until_ms,
        }
    }

    #[test]
    fn a_session_is_stale_after_half_an_hour_and_abandoned_when_all_leases_have_run_out() {
        let check = |leased: Option<i64>, minutes: i64, stale: bool, state: SessionState| {
            let (session, now) = (session(0, leased, None), minutes * 60_000);
            assert_eq!((is_stale(&session, now), of(&session, now, &|_| false)), (stale, state), "{minutes}");
        };
        check(None, 29, false, SessionState::Active);
        check(None, 30, true, SessionState::Active);
        check(None, 119, true, SessionState::Active);
        check(None, 120, true, SessionState::Abandoned);
        check(Some(180 * 60_000), 179, true, SessionState::Active);
        check(Some(180 * 60_000), 180, true, SessionState::Abandoned);
    }

    #[test]
    fn a_session_whose_process_is_gone_is_abandoned_at_once_and_an_ended_one_stays_ended() {
        let gone = session(0, None, Some("x"));
        assert_eq!(of(&gone, 1, &|_| true), SessionState::Abandoned);
        assert_eq!(of(&gone, 1, &|_| false), SessionState::Active);
        let ended = Session { ended_ms: Some(1), ..gone };
        assert_eq!(of(&ended, 1, &|_| true), SessionState::Ended);
        assert!(!is_stale(&ended, i64::MAX));
    }
}
