//! `waypost history`, `diff` and `rollback`: the revisions of a record.

use clap::Args;

use super::{CommandOutcome, Out, note};
use crate::app::history::{self, RecordHistory};
use crate::app::{App, Result};

/// Arguments of `waypost history`.
#[derive(Args)]
pub struct HistoryArguments {
    /// Id, the beginning of one, or a slug
    #[arg(value_name = "ID")]
    id: String,
}

/// Arguments of `waypost diff`.
#[derive(Args)]
pub struct DiffArguments {
    /// Id, the beginning of one, or a slug
    #[arg(value_name = "ID")]
    id: String,
    /// The one revision [default: the one before TO]
    #[arg(value_name = "FROM")]
    from: Option<u32>,
    /// The other revision [default: the newest]
    #[arg(value_name = "TO")]
    to: Option<u32>,
}

/// Arguments of `waypost rollback`.
#[derive(Args)]
pub struct RollbackArguments {
    /// Id, the beginning of one, or a slug; the whole id of a record that was forgotten
    #[arg(value_name = "ID")]
    id: String,
    /// The revision that becomes the newest [default: the one before the newest]
    #[arg(value_name = "REV")]
    revision: Option<u32>,
}

/// Lists the revisions of a record.
pub fn history(app: &App, arguments: &HistoryArguments, out: &Out) -> Result<CommandOutcome> {
    print(&history::history(app, &arguments.id)?, out)
}

/// Shows revisions, oldest first.
pub fn print(report: &RecordHistory, out: &Out) -> Result<CommandOutcome> {
    if out.json {
        out.object(report)?;
        return Ok(CommandOutcome::Done);
    }
    for revision in &report.history {
        out.line(&format!("{:>4}  {}  {}", revision.revision, revision.at, revision.event))?;
    }
    Ok(CommandOutcome::Done)
}

/// Prints the unified diff of two revisions.
pub fn diff(app: &App, arguments: &DiffArguments, out: &Out) -> Result<CommandOutcome> {
    let report = history::diff(app, &arguments.id, arguments.from, arguments.to)?;
    match out.json {
        true => out.object(&report)?,
        false => out.raw(&report.diff)?,
    }
    Ok(CommandOutcome::Done)
}

/// Makes an old revision the newest one.
pub fn rollback(app: &App, arguments: &RollbackArguments, out: &Out) -> Result<CommandOutcome> {
    note::print_change(&history::roll_back(app, &arguments.id, arguments.revision)?, out)
}
