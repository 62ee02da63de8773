//! `waypost restore`: shows which parts of a snapshot still hold.

use clap::Args;

use super::out::count;
use super::{CommandOutcome, Out, changes};
use crate::app::compare::{self, Restored};
use crate::app::{App, Result};

/// Arguments of `waypost restore`.
#[derive(Args)]
pub struct Arguments {
    /// Compare with this snapshot [default: the last one that you took]
    #[arg(long, value_name = "ID")]
    snapshot_id: Option<String>,
}

/// Compares the tree with a snapshot and prints what still holds.
pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<CommandOutcome> {
    let report = compare::restore(app, arguments.snapshot_id.as_deref())?;
    match out.json {
        true => out.object(&report)?,
        false => print(&report, out)?,
    }
    Ok(CommandOutcome::Done)
}

fn print(report: &Restored, out: &Out) -> Result<()> {
    let baseline = changes::baseline(&report.snapshot, &report.created_at, report.taken_by_watch);
    out.line(&format!("against {baseline}"))?;
    out.line(&format!("  valid    {}", count(report.summary.valid, "file")))?;
    let lists = [("changed", &report.changed), ("missing", &report.missing), ("new", &report.new)];
    for (word, paths) in lists {
        out.line(&format!("  {word:<8} {}", count(paths.len(), "file")))?;
        for path in paths {
            out.line(&format!("             {path}"))?;
        }
    }
    if !report.renamed.is_empty() {
        out.line(&format!("  renamed  {}", count(report.renamed.len(), "file")))?;
    }
    for rename in &report.renamed {
        out.line(&format!("             {}", changes::rename(rename)))?;
    }
    for fact in &report.stale {
        out.line(&format!("  stale    {fact}"))?;
    }
    changes::print(&report.symbols, "  ", out)
}
