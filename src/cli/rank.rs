//! `waypost rank`: files for a goal, best first.

use clap::{Args, ValueEnum};

use super::goal_arguments::GoalArguments;
use super::{Out, Outcome};
use crate::app::rank::{self, Files, Reason, Request, Symbols};
use crate::app::{App, Result};

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    goal: GoalArguments,
    /// How many files
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    /// Symbols (`path#name`) instead of files; needs a goal
    #[arg(long)]
    symbols: bool,
    /// Paths alone, a table with reasons, or JSON
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Paths,
    Table,
    Json,
}

pub fn run(app: &App, arguments: &Arguments, out: &Out) -> Result<Outcome> {
    let request = Request { goal: arguments.goal.text(app)?, limit: arguments.limit };
    let format = if out.json { Format::Json } else { arguments.format };
    match arguments.symbols {
        true => tell_symbols(&rank::symbols(app, &request)?, format, out)?,
        false => tell_files(&rank::files(app, &request)?, format, out)?,
    }
    Ok(Outcome::Done)
}

fn tell_files(report: &Files, format: Format, out: &Out) -> Result<()> {
    match format {
        Format::Json => out.object(report)?,
        Format::Paths => report.files.iter().try_for_each(|file| out.line(file.path.as_str()))?,
        Format::Table => {
            for (place, file) in (1..).zip(&report.files) {
                out.line(&format!("{place:>3}  {}", file.path))?;
                tell_reasons(&file.reasons, out)?;
            }
        }
    }
    Ok(())
}

fn tell_symbols(report: &Symbols, format: Format, out: &Out) -> Result<()> {
    let mut symbols = report.symbols.iter();
    match format {
        Format::Json => out.object(report)?,
        Format::Paths => symbols.try_for_each(|it| out.line(&format!("{}#{}", it.path, it.name)))?,
        Format::Table => {
            for (place, symbol) in (1..).zip(symbols) {
                out.line(&format!("{place:>3}  {}#{}  {}", symbol.path, symbol.name, symbol.signature))?;
                tell_reasons(&symbol.reasons, out)?;
            }
        }
    }
    Ok(())
}

/// The three strongest.
fn tell_reasons(reasons: &[Reason], out: &Out) -> Result<()> {
    for reason in reasons.iter().take(3) {
        let file = reason.file.as_ref().map(|file| file.as_str()).unwrap_or_default();
        let evidence = [reason.evidence.as_str(), file].join(" ");
        out.line(format!("       {:+.2} {} {}", reason.weight, reason.signal, evidence.trim()).trim_end())?;
    }
    Ok(())
}
