//! `waypost rank`: files for a goal, best first.

use clap::{Args, ValueEnum};

use super::goal_arguments::GoalArguments;
use super::{Out, Outcome};
use crate::app::rank::{self, Files, Request, Symbols};
use crate::app::{App, Result};
use crate::model::SafeText;

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    goal: GoalArguments,
    /// How many files
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    /// Symbols with their lines (`path:first-last`) instead of files; needs a goal
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
        true => {
            tell_symbols(&rank::symbols(app, &request)?, format, out)?;
            Ok(Outcome::Done)
        }
        false => {
            let report = rank::files(app, &request)?;
            tell_files(&report, format, out)?;
            Ok(if report.evidence == Some("none") { Outcome::Finding } else { Outcome::Done })
        }
    }
}

/// What the numbers and words of the table mean.
const LEGEND: &str = "The number is the score that orders the files: higher is likelier. \
Below each file stands what speaks for it most, strongest first.";

fn tell_files(report: &Files, format: Format, out: &Out) -> Result<()> {
    match format {
        Format::Json => out.object(report)?,
        Format::Paths => report.files.iter().try_for_each(|file| out.line(file.path.as_str()))?,
        Format::Table => {
            for (place, file) in (1..).zip(&report.files) {
                out.line(&format!("{place:>3}  {:6.2}  {}", file.score, file.path))?;
                tell_reasons(&file.said, out)?;
            }
        }
    }
    match report.evidence {
        Some("none") => out.note("no word of the goal occurs in the project: these are its central files"),
        Some(word) if format == Format::Table => out.note(&format!("{word}: {} {LEGEND}", report.means)),
        _ => {}
    }
    Ok(())
}

fn tell_symbols(report: &Symbols, format: Format, out: &Out) -> Result<()> {
    let mut symbols = report.symbols.iter();
    match format {
        Format::Json => out.object(report)?,
        Format::Paths => symbols.try_for_each(|it| out.line(&format!("{} {}", it.place, it.name)))?,
        Format::Table => {
            for (place, symbol) in (1..).zip(symbols) {
                out.line(&format!("{place:>3}  {}  {}  {}", symbol.place, symbol.name, symbol.signature))?;
                tell_reasons(&symbol.said, out)?;
            }
        }
    }
    Ok(())
}

/// What speaks for it.
fn tell_reasons(said: &SafeText, out: &Out) -> Result<()> {
    if !said.is_empty() {
        out.line(&format!("     {said}"))?;
    }
    Ok(())
}
