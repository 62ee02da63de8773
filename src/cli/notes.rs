//! `waypost notes`, `decisions` and `show`: list and show records.

use clap::Args;

use super::fields::{kind, status};
use super::{CommandOutcome, Out, record};
use crate::app::record::Report;
use crate::app::records::{self, Filter};
use crate::app::{App, RecordKind, RecordStatus, Result};

/// Arguments of `waypost decisions`.
#[derive(Args)]
pub struct DecisionsArguments {
    /// At most so many, the newest first
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Also those that are rejected, superseded or suppressed
    #[arg(long)]
    all: bool,
}

/// Arguments of `waypost notes`.
#[derive(Args)]
pub struct NotesArguments {
    /// Only this kind
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Option<RecordKind>,
    /// Only with this tag
    #[arg(long, value_name = "TAG")]
    tag: Option<String>,
    /// Only with this status [default: proposed and accepted]
    #[arg(long, value_name = "STATUS", value_parser = status)]
    status: Option<RecordStatus>,
    /// Only about this file or folder
    #[arg(long, value_name = "PATH")]
    anchor: Option<std::path::PathBuf>,
    /// Only those whose code has changed or is gone
    #[arg(long)]
    drifted: bool,
    /// At most so many, the newest first
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Whatever their status
    #[arg(long, conflicts_with = "status")]
    all: bool,
}

/// Arguments of `waypost show`.
#[derive(Args)]
pub struct ShowArguments {
    /// Id, the beginning of one, or a slug
    #[arg(value_name = "ID")]
    id: String,
}

/// Lists the decisions, newest first.
pub fn decisions(app: &App, arguments: &DecisionsArguments, out: &Out) -> Result<CommandOutcome> {
    let filter = Filter { limit: arguments.limit, all: arguments.all, ..Filter::default() };
    let report = records::decisions(app, &filter)?;
    match out.json {
        true => out.object(&report)?,
        false => print(&report.decisions, out)?,
    }
    Ok(CommandOutcome::Done)
}

/// Lists the records that pass the filters, newest first.
pub fn notes(app: &App, arguments: &NotesArguments, out: &Out) -> Result<CommandOutcome> {
    let filter = Filter {
        kind: arguments.kind,
        tag: arguments.tag.clone(),
        status: arguments.status,
        anchor: arguments.anchor.clone(),
        drifted: arguments.drifted,
        limit: arguments.limit,
        all: arguments.all,
    };
    let report = records::notes(app, &filter)?;
    match out.json {
        true => out.object(&report)?,
        false => print(&report.notes, out)?,
    }
    Ok(CommandOutcome::Done)
}

fn print(records: &[Report], out: &Out) -> Result<()> {
    for report in records {
        out.line(&record::line(report))?;
    }
    if records.is_empty() {
        out.note("none");
    }
    Ok(())
}

/// Prints one record in full, with the state of its anchors.
pub fn show(app: &App, arguments: &ShowArguments, out: &Out) -> Result<CommandOutcome> {
    print_one(&records::show(app, &arguments.id)?, out)
}

/// Prints a record in full.
pub fn print_one(report: &Report, out: &Out) -> Result<CommandOutcome> {
    match out.json {
        true => out.object(report)?,
        false => record::print(report, out)?,
    }
    Ok(CommandOutcome::Done)
}
