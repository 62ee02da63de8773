//! One screen of what is going on: the brief, who is here, what they hold, who
//! left, the open goal, the last checkpoint.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::goals::{self, GoalItem};
use super::pressure::{self, Pressure};
use super::resume_report::held;
use super::session_report::{ClaimReport, SessionReport};
use super::sessions::SessionDesk;
use super::sheet::{Sheet, SheetSection};
use super::{App, Result};
use crate::memory::{Memory, Record, RecordKind};
use crate::model::SafeText;
use crate::model::time::length;
use crate::sessions::state::SessionState;
use crate::store::SessionFilter;

/// What is going on.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SitrepReport {
    /// The first lines of the brief.
    pub brief: Vec<SafeText>,
    /// Sessions that have not ended and are not abandoned, then those that are.
    pub active: Vec<SessionReport>,
    pub abandoned: Vec<SessionReport>,
    /// How full their conversations are, by session, where the clients tell.
    pub contexts: BTreeMap<String, Pressure>,
    pub claims: Vec<ClaimReport>,
    /// In the last 24 hours.
    pub ended: Vec<SessionReport>,
    /// The open ones, each before its steps.
    pub goals: Vec<GoalItem>,
    pub checkpoint: Option<CheckpointLine>,
    #[serde(skip)]
    pub sheet: Sheet,
}

/// The last checkpoint.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CheckpointLine {
    pub id: String,
    pub title: SafeText,
    pub next: Option<SafeText>,
    pub created: String,
}

const DAY_MS: i64 = 24 * 3_600_000;

/// Lines of the brief, and sessions of a kind.
const MOST: usize = 20;

/// What is going on, within a budget in tokens.
pub fn sitrep(app: &App, budget: Option<usize>) -> Result<SitrepReport> {
    let (context, mut desk) = SessionDesk::with_context(app)?;
    desk.iter_mut().for_each(|desk| desk.exchange(app));
    let memory = app.memory(&context)?;
    let mut report = SitrepReport {
        brief: brief(&memory),
        active: Vec::new(),
        abandoned: Vec::new(),
        contexts: BTreeMap::new(),
        claims: Vec::new(),
        ended: Vec::new(),
        goals: goals::open(&memory),
        checkpoint: memory.of(RecordKind::Checkpoint).next_back().map(checkpoint_line),
        sheet: Sheet::default(),
    };
    if let Some(desk) = &desk {
        report.take_sessions(desk)?;
    }
    report.sheet = Sheet::compile(&report.sections(), budget);
    crate::pipeline::leak_scan(&context, "what is going on", &report.sheet.text)?;
    Ok(report)
}

fn brief(memory: &Memory) -> Vec<SafeText> {
    let is_brief = |record: &&Record| record.slug.as_deref() == Some(crate::records::BRIEF);
    let brief = memory.of(RecordKind::Observation).rev().find(is_brief);
    let lines =
        brief.map(|brief| crate::pipeline::session_start::paragraphs(&brief.body)).unwrap_or_default();
    lines.into_iter().take(MOST).collect()
}

fn checkpoint_line(record: &Record) -> CheckpointLine {
    let Record { id, title, next, created, .. } = record.clone();
    CheckpointLine { id, title, next, created }
}

impl SitrepReport {
    fn take_sessions(&mut self, desk: &SessionDesk) -> Result<()> {
        let open = SessionFilter { ended: Some(false), ..SessionFilter::default() };
        for session in desk.store.sessions(&open)? {
            let place = match desk.state(&session) {
                SessionState::Active => &mut self.active,
                _ => &mut self.abandoned,
            };
            if place.len() < MOST {
                place.push(desk.report(&session));
                let context = pressure::of(desk, &session);
                self.contexts.extend(context.map(|context| (session.id.clone(), context)));
            }
        }
        let since_ms = Some(desk.now_ms - DAY_MS);
        let ended = SessionFilter { ended: Some(true), since_ms, limit: Some(MOST) };
        self.ended = desk.store.sessions(&ended)?.iter().map(|session| desk.report(session)).collect();
        self.claims = desk.reports(&desk.store.claims(None, desk.now_ms)?);
        Ok(())
    }

    fn present(&self, session: &SessionReport) -> String {
        let stale = if session.stale { ", stale" } else { "" };
        let doing = session.doing.as_ref().map(|doing| format!(": {doing}")).unwrap_or_default();
        let branch = session.who.branch.as_ref().map(|branch| format!(" on {branch}")).unwrap_or_default();
        let full = self.contexts.get(&session.id).map(|context| format!(", {}", context.words()));
        let full = full.unwrap_or_default();
        format!("{}{branch} ({} ago{stale}{full}){doing}", titled(session), length(session.idle_s * 1_000))
    }

    fn sections(&self) -> Vec<SheetSection> {
        let texts = |all: &[SafeText]| all.iter().map(SafeText::to_string).collect::<Vec<_>>();
        let next =
            |next: &Option<SafeText>| next.as_ref().map(|next| format!("; next: {next}")).unwrap_or_default();
        let checkpoint = self.checkpoint.iter();
        let checkpoint = checkpoint.map(|it| format!("{} {}{}", it.created, it.title, next(&it.next)));
        vec![
            SheetSection::new("Brief", texts(&self.brief)),
            SheetSection::new(
                "Active sessions",
                self.active.iter().map(|session| self.present(session)).collect(),
            ),
            SheetSection::new("Claims", self.claims.iter().map(held).collect()),
            SheetSection::new("Goals", self.goals.iter().map(GoalItem::line).collect()),
            SheetSection::new("Last checkpoint", checkpoint.collect()),
            SheetSection::new(
                "Abandoned sessions",
                self.abandoned.iter().map(|session| self.present(session)).collect(),
            ),
            SheetSection::new("Ended in the last 24 hours", self.ended.iter().map(gone).collect()),
        ]
    }
}

fn gone(session: &SessionReport) -> String {
    let summary = session.summary.as_ref().map(|summary| format!(": {summary}")).unwrap_or_default();
    format!("{} ({} ago){summary}", titled(session), length(session.idle_s * 1_000))
}

fn titled(session: &SessionReport) -> String {
    match (&session.who.agent, &session.who.title) {
        (Some(agent), Some(title)) => format!("{agent} `{title}` [{}]", session.id),
        _ => format!("{} [{}]", session.name(), session.id),
    }
}
