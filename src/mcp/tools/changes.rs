//! `changes`: what is not as it was, files and symbols.

use std::path::PathBuf;

use super::answer;
use super::arguments::ToolArguments;
use crate::app::changes::{self, FileChange, Report, Request};
use crate::app::{App, Result};

/// Answers `changes` with one line for each file and symbol, within the budget.
pub fn call(app: &App, arguments: &ToolArguments) -> Result<String> {
    let request = Request {
        since: arguments.text("since")?.map(str::to_string),
        paths: arguments.texts("paths")?.into_iter().map(PathBuf::from).collect(),
    };
    let budget = arguments.budget()?;
    let report = changes::changes(app, &request)?;
    answer::within(budget, &lines(&report), "fresh: read now", "raise `budget` or name `paths`")
}

fn lines(report: &Report) -> Vec<String> {
    let mut lines = vec![report.headline()];
    lines.extend(report.changed.iter().flat_map(FileChange::lines));
    lines
}
