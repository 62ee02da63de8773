//! Sessions, events and claims as commands report them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::time::rfc3339;
use crate::model::{Claim, Event, SafeText, Session};
use crate::sessions::state::{self, SessionState};

/// A session, as every report shows it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SessionReport {
    pub id: String,
    pub state: SessionState,
    /// No sign of life for half an hour.
    pub stale: bool,
    #[serde(flatten)]
    pub who: WhoReport,
    pub started: String,
    pub last_beat: String,
    /// Seconds since its last sign of life.
    pub idle_s: i64,
    pub ended: Option<String>,
    /// What it said last that it does.
    pub doing: Option<SafeText>,
    pub summary: Option<SafeText>,
}

/// What a session said of itself.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WhoReport {
    pub agent: Option<SafeText>,
    #[serde(rename = "type")]
    pub kind: Option<SafeText>,
    pub title: Option<SafeText>,
    pub meta: BTreeMap<String, String>,
    /// Where it works.
    pub worktree: SafeText,
    pub branch: Option<SafeText>,
}

/// An entry of the log.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EventReport {
    pub id: i64,
    pub at: String,
    pub session: Option<String>,
    pub kind: &'static str,
    pub text: SafeText,
    pub path: Option<SafeText>,
    pub exit_code: Option<i64>,
    pub data: Option<serde_json::Value>,
}

/// A claim with its holder.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ClaimReport {
    pub resource: SafeText,
    pub session: String,
    /// The holder's agent, else its title, else its id.
    pub holder: String,
    pub shared: bool,
    pub note: Option<SafeText>,
    pub since: String,
    pub expires: String,
    /// Seconds since it was made.
    pub age_s: i64,
    /// The holder gave no sign of life for half an hour, or its process is gone.
    pub stale: bool,
    pub worktree: SafeText,
    pub branch: Option<SafeText>,
    /// Whether the team's server holds it too, in a project that is connected with one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<bool>,
}

fn some(text: &SafeText) -> Option<SafeText> {
    (!text.is_empty()).then(|| text.clone())
}

/// The report of a session.
pub(super) fn session_report(session: &Session, state: SessionState, now_ms: i64) -> SessionReport {
    let who = &session.identity;
    SessionReport {
        id: session.id.clone(),
        state,
        stale: state::is_stale(session, now_ms),
        who: WhoReport {
            agent: some(&who.agent),
            kind: some(&who.kind),
            title: some(&who.title),
            meta: serde_json::from_str(who.meta.as_str()).unwrap_or_default(),
            worktree: who.worktree.clone(),
            branch: some(&who.branch),
        },
        started: rfc3339(session.started_ms),
        last_beat: rfc3339(session.beat_ms),
        idle_s: (now_ms - session.beat_ms).max(0) / 1_000,
        ended: session.ended_ms.map(rfc3339),
        doing: some(&session.doing),
        summary: some(&session.summary),
    }
}

impl SessionReport {
    /// A name for people: its agent, else its title, else its id.
    pub fn name(&self) -> &str {
        let texts = [&self.who.agent, &self.who.title];
        texts.into_iter().flatten().next().map_or(self.id.as_str(), SafeText::as_str)
    }
}

impl EventReport {
    /// The report of an event.
    pub(super) fn of(event: &Event) -> Self {
        Self {
            id: event.seq,
            at: rfc3339(event.at_ms),
            session: event.session.clone(),
            kind: event.kind.name(),
            text: event.text.clone(),
            path: event.path.clone(),
            exit_code: event.code,
            data: event.data.as_ref().and_then(|data| serde_json::from_str(data.as_str()).ok()),
        }
    }
}

impl ClaimReport {
    /// The report of a claim.
    pub(super) fn of(claim: &Claim, state: SessionState, now_ms: i64) -> Self {
        let holder = session_report(&claim.session, state, now_ms);
        Self {
            resource: claim.resource.shown.clone(),
            holder: holder.name().to_string(),
            session: holder.id,
            shared: claim.shared,
            note: some(&claim.note),
            since: rfc3339(claim.taken_ms),
            expires: rfc3339(claim.expires_ms),
            age_s: (now_ms - claim.taken_ms).max(0) / 1_000,
            stale: holder.stale || state == SessionState::Abandoned,
            worktree: holder.who.worktree,
            branch: holder.who.branch,
            confirmed: claim.confirmed,
        }
    }
}
