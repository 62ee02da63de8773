//! The page of a pull request: what breaks, what to test, what is missing, which
//! records drifted, whether the handoff is fresh, and secrets in added lines.

use schemars::JsonSchema;
use serde::Serialize;

use super::change::{ChangeRequest, OpenChange};
use super::companions::{self, CompanionReport};
use super::handoff::{HandoffFreshness, freshness};
use super::impact::{self, AnchoredRecord, SymbolReport};
use super::test_plan::{self, Report as TestPlanReport};
use super::{App, Result};
use crate::model::{Class, DiffFile, RelPath};
use crate::pipeline::{self, ImpactBounds};
use crate::render::review::{ReviewLine, ReviewSection, review as page};
use crate::render::tokens;

/// What is reviewed, and what makes it fail.
#[derive(Default)]
pub struct Request {
    pub change: ChangeRequest,
    pub fail_on: Vec<ReviewFailure>,
    /// Tokens that the page does not exceed.
    pub budget: usize,
}

/// What a review can fail on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReviewFailure {
    /// A public declaration is gone, hidden, moved or declared otherwise.
    Breaking,
    /// The code of a record changed or is gone.
    Drifted,
    /// The committed handoff is not what would be written.
    Stale,
    /// An added line holds a secret.
    Secret,
    /// Source files changed, no test did, and for one of them none is known.
    MissingTest,
}

/// What there is to know of a pull request.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    /// The page in Markdown.
    pub page: String,
    /// What it was asked to fail on and is so.
    pub failed: Vec<ReviewFailure>,
    pub changed: Vec<ChangedFileReport>,
    /// What breaks others first.
    pub symbols: Vec<SymbolReport>,
    pub tests: TestPlanReport,
    /// Files that belong to the change and are not in it.
    pub companions: Vec<CompanionReport>,
    /// Records whose code changed or is gone.
    pub records: Vec<AnchoredRecord>,
    pub handoff: HandoffFreshness,
    pub secrets: Vec<AddedSecretReport>,
}

/// A file of the change.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ChangedFileReport {
    pub path: RelPath,
    pub status: &'static str,
    pub added: usize,
    pub removed: usize,
}

/// A secret in an added line; the secret itself is not told.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AddedSecretReport {
    pub path: RelPath,
    pub line: u32,
    pub kind: &'static str,
}

/// Lines that use a declaration, in the report.
const USERS: usize = 5;

/// Tests of the page.
const TESTS: usize = 8;

/// Whether nothing but tests changed.
fn is_of_tests(open: &OpenChange) -> bool {
    let tree = &open.reading.tree;
    let is_test = |path: &RelPath| {
        tree.index_of(path).is_some_and(|at| tree.files[at as usize].facts.class == Class::Test)
    };
    open.diff.files.iter().all(|file| is_test(&file.path))
}

/// Reviews a change.
pub fn review(app: &App, request: Request) -> Result<Report> {
    tokens::warm_up();
    let open = OpenChange::of(app, request.change)?;
    let bounds = ImpactBounds { lines: USERS, with_users: true, with_private: false };
    let symbols = pipeline::impact(&open.context, &open.reading, &open.diff, bounds)?;
    // What a test is about need not change with it.
    let companions = if is_of_tests(&open) { Vec::new() } else { companions::of(&open, None, &symbols) };
    let records = impact::records(app, &open, &open.paths())?;
    let mut report = Report {
        page: String::new(),
        failed: Vec::new(),
        changed: open.diff.files.iter().map(changed).collect(),
        symbols: symbols.into_iter().map(impact::report).collect(),
        tests: test_plan::of(&open, TESTS)?,
        companions,
        records: records.into_iter().filter(|record| record.state != "fresh").collect(),
        handoff: handoff(app, &open)?,
        secrets: open.diff.files.iter().flat_map(secrets).collect(),
    };
    app.warn_of_missing(&open.reading);
    report.failed = request.fail_on.into_iter().filter(|failure| report.is(*failure, &open)).collect();
    report.failed.sort();
    report.failed.dedup();
    report.page = page(&report.head(), &report.sections(), request.budget);
    pipeline::leak_scan(&open.context, "the review", &report.page)?;
    Ok(report)
}

/// Only a handoff that is there can be stale.
fn handoff(app: &App, open: &OpenChange) -> Result<HandoffFreshness> {
    if !open.context.project.folder().join("handoff.md").exists() {
        return Ok(HandoffFreshness::None);
    }
    let memory = app.memory(&open.context)?;
    let handoff = pipeline::handoff(&open.context, &open.reading, &memory)?;
    freshness(&open.context, &handoff)
}

fn changed(file: &DiffFile) -> ChangedFileReport {
    ChangedFileReport {
        path: file.path.clone(),
        status: file.status.name(),
        added: file.hunks.iter().map(|hunk| hunk.added.len()).sum(),
        removed: file.hunks.iter().map(|hunk| hunk.removed.len()).sum(),
    }
}

fn secrets(file: &DiffFile) -> impl Iterator<Item = AddedSecretReport> {
    let path = file.path.clone();
    file.secrets.iter().map(move |(line, kind)| AddedSecretReport { path: path.clone(), line: *line, kind })
}

impl Report {
    fn is(&self, failure: ReviewFailure, open: &OpenChange) -> bool {
        match failure {
            ReviewFailure::Breaking => self.breaking().next().is_some(),
            ReviewFailure::Drifted => !self.records.is_empty(),
            ReviewFailure::Stale => matches!(self.handoff, HandoffFreshness::Stale),
            ReviewFailure::Secret => !self.secrets.is_empty(),
            ReviewFailure::MissingTest => {
                let is_test = |file: &DiffFile| {
                    let at = open.reading.tree.index_of(&file.path);
                    at.is_some_and(|at| open.reading.tree.files[at as usize].facts.class == Class::Test)
                };
                !self.tests.untested.is_empty() && !open.diff.files.iter().any(is_test)
            }
        }
    }

    fn breaking(&self) -> impl Iterator<Item = &SymbolReport> {
        self.symbols.iter().filter(|symbol| symbol.breaking)
    }

    fn head(&self) -> ReviewLine {
        let sum = |of: fn(&ChangedFileReport) -> usize| self.changed.iter().map(of).sum::<usize>();
        let (added, removed) = (sum(|file| file.added), sum(|file| file.removed));
        let files = self.changed.len();
        let noun = if files == 1 { "file" } else { "files" };
        ReviewLine::default().words(&format!("# Review: {files} {noun}, +{added} -{removed}"))
    }

    fn sections(&self) -> Vec<ReviewSection> {
        let section = |title, lines, otherwise| ReviewSection { title, lines, otherwise };
        let public = |change: &'static str| {
            self.symbols.iter().filter(move |symbol| !symbol.breaking && symbol.change == change)
        };
        // Tests to run are told as such.
        let is_told = |path: &RelPath| self.tests.tests.iter().any(|test| test.path == *path);
        let missing =
            self.companions.iter().filter(|missing| !is_told(&missing.path)).map(companion).collect();
        vec![
            section("Secrets in added lines", self.secrets.iter().map(secret).collect(), ""),
            section("Breaking changes", self.breaking().map(symbol).collect(), ""),
            section("Tests to run", test_lines(&self.tests), ""),
            section("Not in this change, and usually with it", missing, ""),
            section("Records about this code", self.records.iter().map(record).collect(), ""),
            section("Handoff", self.handoff_lines(), ""),
            section("Added", public("added").map(symbol).collect(), ""),
            section("Edited inside", public("body").map(symbol).collect(), ""),
        ]
    }

    fn handoff_lines(&self) -> Vec<ReviewLine> {
        match self.handoff {
            HandoffFreshness::None | HandoffFreshness::Fresh => Vec::new(),
            state => vec![
                ReviewLine::default()
                    .words(state.name())
                    .words(": ")
                    .code("waypost handoff")
                    .words(" writes it"),
            ],
        }
    }
}

fn secret(secret: &AddedSecretReport) -> ReviewLine {
    ReviewLine::default()
        .code(&format!("{}:{}", secret.path, secret.line))
        .words(&format!(": {}", secret.kind))
}

fn symbol(symbol: &SymbolReport) -> ReviewLine {
    let place = symbol.line.map_or(symbol.path.to_string(), |line| format!("{}:{line}", symbol.path));
    let mut line = ReviewLine::default().code(symbol.name.as_str()).words(" in ").code(&place);
    line = match (symbol.change, &symbol.before, &symbol.after, &symbol.moved_to) {
        ("signature", Some(before), Some(after), _) => {
            line.words(": ").code(before.as_str()).words(" is now ").code(after.as_str())
        }
        ("moved", _, _, Some(to)) => line.words(": moved to ").code(to.as_str()),
        ("removed", ..) => line.words(": removed"),
        ("hidden", ..) => line.words(": no longer public"),
        _ => line,
    };
    if symbol.change == "added" || symbol.users.is_empty() {
        return line;
    }
    let mut files: Vec<&RelPath> = symbol.users.iter().map(|user| &user.path).collect();
    files.dedup();
    line = line.words("; used in ");
    for (nth, path) in files.iter().take(3).enumerate() {
        let first = symbol.users.iter().find(|user| user.path == **path).map_or(0, |user| user.line);
        line = line.words(if nth > 0 { ", " } else { "" }).code(&format!("{path}:{first}"));
    }
    let more = symbol.used_in.saturating_sub(files.len().min(3));
    let by_name = symbol.users.iter().all(|user| !user.resolved);
    let line = if more > 0 { line.words(&format!(" and {more} more")) } else { line };
    if by_name { line.words(" (by name)") } else { line }
}

fn test_lines(tests: &TestPlanReport) -> Vec<ReviewLine> {
    let mut lines = Vec::new();
    if let Some(all) = &tests.all {
        let line = ReviewLine::default().words("all: ").code(all.reason.as_str());
        lines.push(all.command.iter().fold(line, |line, command| line.words("; ").code(command.as_str())));
    }
    if let Some(command) = &tests.command {
        lines.push(ReviewLine::default().code(command.as_str()));
    }
    let each = tests.tests.iter().filter(|_| tests.command.is_none());
    lines.extend(
        each.map(|test| ReviewLine::default().code(test.path.as_str()).words(&format!(": {}", test.why))),
    );
    let untested = tests.untested.iter().take(3);
    lines.extend(
        untested.map(|path| ReviewLine::default().words("no test is known for ").code(path.as_str())),
    );
    lines
}

fn companion(companion: &CompanionReport) -> ReviewLine {
    let line = ReviewLine::default().code(companion.path.as_str());
    match companion.reasons.first() {
        Some(reason) => line.words(": ").code(reason.as_str()),
        None => line,
    }
}

fn record(record: &AnchoredRecord) -> ReviewLine {
    let line = ReviewLine::default().code(&record.title).words(&format!(" ({}): ", record.state));
    line.code(&record.anchor)
}
