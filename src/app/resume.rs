//! Carries on where somebody stopped: what was asked for, done and decided, which
//! files are in flight, what failed, what comes next. Made from what was logged
//! and from git; nobody has to have written anything down.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::change::{ChangeRequest, OpenChange};
use super::goals;
use super::resume_report::{
    DriftedRecord, FileInFlight, FileState, OtherWork, ResumeReport, ResumeStatus, RunReport, Since,
    TranscriptReport,
};
use super::sessions::SessionDesk;
use super::sheet::Sheet;
use super::shell_history;
use super::{App, Result, companions, test_plan, transcripts};
use crate::git::ChangeStatus;
use crate::memory::{AnchorState, Memory, Record, RecordKind};
use crate::model::time::parse_rfc3339;
use crate::model::{Event, EventKind, RelPath, SafeText, Session};
use crate::pipeline::Context;
use crate::sessions::work::{self, CommandRun, EditedFile, Work};
use crate::store::{LogFilter, SessionFilter};

pub use super::resume_report::ResumeRequest;

/// Entries of a log that are looked at.
const MOST_EVENTS: usize = 5_000;

/// Sessions among which the unfinished one is looked for.
const MOST_SESSIONS: usize = 100;

/// Items of a list in the report.
const MOST_ITEMS: usize = 30;

/// Modified files whose symbols are compared with those of the head commit.
const MOST_COMPARED: usize = 6;

/// Files that may belong to those in flight, and tests of them, at most.
const MOST_COMPANIONS: usize = 5;

/// Files of a tree that is read for them; a larger one takes seconds.
const MOST_TREE_FILES: usize = 20_000;

/// Commits since it began that are listed.
const MOST_COMMITS: usize = 20;

/// Where the asker, else anybody, stopped.
pub fn resume(app: &App, request: &ResumeRequest) -> Result<ResumeReport> {
    let Some(desk) = SessionDesk::of_team(app)? else {
        if let Some(id) = &request.session {
            return Err(super::Error::new(format!("there is no session `{id}` here")));
        }
        let context = app.context()?;
        return Ok(without_sessions(app.memory(&context)?, request.budget));
    };
    let subject = subject(app, &desk, request)?;
    let subject = match request.session {
        Some(_) => of_conversation(app, &desk, request, subject),
        None => newest(app, &desk, request, subject)?,
    };
    let mut report = told(app, &desk, subject, request)?;
    let since_ms = report.session.as_ref().and_then(|session| parse_rfc3339(&session.started));
    report.shell = shell_history::since(app, &desk, since_ms.unwrap_or(desk.now_ms - DAY_MS));
    if request.companions {
        tell_companions(app, &desk, &mut report)?;
    }
    if request.session.is_none() {
        report.also = also_left(app, &desk, &report, request.but)?;
    }
    report.sheet = Sheet::compile(&report.sections(), request.budget);
    crate::pipeline::leak_scan(&desk.context, "what is told of the work", &report.sheet.text)?;
    Ok(report)
}

/// Tells what belongs to the files in flight: other files, and tests.
fn tell_companions(app: &App, desk: &SessionDesk, report: &mut ResumeReport) -> Result<()> {
    let is_open = |file: &FileInFlight| matches!(file.state, FileState::Changed(_));
    let tracked = desk.context.repository.as_ref().and_then(|repository| repository.tracked().ok());
    let is_small = tracked.is_some_and(|index| index.files.len() <= MOST_TREE_FILES);
    if !is_small || !report.files.iter().any(is_open) {
        return Ok(());
    }
    let open = OpenChange::of(app, ChangeRequest::default())?;
    report.companions = companions::beside(&open, MOST_COMPANIONS)?;
    report.tests = test_plan::of(&open, MOST_COMPANIONS)?.tests;
    Ok(())
}

/// What the session that is named, or the newest other one, left unfinished, as
/// [`resume`] tells it without transcripts; `None`, at little cost, where nobody
/// left anything.
pub(super) fn unfinished(
    app: &App,
    desk: &SessionDesk,
    request: &ResumeRequest,
) -> Result<Option<ResumeReport>> {
    if request.session.is_some() {
        let report = told(app, desk, subject(app, desk, request)?, request)?;
        return Ok(report.has_work().then_some(report));
    }
    for subject in with_work(desk, recent_sessions(desk)?, request.but).take(MOST_TRIED) {
        let subject = subject?;
        let has_ended = subject.session.as_ref().is_none_or(|session| session.ended_ms.is_some());
        let has_next = work::of(&subject.events).next.is_some();
        let mut report = told(app, desk, subject, request)?;
        if report.has_work() && (!has_ended || has_next || report.leaves_something()) {
            report.also = also_left(app, desk, &report, request.but)?;
            report.sheet = Sheet::compile(&report.sections(), request.budget);
            crate::pipeline::leak_scan(&desk.context, "what is told of the work", &report.sheet.text)?;
            return Ok(Some(report));
        }
    }
    Ok(None)
}

/// Sessions that have not ended, and those that ended in the last week; the newest first.
fn recent_sessions(desk: &SessionDesk) -> Result<Vec<Session>> {
    let since_ms = Some(desk.now_ms - 7 * DAY_MS);
    let ended = SessionFilter { ended: Some(true), limit: Some(MOST_SESSIONS), since_ms };
    let mut sessions = newest_sessions(desk, false)?;
    sessions.extend(desk.store.sessions(&ended)?);
    sessions.sort_by_key(|session| std::cmp::Reverse(session.beat_ms));
    Ok(sessions)
}

/// Work of others than the asker and the one that is told, whose edits are not committed.
fn also_left(app: &App, desk: &SessionDesk, told: &ResumeReport, but: Option<i64>) -> Result<Vec<OtherWork>> {
    let mut known: Vec<String> = told.session.iter().map(|session| session.id.clone()).collect();
    known.extend(app.session().map(str::to_string));
    let key = |session: &Session| {
        let conversation = session.identity.conversation.as_ref().map(SafeText::to_string);
        conversation.unwrap_or_else(|| session.id.clone())
    };
    let sessions = recent_sessions(desk)?;
    let mut seen: BTreeSet<String> =
        sessions.iter().filter(|session| known.contains(&session.id)).map(key).collect();
    let others: Vec<Session> = sessions.into_iter().filter(|session| seen.insert(key(session))).collect();
    let mut left = Vec::new();
    for subject in with_work(desk, others, but).take(MOST_TRIED) {
        let subject = subject?;
        let work = work::of(&subject.events);
        let states = states(&desk.context, &work);
        let files: Vec<SafeText> =
            work.files.keys().filter(|path| states.contains_key(path.as_str())).cloned().collect();
        if let Some(session) = subject.session.filter(|_| !files.is_empty()) {
            left.push(OtherWork { session: desk.report(&session), task: work.asked.first().cloned(), files });
        }
    }
    Ok(left)
}

fn told(app: &App, desk: &SessionDesk, subject: Subject, request: &ResumeRequest) -> Result<ResumeReport> {
    let memory = app.memory(&desk.context)?;
    let report = Gathering { desk, memory: &memory }.report(subject, request)?;
    crate::pipeline::leak_scan(&desk.context, "what is told of the work", &report.sheet.text)?;
    Ok(report)
}

fn without_sessions(memory: Memory, budget: Option<usize>) -> ResumeReport {
    let mut report = ResumeReport {
        status: ResumeStatus::Nothing,
        session: None,
        transcript: None,
        task: memory.goal().map(|goal| goal.text().clone()),
        asked_last: None,
        goals: goals::open(&memory),
        done: Vec::new(),
        decisions: Vec::new(),
        files: Vec::new(),
        companions: Vec::new(),
        tests: Vec::new(),
        failed: Vec::new(),
        errors: Vec::new(),
        last_command: None,
        last_test: None,
        next: memory.next_step().cloned(),
        questions: Vec::new(),
        drifted: Vec::new(),
        shell: Vec::new(),
        since: Since::default(),
        claims: Vec::new(),
        also: Vec::new(),
        sheet: Sheet::default(),
    };
    report.sheet = Sheet::compile(&report.sections(), budget);
    report
}

/// The work that it is about, with what was logged of it.
struct Subject {
    session: Option<Session>,
    transcript: Option<TranscriptReport>,
    events: Vec<Event>,
}

/// The session that was named; else the asker's, if it did anything; else the
/// newest of anyone that did and has not ended, else that has; else what was
/// logged without a session.
fn subject(app: &App, desk: &SessionDesk, request: &ResumeRequest) -> Result<Subject> {
    if let Some(id) = &request.session {
        let session = desk.session(id)?;
        let events = events_of(desk, &session)?;
        return Ok(Subject { session: Some(session), transcript: None, events });
    }
    let mut sessions = newest_sessions(desk, false)?;
    sessions.extend(newest_sessions(desk, true)?);
    if app.session().is_some() {
        let own = desk.carrier(app)?;
        sessions.retain(|session| session.seq != own.seq);
        // One that has only been asked something asks what others did.
        let is_work = |event: &Event| {
            event.kind != EventKind::Prompt && work::of(std::slice::from_ref(event)).events > 0
        };
        let place = if events_of(desk, &own)?.iter().any(is_work) { 0 } else { sessions.len() };
        sessions.insert(place, own);
    }
    if let Some(found) = first_with_work(desk, sessions, request.but)? {
        return Ok(found);
    }
    let filter = LogFilter { limit: Some(MOST_EVENTS), ..LogFilter::default() };
    let events = desk.store.logged(&filter)?.into_iter().filter(|event| event.session.is_none());
    Ok(Subject { session: None, transcript: None, events: events.collect() })
}

/// Sessions that have ended, or have not.
fn newest_sessions(desk: &SessionDesk, ended: bool) -> Result<Vec<Session>> {
    let filter = SessionFilter { ended: Some(ended), limit: Some(MOST_SESSIONS), since_ms: None };
    Ok(desk.store.sessions(&filter)?)
}

/// The first session that did anything, apart from the one in row `but`.
fn first_with_work(desk: &SessionDesk, sessions: Vec<Session>, but: Option<i64>) -> Result<Option<Subject>> {
    with_work(desk, sessions, but).next().transpose()
}

/// Those that did anything, apart from the one in row `but`.
fn with_work(
    desk: &SessionDesk,
    sessions: Vec<Session>,
    but: Option<i64>,
) -> impl Iterator<Item = Result<Subject>> {
    let others = sessions.into_iter().filter(move |session| Some(session.seq) != but);
    let subjects = others.map(|session| {
        let events = events_of(desk, &session)?;
        Ok(Subject { session: Some(session), transcript: None, events })
    });
    let has_work =
        |subject: &Result<Subject>| subject.as_ref().map_or(true, |it| work::of(&it.events).events > 0);
    subjects.filter(has_work)
}

/// A transcript of a client in its place, where that is newer and its hooks told
/// nothing of it.
fn newest(app: &App, desk: &SessionDesk, request: &ResumeRequest, known: Subject) -> Result<Subject> {
    if !request.transcripts || request.session.is_some() || !desk.context.settings.transcripts() {
        return Ok(known);
    }
    let last_ms = work::of(&known.events).last_ms;
    let found = transcripts::find(app, desk).into_iter().take(MOST_TRANSCRIPTS);
    for transcript in found.filter(|transcript| transcript.written_ms > last_ms) {
        let told = desk.store.session(&transcript.id)?;
        let is_told = match &told {
            Some(session) => work::of(&events_of(desk, session)?).events > 0,
            None => false,
        };
        let events = if is_told { Vec::new() } else { transcript.events(app, desk) };
        if work::of(&events).events > 0 {
            let id = desk.title(&transcript.id);
            let transcript = Some(TranscriptReport { client: transcript.client.name(), id });
            return Ok(Subject { session: told, transcript, events });
        }
    }
    Ok(known)
}

/// The client's transcript of the conversation that a named session is, where the
/// log tells nothing of it.
fn of_conversation(app: &App, desk: &SessionDesk, request: &ResumeRequest, known: Subject) -> Subject {
    let may_read = request.transcripts && desk.context.settings.transcripts();
    if !may_read || work::of(&known.events).events > 0 {
        return known;
    }
    let Some(session) = &known.session else { return known };
    let name = session.identity.conversation.as_ref().map_or(session.id.as_str(), SafeText::as_str);
    let found = transcripts::find(app, desk).into_iter().find(|transcript| transcript.id == name);
    let Some(found) = found else { return known };
    let transcript = Some(TranscriptReport { client: found.client.name(), id: desk.title(&found.id) });
    Subject { transcript, events: found.events(app, desk), ..known }
}

/// Sessions with work that are looked at for one that left something unfinished.
const MOST_TRIED: usize = 4;

/// Without a session the commands of a day are told.
const DAY_MS: i64 = 24 * 3_600_000;

/// Transcripts that are opened for one that tells anything.
const MOST_TRANSCRIPTS: usize = 5;

/// What was logged of a session, or of all of the conversation that it is a part of.
fn events_of(desk: &SessionDesk, session: &Session) -> Result<Vec<Event>> {
    let conversation = session.identity.conversation.as_ref().map(SafeText::to_string);
    let row = conversation.is_none().then_some(session.seq);
    let filter = LogFilter { session: row, conversation, limit: Some(MOST_EVENTS), ..LogFilter::default() };
    Ok(desk.store.logged(&filter)?)
}

struct Gathering<'a> {
    desk: &'a SessionDesk,
    memory: &'a Memory,
}

impl Gathering<'_> {
    fn report(&self, subject: Subject, request: &ResumeRequest) -> Result<ResumeReport> {
        let work = work::of(&subject.events);
        let session = subject.session.as_ref();
        let states = states(&self.desk.context, &work);
        let files = self.files(&work, session, subject.transcript.as_ref().map(|it| it.client), &states);
        let since = self.since(session, &subject.events, &work, &states);
        let drifted = self.drifted(&files, &since)?;
        let mut claims = self.desk.store.claims(None, self.desk.now_ms)?;
        claims.retain(|claim| session.is_none_or(|session| session.seq != claim.session.seq));
        let title = session.map(|session| &session.identity.title).filter(|title| !title.is_empty()).cloned();
        let goal = self.memory.goal().map(|goal| goal.text().clone());
        let redactor = &self.desk.context.redactor;
        let run = |run: &CommandRun| RunReport::of(run, redactor);
        let mut report = ResumeReport {
            status: status(session, &since, &files, &work),
            session: session.map(|session| self.desk.report(session)),
            transcript: subject.transcript.clone(),
            task: title.or(work.asked.first().cloned()).or(goal),
            asked_last: work.asked.last().filter(|asked| work.asked.first() != Some(asked)).cloned(),
            goals: goals::open(self.memory),
            done: done(&work, session),
            decisions: latest(&work.decisions),
            files,
            companions: Vec::new(),
            tests: Vec::new(),
            failed: work.failures.iter().rev().take(MOST_ITEMS).map(run).collect(),
            errors: latest(&work.errors),
            last_command: work.last_command.as_ref().map(run),
            last_test: work.last_test.as_ref().map(run),
            next: self.next(&work),
            questions: self.questions(&work),
            drifted,
            shell: Vec::new(),
            since,
            claims: self.desk.reports(&claims),
            also: Vec::new(),
            sheet: Sheet::default(),
        };
        report.sheet = Sheet::compile(&report.sections(), request.budget);
        Ok(report)
    }

    fn files(
        &self,
        work: &Work,
        session: Option<&Session>,
        client: Option<&str>,
        states: &BTreeMap<String, ChangeStatus>,
    ) -> Vec<FileInFlight> {
        let name = session
            .map(|session| self.desk.report(session).name().to_string())
            .or(client.map(str::to_string));
        let root = &self.desk.context.project.root;
        let file = |(path, edited): (&SafeText, &EditedFile)| {
            let there = root.join(path.as_str());
            let state = states.get(path.as_str()).cloned().map(FileState::Changed);
            FileInFlight {
                path: path.clone(),
                by: name.clone(),
                edits: edited.edits,
                state: state.unwrap_or(if there.exists() { FileState::AsCommitted } else { FileState::Gone }),
                changed_since: modified_ms(&there).is_some_and(|at| at > edited.last_ms + SLACK_MS),
                symbols: Vec::new(),
            }
        };
        let mut files: Vec<FileInFlight> = work.files.iter().map(file).collect();
        // What is not committed comes first.
        files.sort_by_key(|file| (file.state == FileState::AsCommitted, file.path.clone()));
        files.truncate(MOST_ITEMS);
        self.tell_symbols(&mut files);
        files
    }

    fn since(
        &self,
        session: Option<&Session>,
        events: &[Event],
        work: &Work,
        states: &BTreeMap<String, ChangeStatus>,
    ) -> Since {
        let redactor = &self.desk.context.redactor;
        let Some(repository) = &self.desk.context.repository else { return Since::default() };
        let began_at = session.and(events.first()).and_then(head_of);
        let log = began_at.as_ref().map(|_| repository.objects().log("HEAD", MOST_COMMITS, true));
        let commits = log.and_then(|log| log.ok()).unwrap_or_default().into_iter();
        let commits = commits.take_while(|commit| Some(&commit.id) != began_at.as_ref());
        let others =
            states.keys().map(|path| redactor.line(path)).filter(|path| !work.files.contains_key(path));
        Since {
            branch: repository.head().branch.map(|branch| redactor.line(&branch)),
            commits: commits.map(|commit| redactor.line(&commit.subject)).collect(),
            other_changes: others
                .filter(|path| !path.as_str().starts_with(".waypost/"))
                .take(MOST_ITEMS)
                .collect(),
        }
    }

    /// The symbols in which the first of the modified files differ from the head.
    fn tell_symbols(&self, files: &mut [FileInFlight]) {
        let modified = files
            .iter()
            .filter(|file| file.state == FileState::Changed(ChangeStatus::Modified))
            .take(MOST_COMPARED);
        let paths: Vec<RelPath> = modified.filter_map(|file| RelPath::new(file.path.as_str())).collect();
        let Ok(symbols) = crate::pipeline::touched_at_head(&self.desk.context, &paths) else { return };
        for file in files {
            let path = RelPath::new(file.path.as_str());
            file.symbols = path.and_then(|path| symbols.get(&path).cloned()).unwrap_or_default();
        }
    }

    /// Records about the files that were edited or changed whose code is not as it
    /// was.
    fn drifted(&self, files: &[FileInFlight], since: &Since) -> Result<Vec<DriftedRecord>> {
        let changed: BTreeSet<&str> = files
            .iter()
            .map(|file| file.path.as_str())
            .chain(since.other_changes.iter().map(SafeText::as_str))
            .collect();
        let is_about = |record: &&Record| {
            record.is_live() && record.anchors.iter().any(|anchor| changed.contains(anchor.path.as_str()))
        };
        let records: Vec<&Record> = self.memory.records.iter().filter(is_about).take(MOST_ITEMS).collect();
        let verdicts = crate::pipeline::verdicts_at(&self.desk.context, &records)?;
        let mut drifted = Vec::new();
        for (record, verdicts) in records.iter().zip(verdicts) {
            let stale =
                record.anchors.iter().zip(verdicts).find(|(_, verdict)| verdict.state != AnchorState::Fresh);
            drifted.extend(stale.map(|(anchor, verdict)| DriftedRecord {
                id: record.id.clone(),
                title: record.title.clone(),
                anchor: self.desk.context.redactor.line(&anchor.place()),
                state: verdict.state.name(),
            }));
        }
        Ok(drifted)
    }

    fn next(&self, work: &Work) -> Option<SafeText> {
        let said = work.next.as_ref().map(|next| self.desk.context.redactor.line(next));
        said.or_else(|| self.memory.next_step().cloned())
    }

    fn questions(&self, work: &Work) -> Vec<SafeText> {
        let mut open: Vec<SafeText> =
            self.memory.of(RecordKind::Question).map(|record| record.title.clone()).collect();
        open.extend(
            work.questions.iter().filter(|question| !open.contains(question)).cloned().collect::<Vec<_>>(),
        );
        latest(&open)
    }
}

/// File systems and clients round times, and a client logs an edit before or
/// after it happens.
const SLACK_MS: i64 = 2_000;

fn modified_ms(path: &Path) -> Option<i64> {
    let at = std::fs::symlink_metadata(path).and_then(|found| found.modified()).ok()?;
    Some(at.duration_since(std::time::UNIX_EPOCH).ok()?.as_millis() as i64)
}

/// How files differ from the head commit, by path. Of what git does not track only
/// those that were edited are among them.
fn states(context: &Context, work: &Work) -> BTreeMap<String, ChangeStatus> {
    let Some(repository) = &context.repository else { return BTreeMap::new() };
    let changes = repository.tracked_changes(None).unwrap_or_default();
    let mut states: BTreeMap<String, ChangeStatus> =
        changes.into_iter().map(|change| (change.path.as_str().to_string(), change.status)).collect();
    let unchanged = work.files.keys().filter(|path| !states.contains_key(path.as_str()));
    let unchanged: Vec<&SafeText> =
        unchanged.filter(|path| context.project.root.join(path.as_str()).exists()).collect();
    let tracked = if unchanged.is_empty() { None } else { repository.tracked().ok() };
    if let Some(tracked) = tracked {
        let is_known = |path: &SafeText| {
            let path = RelPath::new(path.as_str());
            path.is_none_or(|path| tracked.files.binary_search(&path).is_ok())
        };
        let new = unchanged.into_iter().filter(|path| !is_known(path));
        states.extend(new.map(|path| (path.to_string(), ChangeStatus::Untracked)));
    }
    states
}

/// The commit that was checked out when a session began.
pub(super) fn head_of(event: &Event) -> Option<String> {
    let data: serde_json::Value = serde_json::from_str(event.data.as_ref()?.as_str()).ok()?;
    Some(data.get("head")?.as_str()?.to_string())
}

fn status(session: Option<&Session>, since: &Since, files: &[FileInFlight], work: &Work) -> ResumeStatus {
    let other_branch = session.map(|session| &session.identity.branch);
    let branch = since.branch.clone().unwrap_or_default();
    let changed = files.iter().filter(|file| file.changed_since).count();
    match other_branch {
        _ if work.events == 0 => ResumeStatus::Nothing,
        Some(other) if !other.is_empty() && *other != branch => ResumeStatus::Mismatch(other.clone()),
        _ if changed > 0 => ResumeStatus::Stale(changed),
        _ => ResumeStatus::Loaded,
    }
}

fn latest(all: &[SafeText]) -> Vec<SafeText> {
    all.iter().rev().take(MOST_ITEMS).cloned().collect()
}

/// What was said to be done, and commands that worked.
fn done(work: &Work, session: Option<&Session>) -> Vec<SafeText> {
    let summary = session.map(|session| &session.summary).filter(|summary| !summary.is_empty());
    let doing = session.map(|session| &session.doing).filter(|doing| !doing.is_empty());
    let mut done: Vec<SafeText> = summary.into_iter().chain(doing).cloned().collect();
    done.extend(latest(&work.milestones));
    done
}
