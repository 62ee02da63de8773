//! `waypost restore`: what of a snapshot is still valid.

use clap::Args;

use super::out::count;
use super::{Out, Outcome, changes};
use crate::app::compare::{self, Restored};
use crate::app::{App, Result};

#[derive(Args)]
pub struct Arguments {
    /// Compare with this snapshot [default: the last one]
    #[arg(long, value_name = "ID")]
    snapshot_id: Option<String>,
}

pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<Outcome> {
    let report = compare::restore(app, arguments.snapshot_id.as_deref())?;
    match out.json {
        true => out.object(&report)?,
        false => tell(&report, out)?,
    }
    Ok(Outcome::Done)
}

fn tell(report: &Restored, out: &Out) -> Result<()> {
    out.line(&format!("against {} of {}", report.snapshot, report.created_at))?;
    out.line(&format!("  valid    {}", count(report.summary.valid, "file")))?;
    let lists = [("changed", &report.changed), ("missing", &report.missing), ("new", &report.new)];
    for (word, paths) in lists {
        out.line(&format!("  {word:<8} {}", count(paths.len(), "file")))?;
        for path in paths {
            out.line(&format!("             {path}"))?;
        }
    }
    for fact in &report.stale {
        out.line(&format!("  stale    {fact}"))?;
    }
    changes::tell(&report.symbols, "  ", out)
}
