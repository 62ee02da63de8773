//! Retention by kind and age: what may go from the log, of sessions, receipts,
//! jobs and records. Pins, lessons and accepted decisions never go.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::record::title;
use super::run::receipts_folder;
use super::sessions::SessionDesk;
use super::{App, Result};
use crate::limits;
use crate::memory::{Record, RecordKind, RecordStatus};
use crate::model::EventKind;
use crate::model::time::{parse_rfc3339, rfc3339};
use crate::store::Retention;

/// What went, or would go.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    pub applied: bool,
    /// Entries of the log by their kind.
    pub events: BTreeMap<&'static str, usize>,
    /// Ended sessions.
    pub sessions: usize,
    /// Jobs that are done.
    pub jobs: usize,
    pub receipts: usize,
    /// Records whose files go; their revisions stay.
    pub records: Vec<OldRecord>,
}

/// A record that is old and no longer holds.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OldRecord {
    pub id: String,
    pub kind: &'static str,
    pub status: &'static str,
    pub title: String,
    pub updated: String,
}

/// Checkpoints that stay however old they are.
const CHECKPOINTS: usize = 20;

const DAY_MS: i64 = 86_400_000;

/// Kinds of entries that are kept as long as milestones.
const MILESTONES: [EventKind; 6] = [
    EventKind::Decision,
    EventKind::Question,
    EventKind::Milestone,
    EventKind::Checkpoint,
    EventKind::Error,
    EventKind::Note,
];

/// Tells what may go by the settings; with `apply` it goes.
pub fn gc(app: &App, apply: bool) -> Result<Report> {
    let mut report = Report {
        applied: apply,
        events: BTreeMap::new(),
        sessions: 0,
        jobs: 0,
        receipts: 0,
        records: old_records(app, apply)?,
    };
    let Some(mut desk) = SessionDesk::open(app)? else { return Ok(report) };
    let settings = &desk.context.settings;
    let before = |days| before_ms(&desk, days);
    let (recent, milestones) = (before(settings.keep_events_days()), before(settings.keep_milestones_days()));
    let age = |kind: EventKind| if MILESTONES.contains(&kind) { milestones } else { recent };
    let retention = Retention {
        events: EventKind::ALL.iter().filter_map(|(kind, _)| Some((*kind, age(*kind)?))).collect(),
        sessions: before(settings.keep_sessions_days()),
        receipts: before(settings.keep_receipts_days()),
    };
    let counts = desk.store.collect_garbage(&retention, apply)?;
    report.events = counts.events.into_iter().map(|(kind, count)| (kind.name(), count)).collect();
    (report.sessions, report.jobs, report.receipts) = (counts.sessions, counts.jobs, counts.receipts);
    if let (true, Some(before)) = (apply, retention.receipts) {
        let folder = receipts_folder(&desk.context);
        desk.store.retain_receipts(&folder, before, limits::MAX_RECEIPTS)?;
    }
    Ok(report)
}

/// The moment from which on is kept; `None` where all is kept for ever.
fn before_ms(desk: &SessionDesk, days: u64) -> Option<i64> {
    let days = days as i64;
    (days > 0).then(|| desk.now_ms - days * DAY_MS)
}

fn old_records(app: &App, apply: bool) -> Result<Vec<OldRecord>> {
    let context = app.context()?;
    let days = context.settings.keep_records_days() as i64;
    if days == 0 || !context.project.folder().is_dir() {
        return Ok(Vec::new());
    }
    let mut record_store = app.record_store(&context)?;
    let records: Vec<Record> = record_store.all()?.into_iter().map(|one| one.record).collect();
    let before = rfc3339((context.clock)().ns / 1_000_000 - days * DAY_MS);
    let old = old(&records, &before);
    if apply && !old.is_empty() {
        record_store.forget(&old.iter().map(|record| record.id.clone()).collect::<Vec<_>>())?;
    }
    Ok(old.into_iter().map(report).collect())
}

fn report(record: &Record) -> OldRecord {
    OldRecord {
        id: record.id.clone(),
        kind: record.kind.name(),
        status: record.status.name(),
        title: title(record),
        updated: record.updated.clone(),
    }
}

/// Records that were ended before a moment and that none which holds names, and
/// checkpoints of before it that are not among the newest.
fn old<'a>(records: &'a [Record], before: &str) -> Vec<&'a Record> {
    let live = records.iter().filter(|record| record.is_live());
    let named: BTreeSet<&str> = live.flat_map(|record| &record.links).map(|link| link.id.as_str()).collect();
    let of_checkpoints = |record: &&Record| record.kind == RecordKind::Checkpoint;
    let newest: BTreeSet<&str> = records
        .iter()
        .rev()
        .filter(of_checkpoints)
        .take(CHECKPOINTS)
        .map(|record| record.id.as_str())
        .collect();
    let is_old = |record: &&Record| {
        let is_over = match record.status {
            RecordStatus::Rejected | RecordStatus::Superseded | RecordStatus::Suppressed => true,
            RecordStatus::Accepted => record.kind == RecordKind::Checkpoint,
            RecordStatus::Proposed | RecordStatus::NeedsReview => false,
        };
        let stays = matches!(record.kind, RecordKind::Pin | RecordKind::Lesson);
        let is_before = match (parse_rfc3339(&record.updated), parse_rfc3339(before)) {
            (Some(updated), Some(before)) => updated < before,
            _ => false,
        };
        is_over
            && !stays
            && is_before
            && !named.contains(record.id.as_str())
            && !newest.contains(record.id.as_str())
    };
    records.iter().filter(is_old).collect()
}
