//! Lessons that the log teaches: finding candidates, accepting and rejecting
//! them, and what became of those that were accepted.
//!
//! A candidate is a record of status `proposed`. Nobody is told one before a person
//! accepted it. Not here: which lesson is told when (`known_lessons`).

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::fields::apply_trigger;
use super::record::{self, Report as RecordReport};
use super::sessions::SessionDesk;
use super::{App, Error, Result, init, transcripts};
use crate::memory::{
    BodySection, Confidence, Link, Record, RecordKind, RecordOrigin, RecordStatus, Relation,
};
use crate::model::time::rfc3339;
use crate::model::{Event, EventKind, SafeText, Trigger};
use crate::records::RecordStore;
use crate::sessions::mining::{
    self, RepeatedError, RepeatedInstruction, Sighting, repeated_errors, repeated_instructions,
};
use crate::store::LogFilter;

pub use crate::sessions::mining::MiningGates;

/// How to look for lessons.
#[derive(Clone, Copy, Debug)]
pub struct MineRequest {
    pub gates: MiningGates,
    /// The name of the gates.
    pub profile: &'static str,
    /// Without it nothing is written.
    pub apply: bool,
}

/// What was found, and what was made of it.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct MineReport {
    pub applied: bool,
    pub profile: &'static str,
    /// What became, or would become, a proposed record.
    pub candidates: Vec<CandidateReport>,
    /// What does not pass the gates.
    pub held_back: Vec<CandidateReport>,
    /// How many have a record already, whatever became of it.
    pub known: usize,
    /// Ids of accepted lessons whose error came again since.
    pub back_to_review: Vec<String>,
    /// Entries of the log that were looked at.
    pub events: usize,
}

/// A candidate with what it rests on.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CandidateReport {
    pub kind: &'static str,
    /// Of the record, once there is one.
    pub id: Option<String>,
    pub title: SafeText,
    /// The line as it was printed; for a preference, what was said.
    pub error: SafeText,
    pub fingerprint: Option<String>,
    pub fix: Option<FixReport>,
    /// From 0 to 1.
    pub confidence: f64,
    pub occurrences: usize,
    pub sessions: Vec<String>,
    /// Entries of the log.
    pub evidence: Vec<String>,
    /// Gates that it does not pass.
    pub held_by: Vec<&'static str>,
}

/// What put an error right.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FixReport {
    pub command: SafeText,
    /// Files that were changed in between.
    pub files: Vec<SafeText>,
}

/// Lessons and preferences, newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LessonList {
    pub count: usize,
    pub lessons: Vec<RecordReport>,
}

/// What became of lessons, as facts of the log.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LessonsReport {
    /// How many there are of each status.
    pub statuses: BTreeMap<&'static str, usize>,
    pub lessons: Vec<LessonOutcome>,
}

/// How often the error of a lesson was seen.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LessonOutcome {
    pub id: String,
    pub title: SafeText,
    pub status: &'static str,
    pub fingerprint: Option<SafeText>,
    pub occurrences: usize,
    pub sessions: usize,
    /// Since it was accepted last.
    pub since_accepted: usize,
    pub last_seen: Option<String>,
}

/// Entries of the log that are looked at, and transcripts that are read.
const MOST_EVENTS: usize = 200_000;
const MOST_TRANSCRIPTS: usize = 30;

/// Entries that a record names as its evidence.
const MOST_LINKS: usize = 20;

/// Kinds of entries that teach something.
const TEACHES: [EventKind; 6] = [
    EventKind::Prompt,
    EventKind::ToolCall,
    EventKind::Command,
    EventKind::Error,
    EventKind::FileChange,
    EventKind::Record,
];

/// Looks for lessons in the log.
pub fn mine(app: &App, request: &MineRequest) -> Result<MineReport> {
    let mut report = MineReport { applied: request.apply, profile: request.profile, ..MineReport::default() };
    let Some(desk) = SessionDesk::open(app)? else { return Ok(report) };
    let events = events(&desk)?;
    report.events = events.len();
    if request.apply {
        init::prepare(&desk.context.project)?;
    }
    let mut record_store = app.record_store(&desk.context)?;
    let known: Vec<Record> = record_store.all()?.into_iter().map(|indexed| indexed.record).collect();
    let errors = repeated_errors(&events);
    let mut prompts = events.clone();
    prompts.extend(told_by_clients(app, &desk, &events));
    let mut drafts = Vec::new();
    for error in &errors {
        let (candidate, draft) = of_error(&record_store, error, &request.gates);
        report.sort_in(candidate, draft, is_known_error(&known, error), &mut drafts);
    }
    for said in repeated_instructions(&prompts) {
        let (candidate, draft) = of_instruction(&record_store, &said, &request.gates);
        report.sort_in(candidate, draft, is_known_instruction(&known, &said), &mut drafts);
    }
    report.back_to_review = failed_again(&known, &errors, &events);
    if request.apply {
        let (added, _) = record_store.propose(drafts, false)?;
        report.take_ids(&added);
        record_store.set_status(&report.back_to_review, RecordStatus::NeedsReview)?;
    }
    Ok(report)
}

impl MineReport {
    fn sort_in(
        &mut self,
        candidate: CandidateReport,
        draft: Record,
        is_known: bool,
        drafts: &mut Vec<Record>,
    ) {
        if is_known {
            self.known += 1;
        } else if candidate.held_by.is_empty() {
            self.candidates.push(candidate);
            drafts.push(draft);
        } else {
            self.held_back.push(candidate);
        }
    }

    /// What was there in the same words was not added.
    fn take_ids(&mut self, added: &[Record]) {
        for candidate in &mut self.candidates {
            let record = added.iter().find(|record| record.title == candidate.title);
            candidate.id = record.map(|record| record.id.clone());
        }
        let found = self.candidates.len();
        self.candidates.retain(|candidate| candidate.id.is_some());
        self.known += found - self.candidates.len();
    }
}

fn events(desk: &SessionDesk) -> Result<Vec<Event>> {
    let filter = LogFilter { kinds: TEACHES.to_vec(), limit: Some(MOST_EVENTS), ..LogFilter::default() };
    Ok(desk.store.logged(&filter)?)
}

/// What was asked for in conversations of which hooks told nothing.
fn told_by_clients(app: &App, desk: &SessionDesk, known: &[Event]) -> Vec<Event> {
    if !desk.context.settings.transcripts() {
        return Vec::new();
    }
    let sessions: BTreeSet<&str> = known.iter().filter_map(|event| event.session.as_deref()).collect();
    let mut told = Vec::new();
    for transcript in transcripts::find(app, desk).into_iter().take(MOST_TRANSCRIPTS) {
        if sessions.contains(transcript.id.as_str()) {
            continue;
        }
        let prompts =
            transcript.events(app, desk).into_iter().filter(|event| event.kind == EventKind::Prompt);
        // They are no entries of the log.
        told.extend(prompts.map(|event| Event { seq: 0, session: Some(transcript.id.clone()), ..event }));
    }
    told
}

/// Whether there is, or was, a lesson for this error: a rejected one does not come
/// back.
fn is_known_error(known: &[Record], error: &RepeatedError) -> bool {
    known.iter().any(|record| fingerprint_of(record) == Some(error.error.fingerprint.as_str()))
}

fn fingerprint_of(record: &Record) -> Option<&str> {
    let trigger = record.trigger.as_ref().filter(|_| record.kind == RecordKind::Lesson)?;
    trigger.fingerprint.as_ref().map(SafeText::as_str)
}

fn is_known_instruction(known: &[Record], said: &RepeatedInstruction) -> bool {
    let mut preferences = known.iter().filter(|record| record.kind == RecordKind::Preference);
    preferences.any(|record| mining::instruction_key(record.title.as_str()).as_ref() == Some(&said.key))
}

/// Accepted lessons whose error was seen after they had been accepted.
fn failed_again(known: &[Record], errors: &[RepeatedError], events: &[Event]) -> Vec<String> {
    let accepted = accepted_at(events);
    let has_failed = |record: &&Record| {
        let error =
            errors.iter().find(|error| fingerprint_of(record) == Some(error.error.fingerprint.as_str()));
        let since = accepted.get(record.id.as_str());
        error.zip(since).is_some_and(|(error, since)| error.sightings.iter().any(|seen| seen.event > *since))
    };
    let lessons = known.iter().filter(|record| record.status == RecordStatus::Accepted);
    lessons.filter(has_failed).map(|record| record.id.clone()).collect()
}

/// When records were accepted last, as numbers of entries of the log.
fn accepted_at(events: &[Event]) -> BTreeMap<String, i64> {
    let mut accepted = BTreeMap::new();
    for event in events.iter().filter(|event| event.kind == EventKind::Record) {
        let data = event.data.as_ref().and_then(|data| serde_json::from_str(data.as_str()).ok());
        let data: serde_json::Value = data.unwrap_or_default();
        if let (Some(id), Some("accepted" | "added" | "restored")) =
            (data["record"].as_str(), data["what"].as_str())
        {
            accepted.insert(id.to_string(), event.seq);
        }
    }
    accepted
}

fn of_error(
    record_store: &RecordStore,
    error: &RepeatedError,
    gates: &MiningGates,
) -> (CandidateReport, Record) {
    let redactor = &record_store.context.redactor;
    let mut draft = draft(record_store, RecordKind::Lesson, error.confidence());
    let line = redactor.line(&error.error.line);
    let tool = Some(error.error.tool.as_str()).filter(|tool| !tool.is_empty());
    let title = tool.map(|tool| format!("{tool}: {line}")).unwrap_or_else(|| line.to_string());
    draft.title = redactor.text(&title).one_line(200);
    draft.body = redactor.text(&body_of(error));
    if let Some(fix) = &error.fix {
        draft.parts.insert(BodySection::Commands, vec![fix.what.clone()]);
        draft.links.push(Link { relation: Relation::FixedBy, id: format!("e{}", fix.event) });
    }
    draft.links.extend(caused_by(&error.sightings));
    draft.links.sort();
    let fingerprint = redactor.line(&error.error.fingerprint);
    draft.trigger = Some(Trigger { fingerprint: Some(fingerprint), ..Trigger::default() });
    draft.source = Some(redactor.line(&source(&error.sightings)));
    let mut report = candidate(&draft, line, &error.sightings);
    report.fingerprint = Some(error.error.fingerprint.clone());
    report.evidence.extend(error.fix.iter().map(|fix| format!("e{}", fix.event)));
    let fix = error.fix.as_ref();
    report.fix = fix.map(|fix| FixReport { command: fix.what.clone(), files: fix.files.clone() });
    report.held_by = error.held_by(gates);
    (report, draft)
}

/// The error as it was printed, and what put it right.
fn body_of(error: &RepeatedError) -> String {
    let ended = error.error.code.map(|code| format!(" with exit code {code}")).unwrap_or_default();
    let mut text = format!(
        "`{}` failed{ended}, {} times in {} sessions:\n\n    {}\n",
        error.what,
        error.sightings.len(),
        mining::sessions(&error.sightings),
        error.error.line
    );
    match &error.fix {
        Some(fix) if fix.files.is_empty() => {
            text.push_str(&format!("\nThe first success after it: `{}`.", fix.what))
        }
        Some(fix) => {
            let files: Vec<String> = fix.files.iter().map(|file| format!("`{file}`")).collect();
            text.push_str(&format!(
                "\nThe first success after it: `{}`, after changes of {}.",
                fix.what,
                files.join(", ")
            ));
        }
        None => text.push_str("\nNo success after it was logged."),
    }
    text
}

fn of_instruction(
    record_store: &RecordStore,
    said: &RepeatedInstruction,
    gates: &MiningGates,
) -> (CandidateReport, Record) {
    let redactor = &record_store.context.redactor;
    let sessions = mining::sessions(&said.sightings);
    let confidence = (sessions as f64 + 1.0) / (sessions as f64 + 2.0);
    let mut draft = draft(record_store, RecordKind::Preference, confidence);
    draft.title = said.text.clone();
    draft.links = caused_by(&said.sightings);
    draft.source = Some(redactor.line(&source(&said.sightings)));
    let mut report = candidate(&draft, said.text.clone(), &said.sightings);
    if sessions < gates.repeated {
        report.held_by.push("sessions");
    }
    (report, draft)
}

fn draft(record_store: &RecordStore, kind: RecordKind, confidence: f64) -> Record {
    let mut draft = record_store.draft(kind, "");
    draft.status = RecordStatus::Proposed;
    draft.origin = RecordOrigin::Log;
    draft.confidence = Confidence::new(confidence);
    draft
}

fn candidate(draft: &Record, error: SafeText, sightings: &[Sighting]) -> CandidateReport {
    let of_log = sightings.iter().filter(|seen| seen.event > 0);
    CandidateReport {
        kind: draft.kind.name(),
        id: None,
        title: draft.title.clone(),
        error,
        fingerprint: None,
        fix: None,
        confidence: draft.confidence.map_or(0.0, Confidence::value),
        occurrences: sightings.len(),
        sessions: session_names(sightings),
        evidence: of_log.map(|seen| format!("e{}", seen.event)).collect(),
        held_by: Vec::new(),
    }
}

fn session_names(sightings: &[Sighting]) -> Vec<String> {
    let names: BTreeSet<String> = sightings.iter().filter_map(|seen| seen.session.clone()).collect();
    names.into_iter().collect()
}

fn caused_by(sightings: &[Sighting]) -> Vec<Link> {
    let of_log = sightings.iter().filter(|seen| seen.event > 0).take(MOST_LINKS);
    of_log.map(|seen| Link { relation: Relation::CausedBy, id: format!("e{}", seen.event) }).collect()
}

/// Ids of entries mean something in one database only: these words do anywhere.
fn source(sightings: &[Sighting]) -> String {
    let names = session_names(sightings);
    let first = names.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
    let last = sightings.last().map(|seen| rfc3339(seen.at_ms)).unwrap_or_default();
    match names.len() {
        0 => format!("the log until {last}"),
        _ => format!("the log until {last}, sessions {first}"),
    }
}

fn is_lesson(record: &Record) -> bool {
    record.kind == RecordKind::Lesson
        || record.kind == RecordKind::Preference && record.origin == RecordOrigin::Log
}

/// The lessons and the preferences that the log taught: those that count or wait,
/// or all of them.
pub fn list(app: &App, all: bool) -> Result<LessonList> {
    let context = app.context()?;
    let record_store = app.record_store(&context)?;
    let mut found = record_store.all()?;
    found.retain(|indexed| is_lesson(&indexed.record) && (all || indexed.record.is_live()));
    found.reverse();
    let lessons = record::reports(&record_store, found)?;
    Ok(LessonList { count: lessons.len(), lessons })
}

/// What became of the lessons: how often the error of each was seen, and since it
/// was accepted.
pub fn report(app: &App) -> Result<LessonsReport> {
    let context = app.context()?;
    let lessons = app.memory(&context)?.records.into_iter().filter(is_lesson).collect::<Vec<_>>();
    let events = match SessionDesk::open(app)? {
        Some(desk) => events(&desk)?,
        None => Vec::new(),
    };
    let mut seen: BTreeMap<String, Vec<Sighting>> = BTreeMap::new();
    for event in &events {
        if let Some(error) = mining::error_of(event) {
            let sighting = Sighting { event: event.seq, at_ms: event.at_ms, session: event.session.clone() };
            seen.entry(error.fingerprint).or_default().push(sighting);
        }
    }
    let accepted = accepted_at(&events);
    let mut report = LessonsReport { statuses: BTreeMap::new(), lessons: Vec::new() };
    for lesson in &lessons {
        *report.statuses.entry(lesson.status.name()).or_default() += 1;
        let seen = fingerprint_of(lesson).and_then(|print| seen.get(print)).map(Vec::as_slice);
        report.lessons.push(outcome(lesson, seen.unwrap_or_default(), accepted.get(&lesson.id).copied()));
    }
    Ok(report)
}

fn outcome(lesson: &Record, seen: &[Sighting], accepted: Option<i64>) -> LessonOutcome {
    let since = accepted.filter(|_| lesson.status == RecordStatus::Accepted);
    let is_since = |seen: &&Sighting| since.is_some_and(|since| seen.event > since);
    LessonOutcome {
        id: lesson.id.clone(),
        title: lesson.title.clone(),
        status: lesson.status.name(),
        fingerprint: lesson.trigger.as_ref().and_then(|trigger| trigger.fingerprint.clone()),
        occurrences: seen.len(),
        sessions: mining::sessions(seen),
        since_accepted: seen.iter().filter(is_since).count(),
        last_seen: seen.last().map(|seen| rfc3339(seen.at_ms)),
    }
}

/// Accepts a lesson, with what its trigger is to be besides.
pub fn accept(app: &App, id: &str, trigger: &[(String, String)]) -> Result<RecordReport> {
    let context = app.context()?;
    let mut record_store = app.record_store(&context)?;
    let found = lesson(&record_store, id)?;
    let mut accepted = found.clone();
    apply_trigger(&context, &mut accepted, trigger)?;
    accepted.status = RecordStatus::Accepted;
    decide(&mut record_store, accepted)
}

/// Rejects a lesson, for good: it is not proposed again.
pub fn reject(app: &App, id: &str) -> Result<RecordReport> {
    let context = app.context()?;
    let mut record_store = app.record_store(&context)?;
    let found = lesson(&record_store, id)?;
    decide(&mut record_store, Record { status: RecordStatus::Rejected, ..found })
}

fn lesson(record_store: &RecordStore, id: &str) -> Result<Record> {
    let found = record_store.get(id)?.record;
    match is_lesson(&found) {
        true => Ok(found),
        false => {
            let error = Error::new(format!("the record `{}` is no lesson", found.id));
            Err(error.with_hint("`waypost lessons list` lists them"))
        }
    }
}

fn decide(record_store: &mut RecordStore, record: Record) -> Result<RecordReport> {
    let id = record.id.clone();
    let (indexed, _) = record_store.edit(&id, None, |target| {
        *target = record;
        Ok(())
    })?;
    let report = record::reports(record_store, vec![indexed])?.pop();
    report.ok_or_else(|| Error::new(format!("the record `{id}` is gone")))
}
