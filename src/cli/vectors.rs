//! `waypost vectors`: by what records are found where words do not answer.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::out::count;
use super::{CommandOutcome, Out};
use crate::app::vectors::{self, Report};
use crate::app::{App, Result};

/// Arguments of `waypost vectors`.
#[derive(Args)]
pub struct VectorsArguments {
    #[command(subcommand)]
    command: Option<VectorsCommand>,
}

#[derive(Subcommand)]
enum VectorsCommand {
    /// How many records have a vector, and by which table (the default)
    Status,
    /// Make all vectors anew
    Rebuild,
    /// Make them by a table of your own from now on
    Use(UseArguments),
}

#[derive(Args)]
struct UseArguments {
    /// File of the table, as benches/relevance/meaning.py writes it; it is copied
    #[arg(value_name = "PATH", required_unless_present = "bundled")]
    path: Option<PathBuf>,
    /// The table that comes with waypost again
    #[arg(long, conflicts_with = "path")]
    bundled: bool,
}

/// Tells of the vectors of records, makes them anew, or exchanges their table.
pub fn vectors(app: &App, arguments: &VectorsArguments, out: &Out) -> Result<CommandOutcome> {
    let report = match &arguments.command {
        None | Some(VectorsCommand::Status) => vectors::status(app)?,
        Some(VectorsCommand::Rebuild) => vectors::rebuild(app)?,
        Some(VectorsCommand::Use(of)) => vectors::use_table(app, of.path.as_deref())?,
    };
    match out.json {
        true => out.object(&report)?,
        false => print(&report, out)?,
    }
    Ok(CommandOutcome::Done)
}

fn print(report: &Report, out: &Out) -> Result<()> {
    let Report { table, dimensions, pieces, vectors, missing, stale, .. } = report;
    match &report.damaged {
        Some(why) => out.line(&format!("table: {table}, which cannot be used: {why}"))?,
        None => out.line(&format!("table: {table}, {pieces} pieces of words in {dimensions} dimensions"))?,
    }
    out.line(&format!("{} of {} have a vector", vectors, count(report.records, "record")))?;
    if !report.on {
        out.note("not used: the setting `vectors` is off");
    } else if *missing > 0 {
        out.note(&format!("{missing} without one: `waypost vectors rebuild`"));
    }
    if *stale > 0 {
        out.note(&format!("{stale} of other tables or texts are kept and never used"));
    }
    Ok(())
}
