//! `waypost notes`, `decisions` and `show`: records are read.

use clap::Args;

use super::fields::{kind, status};
use super::{Out, Outcome, record};
use crate::app::record::Report;
use crate::app::records::{self, Filter};
use crate::app::{App, Kind, Result, Status};

#[derive(Args)]
pub struct DecisionsArguments {
    /// At most so many, the newest first
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Also those that are rejected, superseded or suppressed
    #[arg(long)]
    all: bool,
}

#[derive(Args)]
pub struct NotesArguments {
    /// Only this kind
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Option<Kind>,
    /// Only with this tag
    #[arg(long, value_name = "TAG")]
    tag: Option<String>,
    /// Only with this status [default: proposed and accepted]
    #[arg(long, value_name = "STATUS", value_parser = status)]
    status: Option<Status>,
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

#[derive(Args)]
pub struct ShowArguments {
    /// Id, the beginning of one, or a slug
    #[arg(value_name = "ID")]
    id: String,
}

pub fn decisions(app: &App, arguments: &DecisionsArguments, out: &Out) -> Result<Outcome> {
    let filter = Filter { limit: arguments.limit, all: arguments.all, ..Filter::default() };
    let report = records::decisions(app, &filter)?;
    match out.json {
        true => out.object(&report)?,
        false => tell(&report.decisions, out)?,
    }
    Ok(Outcome::Done)
}

pub fn notes(app: &App, arguments: &NotesArguments, out: &Out) -> Result<Outcome> {
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
        false => tell(&report.notes, out)?,
    }
    Ok(Outcome::Done)
}

fn tell(records: &[Report], out: &Out) -> Result<()> {
    for report in records {
        out.line(&record::line(report))?;
    }
    if records.is_empty() {
        out.note("none");
    }
    Ok(())
}

pub fn show(app: &App, arguments: &ShowArguments, out: &Out) -> Result<Outcome> {
    let report = records::show(app, &arguments.id)?;
    match out.json {
        true => out.object(&report)?,
        false => record::tell(&report, out)?,
    }
    Ok(Outcome::Done)
}
