//! `waypost diff-summary`: the tree against the last snapshot that somebody took,
//! on one screen.

use super::out::count;
use super::{CommandOutcome, Out, changes};
use crate::app::compare::{self, ChangeSummary};
use crate::app::{App, Result};
use crate::model::RelPath;

/// Lines of a list; a screen has about 40.
const SHOWN: usize = 12;

/// Prints what changed since the last snapshot that the user took.
pub fn run(app: &App, out: &Out) -> Result<CommandOutcome> {
    let report = compare::summary(app)?;
    match out.json {
        true => out.object(&report)?,
        false => print(&report, out)?,
    }
    Ok(CommandOutcome::Done)
}

fn print(report: &ChangeSummary, out: &Out) -> Result<()> {
    let ChangeSummary { snapshot, created_at, taken_by_watch, files, .. } = report;
    let baseline = changes::baseline(snapshot, created_at, *taken_by_watch);
    let marked = |mark: &'static str, paths: &[RelPath]| -> Vec<String> {
        paths.iter().map(|path| format!("{mark} {path}")).collect()
    };
    let renamed = files.renamed.iter().map(|rename| format!("> {}", changes::rename(rename))).collect();
    let paths =
        [marked("~", &files.modified), renamed, marked("+", &files.added), marked("-", &files.removed)]
            .concat();
    if paths.is_empty() {
        return Ok(out.line(&format!("nothing changed since {baseline}"))?);
    }
    out.line(&format!("since {baseline}: {} changed", count(paths.len(), "file")))?;
    shown(out, &paths)?;
    let mut symbols = changes::lines(&report.symbols, " ");
    if !symbols.is_empty() {
        // What changed says more than what came and went.
        let others = symbols.len() - report.symbols.changed.len();
        symbols.rotate_left(others);
        out.line(&count(symbols.len(), "symbol"))?;
        shown(out, &symbols)?;
    }
    Ok(())
}

fn shown(out: &Out, lines: &[String]) -> Result<()> {
    for line in lines.iter().take(SHOWN) {
        out.line(&format!("  {line}"))?;
    }
    if lines.len() > SHOWN {
        out.line(&format!("  and {} more: `waypost restore`", lines.len() - SHOWN))?;
    }
    Ok(())
}
