//! `waypost status`: where the project stands.

use super::out::count;
use super::{CommandOutcome, Out};
use crate::app::status::{self, Report};
use crate::app::{App, Result};

/// Changed files that are shown.
const SHOWN: usize = 12;

/// Prints the state of the project on a few lines.
pub fn run(app: &App, out: &Out) -> Result<CommandOutcome> {
    let report = status::status(app)?;
    match out.json {
        true => out.object(&report)?,
        false => print(&report, out)?,
    }
    Ok(CommandOutcome::Done)
}

fn print(report: &Report, out: &Out) -> Result<()> {
    out.line(&format!("project    {} ({})", report.project, report.root))?;
    match &report.snapshot {
        Some(snapshot) => out.line(&format!("snapshot   {} of {}", snapshot.id, snapshot.created_at))?,
        None => out.line("snapshot   none: run `waypost snapshot`")?,
    }
    let goal = report.goal.as_ref().map_or("none".to_string(), |goal| goal.one_line(100).to_string());
    out.line(&format!("goal       {goal}"))?;
    let (files, symbols) = (count(report.files, "file"), count(report.symbols as usize, "symbol"));
    out.line(&format!("tree       {files}, {symbols}"))?;
    if let Some(branch) = &report.branch {
        let head = report.short_head.as_deref().unwrap_or("no commit");
        out.line(&format!("branch     {branch} at {head}"))?;
    } else if let Some(head) = &report.short_head {
        out.line(&format!("head       {head} (detached)"))?;
    }
    if let Some(since) = &report.since {
        out.line(&format!("changed    {} since {since}", count(report.changed.len(), "file")))?;
        for change in report.changed.iter().take(SHOWN) {
            out.line(&format!("           {} {}", change.status, change.path))?;
        }
    }
    for pin in &report.pins {
        out.line(&format!("pin        {pin}"))?;
    }
    out.line(&format!("handoff    {} ({} tokens)", report.freshness.name(), report.tokens))?;
    Ok(())
}
