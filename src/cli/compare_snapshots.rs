//! `waypost compare-snapshots`: files and symbols of two recorded states.

use clap::Args;

use super::out::count;
use super::{CommandOutcome, Out, changes};
use crate::app::compare::{self, SnapshotDifference};
use crate::app::{App, Result};

/// Arguments of `waypost compare-snapshots`.
#[derive(Args)]
pub struct Arguments {
    /// The older state [default: the one before the last]
    #[arg(value_name = "FROM")]
    from: Option<String>,
    /// The newer state [default: the last]
    #[arg(value_name = "TO")]
    to: Option<String>,
}

/// Compares two snapshots, by default the last two.
pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<CommandOutcome> {
    let report = compare::between(app, arguments.from.as_deref(), arguments.to.as_deref())?;
    match out.json {
        true => out.object(&report)?,
        false => print(&report, out)?,
    }
    Ok(CommandOutcome::Done)
}

fn print(report: &SnapshotDifference, out: &Out) -> Result<()> {
    let SnapshotDifference { from, to, files, symbols } = report;
    out.line(&format!("from {from} to {to}: {} the same", count(files.same, "file")))?;
    for (mark, paths) in [("+", &files.added), ("~", &files.modified), ("-", &files.removed)] {
        for path in paths {
            out.line(&format!("{mark} {path}"))?;
        }
    }
    for rename in &files.renamed {
        out.line(&format!("> {}", changes::rename(rename)))?;
    }
    changes::print(symbols, "", out)
}
