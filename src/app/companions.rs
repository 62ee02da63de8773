//! Files that belong to a change, and are not in it.

use serde::Serialize;

use super::change::{ChangeRequest, OpenChange};
use super::{App, Result};
use crate::model::{RelPath, SafeText};
use crate::pipeline::{Companion, CompanionReason};

/// Which change is asked about, and how many files are wanted.
#[derive(Default)]
pub struct Request {
    pub change: ChangeRequest,
    /// That many, however weak the evidence; by default as many as it supports.
    pub limit: Option<usize>,
}

/// The files that usually or necessarily change with the change.
#[derive(Debug, Serialize)]
pub struct Report {
    pub changed: Vec<RelPath>,
    /// The likeliest first.
    pub companions: Vec<CompanionReport>,
}

/// A file that is not in the change and belongs to it.
#[derive(Debug, Serialize)]
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
    let companions = of(&open, request.limit);
    app.warn_of_missing(&open.reading);
    Ok(Report { changed: open.paths(), companions })
}

/// The companions of an open change.
pub(super) fn of(open: &OpenChange, limit: Option<usize>) -> Vec<CompanionReport> {
    if open.diff.files.is_empty() {
        return Vec::new();
    }
    let tree = &open.reading.tree;
    let found = open.measured().companions(tree, limit);
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
