//! `changes`: what is not as it was, files and symbols, and what follows from it.

use std::path::PathBuf;

use super::answer;
use super::arguments::ToolArguments;
use crate::app::change::ChangeRequest;
use crate::app::changes::{self, FileChange, Report, Request};
use crate::app::{App, Error, Result, companions, impact, review, test_plan};

/// Tests, and lines that use a declaration.
const MOST_TESTS: usize = 8;
const MOST_LINES: usize = 4;

/// Answers `changes` with one line for each file and symbol, within the budget, or
/// with what follows from the change against the head commit or where a branch parted.
pub fn call(app: &App, arguments: &ToolArguments) -> Result<String> {
    let asked = arguments.text("ask")?;
    let since = arguments.text("since")?.map(str::to_string);
    let paths: Vec<PathBuf> = arguments.texts("paths")?.into_iter().map(PathBuf::from).collect();
    let budget = arguments.budget()?;
    let Some(asked) = asked else {
        let report = changes::changes(app, &Request { since, paths })?;
        return answer::within(budget, &lines(&report), "fresh: read now", "raise `budget` or name `paths`");
    };
    let change = ChangeRequest { paths, base: since, ..ChangeRequest::default() };
    let lines = match asked {
        "companions" => companions::companions(app, companions::Request { change, limit: None })?.lines(),
        "tests" => test_plan::test_plan(app, test_plan::Request { change, limit: MOST_TESTS })?.lines(),
        "impact" => {
            let request = impact::Request { change, lines: MOST_LINES, ..impact::Request::default() };
            impact::impact(app, request)?.lines()
        }
        "review" => {
            let request =
                review::Request { change, budget: budget - answer::REMARK, ..review::Request::default() };
            review::review(app, request)?.page.lines().map(str::to_string).collect()
        }
        other => {
            let shown: String = other.chars().take(40).collect();
            let text = format!("`ask` must be companions, tests, impact or review, not `{shown}`");
            return Err(Error::new(text));
        }
    };
    let lines = if lines.is_empty() { vec!["nothing".to_string()] } else { lines };
    answer::within(budget, &lines, "fresh: read now", "raise `budget` or name `paths`")
}

fn lines(report: &Report) -> Vec<String> {
    let mut lines = vec![report.headline()];
    lines.extend(report.changed.iter().flat_map(FileChange::lines));
    lines
}
