//! Facts about what piles up: how much of it there is, and which command mends
//! it.

use super::doctor_check::{Check, count, failed, ok, warn};
use super::record;
use super::sessions::SessionDesk;
use super::{App, Result, dedup, gc};
use crate::config::MemoryUse;
use crate::memory::{AnchorState, Record};
use crate::model::{JobState, Session};
use crate::records::RecordStore;
use crate::search;
use crate::sessions::state::{self, SessionState};
use crate::store::SessionFilter;

/// One check each; none where there is no database that can be read.
pub(super) fn facts(app: &App) -> Vec<Check> {
    let Ok(Some(desk)) = SessionDesk::open(app) else { return Vec::new() };
    let mut checks = match records(app, &desk) {
        Ok(checks) => checks,
        Err(error) => vec![failed("records", &error)],
    };
    let others = [("questions", questions(&desk)), ("jobs", jobs(&desk)), ("sessions", sessions(&desk))];
    // Where records are switched off, nothing asks how old they are.
    let retention =
        (desk.context.settings.memory_use() != MemoryUse::Off).then(|| ("retention", retention(app)));
    let others = others.into_iter().chain(retention);
    checks.extend(others.map(|(name, check)| check.unwrap_or_else(|error| failed(name, &error))));
    checks
}

fn records(app: &App, desk: &SessionDesk) -> Result<Vec<Check>> {
    let record_store = app.book_to_ask(&desk.context)?;
    let all = record_store.all()?;
    let records: Vec<Record> = all.iter().map(|one| one.record.clone()).collect();
    let live = all.into_iter().filter(|one| one.record.is_live()).collect();
    let checked = record::check(&record_store, live)?;
    let states: Vec<AnchorState> =
        checked.iter().flat_map(|one| &one.verdicts).map(|verdict| verdict.state).collect();
    let lost = findable(&record_store, &records)?;
    Ok(vec![duplicates(&records), recalled(desk, &records)?, lost, anchors(&states)])
}

fn duplicates(records: &[Record]) -> Check {
    match dedup::groups(records).iter().map(|group| group.drop.len()).sum() {
        0 => ok("duplicates", "no record says what another one says"),
        some => warn("duplicates", format!("{} say what others say: `waypost dedup`", count(some, "record"))),
    }
}

/// What `search` was asked, where the user keeps that.
fn questions(desk: &SessionDesk) -> Result<Check> {
    let told = match (desk.context.settings.question_log(), desk.store.questions()?) {
        (false, (0, _)) => "not kept: `question_log` in your settings keeps their hashes".to_string(),
        (_, (all, empty)) => format!("{empty} of {} found nothing", count(all as usize, "question")),
    };
    Ok(ok("questions", told))
}

/// That nobody asked for a record is no fault of it.
fn recalled(desk: &SessionDesk, records: &[Record]) -> Result<Check> {
    let asked = desk.store.recalled()?;
    let live: Vec<&Record> = records.iter().filter(|record| record.is_live()).collect();
    let never = live.iter().filter(|record| !asked.contains(&record.id)).count();
    Ok(ok(
        "recalled",
        format!("{never} of {} were never asked for: `waypost notes`", count(live.len(), "record")),
    ))
}

/// Records that are asked for by their own titles, the newest: a look at each takes a
/// millisecond.
const ASKED_FOR: usize = 500;

/// Whether a question in a record's own words finds it.
fn findable(record_store: &RecordStore, records: &[Record]) -> Result<Check> {
    let live: Vec<Record> = records.iter().filter(|record| record.is_live()).cloned().collect();
    let lost = search::never_found(record_store.store(), &live, ASKED_FOR)?;
    let asked = count(live.len().min(ASKED_FOR), "record");
    Ok(match lost.as_slice() {
        [] => ok("findable", format!("{asked} found by their own words")),
        some => {
            let named = some.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
            let more = if some.len() > NAMED { ", ..." } else { "" };
            let detail = format!("{} of {asked} not found by their own words: {named}{more}", some.len());
            warn("findable", detail)
        }
    })
}

/// Records that a check names.
const NAMED: usize = 10;

fn anchors(states: &[AnchorState]) -> Check {
    let number = |state| states.iter().filter(|known| **known == state).count();
    let (moved, orphaned) = (number(AnchorState::Moved), number(AnchorState::Orphaned));
    match moved + orphaned {
        0 => ok("anchors", format!("{}, none gone from its place", count(states.len(), "anchor"))),
        _ => warn(
            "anchors",
            format!(
                "{orphaned} orphaned, {moved} moved: `waypost verify` tells which, `--accept` follows what moved"
            ),
        ),
    }
}

fn jobs(desk: &SessionDesk) -> Result<Check> {
    let jobs = desk.store.jobs(&[JobState::Waiting, JobState::Running, JobState::Dead])?;
    let dead = jobs.iter().filter(|job| job.state == JobState::Dead).count();
    let waiting = jobs.len() - dead;
    Ok(match dead {
        0 => ok("jobs", format!("{waiting} waiting, none dead")),
        _ => {
            warn("jobs", format!("{dead} dead, {waiting} waiting: `waypost jobs retry ID` or `jobs drop ID`"))
        }
    })
}

fn sessions(desk: &SessionDesk) -> Result<Check> {
    let open = SessionFilter { ended: Some(false), ..SessionFilter::default() };
    let open = desk.store.sessions(&open)?;
    let is_abandoned = |session: &&Session| desk.state(session) == SessionState::Abandoned;
    let abandoned = open.iter().filter(is_abandoned).count();
    let is_stale = |session: &&Session| state::is_stale(session, desk.now_ms) && !is_abandoned(session);
    let stale = open.iter().filter(is_stale).count();
    let text = format!("{} open, {stale} stale, {abandoned} abandoned", open.len());
    Ok(match stale + abandoned {
        0 => ok("sessions", text),
        _ => warn("sessions", format!("{text}: `waypost session list`, `waypost session end ID`")),
    })
}

/// What is older than it is kept.
fn retention(app: &App) -> Result<Check> {
    let garbage = gc::gc(app, false)?;
    let events: usize = garbage.events.values().sum();
    let all = events + garbage.sessions + garbage.jobs + garbage.receipts + garbage.records.len();
    Ok(match all {
        0 => ok("retention", "nothing is older than it is kept"),
        _ => warn("retention", format!("{} older than it is kept: `waypost gc`", count(all, "item"))),
    })
}
