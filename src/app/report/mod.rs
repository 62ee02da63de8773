//! Everything that a person wants to look at on one page: the project, its files
//! by size and rank, who imports whom, snapshots, records, sessions.
//!
//! Not here: how it looks (`render::report` and `templates/report`), and the
//! server that shows it (`cli/report`).

mod page;
mod past;
mod people;
mod records;
mod room;
mod tree;

use schemars::JsonSchema;
use serde::Serialize;

pub use page::{Page, Placed, ServedPage, page, secret, served, sources, write};
pub use past::{SnapshotStep, StepChanges};
pub use people::{ClaimRow, SessionRow};
pub use records::RecordEntry;
pub use tree::{FileEntry, SymbolEntry};

use super::goals::{self, GoalItem};
use super::handoff::{self, HandoffFreshness};
use super::open::store;
use super::status::ChangedFile;
use super::{App, Result};
use crate::model::{ProjectFacts, RelPath, SafeText};
use crate::pipeline::{self, Context, Reading};
use crate::render::tokens;
use crate::watch;
use room::Room;

/// Name and version of the format of a report.
const FORMAT: &str = "waypost-report/1";

/// What the report is about.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Rank for this goal instead of the recorded one.
    pub goal: Option<String>,
}

/// What a page shows, as plain data; lists are in a stable order.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    pub format: &'static str,
    pub project: ProjectEntry,
    pub state: StateEntry,
    /// What the files are ranked for.
    pub goal: Option<GoalEntry>,
    /// Sorted by path.
    pub files: Vec<FileEntry>,
    /// Pairs of places in `files`: the first imports the second.
    pub imports: Vec<(u32, u32)>,
    /// Newest first.
    pub snapshots: Vec<SnapshotStep>,
    /// Newest first.
    pub records: Vec<RecordEntry>,
    /// All goals that ever were, each before its steps.
    pub goals: Vec<GoalItem>,
    /// The newest sign of life first.
    pub sessions: Vec<SessionRow>,
    pub claims: Vec<ClaimRow>,
    pub left_out: LeftOut,
}

/// What the project says of itself.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ProjectEntry {
    pub name: SafeText,
    /// What it is; may be empty.
    pub about: SafeText,
    pub version: SafeText,
    pub licence: SafeText,
    pub languages: Vec<SafeText>,
    pub commands: Vec<CommandEntry>,
    pub entry_points: Vec<EntryPointEntry>,
}

/// A command that the project names.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CommandEntry {
    pub purpose: &'static str,
    pub line: SafeText,
    /// The file that names it.
    pub source: RelPath,
}

/// Where a program or library starts.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EntryPointEntry {
    pub name: SafeText,
    pub path: RelPath,
    pub program: bool,
}

/// How the tree stands, and how current what was written of it is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StateEntry {
    pub files: usize,
    pub symbols: u64,
    /// Bytes of all files.
    pub size: u64,
    pub branch: Option<SafeText>,
    /// Short commit id.
    pub head: Option<String>,
    pub changed: Vec<ChangedFile>,
    /// What `changed` is compared with.
    pub since: Option<String>,
    /// Subjects, newest first.
    pub commits: Vec<SafeText>,
    pub handoff: HandoffFreshness,
    /// Tokens of the handoff that the tree would get.
    pub tokens: usize,
    /// Whether a watch keeps it current.
    pub watched: bool,
}

/// What the files are ranked for.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GoalEntry {
    pub text: SafeText,
    /// Whether it was asked for and is not the recorded one.
    pub asked: bool,
    pub next: Option<SafeText>,
    /// How sure the order is: `clear`, `close`, `weak` or `none`.
    pub evidence: &'static str,
    /// A sentence that explains this word.
    pub means: &'static str,
}

/// What there was no room for.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct LeftOut {
    /// Files that came last in the ranking.
    pub files: usize,
    pub imports: usize,
    /// Symbols, which the search does not find then.
    pub symbols: usize,
    pub snapshots: usize,
    pub records: usize,
    pub sessions: usize,
}

/// Gathers everything; nothing is written but what every question about records
/// takes up of files that were changed by hand.
pub fn report(app: &App, request: &Request) -> Result<Report> {
    let context = app.context()?;
    gather(app, &context, request)
}

fn gather(app: &App, context: &Context, request: &Request) -> Result<Report> {
    tokens::warm_up();
    let store = store(context)?;
    let reading = pipeline::read(context, store.as_ref())?;
    let memory = app.memory(context)?;
    let history = pipeline::history(context, store.as_ref(), &reading.head);
    reading.load();
    let mut left_out = LeftOut::default();
    let mut room = Room::new();
    let state =
        state(context, &reading, &memory, pipeline::now(context, &reading, store.as_ref(), &history)?)?;
    let (goal, ranked) = tree::ranked(context, &reading, &history, &memory, request.goal.as_deref());
    let records = records::entries(app, context, &reading, &mut room, &mut left_out)?;
    let snapshots = match &store {
        Some(store) => past::steps(store, &mut room, &mut left_out)?,
        None => Vec::new(),
    };
    let (sessions, claims) = people::rows(app, &mut left_out)?;
    let (files, imports) = tree::entries(context, &reading, &ranked, &mut room, &mut left_out);
    app.warn_of_missing(&reading);
    Ok(Report {
        format: FORMAT,
        project: project(context, reading.facts(context)?),
        state,
        goal,
        files,
        imports,
        snapshots,
        records,
        goals: goals::every_one(&memory),
        sessions,
        claims,
        left_out,
    })
}

/// Characters of what a project says of itself.
const LONGEST_ABOUT: usize = 400;

fn project(context: &Context, facts: &ProjectFacts) -> ProjectEntry {
    let about = if facts.description.is_empty() { &facts.about } else { &facts.description };
    let command = |command: &crate::model::Command| CommandEntry {
        purpose: command.purpose.name(),
        line: command.line.clone(),
        source: command.source.clone(),
    };
    let entry = |entry: &crate::model::EntryPoint| EntryPointEntry {
        name: entry.name.clone(),
        path: entry.path.clone(),
        program: entry.program,
    };
    let folder = || context.redactor.line(&context.project.folder_name());
    ProjectEntry {
        name: pipeline::project_name(context, facts).unwrap_or_else(folder),
        about: about.one_line(LONGEST_ABOUT),
        version: facts.version.clone(),
        licence: facts.licence.clone(),
        languages: facts.languages.clone(),
        commands: facts.commands.iter().map(command).collect(),
        entry_points: facts.entry_points.iter().map(entry).collect(),
    }
}

/// Changed files that are listed.
const CHANGED: usize = 200;

fn state(
    context: &Context,
    reading: &Reading,
    memory: &crate::memory::Memory,
    now: crate::render::view::NowView,
) -> Result<StateEntry> {
    let handoff = pipeline::handoff(context, reading, memory)?;
    Ok(StateEntry {
        files: reading.tree.files.len(),
        symbols: reading.symbols(),
        size: reading.tree.files.iter().map(|file| file.facts.stamp.size).sum(),
        branch: now.branch,
        head: now.head,
        changed: now.changed.into_iter().take(CHANGED).map(ChangedFile::from).collect(),
        since: now.since,
        commits: now.commits,
        handoff: handoff::freshness(context, &handoff)?,
        tokens: handoff.tokens,
        watched: watch::state(&context.project.local).running.is_some(),
    })
}
