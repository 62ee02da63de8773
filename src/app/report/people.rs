//! The sessions of a report and what they hold. Nothing here is counted in
//! seconds since: the page works that out where it is read.

use schemars::JsonSchema;
use serde::Serialize;

use super::LeftOut;
use crate::app::session_desk::SessionDesk;
use crate::app::session_report::{ClaimReport, SessionReport};
use crate::app::{App, Result};
use crate::model::SafeText;
use crate::sessions::state::SessionState;
use crate::store::SessionFilter;

/// A session.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SessionRow {
    pub id: String,
    pub state: SessionState,
    /// No sign of life for half an hour.
    pub stale: bool,
    pub agent: Option<SafeText>,
    pub title: Option<SafeText>,
    pub branch: Option<SafeText>,
    pub started: String,
    pub last_beat: String,
    pub ended: Option<String>,
    pub doing: Option<SafeText>,
    pub summary: Option<SafeText>,
}

/// A claim with its holder.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ClaimRow {
    pub resource: SafeText,
    pub session: String,
    pub holder: String,
    pub shared: bool,
    pub note: Option<SafeText>,
    pub since: String,
    pub expires: String,
    pub stale: bool,
}

/// Sessions that are shown.
const SHOWN: usize = 100;

/// Sessions, the newest sign of life first, and all claims.
pub(super) fn rows(app: &App, left_out: &mut LeftOut) -> Result<(Vec<SessionRow>, Vec<ClaimRow>)> {
    let Some(desk) = SessionDesk::open(app)? else { return Ok((Vec::new(), Vec::new())) };
    let all = desk.store.sessions(&SessionFilter::default())?;
    left_out.sessions = all.len().saturating_sub(SHOWN);
    let sessions = all.iter().take(SHOWN).map(|session| session_row(desk.report(session))).collect();
    let claims = desk.reports(&desk.store.claims(None, desk.now_ms)?);
    Ok((sessions, claims.into_iter().map(claim_row).collect()))
}

fn session_row(session: SessionReport) -> SessionRow {
    SessionRow {
        id: session.id,
        state: session.state,
        stale: session.stale,
        agent: session.who.agent,
        title: session.who.title,
        branch: session.who.branch,
        started: session.started,
        last_beat: session.last_beat,
        ended: session.ended,
        doing: session.doing,
        summary: session.summary,
    }
}

fn claim_row(claim: ClaimReport) -> ClaimRow {
    ClaimRow {
        resource: claim.resource,
        session: claim.session,
        holder: claim.holder,
        shared: claim.shared,
        note: claim.note,
        since: claim.since,
        expires: claim.expires,
        stale: claim.stale,
    }
}
