//! Files that belong to a change, and are not in it.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::change::{ChangeRequest, OpenChange};
use super::{App, Result};
use crate::model::{RelPath, SafeText, Tree};
use crate::pipeline::{
    self, ChangeMeasure, Companion, CompanionReason, ImpactBounds, StrandedFile, SymbolImpact,
};

/// Which change is asked about, and how many files are wanted.
#[derive(Default)]
pub struct Request {
    pub change: ChangeRequest,
    /// That many, however weak the evidence; by default as many as it supports.
    pub limit: Option<usize>,
}

/// The files that usually or necessarily change with the change.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    pub changed: Vec<RelPath>,
    /// The likeliest first.
    pub companions: Vec<CompanionReport>,
}

/// A file that is not in the change and belongs to it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CompanionReport {
    pub path: RelPath,
    /// How likely it is, from 0 to 1.
    pub score: f64,
    /// The strongest first.
    pub reasons: Vec<SafeText>,
}

impl Report {
    /// A line for each file, and one below it for its reasons.
    pub fn lines(&self) -> Vec<String> {
        self.companions.iter().flat_map(CompanionReport::lines).collect()
    }
}

impl CompanionReport {
    fn lines(&self) -> Vec<String> {
        let first = format!("{:>3.0} %  {}", 100.0 * self.score, self.path);
        let reasons: Vec<&str> = self.reasons.iter().map(SafeText::as_str).collect();
        let told = format!("       {}", reasons.join("; "));
        [first].into_iter().chain((!reasons.is_empty()).then_some(told)).collect()
    }
}

/// The companions of a change.
pub fn companions(app: &App, request: Request) -> Result<Report> {
    let open = OpenChange::of(app, request.change)?;
    let companions = of(&open, request.limit, &touched(&open)?);
    app.warn_of_missing(&open.reading);
    Ok(Report { changed: open.paths(), companions })
}

/// Whether the settings ask for a note about a commit before it is made.
pub fn notes_commits(app: &App) -> Result<bool> {
    Ok(app.context()?.settings.commit_note())
}

/// The companions of an open change that the evidence supports, the first `most` of them.
pub(super) fn beside(open: &OpenChange, most: usize) -> Result<Vec<CompanionReport>> {
    let mut found = of(open, None, &touched(open)?);
    found.truncate(most);
    Ok(found)
}

fn touched(open: &OpenChange) -> Result<Vec<SymbolImpact>> {
    let bounds = ImpactBounds { lines: 0, with_users: false, with_private: false };
    Ok(pipeline::impact(&open.context, &open.reading, &open.diff, bounds)?)
}

/// How likely a file belongs to the change that uses what the change takes away, at least, and
/// how many of them are listed where nobody asks for more.
const STRANDED: f64 = 0.95;
const MOST_STRANDED: usize = 50;

/// The companions of an open change, whose touched declarations are known: first the files that
/// it breaks.
pub(super) fn of(open: &OpenChange, limit: Option<usize>, touched: &[SymbolImpact]) -> Vec<CompanionReport> {
    if open.diff.files.is_empty() {
        return Vec::new();
    }
    let tree = &open.reading.tree;
    let stranded = pipeline::stranded(&open.reading, touched);
    let found = with_stranded(open.measured(), tree, &stranded, limit);
    let path = |file: u32| &tree.files[file as usize].facts.path;
    let told = |reason: CompanionReason| {
        let of = reason.of.map(|file| open.context.redactor.name(path(file).as_str()));
        SafeText::join(&[reason.words].into_iter().chain(of).collect::<Vec<_>>(), " ")
    };
    let report = |companion: Companion| CompanionReport {
        path: path(companion.file).clone(),
        score: (companion.score * 1e3).round() / 1e3,
        reasons: companion.reasons.into_iter().map(told).collect(),
    };
    found.into_iter().map(report).collect()
}

/// The companions, with the files that use what is gone before all others.
fn with_stranded(
    measured: &ChangeMeasure,
    tree: &Tree,
    stranded: &[StrandedFile],
    limit: Option<usize>,
) -> Vec<Companion> {
    let mut others = measured.companions(tree, limit);
    let place: HashMap<u32, usize> =
        measured.order().iter().enumerate().map(|(place, companion)| (companion.file, place)).collect();
    let beside = stranded.iter().filter(|stranded| measured.seeds.binary_search(&stranded.file).is_err());
    let mut first: Vec<Companion> = Vec::new();
    for StrandedFile { file, name } in beside {
        let words = [SafeText::constant("uses the removed `"), name.clone(), SafeText::constant("`")];
        let reason = CompanionReason { words: SafeText::join(&words, ""), of: None };
        let known = others.iter().position(|other| other.file == *file).map(|at| others.remove(at));
        let known = known.unwrap_or(Companion { file: *file, score: 0.0, reasons: Vec::new() });
        let reasons = [reason].into_iter().chain(known.reasons).collect();
        first.push(Companion { file: *file, score: known.score.max(STRANDED), reasons });
    }
    first.sort_by_key(|stranded| (place.get(&stranded.file).copied().unwrap_or(usize::MAX), stranded.file));
    first.truncate(limit.unwrap_or(MOST_STRANDED));
    others.truncate(limit.map_or(others.len(), |limit| limit - first.len()));
    first.extend(others);
    first
}
