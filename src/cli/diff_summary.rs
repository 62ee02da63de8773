//! `waypost diff-summary`: the tree against the last snapshot, on one screen.

use super::out::count;
use super::{Out, Outcome, changes};
use crate::app::compare::{self, Summary};
use crate::app::{App, Result};

/// Lines of a list; a screen has about 40.
const SHOWN: usize = 12;

pub fn run(app: &App, out: &Out) -> Result<Outcome> {
    let report = compare::summary(app)?;
    match out.json {
        true => out.object(&report)?,
        false => tell(&report, out)?,
    }
    Ok(Outcome::Done)
}

fn tell(report: &Summary, out: &Out) -> Result<()> {
    let Summary { snapshot, created_at, files, .. } = report;
    let lists = [("~", &files.modified), ("+", &files.added), ("-", &files.removed)];
    let paths: Vec<String> = lists
        .into_iter()
        .flat_map(|(mark, paths)| paths.iter().map(move |path| format!("{mark} {path}")))
        .collect();
    if paths.is_empty() {
        return Ok(out.line(&format!("nothing changed since {snapshot} of {created_at}"))?);
    }
    out.line(&format!("since {snapshot} of {created_at}: {} changed", count(paths.len(), "file")))?;
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
