//! What `resume` tells, as data and as lines of a sheet.
//!
//! Not here: gathering it (`resume`).

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use super::companions::CompanionReport;
use super::goals::GoalItem;
use super::session_report::{ClaimReport, SessionReport};
use super::sheet::{Sheet, SheetSection};
use super::shell_history::ShellCommand;
use super::test_plan::TestReport;
use crate::git::ChangeStatus;
use crate::model::SafeText;
use crate::model::time::{length, rfc3339};
use crate::redact::Redactor;
use crate::sessions::work::CommandRun;

/// What to tell, and how much.
#[derive(Clone, Debug, Default)]
pub struct ResumeRequest {
    /// About this session in place of the newest that is unfinished.
    pub session: Option<String>,
    /// In tokens.
    pub budget: Option<usize>,
    /// Not about this one, which asks.
    pub but: Option<i64>,
    /// Read the transcripts of clients too.
    pub transcripts: bool,
    /// Read the tree too, for what belongs to the files in flight.
    pub companions: bool,
}

/// Where somebody stopped.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ResumeReport {
    /// `loaded`, `stale(n files)` or `mismatch(branch)`; `nothing` where nobody
    /// did anything.
    pub status: ResumeStatus,
    pub session: Option<SessionReport>,
    /// The client's transcript that it was read from, if it was.
    pub transcript: Option<TranscriptReport>,
    pub task: Option<SafeText>,
    /// What was asked for last, if it is another thing than the task.
    pub asked_last: Option<SafeText>,
    /// The open ones, each before its steps.
    pub goals: Vec<GoalItem>,
    pub done: Vec<SafeText>,
    pub decisions: Vec<SafeText>,
    pub files: Vec<FileInFlight>,
    /// Files that may belong to what differs from the head commit, the likeliest first.
    pub companions: Vec<CompanionReport>,
    /// Tests that exercise what differs from the head commit.
    pub tests: Vec<TestReport>,
    pub failed: Vec<RunReport>,
    /// Errors of tools, the newest first.
    pub errors: Vec<SafeText>,
    pub last_command: Option<RunReport>,
    pub last_test: Option<RunReport>,
    pub next: Option<SafeText>,
    pub questions: Vec<SafeText>,
    /// Records about code that differs from what they were written about, among
    /// the files that were edited or changed.
    pub drifted: Vec<DriftedRecord>,
    /// Commands of the user's shells here, if the settings let them be read.
    pub shell: Vec<ShellCommand>,
    pub since: Since,
    /// Claims of others.
    pub claims: Vec<ClaimReport>,
    /// Other work that was left, where it is about the newest.
    pub also: Vec<OtherWork>,
    /// The page within the budget.
    #[serde(skip)]
    pub sheet: Sheet,
}

/// Work that somebody else left.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OtherWork {
    pub session: SessionReport,
    pub task: Option<SafeText>,
    /// Files that it edited and that are not committed.
    pub files: Vec<SafeText>,
}

/// What changed since the last sign of that work.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Since {
    pub branch: Option<SafeText>,
    /// Subjects of commits since it began, newest first.
    pub commits: Vec<SafeText>,
    /// Files that differ from the head commit and that it did not edit.
    pub other_changes: Vec<SafeText>,
}

/// A conversation that a client kept.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TranscriptReport {
    pub client: &'static str,
    pub id: SafeText,
}

/// A file that was edited.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FileInFlight {
    pub path: SafeText,
    /// The name of who edited it last.
    pub by: Option<String>,
    pub edits: usize,
    /// Against the head commit: `modified`, `added`, `deleted`, `untracked`, ... or `as committed`.
    pub state: FileState,
    /// It was written after the last entry about it.
    pub changed_since: bool,
    /// The symbols that differ from the head commit: `+` new, `-` gone, `~` changed.
    pub symbols: Vec<SafeText>,
}

/// A record about code that is not as it was.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DriftedRecord {
    pub id: String,
    pub title: SafeText,
    pub anchor: SafeText,
    pub state: &'static str,
}

/// How what is there now compares with what was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResumeStatus {
    /// As it was left.
    Loaded,
    /// So many files were written since.
    Stale(usize),
    /// It was done on this other branch.
    Mismatch(SafeText),
    /// Nobody did anything.
    Nothing,
}

impl fmt::Display for ResumeStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loaded => f.write_str("loaded"),
            Self::Stale(files) => write!(f, "stale({files} files)"),
            Self::Mismatch(branch) => write!(f, "mismatch({branch})"),
            Self::Nothing => f.write_str("nothing"),
        }
    }
}

impl Serialize for ResumeStatus {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl JsonSchema for ResumeStatus {
    fn schema_name() -> Cow<'static, str> {
        "ResumeStatus".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": r"^(loaded|nothing|stale\([0-9]+ files\)|mismatch\(.*\))$",
        })
    }
}

/// How a file compares with the head commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileState {
    Changed(ChangeStatus),
    AsCommitted,
    Gone,
}

impl FileState {
    /// The state in words.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Changed(status) => status.name(),
            Self::AsCommitted => "as committed",
            Self::Gone => "gone",
        }
    }
}

impl Serialize for FileState {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        to.serialize_str(self.name())
    }
}

impl JsonSchema for FileState {
    fn schema_name() -> Cow<'static, str> {
        "FileState".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

/// A run of a command.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RunReport {
    pub command: SafeText,
    /// `None` where it had not ended, or it is not told how.
    pub exit_code: Option<i64>,
    pub at: String,
    pub error: Option<SafeText>,
}

impl RunReport {
    pub(super) fn of(run: &CommandRun, redactor: &Redactor) -> Self {
        let CommandRun { command, code, at_ms, error } = run.clone();
        Self { command, exit_code: code, at: rfc3339(at_ms), error: error.map(|error| redactor.line(&error)) }
    }
}

impl ResumeReport {
    /// Whether anybody did anything.
    pub fn has_work(&self) -> bool {
        self.status != ResumeStatus::Nothing
    }

    /// Whether somebody has to go on, though the session has ended: a file is not committed, the last test
    /// failed, or a command did not end.
    pub(super) fn leaves_something(&self) -> bool {
        let is_open = |file: &FileInFlight| matches!(file.state, FileState::Changed(_));
        self.files.iter().any(is_open)
            || self.last_test.as_ref().is_some_and(|run| run.exit_code != Some(0))
            || self.last_command.as_ref().is_some_and(|run| run.exit_code.is_none())
    }

    /// What is told, what matters most first.
    pub(super) fn sections(&self) -> Vec<SheetSection> {
        let who = self.session.as_ref().map(|session| {
            let idle = length(session.idle_s * 1_000);
            format!(
                "{} ({}, {idle} ago) on {}",
                session.name(),
                session.state.name(),
                text_of(&session.who.branch)
            )
        });
        let read =
            self.transcript.as_ref().map(|it| format!("read from the transcript {} of {}", it.id, it.client));
        let run = |run: &RunReport| {
            let error = run.error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
            let ended = match run.exit_code {
                Some(code) => format!("exit {code}"),
                None => "had not ended".to_string(),
            };
            format!("`{}` {ended}{error}", run.command)
        };
        let file = |file: &FileInFlight| {
            let since = if file.changed_since { ", written since" } else { "" };
            let symbols: Vec<&str> = file.symbols.iter().take(8).map(SafeText::as_str).collect();
            let symbols =
                if symbols.is_empty() { String::new() } else { format!(": {}", symbols.join(", ")) };
            format!("{} ({}, {} edits{since}){symbols}", file.path, file.state.name(), file.edits)
        };
        let texts = |all: &[SafeText]| all.iter().map(SafeText::to_string).collect::<Vec<_>>();
        let one = |text: &Option<SafeText>| text.iter().map(SafeText::to_string).collect::<Vec<_>>();
        vec![
            SheetSection::new(
                "Status",
                [self.status.to_string()].into_iter().chain(who).chain(read).collect(),
            ),
            SheetSection::new("Task", [one(&self.task), one(&self.asked_last)].concat()),
            SheetSection::new("Next step", one(&self.next)),
            SheetSection::new("Open goals", self.goals.iter().map(GoalItem::line).collect()),
            SheetSection::new("Last test", self.last_test.iter().map(run).collect()),
            SheetSection::new("Failed and not put right", self.failed.iter().map(run).collect()),
            SheetSection::new("Errors", texts(&self.errors).into_iter().take(5).collect()),
            SheetSection::new("Files in flight", self.files.iter().map(file).collect()),
            SheetSection::new("May belong to them", self.companions.iter().map(belonging).collect()),
            SheetSection::new("Tests for them", self.tests.iter().map(test).collect()),
            SheetSection::new("Decisions", texts(&self.decisions)),
            SheetSection::new("Done", texts(&self.done)),
            SheetSection::new("Last command", self.last_command.iter().map(run).collect()),
            SheetSection::new("Also left unfinished", self.also.iter().map(left).collect()),
            SheetSection::new("Open questions", texts(&self.questions)),
            SheetSection::new("Records about changed code", self.drifted.iter().map(drifted).collect()),
            SheetSection::new("Held by others", self.claims.iter().map(held).collect()),
            SheetSection::new("Commits since it began", texts(&self.since.commits)),
            SheetSection::new("Other changed files", texts(&self.since.other_changes)),
            SheetSection::new("Commands of the shell", self.shell.iter().map(typed).collect()),
        ]
    }
}

fn left(work: &OtherWork) -> String {
    let session = &work.session;
    let task = work.task.as_ref().map(|task| format!(": {}", task.one_line(120))).unwrap_or_default();
    let idle = length(session.idle_s * 1_000);
    let files = match work.files.as_slice() {
        [] => String::new(),
        files => format!("; {}", SafeText::join(&files[..files.len().min(5)], ", ")),
    };
    let id = &session.id;
    format!(
        "{} ({}, {idle} ago){task}{files}: `waypost resume --session {id}`",
        session.name(),
        session.state.name()
    )
}

fn belonging(companion: &CompanionReport) -> String {
    let reasons: Vec<&str> = companion.reasons.iter().take(2).map(SafeText::as_str).collect();
    format!("{} ({})", companion.path, reasons.join("; "))
}

fn test(test: &TestReport) -> String {
    match &test.command {
        Some(command) => format!("{} ({}): `{command}`", test.path, test.why),
        None => format!("{} ({})", test.path, test.why),
    }
}

fn drifted(record: &DriftedRecord) -> String {
    format!("{} {} ({}: {})", record.id, record.title, record.state, record.anchor)
}

fn typed(command: &ShellCommand) -> String {
    let code = command.exit_code.map(|code| format!(" exit {code}")).unwrap_or_default();
    format!("{} `{}`{code} ({})", command.at, command.command, command.shell)
}

fn text_of(text: &Option<SafeText>) -> &str {
    text.as_ref().map_or("no branch", SafeText::as_str)
}

/// A claim on one line.
pub(super) fn held(claim: &ClaimReport) -> String {
    let note = claim.note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
    let stale = if claim.stale { ", stale" } else { "" };
    let here = if claim.confirmed == Some(false) { ", not confirmed by the team" } else { "" };
    format!("{} by {} ({}{stale}{here}){note}", claim.resource, claim.holder, length(claim.age_s * 1_000))
}
